"""The tables of generator.py about a critic that could still be worth its time.

`path-scores` adds scores of several days to the likelihood. `conditional-critic` asks whether
the days that followed a past can be told from those that a model draws after it. Every model is
fitted once, on the first 60 % of a series. The last 40 % judge it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import click
import numpy as np
from conditional_critic import (
    AHEAD,
    EVERY,
    FIRST,
    RIDGES,
    Choices,
    Critic,
    across_time,
    best_ridge,
    features_of_future,
    features_of_past,
    judged,
    mean_and_error,
    over_weeks,
)
from development_data import every_series, series
from generator_forecasts import (
    POOL_RULES,
    RULES,
    Given,
    print_differences,
)
from scipy.special import softmax

from simgan.arrays import FloatArray
from simgan.baselines import baseline
from simgan.bundle.store import read_bundle, write_bundle
from simgan.files import whole_file
from simgan.market.history import History
from simgan.progress import SILENT, Progress
from simgan.report.backtest.results import REFERENCE
from simgan.report.verdict import over
from simgan.risk.scores import crps
from simgan.sampling.model import Model
from simgan.scenarios import ScenarioModel
from simgan.seeds import Seed
from simgan.workflows.backtest.contenders import Contender, Gan, Refit, content_key, identity
from simgan.workflows.backtest.segments import schedule

ALONE = "likelihood alone"
SCORED = replace(POOL_RULES, scenarios=1_000)
SIX = "KO,XOM,AAPL,GC=F,EURUSD,SP500"


@dataclass(frozen=True)
class Taught:
    """The GAN, with more steps in which a score of several days stands beside the likelihood."""

    gan: Gan
    weight: float
    in_spreads: bool = False
    name: str = "simgan"

    @property
    def least_days(self) -> int:
        return self.gan.least_days

    def record(self) -> dict[str, Any]:
        """Return the inputs that decide it."""
        import multi_day_scores as lessons

        sizes = [lessons.STARTS, lessons.PATHS, lessons.STEPS, lessons.RATE, lessons.ROUNDS]
        rule = {"weight": self.weight, "in_spreads": self.in_spreads}
        return self.gan.record() | {"rule": rule, "sizes": sizes}

    def refit(self, history: History, earlier: str | None, progress: Progress = SILENT) -> Refit:
        """Fit as usual, and go on with both scores."""
        from multi_day_scores import Rule, taught

        key = identity(self, history, None)
        kept = self.gan.workspace.refit(key)
        if not kept.exists():
            fitted = self.gan.refit(history, None, progress).model
            assert isinstance(fitted, Model)
            rule = Rule(self.weight, self.in_spreads)
            write_bundle(taught(fitted.bundle, history, rule), kept)
        return Refit(Model(read_bundle(kept)), key)

    def again(self, history: History, key: str) -> Refit:
        """Return an earlier fit."""
        return self.refit(history, None)


@click.command("path-scores")
@click.option("--weights", default="10,100", show_default=True, help="of the energy score")
@click.option(
    "--in-spreads", default="30", show_default=True, help="weights of that in units of the spread"
)
@click.option("--series", "wanted", default=SIX, show_default=True, help="some, with commas")
@click.pass_obj
def path_scores(given: Given, weights: str, in_spreads: str, wanted: str) -> None:
    """Energy scores of sum, lowest point and volatility over 5, 10 and 20 days as a loss.

    The rival takes as many more steps by likelihood alone. Paths are in units of the series, or of
    the spread of their first day. Differences are those of `pooled`, without refits.
    """
    names = wanted.split(",")
    histories = {name: series(name) for name in names}
    for seed in given.seeds:
        gan = given.gan(seed)
        contenders: dict[str, Contender] = {ALONE: Taught(gan, 0.0)}
        for weight in filter(None, weights.split(",")):
            contenders[f"weight {weight}"] = Taught(gan, float(weight))
        for weight in filter(None, in_spreads.split(",")):
            contenders[f"weight {weight}, in spreads"] = Taught(gan, float(weight), in_spreads=True)
        found = given.forecasts(histories, None, contenders, SCORED, "never")
        click.echo(f"\nseed {seed}")
        for label in list(contenders)[1:]:
            for horizon in RULES.horizons:
                print_differences(found, names, label, ALONE, horizon)


DRAWN = 4  # paths beside each real one
WEIGHED = 200  # paths that a critic weighs
WIDER = 1.1  # a difference that a critic should see
HORIZONS = (1, 5, 10, 20)
_ENDS = np.array(HORIZONS) - 1


@dataclass(frozen=True)
class Followed:
    """Real days after the pasts of one series, beside paths of a model of its first 60 %.

    Attributes
    ----------
    first, later : Choices
        In the days that the model learned from, and after them.
    planted : Choices
        As `first`, with a drawn path in the place of the real one, a tenth wider than it was drawn.
    features : array of shape (later pasts, draws, 19)
        Of more paths than there are to choose from.
    sums : array of shape (later pasts, horizons, draws)
        Of the returns of the same paths.
    outcomes : array of shape (later pasts, horizons)
    """

    first: Choices
    later: Choices
    planted: Choices
    features: FloatArray
    sums: FloatArray
    outcomes: FloatArray

    @classmethod
    def of(cls, history: History, first: FloatArray, later: FloatArray) -> Followed:
        """Take paths (days, 1 + draws, 20) in the first part of a history, and after it."""
        known = _known(history)
        past, unit = features_of_past(history.log_returns[:, 0], known)

        def choices(days: list[int], paths: FloatArray) -> Choices:
            weeks = history.dates[days].astype("datetime64[W]").astype("datetime64[D]")
            future = features_of_future(paths / unit[days, None, None])
            return Choices(past[days], future, weeks)

        days = _days(history)
        own, other = map(choices, days, (first, later))
        planted = first[:, 1:] * np.where(np.arange(DRAWN) == 0, WIDER, 1.0)[:, None]
        sums = later.cumsum(axis=2)[:, :, _ENDS].swapaxes(1, 2)
        few = Choices(other.past, other.future[:, : 1 + DRAWN], other.weeks)
        drawn = np.ascontiguousarray(sums[:, :, 1:])
        wider = choices(days[0], planted)
        return cls(own, few, wider, other.future[:, 1:], drawn, sums[:, :, 0])

    def weighed(self, critics: Sequence[Critic]) -> FloatArray:
        """Return CRPS after the first part, (days, 1 + critics, horizons).

        Sums over the horizons are scored, first as they are drawn, then weighed by each critic. A
        weight is exp(score). The mean of the first column over days is the unit.
        """
        weights = [softmax(c.scores(self.later.past, self.features), axis=1) for c in critics]
        rows = [
            [crps(sums, outcome), *(crps(sums, outcome, weight[day]) for weight in weights)]
            for day, (sums, outcome) in enumerate(zip(self.sums, self.outcomes, strict=True))
        ]
        found = np.array(rows)
        return np.asarray(found / found[:, 0].mean(axis=0))


def _known(history: History) -> int:
    """Return the number of days that a model is fitted to."""
    return schedule(history, None, "never", FIRST)[0].days.start


def _days(history: History) -> tuple[list[int], list[int]]:
    """Return the days after the pasts, in the first part and after it."""
    known = _known(history)
    ends = (FIRST, known), (known, len(history))
    first, later = (list(range(begin, end - AHEAD + 1, EVERY)) for begin, end in ends)
    return first, later


def _drawn(model: ScenarioModel, history: History, days: list[int], draws: int) -> FloatArray:
    """Return the returns from each day on, (days, 1 + draws, 20): the real ones, then drawn."""
    real = np.lib.stride_tricks.sliding_window_view(history.log_returns[:, 0], AHEAD)
    asked = range(days[0], days[-1] + 1, EVERY)
    found = model.forecast(history.log_returns, asked, AHEAD, draws, Seed(1))
    paths = np.stack([drawn[:, :, 0] for drawn in found])
    return np.concatenate([real[days, None], paths], axis=1)


@click.command("conditional-critic")
@click.option("--series", "wanted", default="", help="some of them, with commas; default: all")
@click.pass_obj
def conditional_critic(given: Given, wanted: str) -> None:
    """Tell the 20 days that followed a past from those that a model draws after it.

    One critic for all series together, each in units of its volatility. Its folds are blocks of
    time, the same for all series. The area under the ROC curve is that among the paths after the
    same past, so .5 means that nothing can be told. Brackets hold its standard error over weeks.
    """
    histories = every_series()
    names = wanted.split(",") if wanted else list(histories)
    for label in (*(f"simgan, seed {seed}" for seed in given.seeds), REFERENCE):
        _print_judgement(label, [_followed(given, label, histories[name]) for name in names])


def _followed(given: Given, label: str, history: History) -> Followed:
    """Return the real days, and paths of a model, which are kept in the folder."""
    key = content_key([label, history.sha256, AHEAD, EVERY, DRAWN, WEIGHED])
    kept = given.folder / "parts" / f"{key}.npz"
    if not kept.exists():
        model, days = _fitted(given, label, history), _days(history)
        first, later = (
            _drawn(model, history, *asked) for asked in zip(days, (DRAWN, WEIGHED), strict=True)
        )
        with whole_file(kept) as temporary, temporary.open("wb") as file:
            np.savez(file, first=first, later=later)
    with np.load(kept) as paths:
        return Followed.of(history, paths["first"], paths["later"])


def _fitted(given: Given, label: str, history: History) -> ScenarioModel:
    known = history.rows(slice(_known(history)))
    if label == REFERENCE:
        return baseline(label).fit(known.log_returns)
    return given.gan(int(label.split()[-1])).refit(known, None).model


def _print_judgement(label: str, followed: list[Followed]) -> None:
    """Print the critics of one model."""
    first, later, planted = (
        Choices.join([getattr(one, part) for one in followed])
        for part in ("first", "later", "planted")
    )
    click.echo(f"\n{label}: {len(first.past)} pasts of the first 60 %, {len(later.past)} later")
    click.echo(f"{'':<60}{'AUC':>17}{'log-likelihood':>17}   ridge")
    critics = {}
    for name, sees_past in {"sees the 20 days": False, "sees the past too": True}.items():
        ridge, found = best_ridge(first, sees_past)
        critics[name] = critic = Critic.of(first, ridge, sees_past=sees_past)
        _print_score(f"first 60 %, {name}", found, first, ridge)
        _print_score(f"last 40 %, {name}", judged(critic, later), later, ridge)
        own = across_time(later, ridge, sees_past)
        _print_score(f"last 40 %, learned there, {name}", own, later, ridge)
        click.echo(f"    strongest: {critic.strongest()}")
    for name, known in (("drawn", first.among_drawn()), ("drawn and wider", planted)):
        found = across_time(known, RIDGES[0], True)
        _print_score(f"first 60 %, {name} for real, sees the past too", found, known, RIDGES[0])
    _print_weighed(critics, followed)


def _print_score(label: str, found: FloatArray, choices: Choices, ridge: float) -> None:
    """Print mean area and log-likelihood, with standard errors over weeks."""
    cells = [
        mean_and_error(values, choices.weeks, digits)
        for values, digits in zip(found.T, (4, 2), strict=True)
    ]
    click.echo(f"{label:<60}{cells[0]:>17}{cells[1]:>17}   {ridge:g}")


def _print_weighed(critics: dict[str, Critic], followed: list[Followed]) -> None:
    """Print the change of CRPS after the first part where paths are weighed by a critic."""
    weighed = [one.weighed([*critics.values()]) for one in followed]
    weeks = np.concatenate([one.later.weeks for one in followed])
    for place, name in enumerate(critics, 1):
        changes = [found[:, place] - found[:, 0] for found in weighed]  # (days, horizons) each
        means = np.array([change.mean(axis=0) for change in changes])
        cells = []
        for number, days in enumerate(HORIZONS):
            test = over_weeks(np.concatenate(changes)[:, number], weeks, days)
            ahead = np.sum(means[:, number] < 0)
            cells.append(
                f"{over(days)} {100 * means[:, number].mean():+.2f} % "
                f"(p {test.p_value:.3f}, {ahead} of {len(means)})"
            )
        click.echo(f"CRPS of the last 40 %, weighed, {name}: {', '.join(cells)}")
