"""Callers and their scopes."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Literal, cast, get_args

from fastapi import Depends
from starlette.requests import HTTPConnection

from simgan.service.problems import Problem
from simgan.service.uploads import OF_ALL

Scope = Literal["read", "sample", "fit"]
SCOPES: tuple[Scope, ...] = get_args(Scope)


@dataclass(frozen=True)
class Caller:
    """A caller: the name of a token, or of everyone on this machine, and its rights."""

    name: str
    scopes: frozenset[Scope]


EVERYONE = Caller(OF_ALL, frozenset(SCOPES))  # on loopback, where no token was made


def unauthorized(detail: str = "this needs a token: send `Authorization: Bearer TOKEN`") -> Problem:
    """Return the answer to an unknown caller."""
    return Problem(
        HTTPStatus.UNAUTHORIZED, detail, headers={"WWW-Authenticate": 'Bearer realm="simgan"'}
    )


@dataclass(frozen=True)
class Needs:
    """A dependency of a route: the caller, who has a scope."""

    scope: Scope

    async def __call__(self, connection: HTTPConnection) -> Caller:
        """Return the caller of a request.

        Raises
        ------
        Problem
            The caller is unknown, or lacks the scope.
        """
        found = cast(Caller | None, connection.state.caller)
        if found is None:
            raise unauthorized()
        if self.scope not in found.scopes:
            detail = f"the token {found.name!r} has no scope {self.scope!r}; make one that has it"
            raise Problem(HTTPStatus.FORBIDDEN, detail, {"scope": self.scope})
        return found


Reader = Annotated[Caller, Depends(Needs("read"))]
Sampler = Annotated[Caller, Depends(Needs("sample"))]
Fitter = Annotated[Caller, Depends(Needs("fit"))]
