"""A page that shows the API, and the files that it loads. None comes from another host."""

from __future__ import annotations

from functools import cache
from http import HTTPStatus
from importlib.resources import files

from fastapi import APIRouter, Response

from simgan.service.problems import Problem

router = APIRouter(include_in_schema=False)
_TYPES = {
    "index.html": "text/html; charset=utf-8",
    "start.js": "text/javascript; charset=utf-8",
    "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
    "swagger-ui.css": "text/css; charset=utf-8",
    "LICENSE": "text/plain; charset=utf-8",
    "NOTICE": "text/plain; charset=utf-8",
    "swagger-ui-bundle.js.LICENSE.txt": "text/plain; charset=utf-8",
}


@router.get("/docs")
def page() -> Response:
    """Show the API."""
    return file("index.html")


@router.get("/docs/{name}")
def file(name: str) -> Response:
    """Give a file that the page loads."""
    if name not in _TYPES:
        raise Problem(HTTPStatus.NOT_FOUND, f"no file {name!r} belongs to this page")
    return Response(_content(name), media_type=_TYPES[name])


@cache
def _content(name: str) -> bytes:
    return (files("simgan.service.swagger") / name).read_bytes()
