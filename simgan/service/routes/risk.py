"""The risk of a position in the coming days."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Request
from fastapi.responses import JSONResponse
from starlette.responses import Response

from simgan.progress import SILENT
from simgan.provenance import library_versions, sha256_of_facts
from simgan.sampling.model import Model
from simgan.service.access import Sampler
from simgan.service.answers import Question
from simgan.service.limits import expect_risk, most_counted
from simgan.service.risk_queries import RiskQuestion
from simgan.service.state import Here, Service
from simgan.workflows.risk import assess_model

router = APIRouter(prefix="/v1", tags=["risk"])
_EXAMPLE = {"position": 250_000, "levels": [0.99], "horizons": [1, 10]}
Asked = Annotated[RiskQuestion, Body(examples=[_EXAMPLE])]


@router.post("/models/{name}/risk", response_model=dict[str, object], response_class=JSONResponse)
async def risk(
    service: Here, caller: Sampler, request: Request, name: str, question: Asked
) -> Response:
    """Estimate VaR and ES with Monte Carlo errors, as `simgan risk --json`. No page is written.

    Losses are positive. The numbers are shares of the position, and beside them money. The same
    question has the same answer, and the same ETag.
    """
    return await service.answers.about_risk(
        name, lambda model: _prepared(service, model, question), request, caller.name
    )


def _prepared(service: Service, model: Model, question: RiskQuestion) -> Question:
    asked = question.risk_request(service.workspace, model)
    expect_risk(service.configuration, asked, model)
    facts = {
        "question": question.model_dump(),
        "name": model.name,
        "model": model.bundle.manifest.to_json(),
        "libraries": library_versions(),
    }
    most = most_counted(service.configuration, asked.days, model)
    return Question(
        sha256_of_facts(facts),
        lambda stop: assess_model(asked, model, SILENT, stop, most).to_json(),
    )
