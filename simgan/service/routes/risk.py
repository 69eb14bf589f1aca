"""The risk of a position in the coming days."""

from __future__ import annotations

import json

from anyio import to_thread
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from starlette.responses import Response

from simgan.progress import SILENT, Stop
from simgan.provenance import library_versions, sha256_of_facts
from simgan.sampling.model import Model
from simgan.service.access import Sampler
from simgan.service.limits import expect_risk
from simgan.service.risk_queries import RiskQuestion
from simgan.service.state import Here, Service
from simgan.service.streams import computed, leaving
from simgan.service.tags import tag_of
from simgan.workflows.risk import RiskRequest, assess_model

router = APIRouter(prefix="/v1", tags=["risk"])


@router.post("/models/{name}/risk", response_model=dict[str, object], response_class=JSONResponse)
async def risk(
    service: Here, caller: Sampler, request: Request, name: str, question: RiskQuestion
) -> Response:
    """Estimate VaR and ES with Monte Carlo errors, as `simgan risk --json`. No page is written.

    Losses are positive. The numbers are shares of the position, and beside them money. The same
    question has the same answer, and the same ETag.
    """
    asked, model, address = await to_thread.run_sync(
        _asked, service, name, question, limiter=service.streams.quick
    )

    def found(stop: Stop) -> bytes:
        numbers = assess_model(asked, model, SILENT, stop).to_json()
        return json.dumps(numbers, allow_nan=False).encode()

    with service.streams.of_risk.taken(caller.name):
        async with leaving(request.receive) as stop:
            content = await computed(
                lambda: service.cache.get(address, lambda: found(stop)), service.streams.risk
            )
    return Response(content, headers={"ETag": tag_of(address)}, media_type="application/json")


def _asked(service: Service, name: str, question: RiskQuestion) -> tuple[RiskRequest, Model, str]:
    """Return the request of a question, its model, and a hash of all that decides the answer."""
    model = service.models.model(name)
    request = question.risk_request(service.workspace, model)
    expect_risk(service.configuration, request, model)
    facts = {
        "question": question.model_dump(),
        "name": model.name,
        "model": model.bundle.manifest.to_json(),
        "libraries": library_versions(),
    }
    return request, model, sha256_of_facts(facts)
