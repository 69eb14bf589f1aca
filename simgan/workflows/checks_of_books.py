"""Checks of a fit of several assets: joint forecasts of held-out days."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from simgan.arrays import Float32Array, FloatArray, whole_rows
from simgan.baselines import FittedBaseline, baseline
from simgan.bundle.store import Bundle
from simgan.errors import ConfigError, PriceError, SamplingError, TrainingError
from simgan.market.history import History
from simgan.market.panel import on_whole_days
from simgan.progress import SILENT, Progress, Step, Stop
from simgan.recipe.recipe import DEFAULT, Recipe
from simgan.report.aspects import Aspect, left_out_of, of_tests, sentence
from simgan.report.risk.results import JOINT_REFERENCE
from simgan.risk.comparison import LossComparison, diebold_mariano, fewest_days
from simgan.risk.vector_scores import energy_score, variogram_score
from simgan.sampling.groups import drawn_from
from simgan.sampling.latent import SIZE
from simgan.sampling.model import Model
from simgan.seeds import Seed
from simgan.workflows.joint_model import joint_before
from simgan.workflows.leaning import prior_of
from simgan.workflows.train import Assignment, trained_before
from simgan.workspace import Workspace

_DRAWS = 256  # of a day: the score is fair to few, and many days weigh more than many draws
_FEWEST = 2  # assets whose forecasts are joint
_MOST = 500  # days of which forecasts are scored
_HORIZONS = {"one-day forecasts": 1, "ten-day forecasts": 10}
_LONGEST = max(_HORIZONS.values())
_SCORES = ("energy", "variogram")
_OF_CLOSES = (
    " One-day forecasts are not judged: the prices that judge are of closes at other hours, and "
    "the model is about closes at one time."
)
_STOPPED = "stopped in the forecasts; the same command with --resume goes on from there"


@dataclass(frozen=True)
class _Before:
    """The training of an asset on its first days, with the prior of then."""

    task: Assignment
    days: int


def verdict_on_forecasts(
    bundle: Bundle,
    tasks: Sequence[Assignment],
    workspace: Workspace,
    progress: Progress = SILENT,
    stop: Stop | None = None,
) -> dict[str, object]:
    """Let a model of the earlier days forecast the last ones, beside the joint rival.

    The last 15 % of the days of a panel are held out. Every member learns from the days before, in
    a third of the steps, and so does the joint law. An asset with too few days before is left out.

    Parameters
    ----------
    bundle : Bundle
        The joint model, which has learned from all days.
    tasks : sequence of Assignment
        The trainings of its members.
    workspace, progress, stop

    Returns
    -------
    dict
        The verdict for the manifest: a sentence, and the aspects where forecasts are judged.
    """
    whole, recipe = bundle.history, bundle.manifest.recipe
    assert whole is not None
    until = whole.day(recipe.training.days_of_selection(len(whole)))
    parts, reasons = _parts(recipe, tasks, until, workspace)
    if len(parts) < _FEWEST:
        return _not_judged(reasons[0])
    if recipe.training.steps:
        return _not_judged("an adversarial stage would have to be repeated on the days before")
    progress.say(f"{bundle.manifest.name}: learning the days before {until} alone")
    panel = whole.of_assets([part.task.name for part in parts])
    first = int((panel.dates < np.datetime64(until)).sum())
    try:
        weights = _trained(recipe, parts, until, progress, stop or Stop())
        earlier = joint_before(bundle, panel.rows(slice(first)), weights)
        aspects = joint_aspects(earlier, panel, first, progress, stop)
    except TrainingError as error:  # the model of all days is good, and is kept
        return _not_judged(str(error))
    except SamplingError:
        return _not_judged(f"the volatility of the model before {until} grows without bound")
    if not aspects:
        return _not_judged("the held-out days on which all assets trade are too few")
    aspects = [replace(aspect, left_out=tuple(reasons)) for aspect in aspects]
    told = f"Forecasts of the days from {until} on, by a model of the days before: "
    left_out = f" {reason[0].upper()}{reason[1:]}." if (reason := left_out_of(aspects)) else ""
    of_closes = _OF_CLOSES if _is_of_one_time(earlier) else ""
    return {
        "sentence": f"{told}{sentence(aspects)}.{left_out}{of_closes}",
        "aspects": [aspect.to_json() for aspect in aspects],
    }


def _parts(
    recipe: Recipe, tasks: Sequence[Assignment], until: str, workspace: Workspace
) -> tuple[list[_Before], list[str]]:
    """Return the trainings on the days before a date, and why assets have none."""
    parts, reasons = list[_Before](), list[str]()
    for task in tasks:
        try:
            parts.append(_before(recipe, task, until, workspace))
        except PriceError as error:
            reasons.append(str(error))
    return parts, reasons


def _not_judged(reason: str) -> dict[str, object]:
    return {"sentence": f"Forecasts of held-out days are not judged: {reason}."}


def _before(recipe: Recipe, task: Assignment, until: str, workspace: Workspace) -> _Before:
    """Return the training on the days before a date.

    Raises
    ------
    PriceError
        These days are too few, or there is no prior that knows no later day.
    """
    own = task.history
    days = int((own.dates < np.datetime64(until)).sum())
    _expect_days(task.name, days, replace(recipe, prior=DEFAULT).least_days, until)
    prior = prior_of(recipe, own, workspace, judged=len(own) - days)
    if prior is None:
        _expect_days(task.name, days, recipe.training.least_days, until)
    elif prior.until >= until:
        raise PriceError(
            f"{task.name} leans on {prior.name}, which has learned from days until {prior.until}"
        )
    return _Before(replace(task, prior=prior), days)


def _expect_days(asset: str, days: int, least: int, until: str) -> None:
    """Refuse fewer days before a date than a training needs."""
    if days < least:
        raise PriceError(
            f"{asset} has {days:,} days before {until}, where they begin, and {least} are needed"
        )


def _trained(
    recipe: Recipe, parts: Sequence[_Before], until: str, progress: Progress, stop: Stop
) -> list[dict[str, Float32Array]]:
    """Return the weights of each member, which has learned from the days before a date.

    Raises
    ------
    TrainingError
        Names the member whose training fails.
    """
    task, weights = "members of the days before", list[dict[str, Float32Array]]()
    progress.step(Step(task, 0, len(parts)))
    for part in parts:
        try:
            weights.append(trained_before(recipe, part.task, part.days, stop))
        except TrainingError as error:
            raise TrainingError(
                f"the training of {part.task.name} on the days before {until} fails"
            ) from error
        progress.step(Step(task, len(weights), len(parts)))
    return weights


def joint_aspects(
    earlier: Bundle,
    panel: History,
    first: int,
    progress: Progress = SILENT,
    stop: Stop | None = None,
) -> list[Aspect]:
    """Compare joint forecasts of the days from `first` on by energy and variogram score.

    Forecasts begin on days on which all assets trade, at most 500 of them, evenly spaced. They are
    scored if all assets trade on the days that they are about. The rival knows the days on which
    all assets trade. Returns of the days between them are part of the next one. A law of closes at
    one time is judged over ten days only: its days are none of the recorded prices.

    Parameters
    ----------
    earlier : Bundle
        A joint model that has learned from the days before `first` only.
    panel : History
    first : int
        Row of the first day forecast.
    progress : Progress
        Gets the days that each of both models has forecast.
    stop : Stop, optional

    Returns
    -------
    list of Aspect
        One for each horizon that has enough days for a test.

    Raises
    ------
    TrainingError
        The rival cannot be fitted to the days before.
    """
    whole = np.flatnonzero(whole_rows(panel.log_returns))
    known = int((whole < first).sum())
    asked = _evenly(range(known, int((whole <= len(panel) - _LONGEST).sum())))
    if not asked:
        return []
    returns = on_whole_days(panel.log_returns)
    rival = _rival(returns[:known])
    days, tell = whole[asked], partial(_tell, progress, stop or Stop())
    ours = _forecasts(Model(earlier), panel, days)
    theirs = rival.forecast(returns, asked, _LONGEST, _DRAWS, Seed(0))
    own = _scores(ours, panel.log_returns, days, partial(tell, "joint forecasts"))
    task = f"forecasts of {JOINT_REFERENCE}"
    other = _scores(theirs, panel.log_returns, days, partial(tell, task))
    return [
        of_tests(name, tests, JOINT_REFERENCE, _SCORES)
        for (name, horizon), a, b in zip(_HORIZONS.items(), own, other, strict=True)
        if (horizon == _LONGEST or not _is_of_one_time(earlier))
        and (tests := _tests(a, b, -(-horizon // asked.step)))
    ]


def _rival(log_returns: FloatArray) -> FittedBaseline:
    try:
        return baseline(JOINT_REFERENCE).fit(log_returns)
    except (ConfigError, TrainingError) as error:
        raise TrainingError(f"{JOINT_REFERENCE} cannot be used ({error})") from error


def _is_of_one_time(earlier: Bundle) -> bool:
    """Tell whether the joint law is one of closes at one time, unlike the recorded prices."""
    return "leads" in earlier.weights and bool(earlier.weights["leads"].any())


def _evenly(days: range) -> range:
    """Return at most 500 of these days, evenly spaced."""
    return days[:: max(-(-len(days) // _MOST), 1)]


def _tests(own: FloatArray, other: FloatArray, horizon: int) -> list[LossComparison]:
    """Test both scores (2, days), or none where the days are too few."""
    if own.shape[1] < fewest_days(horizon):
        return []
    return [diebold_mariano(*pair, horizon) for pair in zip(own, other, strict=True)]


def _tell(progress: Progress, stop: Stop, task: str, done: int, days: int) -> None:
    stop.check(_STOPPED)
    progress.step(Step(task, done, days))


def _forecasts(model: Model, panel: History, days: NDArray[np.intp]) -> Iterator[FloatArray]:
    """Give log returns (draws, horizon, assets) from each of the days on.

    Paths of several days are drawn at once, which takes no longer than those of one.
    """
    memories = model.memories_along(panel.log_returns, panel.ranges)
    at_once = SIZE // _DRAWS
    for number, first in enumerate(range(0, len(days), at_once)):
        some, rng = memories[days[first : first + at_once]], Seed(0).stream("forecast", number)
        scaled = drawn_from(model.runtime, some, _LONGEST, _DRAWS, rng)
        yield from model.unscaled(scaled, np.float64)


def _scores(
    drawn: Iterator[FloatArray],
    log_returns: FloatArray,
    days: NDArray[np.intp],
    after_day: Callable[[int, int], None],
) -> list[FloatArray]:
    """Return the scores (2, days) of each horizon, for days whose outcome is known."""
    rows: list[list[tuple[float, float]]] = [[] for _ in _HORIZONS]
    for number, (day, paths) in enumerate(zip(days.tolist(), drawn, strict=True), start=1):
        for horizon, found in zip(_HORIZONS.values(), rows, strict=True):
            realized = log_returns[day : day + horizon].sum(axis=0)
            if np.isfinite(realized).all():
                sums = paths[:, :horizon].sum(axis=1, dtype=np.float64)
                found.append((energy_score(sums, realized), variogram_score(sums, realized)))
        after_day(number, len(days))
    return [np.array(found).reshape(-1, 2).T for found in rows]
