"""The routes of the service: a file for each kind of thing, and one row for each file."""

from __future__ import annotations

from fastapi import APIRouter

from simgan.service.routes import (
    docs,
    events,
    health,
    jobs,
    metrics,
    models,
    pages,
    scenarios,
    sessions,
    uploads,
)

ROUTERS: tuple[APIRouter, ...] = (
    health.router,
    metrics.router,
    docs.router,
    models.router,
    scenarios.router,
    uploads.router,
    jobs.router,
    events.router,
    sessions.router,
    pages.router,
)
