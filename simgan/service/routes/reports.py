"""The finished pages about a model: its report, its backtest and its risk, as pages or numbers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import Response

from simgan.service.access import Reader
from simgan.service.media import Responses, accepts
from simgan.service.middleware.headers import OF_REPORTS
from simgan.service.problems import Problem
from simgan.service.state import Here, Service
from simgan.service.tags import is_known, tag_of

router = APIRouter(prefix="/v1", tags=["reports"])
_FORMS = {"text/html": "html", "application/json": "json"}  # endings by media type


@dataclass(frozen=True)
class _Kind:
    """A kind of page.

    Attributes
    ----------
    noun : str
        Last part of its address.
    ending : str
        Of the names of its files.
    made_by : str
        How the page of a name is made, for a reader who finds none.
    """

    noun: str
    ending: str
    made_by: str

    def file(self, service: Service, name: str, form: str) -> Path:
        """Return the place of the page of a name."""
        return service.workspace.report(f"{name}{self.ending}", form)


_KINDS = (
    _Kind("report", "", 'POST /v1/jobs with {{"kind": "report", "name": {name}}} makes one'),
    _Kind(
        "backtest", "-backtest", "POST /v1/jobs with the kind backtest and its tickers makes one"
    ),
    _Kind("risk", "-risk", "`simgan risk` writes this page; POST here gives the numbers alone"),
)


def _answering(kind: _Kind) -> Callable[..., Response]:
    """Return the route of a kind of page."""

    def page(service: Here, caller: Reader, request: Request, name: str) -> Response:
        media_type = accepts(request.headers.get("accept", ""), tuple(_FORMS))
        if not media_type:
            detail = f"this comes as {' or '.join(_FORMS)}; accept one of them"
            raise Problem(HTTPStatus.NOT_ACCEPTABLE, detail)
        content, written = _read(kind, service, name, _FORMS[media_type])
        headers = {
            "ETag": tag_of(hashlib.sha256(content).hexdigest()),
            "Last-Modified": formatdate(written, usegmt=True),
            "Vary": "Accept, Authorization, Cookie",
        }
        if media_type == "text/html":
            headers["Content-Security-Policy"] = OF_REPORTS
        if is_known(headers["ETag"], request):
            return Response(None, HTTPStatus.NOT_MODIFIED, headers)
        return Response(content, headers=headers, media_type=media_type)

    page.__doc__ = f"Return the {kind.noun} as a page, or as the same numbers in JSON."
    return page


def _read(kind: _Kind, service: Service, name: str, form: str) -> tuple[bytes, float]:
    """Return the content of a page, and the time at which it was written."""
    file = kind.file(service, name, form)
    try:
        with file.open("rb") as opened:
            return opened.read(), file.stat().st_mtime
    except OSError:
        made_by = kind.made_by.format(name=json.dumps(name, ensure_ascii=False))
        detail = f"there is no {kind.noun} of {name!r} yet; {made_by}"
        raise Problem(HTTPStatus.NOT_FOUND, detail) from None


_ANSWERS: Responses = {
    200: {"content": {"text/html": {}, "application/json": {}}},
    304: {"description": "The reader has it already, by If-None-Match."},
    404: {"description": "It was not made yet. The answer says how to make it."},
}
for _kind in _KINDS:
    path, answer = f"/models/{{name}}/{_kind.noun}", _answering(_kind)
    router.add_api_route(
        path,
        answer,
        name=_kind.noun,
        responses=_ANSWERS,
        response_class=Response,
    )
    router.add_api_route(path, answer, methods=["HEAD"], include_in_schema=False)
