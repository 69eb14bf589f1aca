"""Judging of paths: a model's long-run paths beside those of every shipped baseline."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from simgan.arrays import FloatArray
from simgan.baselines import BASELINES, FittedBaseline
from simgan.baselines.garch_average import GarchAverage, average_of
from simgan.bundle.store import Bundle
from simgan.errors import ConfigError, TrainingError
from simgan.market.history import History
from simgan.progress import SILENT, Progress, Step, Stop
from simgan.readable import ByValue
from simgan.report.aspects import Aspect
from simgan.report.sections import SECTIONS, compare
from simgan.report.verdict import Comparison, Verdict, verdict
from simgan.sampling.model import Model
from simgan.seeds import Seed

# The last is a mixture of two others, so it costs no estimation.
BASELINES_BESIDE = (
    "stationary-bootstrap",
    "gjr-t",
    "gjr-skew-t",
    "gjr-fhs",
    "egarch-fhs",
    "garch-average",
)
PATHS = 100  # of each model, as long as the history: `fit` and `report` judge from the same ones


@dataclass(frozen=True, eq=False)
class Judgement(ByValue):
    """Paths by model, the judged one first, their comparison with a history, and the verdict.

    Attributes
    ----------
    real : array of shape (days,)
        Log returns of the history.
    fakes : dict of arrays of shape (paths, days)
    comparison : Comparison
    verdict : Verdict
    """

    real: FloatArray
    fakes: dict[str, FloatArray]
    comparison: Comparison
    verdict: Verdict

    def with_forecasts(self, forecasts: Iterable[Aspect]) -> Judgement:
        """Add the verdict of a fit on forecasts."""
        return replace(self, verdict=replace(self.verdict, forecasts=tuple(forecasts)))


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
    """
    model, seed = Model(bundle), Seed(bundle.manifest.recipe.seed)
    real = (against or learned_from).log_returns
    steps = _Steps(progress, stop or Stop())
    fakes = {model.kind: model.simulate_long_run(len(real), seed, 0, n_paths)}
    rivals, unusable = fitted_baselines(learned_from.log_returns, steps.next)
    for name, fitted in rivals.items():
        steps.stop.check()
        fakes[name] = fitted.simulate_long_run(len(real), seed, 0, n_paths)
    steps.next()
    flat = {name: paths[:, :, 0] for name, paths in fakes.items()}
    compared = compare(real[:, 0], flat, in_sample=against is None, after_each=steps.next)
    comparison = replace(compared, unusable=unusable)
    return Judgement(real[:, 0], flat, comparison, verdict(comparison))


def judged_beside(
    real: FloatArray,
    fakes: Mapping[str, FloatArray],
    stop: Stop,
    progress: Progress = SILENT,
    *,
    learned: Mapping[str, bool | None],
    n_paths: int = PATHS,
) -> Judgement:
    """Compare paths (paths, horizon) of several models, all judged, with log returns (days, 1).

    The baselines are fitted to these returns. Each gives `n_paths` paths, as long as in a report.
    `learned` says of each model whether it has learned from these returns, or None.
    """
    steps = _Steps(progress, stop)
    if clash := set(fakes).intersection(BASELINES_BESIDE):
        raise ConfigError("compare", "names", ", ".join(clash), "no names of baselines")
    rivals, unusable = fitted_baselines(real, steps.next)
    drawn = dict(fakes)
    for name, fitted in rivals.items():
        stop.check()
        drawn[name] = fitted.simulate_long_run(len(real), Seed(0), 0, n_paths)[:, :, 0]
    steps.next()
    in_sample = learned[next(iter(fakes))]
    compared = compare(real[:, 0], drawn, in_sample=in_sample, after_each=steps.next)
    beside = tuple(fakes)[1:]
    comparison = replace(compared, unusable=unusable, beside=beside, learned=learned)
    return Judgement(real[:, 0], drawn, comparison, verdict(comparison))


class _Steps:
    """The steps of a judgement: one for each baseline, one for the draws, one for each section."""

    def __init__(self, progress: Progress, stop: Stop) -> None:
        self.stop = stop
        self._progress = progress
        self._done = 0

    def next(self) -> None:
        """Tell that a step is done. Here the work can be stopped."""
        self.stop.check()
        self._done += 1
        total = len(BASELINES_BESIDE) + 1 + len(SECTIONS)
        self._progress.step(Step("judging beside the baselines", self._done, total))


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
