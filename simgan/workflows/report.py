"""Report: a model judged against a history, as a page, as JSON and as a table."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from simgan.bundle.fields import Json
from simgan.bundle.manifest import Manifest
from simgan.bundle.store import Bundle
from simgan.errors import ConfigError, packages_for
from simgan.locks import locked
from simgan.market.history import History
from simgan.market.prices import OnBadRows
from simgan.progress import SILENT, Progress, Stop
from simgan.readable import ByValue, Readable
from simgan.report.aspects import forecasts_in
from simgan.report.risk.results import RiskResults
from simgan.stats.training.verdict import TrainingVerdict, training_verdict
from simgan.workflows.again import report_again, weights_again
from simgan.workflows.book import EQUAL, Weights, by_name
from simgan.workflows.comparing import CompareRequest, compare, page_of
from simgan.workflows.judging import PATHS, Judgement, judge
from simgan.workflows.leaning import leaning
from simgan.workflows.models import find_model, history_of_bundle, load_bundle
from simgan.workflows.options import file_order
from simgan.workflows.pages import PAGE, PAGE_OR_MARKDOWN, expect_page, publish
from simgan.workflows.risk import RiskRequest, assess
from simgan.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from simgan.report.renderers import ReportFacts

LEAST_DAYS = 250  # of a history to judge on
_SAME, _MOST = 0.1, 0.5  # standard deviations between equal returns; share of them


@dataclass(frozen=True, kw_only=True)
class ReportRequest:
    """The options of `simgan report`.

    `weights` and `rebalance` are of a model of several assets, as for `simgan.workflows.risk`.
    """

    workspace: Workspace
    name: str | None = None
    out: Path | None = None
    n: int = PATHS
    against: Path | None = None
    column: str = ""
    on_bad_rows: OnBadRows = "stop"
    scenarios: Path | None = None
    values: str = ""
    asset: str = ""
    weights: Weights = EQUAL
    rebalance: str = "none"


@dataclass(frozen=True, eq=False, repr=False)
class Reported(Readable, ByValue):
    """The finished report: both files and their content.

    `training` is None for a comparison, which knows no training.
    """

    page: Path
    numbers: Path
    facts: ReportFacts
    judgement: Judgement
    training: TrainingVerdict | None = None
    today: RiskResults | None = None

    def _title(self) -> str:
        return f"Report on {self.facts.model}"

    def _facts(self) -> Iterator[tuple[str, str]]:
        yield "judged on", self.facts.judged_on
        yield "verdict", self.judgement.verdict.sentence
        if self.facts.leaning:
            yield "prior", self.facts.leaning
        if self.training is not None:
            yield "training", self.training.line
        yield "page", str(self.page)
        yield "numbers", str(self.numbers)

    @packages_for("Reported.plot")
    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw with matplotlib how far outside its interval or floor each statistic is."""
        return self.judgement.comparison.plot(ax)

    @packages_for("Reported.summary")
    def summary(self) -> pd.DataFrame:
        """Return the statistics as a frame, a row each, as `Comparison.summary` does."""
        return self.judgement.comparison.summary()

    def to_json(self) -> dict[str, Json]:
        """Return the content of the JSON file."""
        from simgan.report.renderers import to_json

        return to_json(self.facts, self.judgement.comparison, self.judgement.verdict, self.training)

    def to_text(self, width: int = 120) -> str:
        """Return the tables and the verdict as plain text, in lines of at most `width`."""
        from simgan.report.renderers import render_text

        return render_text(self.judgement.comparison, self.judgement.verdict, width)


def report(
    request: ReportRequest, progress: Progress = SILENT, stop: Stop | None = None
) -> Reported:
    """Compare a model with a history, and write the page and the numbers together.

    With `scenarios` in the request, the scenarios of that file stand in the place of the model's
    paths. The model gives its history, unless `against` names another.

    Raises
    ------
    SimganError
        The model is unknown or damaged, the prices are unusable, or the page cannot be written.
    Interrupted
        The stop token was set. Nothing was written.
    """
    stop = stop or Stop()
    if request.scenarios is not None:
        return report_comparison(_of_file(request), progress, stop)
    expect_for_files(request)
    found = find_model(request.workspace, request.name)
    if request.name is None:
        progress.say(found.as_default)
    bundle = load_bundle(request.workspace, found.name)
    if len(bundle.manifest.assets) > 1:
        raise ConfigError("report", "name", found.name, "a model of one asset")
    page = request.out or request.workspace.report(bundle.manifest.name, "html")
    expect_page("report", page, PAGE_OR_MARKDOWN)
    learned_from = history_of_bundle(bundle)
    against = _read_against(request, bundle.manifest, progress)
    known = 0 if against is None else days_in_common(learned_from, against)
    if against is not None and known:
        progress.say(
            f"warning: {bundle.manifest.name} learned from {known:,} of the {len(against):,} days "
            f"of {request.against}: on them the comparison is in sample; "
            f"a file that begins after {learned_from.day(-1)} has none"
        )
    progress.say("drawing paths and comparing")
    judged = judge(bundle, learned_from, request.n, against, stop, progress)
    judgement = judged.with_forecasts({judged.verdict.model: forecasts_in(bundle.manifest.verdict)})
    facts = facts_of(bundle, against or learned_from, request)
    if known:
        judged_on = f"{facts.judged_on}, {known:,} days of which the model learned from"
        facts = replace(facts, judged_on=judged_on)
    training = training_verdict(bundle.training, bundle.manifest.chosen_step)
    progress.say("drawing scenarios of the coming days")
    today = assess(RiskRequest(workspace=request.workspace, name=found.name), SILENT, stop)
    done = Reported(page, page.with_suffix(".json"), facts, judgement, training, today)
    _write(done, progress, stop, bundle)
    return done


def report_comparison(
    request: CompareRequest, progress: Progress = SILENT, stop: Stop | None = None
) -> Reported:
    """Compare models and files of scenarios side by side, and write page and numbers together.

    Raises
    ------
    SimganError
        A model is unknown, a file or the prices are unusable, or the page cannot be written.
    Interrupted
        The stop token was set. Nothing was written.
    """
    stop = stop or Stop()
    page = page_of(request)
    expect_page(request.owner, page, PAGE_OR_MARKDOWN)
    found = compare(request, progress, stop)
    done = Reported(page, page.with_suffix(".json"), found.facts, found.judgement)
    _write(done, progress, stop)
    return done


def _of_file(request: ReportRequest) -> CompareRequest:
    return CompareRequest(
        workspace=request.workspace,
        names=(str(request.scenarios),),
        out=request.out,
        n=request.n,
        against=request.against,
        history_of=request.name,
        values=request.values,
        asset=request.asset,
        column=request.column,
        on_bad_rows=request.on_bad_rows,
        has_files_only=True,
    )


def expect_for_files(request: ReportRequest) -> None:
    """Refuse options of a file of scenarios where there is none."""
    for option in ("values", "asset"):
        if value := getattr(request, option):
            raise ConfigError("report", option, value, "left out without --scenarios")


def _write(done: Reported, progress: Progress, stop: Stop, bundle: Bundle | None = None) -> None:
    write(done, lambda: _rendered(done, bundle), progress, stop)


def write(done: Reported, render: Callable[[], str], progress: Progress, stop: Stop) -> None:
    """Render the page, and write it with its numbers."""
    stop.check()
    if done.page.suffix.lower() in PAGE:
        progress.say("drawing figures")
    text = render()
    numbers = json.dumps(done.to_json(), indent=1, allow_nan=False)
    with locked(done.page, progress, stop):
        stop.check()
        publish(done.page, text, numbers)


def days_in_common(learned_from: History, against: History) -> int:
    """Count the days of a history that are days of another one, with the same returns.

    Vendors adjust differently, so most of the returns must agree within a tenth of a standard
    deviation. Another asset on the same days has nothing in common.
    """
    days, other = (history.dates.astype("datetime64[D]") for history in (learned_from, against))
    _, rows, others = np.intersect1d(days, other, return_indices=True)
    if not len(rows):
        return 0
    returns = learned_from.log_returns[rows, 0]
    apart = np.abs(returns - against.log_returns[others, 0])
    return len(rows) if np.mean(apart <= _SAME * returns.std()) > _MOST else 0


def _read_against(request: ReportRequest, manifest: Manifest, progress: Progress) -> History | None:
    """Read another history to judge on, if the request names one."""
    prices = file_order(
        "report",
        manifest.assets[0],
        request.against,
        column=request.column,
        on_bad_rows=request.on_bad_rows,
    )
    return None if prices is None else prices.history(request.workspace, LEAST_DAYS, progress)


def facts_of(bundle: Bundle, judged_on: History, request: ReportRequest) -> ReportFacts:
    """Return the facts for head and foot of the page."""
    from simgan.report.renderers import ReportFacts

    manifest = bundle.manifest
    days = f"{judged_on.day(0)} to {judged_on.day(-1)}"
    return ReportFacts(
        model=manifest.name,
        assets=manifest.assets,
        first=manifest.data.first,
        last=manifest.data.last,
        days=manifest.data.days,
        seed=manifest.recipe.seed,
        seconds=manifest.seconds,
        versions=manifest.libraries,
        judged_on=f"another history, {days}" if request.against else f"its own data, {days}",
        paths=request.n,
        horizon=len(judged_on),
        created=manifest.created,
        sha256=manifest.data.sha256,
        commands=report_again(manifest, _given(request, manifest.assets)),
        prior=manifest.prior,
        leaning=leaning(manifest),
    )


def _given(request: ReportRequest, assets: tuple[str, ...]) -> list[str]:
    """Return the options of a report that decide its numbers."""
    words = ["--n", str(request.n)] if request.n != PATHS else []
    words += ["--against", str(request.against)] if request.against else []
    words += ["--column", request.column] if request.column else []
    words += weights_again(by_name(request.weights, assets), request.rebalance)
    return words + (["--on-bad-rows", "drop"] if request.on_bad_rows == "drop" else [])


def _rendered(done: Reported, bundle: Bundle | None = None) -> str:
    """Return the text of the page: HTML with figures, or Markdown."""
    judgement = done.judgement
    if done.page.suffix.lower() == ".md":
        from simgan.report.markdown import render_markdown

        return render_markdown(done.facts, judgement.comparison, judgement.verdict)
    from simgan.report.figures import Pictured
    from simgan.report.renderers import OfModel, render_page

    of_model = (
        OfModel(training=bundle.training, chosen_step=bundle.manifest.chosen_step, today=done.today)
        if bundle
        else OfModel()
    )
    return render_page(
        done.facts,
        judgement.comparison,
        judgement.verdict,
        Pictured(judgement.real, judgement.fakes, judgement.shapes),
        of_model,
    )
