"""A page that shows the API, and the files that it loads. None comes from another host."""

from __future__ import annotations

from functools import cache
from http import HTTPStatus
from importlib.resources import files

from fastapi import APIRouter, Request, Response

from simgan.errors import shown
from simgan.service.pages.static_files import StaticFile
from simgan.service.problems import Problem

router = APIRouter(include_in_schema=False)
_NAMES = (
    *("index.html", "start.js", "swagger-ui-bundle.js", "swagger-ui.css"),
    *("LICENSE", "NOTICE", "swagger-ui-bundle.js.LICENSE.txt"),
)


@router.get("/docs")
def page(request: Request) -> Response:
    """Show the API."""
    return file(request, "index.html")


@router.get("/docs/{name}")
def file(request: Request, name: str) -> Response:
    """Give a file that the page loads."""
    if name not in _NAMES:
        raise Problem(HTTPStatus.NOT_FOUND, f"no file {shown(name)} belongs to this page")
    return _file(name).answer(request)


@cache
def _file(name: str) -> StaticFile:
    return StaticFile.of(name, (files("simgan.service.swagger") / name).read_bytes())
