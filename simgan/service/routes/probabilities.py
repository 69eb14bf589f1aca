"""How rare a condition is, as the scenarios of a request tell it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from simgan.progress import Stop
from simgan.sampling.model import Model
from simgan.service.access import Sampler
from simgan.service.answers import Question
from simgan.service.limits import expect_counted, most_counted
from simgan.service.problems import Problem
from simgan.service.queries import ScenarioQuery
from simgan.service.routes.scenarios import ready_of
from simgan.service.state import Here, Service
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
    return await service.answers.about_risk(
        name, lambda model: _prepared(service, model, query), request, caller.name
    )


def _prepared(service: Service, model: Model, query: ScenarioQuery) -> Question:
    if query.given is None:
        detail = "given is missing; it must be a condition, such as max-drawdown>0.15"
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, {"field": "given"})
    ready = ready_of(service, model, query)
    expect_counted(service.configuration, query.n, query.horizon, ready.model)
    most = most_counted(service.configuration, query.horizon, ready.model)
    return Question(ready.address("probability"), lambda stop: _counted(ready, stop, most))


def _counted(ready: PreparedRequest, stop: Stop, most: int) -> dict[str, object]:
    order = ready.order(stop)
    for _ in order.on_demand(stop)(order.sheet.first, order.sheet.n):
        pass
    return _facts(order, most)


def _facts(order: Order, most: int) -> dict[str, object]:
    found = order.acceptance
    return {
        "given": str(order.given and order.given.condition),
        "probability": found.probability,
        "standard_error": found.standard_error,
        "drawn": found.drawn,
        "met": found.met,
        "scenarios": found.handed_on.count,
        "effective_scenarios": round(found.effective_size, 1),
        "sentence": order.outcome_within(most),
    }
