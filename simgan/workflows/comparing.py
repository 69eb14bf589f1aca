"""Compare: models of one asset and anyone's files side by side, judged on one history."""

from __future__ import annotations

import hashlib
import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from simgan.arrays import FloatArray
from simgan.bundle.store import Bundle
from simgan.errors import ConfigError, Words
from simgan.market.history import History
from simgan.market.prices import OnBadRows
from simgan.progress import SILENT, Progress, Stop
from simgan.provenance import library_versions
from simgan.report.aspects import Aspect, forecasts_in
from simgan.report.renderers import ReportFacts
from simgan.sampling.model import Model
from simgan.scenarios.reading import READERS, read_scenarios
from simgan.seeds import Seed
from simgan.workflows.again import weights_again
from simgan.workflows.book import EQUAL
from simgan.workflows.judging import (
    PATHS,
    DrawnPaths,
    Judgement,
    doubts_about,
    expect_enough,
    judged_beside,
    long_run,
)
from simgan.workflows.leaning import leaning_of_each
from simgan.workflows.models import history_of_bundle, load_bundle
from simgan.workflows.options import file_order
from simgan.workspace import Workspace, safe_name

_LEAST_DAYS = 250  # of a history to judge on
_RATIO = 8.0  # of standard deviations, from which a unit is likely to be wrong
ENDINGS = (*READERS, ".npy")


@dataclass(frozen=True, kw_only=True)
class CompareRequest:
    """The options of `simgan compare`, and of `simgan report --scenarios`.

    Attributes
    ----------
    workspace : Workspace
    names : tuple of str
        Models, and paths of files of scenarios. The first decides the history.
    out : path, optional
        Page or Markdown to write.
    n : int
        Paths of each model and baseline, as long as the history. A file gives as many days, if it
        has them.
    against : path, optional
        Price file to judge on.
    history_of : str, optional
        Model whose history is judged on, where neither prices nor a model among the names give it.
    values : str
        Kind of the values of files: log-returns, returns, prices or bars.
    asset : str
        Asset of files that hold several.
    column, on_bad_rows
        About the price file.
    has_files_only : bool
        No name is that of a model.
    weights, rebalance
        Of models of several assets, as for `simgan.workflows.risk`.
    """

    workspace: Workspace
    names: tuple[str, ...]
    out: Path | None = None
    n: int = PATHS
    against: Path | None = None
    history_of: str | None = None
    values: str = ""
    asset: str = ""
    column: str = ""
    on_bad_rows: OnBadRows = "stop"
    has_files_only: bool = False
    weights: str | Mapping[str, float] = EQUAL
    rebalance: str = "none"

    @property
    def title(self) -> str:
        """Names for a heading and for the name of a file."""
        return " and ".join(label_of(name) for name in self.names)

    @property
    def owner(self) -> str:
        """Name of the command, for messages."""
        return "report" if self.has_files_only else "compare"

    @property
    def command(self) -> str:
        """Return the command that makes this comparison again."""
        words = ["simgan", self.owner]
        if self.has_files_only:
            words += [*([self.history_of] if self.history_of else []), "--scenarios"]
        words += [f"./{name}" if name.startswith("-") else name for name in self.names]
        words += ["--n", str(self.n)] if self.n != PATHS else []
        for option in ("against", "values", "asset", "column"):
            if value := getattr(self, option):
                words += [f"--{option}", str(value)]
        words += ["--on-bad-rows", "drop"] if self.on_bad_rows == "drop" else []
        words += weights_again(self.weights, self.rebalance)
        return shlex.join(words)


@dataclass(frozen=True)
class Contested:
    """The result of a comparison: its facts and the judgement of all contestants."""

    facts: ReportFacts
    judgement: Judgement


@dataclass(frozen=True)
class _Contestant:
    """A model of the workspace, or the scenarios of a file."""

    label: str
    source: str  # a line for the page
    bundle: Bundle | None = None
    paths: FloatArray | None = None  # (paths, horizon)

    @property
    def forecasts(self) -> tuple[Aspect, ...]:
        """The verdict of the fit on forecasts. A file has none."""
        return () if self.bundle is None else forecasts_in(self.bundle.manifest.verdict)

    def drawn(self, history: History, n: int) -> DrawnPaths:
        """Return the first paths of a file, or n long-run paths of the model.

        Those of a file hold at most as many days as n paths as long as the history.
        """
        if self.paths is not None:
            return DrawnPaths(self.paths[: max(n * len(history) // self.paths.shape[1], 1)])
        assert self.bundle is not None
        seed = Seed(self.bundle.manifest.recipe.seed)
        return long_run(Model(self.bundle), history, seed, n)

    def described(self, drawn: DrawnPaths) -> str:
        """Return the line for the page, with the number and length of the judged paths."""
        used, horizon = drawn.log_returns.shape
        if self.paths is None:
            return f"{self.source}; {used:,} paths of {horizon:,} days"
        which = "all" if used == len(self.paths) else f"the first {used:,}"
        return f"{self.source}; {which} are judged"

    @property
    def doubts(self) -> str:
        """Why every use of a model needs care. Empty for a file: nobody knows."""
        return "" if self.bundle is None else doubts_about(self.bundle.manifest)

    def has_learned(self, history: History) -> bool | None:
        """Tell whether a model has learned from a history. None for a file: nobody knows."""
        return None if self.bundle is None else self.bundle.manifest.data.sha256 == history.sha256


def is_file(name: str) -> bool:
    """Tell whether a name of a comparison is that of a file and not of a model."""
    return name.lower().endswith(ENDINGS) or os.path.isfile(name)


def label_of(name: str) -> str:
    """Return the label of a model or of a file."""
    return Path(name).name if is_file(name) else name


def compare(
    request: CompareRequest, progress: Progress = SILENT, stop: Stop | None = None
) -> Contested:
    """Judge all contestants on one history, beside the baselines.

    Raises
    ------
    SimganError
        A model is unknown, a file or the prices are unusable, or there are too few paths.
    Interrupted
        The stop token was set.
    """
    stop = stop or Stop()
    contestants = [_contestant(name, request, progress) for name in request.names]
    expect_different(request.names, [one.label for one in contestants])
    history, where = _judged_on(request, contestants, progress)
    progress.say("drawing paths and comparing")
    paths = {one.label: one.drawn(history, request.n) for one in contestants}
    for one in contestants:
        _tell_units(one.label, history.log_returns, paths[one.label].log_returns, progress)
    learned = {one.label: one.has_learned(history) for one in contestants}
    judged = judged_beside(history, paths, stop, progress, learned=learned, n_paths=request.n)
    judgement = judged.with_doubts({one.label: one.doubts for one in contestants})
    judgement = judgement.with_forecasts({one.label: one.forecasts for one in contestants})
    sources = {one.label: one.described(paths[one.label]) for one in contestants}
    beside = [drawn for name, drawn in judgement.fakes.items() if name not in sources]
    facts = facts_of_comparison(request, sources, history, where)
    bundles = (one.bundle for one in contestants if one.bundle is not None)
    facts = replace(
        facts,
        paths=len(beside[0]) if beside else 0,
        leaning=leaning_of_each(bundle.manifest for bundle in bundles),
    )
    return Contested(facts, judgement)


def expect_different(names: Sequence[str], labels: Sequence[str]) -> None:
    """Refuse two contestants that would share a column."""
    named = dict[str, str]()
    for name, label in zip(names, labels, strict=True):
        if label in named:
            both = Words(f"{named[label]} and {name}")
            allowed = "each model or file once"
            if named[label] != name:
                allowed = "of different names, since these name the columns; rename one"
            raise ConfigError("compare", "names", both, allowed)
        named[label] = name


def _contestant(name: str, request: CompareRequest, progress: Progress) -> _Contestant:
    if not request.has_files_only and not is_file(name):
        bundle = load_bundle(request.workspace, name)
        facts = bundle.manifest
        if len(facts.assets) > 1:
            raise ConfigError("compare", "name", name, "a model of one asset")
        source = (
            f"model of {facts.assets[0]}, {facts.data.first} to {facts.data.last}, "
            f"seed {facts.recipe.seed}"
        )
        return _Contestant(facts.name, source, bundle=bundle)
    path = Path(name)
    read = read_scenarios(path, request.values, request.asset)
    for note in read.notes:
        progress.say(note)
    n, horizon = read.log_returns.shape
    asset = f" of {read.asset}" if read.asset else ""
    source = f"file with {n:,} scenarios{asset} over {horizon:,} days, SHA-256 {_sha256(path)}"
    return _Contestant(path.name, source, paths=read.log_returns)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _judged_on(
    request: CompareRequest, contestants: Sequence[_Contestant], progress: Progress
) -> tuple[History, str]:
    """Return the history, and its name in words."""
    bundles = [one.bundle for one in contestants if one.bundle is not None]
    if request.against is None and request.column:
        raise ConfigError(request.owner, "column", request.column, "left out without --against")
    order = file_order(
        request.owner,
        request.asset or request.against.stem if request.against else "",
        request.against,
        column=request.column,
        on_bad_rows=request.on_bad_rows,
    )
    if order is not None:
        history = order.history(request.workspace, _LEAST_DAYS, progress)
        return history, str(request.against)
    chosen = bundles[0] if bundles else load_bundle(request.workspace, request.history_of)
    if not bundles and request.history_of is None:
        progress.say(f"judging on the history of {chosen.manifest.name}; --against names another")
    history = history_of_bundle(chosen)
    expect_enough(chosen.manifest.name, history)
    return history, f"the history of {chosen.manifest.name}"


def _tell_units(label: str, real: FloatArray, fake: FloatArray, progress: Progress) -> None:
    ratio = float(fake.std() / real.std())
    if np.isfinite(ratio) and not 1 / _RATIO < ratio < _RATIO:
        progress.say(
            f"warning: the standard deviation of {label} is {ratio:.3g} times that of the history; "
            "are its values in percent, or of another step?"
        )


def facts_of_comparison(
    request: CompareRequest, sources: Mapping[str, str], history: History, where: str
) -> ReportFacts:
    """Return the facts for head and foot of the page."""
    return ReportFacts(
        model=request.title,
        assets=history.assets,
        first=str(history.day(0)),
        last=str(history.day(-1)),
        days=len(history),
        seed=None,
        seconds=None,
        versions=library_versions(),
        judged_on=f"{where}, {history.day(0)} to {history.day(-1)}, {len(history)} days",
        paths=request.n,
        horizon=len(history),
        sha256=history.sha256,
        sources=sources,
        commands=(request.command,),
    )


def page_of(request: CompareRequest) -> Path:
    """Return the page of a comparison: that asked for, or one in the reports of the workspace."""
    name = safe_name("-".join(label_of(name) for name in request.names))
    return request.out or request.workspace.report(f"{name}-compared", "html")
