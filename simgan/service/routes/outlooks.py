"""The coming days of a position in numbers for charts."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from simgan.progress import SILENT
from simgan.sampling.model import Model
from simgan.service.access import Sampler
from simgan.service.answers import Question
from simgan.service.limits import expect_risk, most_counted
from simgan.service.risk_queries import OutlookQuery
from simgan.service.state import Here, Service
from simgan.workflows.coming_days import address_of, coming_days

router = APIRouter(prefix="/v1", tags=["risk"])


@router.get("/models/{name}/outlook", response_model=dict[str, object])
async def outlook(
    service: Here,
    caller: Sampler,
    request: Request,
    name: str,
    query: Annotated[OutlookQuery, Query()],
) -> Response:
    """Give the history before a start, the quantiles of each coming day, and the profit at the end.

    VaR and ES are money, with Monte Carlo errors. Of a book all is relative to 100 at the start,
    and each level has the parts of its assets. A level for which the scenarios of a rare condition
    are worth too few has nulls, and a sentence as `reason`. So has a quantile, without a sentence.
    """
    return await service.answers.about_risk(
        name, lambda model: _prepared(service, model, query), request, caller.name
    )


def _prepared(service: Service, model: Model, query: OutlookQuery) -> Question:
    asked = query.risk_request(service.workspace, model)
    expect_risk(service.configuration, asked, model)
    most = most_counted(service.configuration, asked.days, model)
    return Question(
        address_of(asked, model),
        lambda stop: coming_days(asked, model, SILENT, stop, most).to_json(),
    )
