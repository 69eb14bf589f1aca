"""Whether the service lives, and whether it can answer."""

from __future__ import annotations

from fastapi import APIRouter

from simgan.service.state import Here

router = APIRouter(tags=["operation"])


@router.get("/healthz")
async def alive() -> dict[str, str]:
    """Tell that the process answers."""
    return {"status": "alive"}


@router.get("/readyz")
def ready(service: Here) -> dict[str, str]:
    """Tell that the database can be read."""
    with service.database.reading() as connection:
        connection.execute("SELECT 1")
    return {"status": "ready"}
