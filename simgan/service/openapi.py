"""The description of the API: scopes of each operation, problems, and ways to say who asks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import cast

from fastapi import APIRouter, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from simgan.service.access import Needs
from simgan.service.problems import MEDIA_TYPE

Schema = dict[str, object]
PROBLEM: Schema = {
    "type": "object",
    "description": "A problem (RFC 9457).",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string", "examples": ["Not Found"]},
        "status": {"type": "integer", "examples": [404]},
        "detail": {
            "type": "string",
            "description": "The problem and its remedy, in a sentence.",
            "examples": ["unknown model 'SP5OO'; see /v1/models"],
        },
        "instance": {"type": "string", "examples": ["/v1/models/SP5OO"]},
        "request_id": {"type": "string", "description": "Stands in the log, too."},
    },
    "required": ["type", "title", "status", "detail", "instance"],
}
_TOKEN: Schema = {
    "type": "http",
    "scheme": "bearer",
    "description": "`simgan serve token add NAME` makes a token. A service on loopback without "
    "any token needs none.",
}
_SESSION: Schema = {
    "type": "apiKey",
    "in": "cookie",
    "description": "Of pages: `POST /v1/session` begins it. Unsafe requests repeat its "
    "`csrf` as `X-CSRF-Token`.",
}
_MEANINGS = {
    HTTPStatus.UNAUTHORIZED: "No token, or an unknown one.",
    HTTPStatus.FORBIDDEN: "The token lacks the scope, or a page of another origin asks.",
    HTTPStatus.NOT_FOUND: "Nothing has this name.",
    HTTPStatus.UNPROCESSABLE_ENTITY: "The request cannot be understood or met.",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many requests, streams or jobs; see `Retry-After`.",
}


def description_of(app: FastAPI, routers: Iterable[APIRouter], cookie: str) -> Schema:
    """Return the OpenAPI document of an application.

    Parameters
    ----------
    app : FastAPI
    routers : iterable of APIRouter
        They have the routes of the application.
    cookie : str
        The name of the cookie of a session.
    """
    found = get_openapi(
        title=app.title,
        version=app.version,
        summary=app.summary,
        servers=app.servers,
        routes=app.routes,
    )
    components = cast(Schema, found.setdefault("components", {}))
    schemas = cast(Schema, components.setdefault("schemas", {}))
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Problem"] = PROBLEM
    components["securitySchemes"] = {"token": _TOKEN, "session": {**_SESSION, "name": cookie}}
    scopes = _scopes(routers)
    for path, operations in found["paths"].items():
        for method, operation in operations.items():
            _complete(operation, scopes.get((method.upper(), path)), has_name="{" in path)
    return found


def _scopes(routers: Iterable[APIRouter]) -> dict[tuple[str, str], str]:
    """Return the scope of each operation that asks for one, by method and path."""
    routes = [route for router in routers for route in router.routes]
    return {
        (method, route.path): scope
        for route in routes
        if isinstance(route, APIRoute) and (scope := _scope_of(route.dependant))
        for method in route.methods or ()
    }


def _scope_of(dependant: Dependant) -> str:
    calls = (inner.call for inner in dependant.dependencies)
    return next((call.scope for call in calls if isinstance(call, Needs)), "")


def _complete(operation: Schema, scope: str | None, *, has_name: bool) -> None:
    """Add a summary, security and problems to an operation."""
    text = str(operation["description"])
    operation["summary"] = " ".join(re.split(r"\.(?:\s|$)", text, maxsplit=1)[0].split())
    answers = cast(dict[str, object], operation["responses"])
    meanings = dict(_MEANINGS)
    if not scope:
        operation["security"] = []
        del meanings[HTTPStatus.FORBIDDEN]
    else:
        operation["security"] = [{"token": [scope]}, {"session": [scope]}]
        operation["description"] = f"{text}\n\nThe token needs the scope `{scope}`."
    if not has_name:
        del meanings[HTTPStatus.NOT_FOUND]
    answers.pop("422", None)
    for status, meaning in meanings.items():
        answers.setdefault(str(int(status)), _problem(meaning))
    answers.setdefault("4XX", _problem("Another problem."))


def _problem(meaning: str) -> Mapping[str, object]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": meaning, "content": {MEDIA_TYPE: {"schema": schema}}}
