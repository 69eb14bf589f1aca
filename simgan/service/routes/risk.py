"""The risk of a position in the coming days."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from simgan.bundle.fields import Json
from simgan.progress import SILENT, Stop
from simgan.service.access import Sampler
from simgan.service.limits import expect_risk
from simgan.service.risk_queries import RiskQuestion
from simgan.service.state import Here, Service
from simgan.service.streams import computed, leaving
from simgan.workflows.risk import assess_model

router = APIRouter(prefix="/v1", tags=["risk"])


@router.post("/models/{name}/risk", response_model=dict[str, object])
async def risk(
    service: Here, caller: Sampler, request: Request, name: str, question: RiskQuestion
) -> JSONResponse:
    """Estimate VaR and ES with Monte Carlo errors, as `simgan risk --json`. No page is written.

    Losses are positive. The numbers are shares of the position, and beside them money.
    """
    with service.streams.of_risk.taken(caller.name):
        async with leaving(request.receive) as stop:
            found = await computed(
                lambda: _assessed(service, name, question, stop), service.streams.risk
            )
    return JSONResponse(found)


def _assessed(service: Service, name: str, question: RiskQuestion, stop: Stop) -> dict[str, Json]:
    model = service.models.model(name)
    asked = question.risk_request(service.workspace, model)
    expect_risk(service.configuration, asked, model)
    return assess_model(asked, model, SILENT, stop).to_json()
