"""How rare a condition is, as the scenarios of a request tell it."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from simgan.progress import Stop
from simgan.service.access import Sampler
from simgan.service.problems import Problem
from simgan.service.queries import ScenarioQuery
from simgan.service.routes.scenarios import ready_of
from simgan.service.state import Here, Service
from simgan.service.streams import computed, leaving
from simgan.service.tags import is_known, tag_of
from simgan.workflows.orders import Order
from simgan.workflows.sample import PreparedRequest

router = APIRouter(prefix="/v1", tags=["scenarios"])


@router.get("/models/{name}/scenarios/probability", response_model=dict[str, object])
async def probability(
    service: Here,
    caller: Sampler,
    request: Request,
    name: str,
    query: Annotated[ScenarioQuery, Query()],
) -> Response:
    """Tell the probability of the condition `given`, with its standard error.

    The words are those of the request for scenarios, and so are the scenarios that are counted. A
    larger `n` makes the error smaller. It is null where too few scenarios carry it.
    """
    ready = await to_thread.run_sync(_ready, service, name, query, limiter=service.streams.quick)
    address = ready.address("probability")
    headers = {"ETag": tag_of(address)}
    if is_known(headers["ETag"], request):
        return Response(None, HTTPStatus.NOT_MODIFIED, headers)
    with service.streams.of_risk.taken(caller.name):
        async with leaving(request.receive) as stop:
            content = await computed(
                lambda: service.cache.get(address, lambda: _counted(ready, stop)),
                service.streams.risk,
            )
    return Response(content, headers=headers, media_type="application/json")


def _ready(service: Service, name: str, query: ScenarioQuery) -> PreparedRequest:
    if query.given is None:
        detail = "given is missing; it must be a condition, such as max-drawdown>0.15"
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, {"field": "given"})
    return ready_of(service, name, query)


def _counted(ready: PreparedRequest, stop: Stop) -> bytes:
    order = ready.order(stop)
    for _ in order.source(stop=stop)(order.sheet.first, order.sheet.n):
        pass
    return json.dumps(_facts(order), allow_nan=False).encode()


def _facts(order: Order) -> dict[str, object]:
    found = order.acceptance
    return {
        "given": str(order.given and order.given.condition),
        "probability": found.probability,
        "standard_error": found.standard_error,
        "drawn": found.drawn,
        "met": found.met,
        "scenarios": found.handed_on.count,
        "effective_scenarios": round(found.effective_size, 1),
        "sentence": order.outcome,
    }
