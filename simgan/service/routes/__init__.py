"""The routes of the service: a file for each kind of thing, and one row for each file."""

from __future__ import annotations

from fastapi import APIRouter

from simgan.service.routes import (
    docs,
    events,
    games,
    health,
    jobs,
    metrics,
    models,
    outlooks,
    pages,
    probabilities,
    reports,
    risk,
    scenarios,
    sessions,
    uploads,
)

ROUTERS: tuple[APIRouter, ...] = (
    health.router,
    models.router,
    scenarios.router,
    probabilities.router,
    risk.router,
    outlooks.router,
    games.router,
    reports.router,
    uploads.router,
    jobs.router,
    docs.router,
    events.router,
    metrics.router,
    sessions.router,
    pages.router,
)
