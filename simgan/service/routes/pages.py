"""The pages: models, one model, fits, jobs, a game of guesses, and the log-in."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, partial
from http import HTTPStatus
from typing import Literal

from fastapi import APIRouter, Depends, Request, Response

from simgan.errors import UnknownNameError, shown
from simgan.market.sources.sample import SERIES
from simgan.recipe.options import recipe_of
from simgan.service.access import Needs, Reader
from simgan.service.models import ListedModel
from simgan.service.pages.crises import crises_between
from simgan.service.pages.rendering import render
from simgan.service.pages.shown_models import ShownModel
from simgan.service.pages.static_files import static_files
from simgan.service.problems import Problem
from simgan.service.risk_queries import LEVELS_OF_A_CHART
from simgan.service.state import Here

router = APIRouter(include_in_schema=False)


_PAGES = {"report": "", "backtest": "-backtest", "risk": "-risk"}  # endings of their names
_PRESETS: tuple[Literal["quick", "standard", "thorough"], ...] = ("quick", "standard", "thorough")
Visit = [Depends(Needs("read"))]


@router.get("/", dependencies=Visit)
def models(request: Request, service: Here) -> Response:
    """Show the models of the workspace and their verdicts."""
    return render(request, "models", models=_in_order(service.models.listed()))


@router.get("/models/{name}", dependencies=Visit)
def one_model(request: Request, service: Here, name: str) -> Response:
    """Show one model: the coming days, risk, stress, downloads."""
    try:
        facts = service.models.facts(name)
    except UnknownNameError:
        return render(request, "unknown", HTTPStatus.NOT_FOUND, name=name)
    page = partial(service.workspace.report, ending="html")
    return render(
        request,
        "model",
        model=ShownModel(facts),
        levels=LEVELS_OF_A_CHART,
        crises=crises_between(facts.first, facts.last),
        finished=[
            noun for noun, ending in _PAGES.items() if page(f"{facts.name}{ending}").exists()
        ],
    )


@router.get("/models/{name}/real-or-fake", dependencies=Visit)
def game(request: Request, service: Here, name: str) -> Response:
    """Let a reader guess which of four charts is real."""
    try:
        facts = service.models.facts(name)
    except UnknownNameError:
        return render(request, "unknown", HTTPStatus.NOT_FOUND, name=name)
    return render(request, "guess", name=facts.name)


@router.get("/fit", dependencies=Visit)
def fit(request: Request) -> Response:
    """Show the form of a fit."""
    return render(request, "fit", samples=tuple(SERIES), days=_days_of_fits())


@router.get("/jobs", dependencies=Visit)
def jobs(request: Request) -> Response:
    """Show the list of jobs."""
    return render(request, "jobs")


@router.get("/jobs/{id}")
def one_job(request: Request, service: Here, caller: Reader, id: str) -> Response:
    """Show one job."""
    if service.jobs.get(id, caller.name) is None:
        return render(request, "unknown_job", HTTPStatus.NOT_FOUND, id=id)
    return render(request, "job", id=id)


@router.get("/login")
def login(request: Request) -> Response:
    """Show the log-in."""
    return render(request, "login")


@router.get("/static/{name}")
def static_file(request: Request, name: str) -> Response:
    """Give a file that pages load."""
    file = static_files().get(name)
    if file is None:
        raise Problem(HTTPStatus.NOT_FOUND, f"no file {shown(name)} belongs to the pages")
    return file.answer(request)


@cache
def _days_of_fits() -> dict[str, object]:
    """Return the fewest days by preset, those of a verdict, and those that a prior counts for."""
    from simgan.report.sections import FEWEST  # it loads scipy

    recipes = {preset: recipe_of({"preset": preset}) for preset in _PRESETS}
    return {
        "least": {preset: recipe.least_days for preset, recipe in recipes.items()},
        "judged": FEWEST,
        "prior": recipes["standard"].training.prior_days,
    }


def _in_order(listed: Iterable[ListedModel]) -> list[ShownModel]:
    """Return the newest first, and the reference model as the last."""
    found = sorted(listed, key=lambda facts: (not facts.is_reference, facts.fitted), reverse=True)
    return [ShownModel(facts) for facts in found]
