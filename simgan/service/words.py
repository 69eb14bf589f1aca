"""The words of requests. Others are refused, and the refusal names the nearest known one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Annotated, cast

from fastapi import Request
from fastapi.routing import APIRoute
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from simgan.errors import UnknownNameError, shown
from simgan.service.problems import Problem
from simgan.service.spelling import field_for

LARGEST = 2**63 - 1  # whole number of a request, and of SQLite
Whole = Annotated[int, Field(ge=1, le=LARGEST)]
_SHOWN = 3  # parameters in a message
_MOST_ASSETS = 1000  # that an object has values of


def _few(value: object) -> object:
    if isinstance(value, Mapping) and len(value) > _MOST_ASSETS:
        raise ValueError(f"it may have {_MOST_ASSETS:,} entries")
    return value


Few = BeforeValidator(_few)
"""Refuse an object of too many entries, before its values are looked at."""


class RequestFields(BaseModel):
    """The fields of a request. It has no others."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _expect_known(cls, given: object) -> object:
        if isinstance(given, Mapping):
            _expect("field", given, cls.model_fields)
        return given


async def expect_known_query(request: Request) -> None:
    """Refuse a parameter of a query that the route does not have. This takes no thread.

    Raises
    ------
    Problem, UnknownNameError
        The second has the nearest name.
    """
    known, given = tuple(_names_of(request.scope["route"])), request.query_params
    if given and not known:
        named = ", ".join(map(shown, [*given][:_SHOWN]))
        detail = f"this address takes no parameters; leave {named} out"
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail)
    _expect("parameter", given, known)
    names = [name for name, _ in given.multi_items()]
    if len(names) > len(given):
        twice = next(name for name in names if names.count(name) > 1)
        detail = f"the parameter {twice} is given {names.count(twice)} times; give it once"
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, {"field": twice})


def _names_of(route: APIRoute) -> Iterator[str]:
    for parameter in route.dependant.query_params:
        kind = parameter.field_info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from kind.model_fields
        else:
            yield parameter.alias


def _expect(kind: str, given: Iterable[object], known: Collection[str]) -> None:
    for name in given:
        if field := field_for(str(name), known) if name not in known else None:
            detail = f"unknown {kind} {name!r} in this request; did you mean {field}? "
            detail += f"It stands for --{name} of the command line"
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, {"field": field})
        if name not in known:
            raise UnknownNameError(kind, cast(str, name), known, place="this request")
