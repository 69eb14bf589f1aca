"""Models: the list of them, the facts of one, and its removal."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter

from simgan.sampling.model import Model
from simgan.service.access import Fitter, Reader
from simgan.service.models import ListedModel, public
from simgan.service.state import Here

router = APIRouter(prefix="/v1", tags=["models"])
_FACTS = (
    *("simgan bundle", "name", "assets", "created", "recipe", "scaling", "data", "last_price"),
    *("device", "chosen_step", "seconds", "validation", "libraries", "noise", "identity"),
    *("tails", "regimes", "prior", "joint", "verdict", "files"),
)


@router.get("/models")
def listed(service: Here, caller: Reader) -> dict[str, list[ListedModel]]:
    """List the models of the workspace, and the reference model that ships with simgan."""
    return {"models": service.models.listed()}


@router.get("/models/{name}")
async def shown(service: Here, caller: Reader, name: str) -> dict[str, object]:
    """Tell the facts of a model: data, recipe, verdict and tails, as in its manifest."""
    return await service.answers.ready(name, _facts)


@router.delete("/models/{name}", status_code=HTTPStatus.NO_CONTENT)
def removed(service: Here, caller: Fitter, name: str) -> None:
    """Remove a model. The reference model stays."""
    service.models.remove(name)


def _facts(model: Model) -> dict[str, object]:
    facts = model.bundle.manifest.to_json()
    return {fact: public(facts[fact]) for fact in _FACTS if fact in facts}
