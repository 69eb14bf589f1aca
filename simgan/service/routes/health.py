"""Whether the service lives, and whether it can answer."""

from __future__ import annotations

import logging
import sqlite3
from http import HTTPStatus

from anyio import to_thread
from fastapi import APIRouter

from simgan.locks import is_locked
from simgan.service.problems import Problem
from simgan.service.state import Here, Service

LOGGER = logging.getLogger("simgan.service")
router = APIRouter(tags=["operation"])


@router.get("/healthz")
async def alive() -> dict[str, str]:
    """Tell that the process answers."""
    return {"status": "alive"}


@router.get("/readyz", responses={503: {"description": "Not now, with the reason."}})
async def ready(service: Here) -> dict[str, str]:
    """Tell that requests and jobs find all that they need.

    503: the process ends, the database cannot be read, or nothing runs the jobs.
    """
    if reason := await to_thread.run_sync(_hindrance, service, limiter=service.probing):
        detail = f"the service is not ready: {reason}"
        raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, headers={"Retry-After": "2"})
    return {"status": "ready"}


def _hindrance(service: Service) -> str:
    """Return the reason why the service is not ready, or nothing."""
    if service.ending.is_set():
        return "this process ends"
    try:
        with service.database.reading() as connection:
            connection.execute("SELECT COUNT(*) FROM tokens").fetchone()
        is_supervised = is_locked(service.workspace.service / "supervisor")
    except (sqlite3.Error, OSError) as error:
        LOGGER.error("not ready: %s", error)
        return "its database cannot be read; its log says why"
    return "" if is_supervised else "no supervisor runs its jobs; another one starts soon"
