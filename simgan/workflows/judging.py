"""Judging of paths: a model's long-run paths beside those of every shipped baseline."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from simgan.arrays import FloatArray
from simgan.baselines import BASELINES, FittedBaseline
from simgan.baselines.garch_average import GarchAverage, average_of
from simgan.bundle.manifest import Manifest
from simgan.bundle.store import Bundle
from simgan.errors import ConfigError, PriceError, TrainingError
from simgan.market.history import History
from simgan.progress import SILENT, Progress, Step, Stop
from simgan.readable import ByValue
from simgan.report.aspects import Aspect
from simgan.report.ranged import Shapes
from simgan.report.sections import FEWEST, SECTIONS, SECTIONS_OF_RANGES, compare
from simgan.report.verdict import Comparison, Verdict, verdict
from simgan.sampling.groups import has_bars
from simgan.sampling.latent import Drawing
from simgan.sampling.model import Model
from simgan.scenarios.block import joined
from simgan.seeds import Seed
from simgan.workflows.leaning import MOSTLY

# The last is a mixture of two others, so it costs no estimation.
BASELINES_BESIDE = (
    "stationary-bootstrap",
    "gjr-t",
    "gjr-skew-t",
    "gjr-fhs",
    "egarch-fhs",
    "garch-average",
)
ENOUGH_DAYS = 250  # of a model's own, below which every use of it needs care
PATHS = 100  # of each model, as long as the history: `fit` and `report` judge from the same ones


@dataclass(frozen=True)
class DrawnPaths:
    """Paths to be judged.

    Attributes
    ----------
    log_returns : array of shape (paths, horizon)
    shapes : array of shape (paths, horizon, 3), optional
        Of their days, in log returns (`simgan.market.shapes`).
    """

    log_returns: FloatArray
    shapes: FloatArray | None = None


@dataclass(frozen=True, eq=False)
class Judgement(ByValue):
    """Paths by model, the judged one first, their comparison with a history, and the verdict.

    Attributes
    ----------
    real : array of shape (days,), or (days, assets) of several
        Log returns of the history.
    fakes : dict of arrays of shape (paths, days), or (paths, days, assets)
    comparison : Comparison
    verdict : Verdict
    shapes : Shapes, optional
        Of the days of history and paths, where both sides have some.
    """

    real: FloatArray
    fakes: dict[str, FloatArray]
    comparison: Comparison
    verdict: Verdict
    shapes: Shapes | None = None

    def with_forecasts(self, forecasts: Mapping[str, Iterable[Aspect]]) -> Judgement:
        """Add, by model, the verdict of its fit on forecasts."""
        found = {model: tuple(aspects) for model, aspects in forecasts.items()}
        return replace(
            self,
            comparison=replace(self.comparison, forecasts=found),
            verdict=replace(self.verdict, forecasts=found.get(self.verdict.model, ())),
        )

    def with_doubts(self, doubts: Mapping[str, str]) -> Judgement:
        """Add, by model, the reason why every use of it needs care."""
        return replace(self, comparison=replace(self.comparison, doubts=dict(doubts)))


def too_few(days: int) -> str:
    """Say that a history of so many days is too short to judge a model by, or return no text."""
    if days >= FEWEST:
        return ""
    return f"{days} days are too few to judge the model by: at least {FEWEST} are needed."


def doubts_about(manifest: Manifest) -> str:
    """Say why every use of a model needs care, or return no text."""
    own, share = manifest.data.days, manifest.prior.get("share", 0.0)
    if own < ENOUGH_DAYS:
        return f"it has only {own} days of its own"
    return f"it is mostly prior: {100 * share:.0f} % of its days" if share > MOSTLY else ""


def expect_enough(name: str, history: History) -> None:
    """Refuse to judge the model of a name on a history that is too short.

    Raises
    ------
    PriceError
        It names the model, the days that are needed, and the remedy.
    """
    if reason := too_few(len(history)):
        allowed = "judge it on a longer history with --against FILE"
        raise PriceError(f"{name}: {reason.removesuffix('.')}; {allowed}")


def judge(
    bundle: Bundle,
    learned_from: History,
    n_paths: int = PATHS,
    against: History | None = None,
    stop: Stop | None = None,
    progress: Progress = SILENT,
) -> Judgement:
    """Compare long-run paths of the real length with the history learned from, or another one.

    The baselines are fitted to the history that the model learned from. One that cannot be fitted,
    or whose fit has collapsed, is named as unusable and not compared. The same bundle and number
    of paths give the same verdict, in `fit` and in `report`.

    Raises
    ------
    PriceError
        The history is too short to judge on.
    """
    history = against or learned_from
    expect_enough(bundle.manifest.name, history)
    model, seed = Model(bundle), Seed(bundle.manifest.recipe.seed)
    own = {model.kind: long_run(model, history, seed, n_paths)}
    shapes = shapes_beside(history, own)
    steps = _Steps(progress, stop or Stop(), shapes)
    rivals, unusable = fitted_baselines(learned_from.log_returns, steps.next)
    fakes = {name: one.log_returns for name, one in own.items()}
    for name, fitted in rivals.items():
        steps.stop.check()
        fakes[name] = fitted.simulate_long_run(len(history), seed, 0, n_paths)[:, :, 0]
    steps.next()
    real, in_sample = history.log_returns[:, 0], against is None
    compared = compare(real, fakes, in_sample=in_sample, after_each=steps.next, shapes=shapes)
    comparison = replace(compared, unusable=unusable)
    judgement = Judgement(real, fakes, comparison, verdict(comparison), shapes)
    return judgement.with_doubts({model.kind: doubts_about(bundle.manifest)})


def judged_beside(
    history: History,
    paths: Mapping[str, DrawnPaths],
    stop: Stop,
    progress: Progress = SILENT,
    *,
    learned: Mapping[str, bool | None],
    n_paths: int = PATHS,
) -> Judgement:
    """Compare paths of several models, all judged, with a history of one asset.

    The baselines are fitted to this history. Each gives `n_paths` paths, as long as in a report.
    `learned` says of each model whether it has learned from this history, or None.
    """
    shapes = shapes_beside(history, paths)
    steps = _Steps(progress, stop, shapes)
    if clash := set(paths).intersection(BASELINES_BESIDE):
        raise ConfigError("compare", "names", ", ".join(clash), "no names of baselines")
    rivals, unusable = fitted_baselines(history.log_returns, steps.next)
    fakes = {name: one.log_returns for name, one in paths.items()}
    for name, fitted in rivals.items():
        stop.check()
        fakes[name] = fitted.simulate_long_run(len(history), Seed(0), 0, n_paths)[:, :, 0]
    steps.next()
    real, in_sample = history.log_returns[:, 0], learned[next(iter(paths))]
    compared = compare(real, fakes, in_sample=in_sample, after_each=steps.next, shapes=shapes)
    beside = tuple(paths)[1:]
    comparison = replace(compared, unusable=unusable, beside=beside, learned=learned)
    return Judgement(real, fakes, comparison, verdict(comparison), shapes)


def long_run(model: Model, history: History, seed: Seed, n: int) -> DrawnPaths:
    """Draw n long-run paths of a model of one asset, as long as a history.

    Their days have shapes if the model makes bars and the history has ranges.
    """
    bars = history.shapes is not None and has_bars(model)
    drawing = Drawing(n, len(history), seed, bars=bars)
    found = joined(list(model.draw(drawing, model.start("stationary"))))
    shapes = None if found.shapes is None else found.shapes[:, :, 0].astype(np.float64)
    return DrawnPaths(found.log_returns[:, :, 0].astype(np.float64), shapes)


def shapes_beside(history: History, drawn: Mapping[str, DrawnPaths]) -> Shapes | None:
    """Return the shapes of a history and of paths, or None where one side has none."""
    fakes = {name: one.shapes for name, one in drawn.items() if one.shapes is not None}
    if history.shapes is None or not fakes:
        return None
    return Shapes(history.shapes[:, 0], fakes)


class _Steps:
    """The steps of a judgement: one for each baseline, one for the draws, one for each section."""

    def __init__(self, progress: Progress, stop: Stop, shapes: Shapes | None) -> None:
        self.stop = stop
        self._progress = progress
        self._done = 0
        sections = len(SECTIONS) + (0 if shapes is None else len(SECTIONS_OF_RANGES))
        self._total = len(BASELINES_BESIDE) + 1 + sections

    def next(self) -> None:
        """Tell that a step is done. Here the work can be stopped."""
        self.stop.check()
        self._done += 1
        self._progress.step(Step("judging beside the baselines", self._done, self._total))


def fitted_baselines(
    log_returns: FloatArray, after_each: Callable[[], None] = lambda: None
) -> tuple[Mapping[str, FittedBaseline], Mapping[str, str]]:
    """Fit all baselines of a report to log returns of shape (days, 1).

    Returns
    -------
    tuple of dict
        The fitted ones by name, and the reasons of those that cannot be used.
    """
    fitted: dict[str, FittedBaseline] = {}
    unusable: dict[str, str] = {}
    for name in BASELINES_BESIDE:
        try:
            fitted[name] = _fit(name, log_returns, fitted)
        except (ConfigError, TrainingError) as error:
            unusable[name] = str(error)
        after_each()
    return fitted, unusable


def _fit(
    name: str, log_returns: FloatArray, fitted: Mapping[str, FittedBaseline]
) -> FittedBaseline:
    if name == GarchAverage.kind:
        return average_of(fitted)
    return BASELINES.build(name).fit(log_returns)
