"""The session of a page: it begins with a token, and a browser then sends its cookie."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Body, Request, Response
from pydantic import BaseModel

from simgan.service.access import Caller, unauthorized
from simgan.service.sessions import LASTS, begin_session, cookie_name, csrf_of, end_session
from simgan.service.state import Here
from simgan.service.tokens import match, tokens_of

router = APIRouter(prefix="/v1/session", tags=["session"])


class SessionAnswer(BaseModel):
    """Who asks, and the secret that unsafe requests of a page repeat as `X-CSRF-Token`."""

    name: str
    scopes: list[str]
    csrf: str


@router.get("")
def who(request: Request) -> SessionAnswer:
    """Tell who asks, and with which rights."""
    caller: Caller | None = request.state.caller
    if caller is None:
        raise unauthorized()
    return _answer(caller, request.state.csrf)


@router.post("", status_code=HTTPStatus.CREATED)
def begin(
    request: Request,
    response: Response,
    service: Here,
    token: Annotated[str, Body(embed=True, max_length=200)],
) -> SessionAnswer:
    """Begin a session with a token. The answer sets a cookie that lasts for twelve hours."""
    found = match(tokens_of(service.database), token.strip())
    if found is None:
        raise unauthorized("this token is unknown or was revoked")
    cookie = begin_session(service.database, service.secret, found)
    response.set_cookie(
        cookie_name(service.secret),
        cookie,
        max_age=LASTS,
        path=request.scope.get("root_path") or "/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
    return _answer(found.caller, csrf_of(cookie))


@router.delete("", status_code=HTTPStatus.NO_CONTENT)
def end(request: Request, response: Response, service: Here) -> None:
    """End the session of the cookie."""
    name = cookie_name(service.secret)
    end_session(service.database, request.cookies.get(name, ""))
    response.delete_cookie(name, path=request.scope.get("root_path") or "/")


def _answer(caller: Caller, csrf: str) -> SessionAnswer:
    return SessionAnswer(name=caller.name, scopes=sorted(caller.scopes), csrf=csrf)
