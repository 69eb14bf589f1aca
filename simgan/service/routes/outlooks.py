"""The coming days of a position in numbers for charts."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse

from simgan.bundle.fields import Json
from simgan.progress import SILENT, Stop
from simgan.service.access import Sampler
from simgan.service.limits import expect_risk
from simgan.service.risk_queries import OutlookQuery
from simgan.service.state import Here, Service
from simgan.service.streams import computed, leaving
from simgan.workflows.coming_days import coming_days

router = APIRouter(prefix="/v1", tags=["risk"])


@router.get("/models/{name}/outlook", response_model=dict[str, object])
async def outlook(
    service: Here,
    caller: Sampler,
    request: Request,
    name: str,
    query: Annotated[OutlookQuery, Query()],
) -> JSONResponse:
    """Give the history before a start, the quantiles of each coming day, and the profit at the end.

    VaR and ES are money, with Monte Carlo errors. Of a book all is relative to 100 at the start.
    """
    with service.streams.place():
        async with leaving(request.receive) as stop:
            found = await computed(lambda: _found(service, name, query, stop), service.streams.long)
    return JSONResponse(found)


def _found(service: Service, name: str, query: OutlookQuery, stop: Stop) -> dict[str, Json]:
    model = service.models.model(name)
    asked = query.risk_request(service.workspace, model)
    expect_risk(service.configuration, asked, model)
    return coming_days(asked, model, SILENT, stop).to_json()
