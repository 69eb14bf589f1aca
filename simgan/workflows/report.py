"""Report: a model judged against a history, as a page, as JSON and as a table."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simgan.bundle.manifest import Manifest
from simgan.bundle.store import Bundle
from simgan.files import whole_file
from simgan.market.history import History, history_of
from simgan.market.sources.price_file import PriceFile
from simgan.report.figures import Pictured
from simgan.report.page import ReportFacts, render, to_json
from simgan.stats.training.verdict import TrainingVerdict, training_verdict
from simgan.workflows.judge import Judgement, judge
from simgan.workflows.models import history_of_bundle, load_bundle
from simgan.workspace import Workspace

_LEAST_DAYS = 250  # of a history to judge on


@dataclass(frozen=True, kw_only=True)
class ReportRequest:
    """What `simgan report` was asked for; the fields are the options of the command."""

    workspace: Workspace
    name: str | None = None
    out: Path | None = None
    n: int = 200
    against: Path | None = None


@dataclass(frozen=True)
class Reported:
    """The finished report: both files and what stands in them."""

    page: Path
    numbers: Path
    facts: ReportFacts
    judgement: Judgement
    training: TrainingVerdict

    def to_json(self) -> dict[str, Any]:
        """Return what the JSON file holds."""
        return to_json(self.facts, self.judgement.comparison, self.judgement.verdict, self.training)


def report(request: ReportRequest) -> Reported:
    """Compare, and write the page and the numbers.

    Raises
    ------
    SimganError
        Unknown or damaged model, unusable prices, or a place that cannot be written.
    """
    bundle = load_bundle(request.workspace, request.name)
    learned_from = history_of_bundle(bundle)
    against = read_against(request.against, bundle.manifest) if request.against else None
    judgement = judge(bundle, learned_from, request.n, against)
    facts = facts_of(bundle, against or learned_from, against is None, request.n)
    page = request.out or request.workspace.report(bundle.manifest.name, "html")
    training = training_verdict(bundle.training, bundle.manifest.chosen_step)
    done = Reported(page, page.with_suffix(".json"), facts, judgement, training)
    _write(done, bundle)
    return done


def read_against(path: Path, manifest: Manifest) -> History:
    """Read another history to judge on."""
    return history_of(PriceFile(path=str(path)).fetch(manifest.assets[0]), _LEAST_DAYS)


def facts_of(bundle: Bundle, judged_on: History, is_own: bool, n_paths: int) -> ReportFacts:
    """Facts for the head of the page."""
    manifest = bundle.manifest
    first, last = judged_on.day(0), judged_on.day(-1)
    return ReportFacts(
        model=manifest.name,
        assets=manifest.assets,
        first=manifest.data.first,
        last=manifest.data.last,
        days=manifest.data.days,
        seed=manifest.recipe.seed,
        seconds=manifest.seconds,
        versions=manifest.libraries,
        judged_on=f"the data it was fitted on, {first} to {last}"
        if is_own
        else f"another history, {first} to {last}",
        paths=n_paths,
        horizon=len(judged_on),
    )


def _write(done: Reported, bundle: Bundle) -> None:
    judgement = done.judgement
    shown = Pictured(judgement.real, judgement.fakes)
    page = render(
        done.facts,
        judgement.comparison,
        judgement.verdict,
        shown,
        bundle.training,
        bundle.manifest.chosen_step,
    )
    with whole_file(done.page) as html, whole_file(done.numbers) as numbers:
        html.write_text(page, encoding="utf-8")
        numbers.write_text(json.dumps(done.to_json(), indent=1, allow_nan=False), encoding="utf-8")
