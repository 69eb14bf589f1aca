"""One word for a training: converged, oscillating, collapsed, over-fitted, still moving, or too short to tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from simgan.arrays import AnyFloatArray
from simgan.seeds import Seed
from simgan.stats.training.memory import Gap, Rise
from simgan.stats.training.modes import Coverage, Spread
from simgan.stats.training.oscillation import Oscillation, oscillation
from simgan.stats.training.trend import LAST, LEAST_RECORDS, Trend, trend

Word = Literal[
    "converged", "oscillating", "collapsed", "over-fitted", "still moving", "too short to tell"
]
LEAST_STEPS = 300  # of a training: before it, hardly anything can have moved


@dataclass(frozen=True)
class Watched:
    """A series of the training history.

    Attributes
    ----------
    name : str
    steps, values : arrays of shape (records,)
    tolerance : float
        A drift or an amplitude up to this does not matter, in the units of the series.
    """

    name: str
    steps: AnyFloatArray
    values: AnyFloatArray
    tolerance: float


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """All that is known of a training; whatever is not known is left out.

    Attributes
    ----------
    series : sequence of Watched
        Losses, scores, means of the fakes.
    coverage, spread
        Of the fakes at the end.
    gap, rise
        Training data against held-out data; validation scores since the best.
    """

    series: Sequence[Watched] = ()
    coverage: Coverage | None = None
    spread: Spread | None = None
    gap: Gap | None = None
    rise: Rise | None = None


@dataclass(frozen=True)
class TrainingVerdict:
    """What a user is told about a training: one word, a sentence, and the numbers behind it."""

    word: Word
    sentence: str
    numbers: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return asdict(self)


def judge(evidence: Evidence, seed: Seed) -> TrainingVerdict:
    """Say what a training came to: the first that holds of collapsed, over-fitted, too short, oscillating, still moving, converged.

    A collapse counts first, whatever the losses do: against a generator that maps many z to one x they may look calm (the "Helvetica
    scenario" of Goodfellow et al. 2014, section 6). The losses only decide about what is left.

    Parameters
    ----------
    evidence : Evidence
    seed : Seed
        Draws the red noise that swings are compared with.
    """
    told = {
        "coverage": evidence.coverage,
        "spread": evidence.spread,
        "gap": evidence.gap,
        "rise": evidence.rise,
    }
    numbers: dict[str, Any] = {
        name: asdict(found) for name, found in told.items() if found is not None
    }
    numbers |= {"records": min((len(one.values) for one in evidence.series), default=0)}
    damage = _collapsed(evidence) or _over_fitted(evidence) or _too_short(evidence)
    if damage:
        return TrainingVerdict(*damage, numbers)
    trends = [trend(one.values) for one in evidence.series]
    swings = [oscillation(one.steps, one.values, seed) for one in evidence.series]
    numbers["series"] = {
        one.name: {"trend": asdict(line), "oscillation": asdict(swing)}
        for one, line, swing in zip(evidence.series, trends, swings, strict=True)
    }
    return TrainingVerdict(
        *(
            _oscillating(evidence.series, swings)
            or _moving(evidence.series, trends)
            or _converged(trends)
        ),
        numbers,
    )


def _collapsed(evidence: Evidence) -> tuple[Word, str] | None:
    found, spread = evidence.coverage, evidence.spread
    said = []
    if found and found.lost:
        said.append(
            f"{len(found.lost)} of {len(found.shares)} modes of the real law get less than a quarter of their share, "
            f"the largest share is {max(found.shares):.2f}"
        )
    if spread and spread.is_shrunk:
        said.append(
            f"the fakes spread {spread.value:.2f} [{spread.low:.2f}, {spread.high:.2f}] times as far as the real ones"
        )
    losses = [one for one in evidence.series if one.name == "critic loss" and len(one.values)]
    if not said:
        return None
    level = (
        f"; the critic's loss does not tell (it ends at {losses[0].values[-1]:.3g})"
        if losses
        else ""
    )
    return "collapsed", " and ".join(said) + level


def _over_fitted(evidence: Evidence) -> tuple[Word, str] | None:
    gap, rise = evidence.gap, evidence.rise
    said = []
    if gap and gap.is_over_fitted:
        interval = f"{gap.value:.3g} [{gap.low:.3g}, {gap.high:.3g}]"
        said.append(
            f"the critic tells training data from held-out data, on which D is lower by {interval}"
        )
    if rise and rise.is_over_fitted:
        said.append(
            f"the validation score has risen by {rise.value:.3g} (at least {rise.low:.3g}) since its best"
        )
    return ("over-fitted", "; ".join(said)) if said else None


def _too_short(evidence: Evidence) -> tuple[Word, str] | None:
    records = min((len(one.values) for one in evidence.series), default=0)
    steps = max((int(one.steps[-1]) for one in evidence.series if len(one.steps)), default=0)
    if steps >= LEAST_STEPS and round(LAST * records) >= LEAST_RECORDS:
        return None
    needed = f"it takes {LEAST_STEPS} steps and {round(LEAST_RECORDS / LAST)} records"
    return (
        "too short to tell",
        f"{steps} steps with {records} records of the losses: {needed} to tell a drift or a swing from noise",
    )


def _oscillating(
    series: Sequence[Watched], swings: Sequence[Oscillation]
) -> tuple[Word, str] | None:
    found = [
        (swing.share, one, swing)
        for one, swing in zip(series, swings, strict=True)
        if swing.is_swinging(one.tolerance)
    ]
    if not found:
        return None
    _, one, swing = max(found, key=lambda each: each[0])
    return "oscillating", (
        f"{one.name} swings by ±{swing.amplitude:.3g} with a period of {swing.period:.0f} steps, {swing.share:.0%} of its variance "
        f"(p = {swing.p_value:.3g} against red noise)"
    )


def _moving(series: Sequence[Watched], trends: Sequence[Trend]) -> tuple[Word, str] | None:
    restless = [
        (one, line)
        for one, line in zip(series, trends, strict=True)
        if not line.is_settled(one.tolerance)
    ]
    if not restless:
        return None
    drifting = [(one, line) for one, line in restless if line.is_moving(one.tolerance)]
    one, line = max(
        drifting or restless, key=lambda each: abs(each[1].drift) / max(each[0].tolerance, 1e-300)
    )
    when = "over the last half of the training"
    if drifting:
        return (
            "still moving",
            f"{one.name} drifted by {line.drift:.3g} [{line.low:.3g}, {line.high:.3g}] {when}",
        )
    return (
        "still moving",
        f"{one.name} has no level yet: {when} it changed by {line.drift:.3g}, in moves too long to average out",
    )


def _converged(trends: Sequence[Trend]) -> tuple[Word, str]:
    count = (
        f"{len(trends)} series of the history"
        if len(trends) > 1
        else "the one series of the history"
    )
    return (
        "converged",
        f"over the last half of the training {count} neither drifted nor swung beyond noise",
    )
