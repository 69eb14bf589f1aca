"""The application: routes, problems and middleware around one service."""

from __future__ import annotations

from fastapi import Depends, FastAPI

from simgan.provenance import library_versions
from simgan.service import middleware, problems
from simgan.service.ending import lifespan
from simgan.service.openapi import description_of
from simgan.service.pages.rendering import refusal
from simgan.service.routes import ROUTERS
from simgan.service.sessions import cookie_name
from simgan.service.state import Service
from simgan.service.words import expect_known_query

_OF_API = [Depends(expect_known_query)]  # the address of a page may hold its settings


class Application(FastAPI):
    """An application whose description tells scopes and problems."""

    def openapi(self) -> dict[str, object]:
        """Return the description of the API."""
        if self.openapi_schema is None:
            cookie = cookie_name(self.state.service.secret)
            self.openapi_schema = description_of(self, ROUTERS, cookie)
        return self.openapi_schema


def application(service: Service) -> FastAPI:
    """Return the application that serves a workspace."""
    app = Application(
        title="simgan",
        version=library_versions()["simgan"],
        summary="Scenarios of returns, risk and reports over HTTP.",
        docs_url=None,  # its page would load scripts from other hosts
        redoc_url=None,
        lifespan=lifespan,
    )
    app.root_path = service.configuration.root_path  # its parameter is deprecated
    app.state.service = service
    problems.install(app, refusal)
    middleware.install(app, service)
    for router in ROUTERS:
        app.include_router(router, dependencies=_OF_API if router.prefix else None)
    return app
