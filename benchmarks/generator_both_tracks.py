"""The table of generator.py about a critic of returns and ranges.

Generated days are lent the shapes of real days with a like return, which is plain resampling of
pairs of return and range. `both-tracks` asks whether a critic that sees both tracks could teach the
generator more, by the method of `conditional_critic.py`. Every model is fitted once, on the first
60 % of a series. The last 40 % judge it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import click
import numpy as np
from both_tracks import (
    RANGED_FUTURE,
    RANGED_PAST,
    features_of_ranged_past,
    features_of_ranges,
    in_units,
    memory_moments,
    shuffled,
)
from conditional_critic import (
    AHEAD,
    EVERY,
    FIRST,
    FUTURE,
    PAST,
    Choices,
    Critic,
    across_time,
    best_ridge,
    critics_across_time,
    features_of_future,
    features_of_past,
    judged,
)
from development_data import series
from generator_forecasts import Given, Settings
from generator_ranges import SERIES
from numpy.typing import NDArray
from scipy.special import softmax
from tracks_printed import print_findings

from simgan.arrays import FloatArray
from simgan.files import whole_file
from simgan.market.history import History
from simgan.report.ranged import days_of
from simgan.risk.measures import expected_shortfall, value_at_risk
from simgan.risk.scores import crps, fz0
from simgan.sampling.model import Model
from simgan.sampling.runtimes.cpu import CpuRuntime
from simgan.seeds import Seed
from simgan.stats.classifiers import logistic_auc
from simgan.stats.ranges import ranged_features
from simgan.stats.windows import FOLDS
from simgan.workflows.backtest.contenders import content_key
from simgan.workflows.backtest.segments import schedule

Findings = dict[str, NDArray[Any]]

DRAWN = 4  # paths beside each real one
WEIGHED = 200  # paths that a critic weighs
PICKED = 10  # windows of them that a classifier sees
FLOORS = 5  # drawn windows in the place of real ones
LARGER = 1.1  # planted fault in the size of shapes
RIDGES = (10.0, 1.0, 0.1)
PLANTED = 1.0  # ridge of a critic of planted faults
HORIZONS = (1, 5, 10, 20)
LEVELS = (0.95, 0.975)  # of VaR and ES over ten days
TEN = HORIZONS.index(10)
SEES_PAST = ", sees the past too"
SETS = {
    "returns": (PAST, FUTURE),
    "ranges": (PAST + RANGED_PAST, RANGED_FUTURE),
    "both tracks": (PAST + RANGED_PAST, FUTURE + RANGED_FUTURE),
}
THERE = ", learned there"
FOLLOWED = (
    *(f"returns{SEES_PAST}", "both tracks", f"both tracks{SEES_PAST}"),
    *(f"both tracks{THERE}", f"both tracks{SEES_PAST}{THERE}"),
)


@dataclass(frozen=True)
class Stretches:
    """The 20 days after each past, real and drawn.

    Attributes
    ----------
    starts : list of int
        First day of each.
    returns : array of shape (pasts, 1 + draws, 20)
        The real ones are the first.
    shapes : array of shape (pasts, 1 + draws, 20, 3)
    """

    starts: list[int]
    returns: FloatArray
    shapes: FloatArray

    @classmethod
    def of(
        cls, model: Model, history: History, starts: list[int], draws: int, seed: Seed
    ) -> Stretches:
        """Take the real days, and draw others that hang on the days before them only."""
        runtime = model.runtime
        assert isinstance(runtime, CpuRuntime) and history.shapes is not None
        rng, paths = seed.stream("forecast", starts[0]), len(starts) * draws
        memories = model.memories_along(history.log_returns, history.ranges)[starts]
        unseen = rng.standard_normal((paths, 1, runtime.blueprint.unseen), dtype=np.float32)
        memory = runtime.blueprint.with_unseen(np.repeat(memories, draws, axis=0), unseen)
        noise = rng.standard_normal((AHEAD, paths, runtime.blueprint.latent), dtype=np.float32)
        scaled, _ = runtime.roll(memory, noise)
        shapes = runtime.shapes(memory, scaled, noise)
        parts = np.moveaxis(np.concatenate([scaled[..., None], shapes], axis=-1), -1, 0)
        drawn = np.moveaxis(model.unscaled(parts, np.float64), 0, -1)
        # In its own order each replica would have the same places.
        drawn = shuffled(drawn.reshape(len(starts), draws, -1), rng)
        days = np.array(starts)[:, None] + np.arange(AHEAD)
        real = np.concatenate([history.log_returns[..., None], history.shapes], axis=-1)[days, 0]
        drawn = drawn.reshape(len(starts), draws, AHEAD, -1)
        every = np.concatenate([real[:, None], drawn], axis=1)
        return cls(starts, every[..., 0], every[..., 1:])

    def planted(self, fault: str, rng: np.random.Generator) -> Stretches:
        """Return the drawn stretches, the first of each past with a fault in its shapes."""
        shapes = self.shapes[:, 1:].copy()
        if fault == "shuffled":
            shapes[:, 0] = shuffled(shapes[:, 0], rng)
        if fault == "larger":
            shapes[:, 0] *= LARGER
        return Stretches(self.starts, self.returns[:, 1:], shapes)


@dataclass(frozen=True)
class Followed:
    """The pasts of one series with the days after them.

    Attributes
    ----------
    first, later : Choices
        In the days that the model learned from, and after them.
    planted : dict of Choices
        As `first`, with a drawn path in the place of the real one, by its fault.
    features : array of shape (later pasts, draws, features)
        Of more paths than there are to choose from.
    sums : array of shape (later pasts, horizons, 1 + draws)
        Of returns.
    windows : pair of arrays of shape (pasts, 1 + draws, features)
        For the classifier of `ranged_features`, in the first part and after it.
    moments : pair of arrays of shape (pasts, 1 + draws, 1 + lags)
    """

    first: Choices
    later: Choices
    planted: dict[str, Choices]
    features: FloatArray
    sums: FloatArray
    windows: tuple[FloatArray, FloatArray]
    moments: tuple[FloatArray, FloatArray]

    @classmethod
    def of(cls, model: Model, history: History, seed: int) -> Followed:
        known = _known(history)
        returns, ranges = history.log_returns[:, 0], history.ranges
        assert ranges is not None
        past, unit = features_of_past(returns, known)
        past = np.column_stack([past, features_of_ranged_past(returns, ranges[:, 0], known)])
        first, later = (
            Stretches.of(model, history, starts, draws, Seed(seed).of(history.sha256))
            for starts, draws in zip(_starts(history), (DRAWN, WEIGHED), strict=True)
        )

        def choices(taken: Stretches) -> Choices:
            weeks = history.dates[taken.starts].astype("datetime64[W]").astype("datetime64[D]")
            days = _in_units(taken, unit)
            future = [features_of_future(days[..., 0]), features_of_ranges(days)]
            names = SETS["both tracks"]
            return Choices(past[taken.starts], np.concatenate(future, axis=-1), weeks, names)

        other, parts = choices(later), [_in_units(part, unit) for part in (first, later)]
        few = Choices(other.past, other.future[:, : 1 + DRAWN], other.weeks, other.names)
        rng = Seed(seed).of(history.sha256).stream("noise-floor")
        faults = ("", "shuffled", "larger")
        ends = np.array(HORIZONS) - 1
        return cls(
            choices(first),
            few,
            {fault: choices(first.planted(fault, rng)) for fault in faults},
            other.future[:, 1:].astype(np.float32),
            later.returns.cumsum(axis=2)[:, :, ends].swapaxes(1, 2),
            (_windows(parts[0]), _windows(parts[1])),
            (memory_moments(parts[0]), memory_moments(parts[1])),
        )


def _in_units(taken: Stretches, unit: FloatArray) -> FloatArray:
    """Return days (pasts, 1 + draws, 20, 5) in units of the volatility before them."""
    days = days_of(taken.returns, taken.shapes)
    return in_units(days, np.broadcast_to(unit[taken.starts, None, None], days.shape[:3]))


def _windows(days: FloatArray) -> FloatArray:
    found = ranged_features(days.reshape(-1, *days.shape[2:]))
    return found.reshape(*days.shape[:2], -1).astype(np.float32)


def _known(history: History) -> int:
    """Return the number of days that a model is fitted to."""
    return schedule(history, None, "never", FIRST)[0].days.start


def _starts(history: History) -> tuple[list[int], list[int]]:
    """Return the first days after the pasts, in the first part and after it.

    Pasts are left out where one of the 20 days shows no range.
    """
    assert history.shapes is not None
    is_known = np.isfinite(history.shapes[:, 0]).all(axis=-1)
    ends = (FIRST, _known(history)), (_known(history), len(history))
    first, later = (
        [day for day in range(begin, end - AHEAD + 1, EVERY) if is_known[day : day + AHEAD].all()]
        for begin, end in ends
    )
    return first, later


@click.command("both-tracks")
@click.option("--series", "wanted", default=",".join(SERIES), help="some of them, with commas")
@click.option("--set", "settings", metavar="KEY=VALUE", multiple=True, help="of the fit")
@click.pass_obj
def both_tracks(given: Given, wanted: str, settings: tuple[str, ...]) -> None:
    """Tell the 20 days that followed a past from those drawn after it, by returns and ranges.

    One critic for all series together, as in `conditional-critic`. It sees returns, ranges or both.
    The last 40 % are then weighed by it: scores, a classifier of windows, and the memory of ranges.
    """
    changed = tuple((key, value) for key, _, value in (one.partition("=") for one in settings))
    names = wanted.split(",")
    found = [_kept(given, seed, names, changed) for seed in given.seeds]
    click.echo(f"{len(names)} series: {wanted} {' '.join(settings)}".rstrip())
    for seed, findings in zip(given.seeds, found, strict=True):
        print_findings(f"seed {seed}", [findings])
    if len(found) > 1:
        print_findings(f"all {len(found)} seeds, mean", found)


def _kept(given: Given, seed: int, names: list[str], settings: Settings) -> Findings:
    """Return the findings of a seed, which are kept in the folder."""
    histories = [series(name) for name in names]
    identities = [history.identity for history in histories]
    facts = [seed, settings, identities, SETS, FOLLOWED, WEIGHED, PICKED, RIDGES]
    kept = given.folder / "parts" / f"{content_key(facts)}.npz"
    if not kept.exists():
        gan, followed = given.gan(seed, settings), []
        for history in histories:
            model = gan.refit(history.rows(slice(_known(history))), None).model
            assert isinstance(model, Model)
            followed.append(Followed.of(model, history, seed))
            click.echo(".", nl=False, err=True)
        findings = _found(followed)
        with whole_file(kept) as temporary, temporary.open("wb") as file:
            np.savez(file, **findings)
    with np.load(kept) as loaded:
        return dict(loaded)


def _found(followed: list[Followed]) -> Findings:
    """Return all that is printed of one seed, by kind and label."""
    first, later = (
        Choices.join([getattr(one, part) for one in followed]) for part in ("first", "later")
    )
    features = np.concatenate([one.features for one in followed])
    found: Findings = {"weeks: first": first.weeks, "weeks: later": later.weeks}
    for part in ("first", "later"):
        counts = [len(getattr(one, part).weeks) for one in followed]
        found[f"series: {part}"] = np.repeat(np.arange(len(followed)), counts)
    found["names: future"] = np.array(first.names[1])
    found["off: first"] = _off(first.future[:, 0], first.future[:, 1:])
    found["off: later"] = _off(later.future[:, 0], features)
    weights = {}
    for label, (past, future) in SETS.items():
        own, other = first.only(past, future), later.only(past, future)
        for name, sees_past in {label: False, f"{label}{SEES_PAST}": True}.items():
            ridge, found[f"choice: first 60 %, {name}"] = best_ridge(own, sees_past, RIDGES)
            critic = Critic.of(own, ridge, sees_past=sees_past)
            found[f"choice: last 40 %, {name}"] = judged(critic, other)
            found[f"ridge: {name}"] = np.array([ridge])
            found[f"strongest: {name}"] = np.array([critic.strongest()])
            own_features = features[..., [first.names[1].index(feature) for feature in future]]
            weights[name] = _weights(critic, other.past, own_features)
            there, weights[f"{name}{THERE}"] = _learned_there(other, own_features, ridge, sees_past)
            found[f"choice: last 40 %, {name}{THERE}"] = there
    for fault in followed[0].planted:
        planted = Choices.join([one.planted[fault] for one in followed])
        for label in ("returns", "both tracks"):
            name = f"{' and '.join(filter(None, ('drawn', fault)))} for real, {label}"
            own = planted.only(*SETS[label])
            found[f"choice: first 60 %, {name}"] = across_time(own, PLANTED, False)
    wanted = {name: weights[name] for name in FOLLOWED}
    return found | _weighed(followed, wanted, [first.weeks, later.weeks])


def _off(real: FloatArray, drawn: FloatArray) -> FloatArray:
    """Return functionals (pasts, n) less their means over draws, in deviations of draws."""
    spread = drawn.reshape(-1, drawn.shape[-1]).std(axis=0)
    return np.asarray((real - drawn.mean(axis=1)) / spread, np.float64)


def _weights(critic: Critic, past: FloatArray, future: FloatArray) -> FloatArray:
    """Return the weights (pasts, draws) of paths that follow a critic."""
    return np.asarray(softmax(critic.scores(past, future), axis=1))


def _learned_there(
    choices: Choices, features: FloatArray, ridge: float, sees_past: bool
) -> tuple[FloatArray, FloatArray]:
    """Return judgement and weights by critics of the other blocks of time of the same part."""
    found, weights = np.empty((len(features), 2)), np.empty(features.shape[:2])
    for critic, rows in critics_across_time(choices, ridge, sees_past):
        found[rows] = judged(critic, choices.rows(rows))
        weights[rows] = _weights(critic, choices.past[rows], features[rows])
    return found, weights


def _weighed(
    followed: list[Followed], weights: dict[str, FloatArray], weeks: list[NDArray[np.datetime64]]
) -> Findings:
    """Return what a generator would be worth that follows a critic completely."""
    sums = np.concatenate([one.sums for one in followed])
    count = sums.shape[2] - 1
    (windows, others), (own, moments) = (
        [np.concatenate(parts) for parts in zip(*(getattr(o, name) for o in followed), strict=True)]
        for name in ("windows", "moments")
    )
    first, later = (Classified.of(part, 3 * len(followed)) for part in weeks)
    found = {"moments: first 60 %, real": own[:, 0], "moments: last 40 %, real": moments[:, 0]}
    found["moments: first 60 %, plain"] = own[:, 1:].mean(axis=1)
    found["C2ST: first 60 %, plain"] = first.auc(windows[:, 0], windows[:, 1:])
    plain = np.full((len(sums), count), 1 / count)
    for name, weight in {"plain": plain, **weights}.items():
        found[f"scores: {name}"] = _scores(sums, None if name == "plain" else weight)
        found[f"worth: {name}"] = 1 / np.sum(weight**2, axis=1)
        found[f"moments: last 40 %, {name}"] = np.einsum("sd,sdk->sk", weight, moments[:, 1:])
        drawn = np.take_along_axis(others[:, 1:], _picked(weight)[..., None], axis=1)
        found[f"C2ST: last 40 %, {name}"] = later.auc(others[:, 0], drawn)
    drawn = np.take_along_axis(others[:, 1:], _picked(plain)[..., None], axis=1)
    floors = [later.auc(others[:, 2 + place], drawn) for place in range(FLOORS)]
    return found | {"floors: C2ST": np.concatenate(floors)}


@dataclass(frozen=True)
class Classified:
    """Windows of many series, in the order of time, of which so many share days."""

    order: NDArray[np.intp]
    overlap: int

    @classmethod
    def of(cls, weeks: NDArray[np.datetime64], overlap: int) -> Classified:
        return cls(np.argsort(weeks, kind="stable"), overlap)

    def auc(self, real: FloatArray, drawn: FloatArray) -> FloatArray:
        """Tell windows (n, features) from drawn ones (n, draws, features)."""
        fake = drawn[self.order].reshape(-1, drawn.shape[-1]).astype(np.float64)
        return np.array(
            [logistic_auc(real[self.order].astype(np.float64), fake, FOLDS, self.overlap)]
        )


def _picked(weights: FloatArray) -> NDArray[np.intp]:
    """Return PICKED of the paths of each past (pasts, draws) by their weights, in even steps."""
    reached = np.cumsum(weights, axis=1)
    steps = (np.arange(PICKED) + 0.5) / PICKED
    return np.minimum((reached[:, None] < steps[:, None]).sum(axis=2), weights.shape[1] - 1)


def _scores(sums: FloatArray, weights: FloatArray | None) -> FloatArray:
    """Return CRPS over each horizon, and FZ0 at each level over ten days, (pasts, scores)."""
    outcomes, drawn = sums[:, :, 0], np.ascontiguousarray(sums[:, :, 1:])
    probabilities = [None] * len(sums) if weights is None else [*weights]
    pairs = [*zip(drawn, probabilities, strict=True)]
    columns = [
        np.array([crps(one, y, p) for (one, p), y in zip(pairs, outcomes, strict=True)]),
    ]
    for level in LEVELS:
        tails = np.array(
            [
                [risk(one[TEN], level, p) for risk in (value_at_risk, expected_shortfall)]
                for one, p in pairs
            ]
        )
        losses = fz0(*(100 * tails.T), 100 * outcomes[:, TEN], 1 - level)
        columns.append(losses[:, None])
    return np.concatenate(columns, axis=1)
