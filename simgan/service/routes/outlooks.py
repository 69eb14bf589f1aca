"""The coming days of a position in numbers for charts."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from simgan.progress import SILENT, Stop
from simgan.sampling.model import Model
from simgan.service.access import Sampler
from simgan.service.limits import expect_risk
from simgan.service.risk_queries import OutlookQuery
from simgan.service.state import Here, Service
from simgan.service.streams import computed, leaving
from simgan.service.tags import is_known, tag_of
from simgan.workflows.coming_days import address_of, coming_days
from simgan.workflows.risk import RiskRequest

router = APIRouter(prefix="/v1", tags=["risk"])
Asked = tuple[RiskRequest, Model, str]


@router.get("/models/{name}/outlook", response_model=dict[str, object])
async def outlook(
    service: Here,
    caller: Sampler,
    request: Request,
    name: str,
    query: Annotated[OutlookQuery, Query()],
) -> Response:
    """Give the history before a start, the quantiles of each coming day, and the profit at the end.

    VaR and ES are money, with Monte Carlo errors. Of a book all is relative to 100 at the start.
    """
    asked, model, address = await to_thread.run_sync(
        _asked, service, name, query, limiter=service.streams.quick
    )
    headers = {"ETag": tag_of(address)}
    if is_known(headers["ETag"], request):
        return Response(None, HTTPStatus.NOT_MODIFIED, headers)

    def found(stop: Stop) -> bytes:
        numbers = coming_days(asked, model, SILENT, stop).to_json()
        return json.dumps(numbers, allow_nan=False).encode()

    with service.streams.of_risk.taken(caller.name):
        async with leaving(request.receive) as stop:
            content = await computed(
                lambda: service.cache.get(address, lambda: found(stop)), service.streams.risk
            )
    return Response(content, headers=headers, media_type="application/json")


def _asked(service: Service, name: str, query: OutlookQuery) -> Asked:
    model = service.models.model(name)
    request = query.risk_request(service.workspace, model)
    expect_risk(service.configuration, request, model)
    return request, model, address_of(request, model)
