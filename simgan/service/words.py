"""The words of requests. Others are refused, and the refusal names the nearest known one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import cast

from fastapi import Request
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, model_validator

from simgan.errors import UnknownNameError
from simgan.service.problems import Problem


class RequestFields(BaseModel):
    """The fields of a request. It has no others."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _expect_known(cls, given: object) -> object:
        if isinstance(given, Mapping):
            _expect("field", given, cls.model_fields)
        return given


def expect_known_query(request: Request) -> None:
    """Refuse a parameter of a query that the route does not have.

    Raises
    ------
    Problem, UnknownNameError
        The second has the nearest name.
    """
    known, given = tuple(_names_of(request.scope["route"])), request.query_params
    if given and not known:
        detail = f"this address takes no parameters; leave {', '.join(map(repr, given))} out"
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail)
    _expect("parameter", given, known)


def _names_of(route: APIRoute) -> Iterator[str]:
    for parameter in route.dependant.query_params:
        kind = parameter.field_info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from kind.model_fields
        else:
            yield parameter.alias


def _expect(kind: str, given: Iterable[object], known: Collection[str]) -> None:
    for name in given:
        if name not in known:
            raise UnknownNameError(kind, cast(str, name), known, place="this request")
