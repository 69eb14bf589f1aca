"""Errors as problem details (RFC 9457): the sentence of a `SimganError`, and nothing internal."""

from __future__ import annotations

import errno
import logging
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic_core import ErrorDetails
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from simgan.errors import BundleError, SimganError, UnknownNameError, WriteError, shown
from simgan.service.faults import faults_of
from simgan.service.spelling import over_http

LOGGER = logging.getLogger("simgan.service")
MEDIA_TYPE = "application/problem+json"
_MOST_FAULTS = 5  # of a request in an answer
_PRIMARY = 0xFF  # bits of a code of SQLite without its details
_UNUSABLE = {
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
}
_REMEDIES = {  # where no route says more
    HTTPStatus.NOT_FOUND: "nothing is at this address; /docs lists the addresses of the service",
    HTTPStatus.METHOD_NOT_ALLOWED: "this address takes other methods; the header Allow has them",
}


class Problem(Exception):
    """An answer that is no success.

    Parameters
    ----------
    status : HTTPStatus
    detail : str
        A sentence: the problem and the remedy.
    facts : mapping
        More members of the answer, such as ``field``.
    headers : mapping
        For example ``Retry-After``.
    """

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        facts: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status, detail, facts, headers)
        self.status, self.detail = status, detail
        self.facts, self.headers = dict(facts or {}), dict(headers or {})

    def __str__(self) -> str:
        return self.detail

    def answer(self, request: Request) -> JSONResponse:
        """Return the answer to a request."""
        content = {
            "type": "about:blank",
            "title": self.status.phrase,
            "status": int(self.status),
            "detail": self.detail,
            "instance": request.url.path,
            **self.facts,
        }
        if number := request.scope.get("state", {}).get("request_id"):
            content["request_id"] = number
        return JSONResponse(content, self.status, self.headers, MEDIA_TYPE)


async def refuse(problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request with a problem, from a layer around the routes."""
    await problem.answer(Request(scope))(scope, receive, send)


def problem_of(error: SimganError) -> Problem:
    """Return the problem behind an error of simgan. Paths of this machine are no part of it."""
    sentence = over_http(" ".join(str(error).split()))
    facts = {name: str(vars(error)[name]) for name in ("field", "hint") if vars(error).get(name)}
    if isinstance(error, UnknownNameError) and error.kind == "model":
        return Problem(HTTPStatus.NOT_FOUND, f"unknown model {shown(error.name)}; see /v1/models")
    if isinstance(error, WriteError) and isinstance(error.__cause__, OSError):
        LOGGER.error("%s", sentence)
        return _unwritten(error.__cause__)
    if isinstance(error, (BundleError, WriteError)):
        LOGGER.error("%s", sentence)
        return Problem(HTTPStatus.CONFLICT, "the workspace refuses this; its log says why", facts)
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, sentence, facts)


def problem_of_system(error: Exception) -> Problem | None:
    """Return the problem of a disk or a database that refuses for now, or None for other errors."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK) & _PRIMARY
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        detail = "the database of the service is busy; ask again in a moment"
        return Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, headers={"Retry-After": "5"})
    if code == sqlite3.SQLITE_FULL or getattr(error, "errno", 0) in (errno.ENOSPC, errno.EDQUOT):
        detail = "the disk of the service is full; remove models or uploads, or tell its owner"
        return Problem(HTTPStatus.INSUFFICIENT_STORAGE, detail)
    if code in _UNUSABLE:
        detail = "the service cannot use its database for now; its log says why"
        return Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, headers={"Retry-After": "5"})
    return None


def _unwritten(error: OSError) -> Problem:
    """Return the problem behind a file that the system does not let the service write."""
    if full := problem_of_system(error):
        return full
    detail = "the service cannot write into its workspace; its log says why"
    return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, detail)


def _no_json(errors: Sequence[ErrorDetails], request: Request) -> Problem | None:
    """Return the problem of a body that is no JSON at all."""
    for each in errors:
        if each["type"] == "json_invalid":
            reason = str(each.get("ctx", {}).get("error", "")).lower()
            detail = f"the body is no JSON: {reason} at character {each['loc'][-1]}"
            return Problem(HTTPStatus.BAD_REQUEST, detail)
        if each["loc"] == ("body",) and isinstance(each.get("input"), bytes):
            kind = request.headers.get("content-type")
            given = f"the type {shown(kind)}" if kind else "no type"
            detail = f"the body has {given}; send it with the header Content-Type: application/json"
            return Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, detail)
    return None


def _unread(error: HTTPException) -> str | None:
    """Return a sentence on a body that Python cannot read, or None for another error."""
    cause = error.__cause__
    if isinstance(cause, RecursionError):
        return "the body nests objects or lists too deeply; send a flat one"
    if isinstance(cause, UnicodeDecodeError):
        return "the body is no text in UTF-8"
    if isinstance(cause, ValueError):
        return "a number of the body has too many digits; send a shorter one"
    return None


def install(
    app: FastAPI, answered: Callable[[Problem, Request], Response] = Problem.answer
) -> None:
    """Let an application answer with problem details, or with other answers to problems."""

    async def sent(request: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)
        return answered(error, request)

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, SimganError)
        return answered(problem_of(error), request)

    async def malformed(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        errors = error.errors()
        if problem := _no_json(errors, request):
            return answered(problem, request)
        faults = faults_of(errors, error.body)
        sentences = [fault.detail for fault in faults[:_MOST_FAULTS]]
        more = len(faults) - len(sentences)
        sentence = "; ".join(sentences + [f"and {more:,} more"] * (more > 0))
        facts = {"errors": [fault._asdict() for fault in faults[:_MOST_FAULTS]]}
        problem = Problem(HTTPStatus.UNPROCESSABLE_ENTITY, sentence, facts)
        return answered(problem, request)

    async def unknown(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        status = HTTPStatus(error.status_code)
        detail = _REMEDIES.get(status) if error.detail == status.phrase else _unread(error)
        problem = Problem(status, detail or str(error.detail), headers=error.headers)
        return answered(problem, request)

    app.add_exception_handler(Problem, sent)
    app.add_exception_handler(SimganError, refused)
    app.add_exception_handler(RequestValidationError, malformed)
    app.add_exception_handler(HTTPException, unknown)
