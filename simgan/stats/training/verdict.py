"""One word for a training: converged, oscillating, collapsed, over-fitted and so on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, TypeAlias

import numpy as np

from simgan.arrays import AnyFloatArray
from simgan.seeds import Seed
from simgan.stats.training import Curve, TrainingHistory
from simgan.stats.training.modes import Coverage, Spread
from simgan.stats.training.signs import (
    LAST,
    LEAST_RECORDS,
    Gap,
    Oscillation,
    Rise,
    Trend,
    oscillation,
    trend,
)

Word = Literal[
    "converged", "oscillating", "collapsed", "over-fitted", "still moving", "too short to tell"
]
Curves: TypeAlias = Mapping[str, Curve]
LEAST_STEPS = 300  # of a training: before it, hardly anything can have moved
TOLERANCE = 0.015  # drift of a loss that does not matter, over its typical size: .02 of log 4
REGIMES = ("calm", "normal", "turbulent")
# The first was validated. The last is judged where there is no adversarial stage.
_STAGES = ("adversarial, selection", "adversarial", "warm start")
_LIKELIHOOD = "negative log-likelihood"
_LOSSES = ("critic loss", "generator loss", _LIKELIHOOD)


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
    """Everything that is known of a training. Unknown parts are left out.

    Attributes
    ----------
    series : sequence of Watched
        Losses, scores, means of the fakes.
    coverage, spread
        Of the fakes at the end.
    gap
        Training data compared with held-out data.
    rise
        Validation scores since the best.
    """

    series: Sequence[Watched] = ()
    coverage: Coverage | None = None
    spread: Spread | None = None
    gap: Gap | None = None
    rise: Rise | None = None


@dataclass(frozen=True)
class TrainingVerdict:
    """The verdict on a training: one word, its reason in a sentence, and the numbers behind it."""

    word: Word
    sentence: str
    numbers: dict[str, Any] = field(default_factory=dict)

    @property
    def line(self) -> str:
        """The word and its reason on one line."""
        return f"Training: {self.word}: {self.sentence}."

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return asdict(self)


def training_verdict(history: TrainingHistory, chosen_step: int | None = None) -> TrainingVerdict:
    """Judge the adversarial stage: the validated one, or else the final one.

    Where there is none, the warm start is judged.

    Parameters
    ----------
    history : TrainingHistory
        Missing curves leave out the parts of the evidence that need them.
    chosen_step : int, optional
        Step that validation chose.
    """
    curves = _last_learned(history)
    losses = [_watched(name, curves[name]) for name in _LOSSES if curves.get(name)]
    evidence = Evidence(series=losses, coverage=_coverage(curves), rise=_rise(curves))
    found = judge(evidence, Seed())
    if found.word == "over-fitted" and chosen_step is not None:
        kept = f"validation chose step {chosen_step}, which is kept"
        return replace(found, sentence=f"{found.sentence}; {kept}")
    return found


def judge(evidence: Evidence, seed: Seed) -> TrainingVerdict:
    """Find the first word that holds.

    The order is collapsed, over-fitted, too short to tell, oscillating, still moving, converged.
    A collapse counts first, whatever the losses do. Against a generator that maps many z to one x
    they may look calm (the "Helvetica scenario" of Goodfellow et al. 2014, section 6).

    Parameters
    ----------
    evidence : Evidence
    seed : Seed
        Draws the red noise that swings are compared with.
    """
    parts = {
        "coverage": evidence.coverage,
        "spread": evidence.spread,
        "gap": evidence.gap,
        "rise": evidence.rise,
    }
    numbers: dict[str, object] = {
        name: asdict(part) for name, part in parts.items() if part is not None
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
    reason = _oscillating(evidence.series, swings) or _moving(evidence.series, trends)
    return TrainingVerdict(*(reason or _converged(evidence.series)), numbers)


def _last_learned(history: TrainingHistory) -> Curves:
    """Curves of the first stage in the order above that has losses."""
    for stage in _STAGES:
        curves = history.of_stage(stage)
        if any(curves.get(loss) for loss in _LOSSES):
            return curves
    return {}


def _watched(name: str, curve: Curve) -> Watched:
    """A loss at equally spaced steps, without the checks between two of them."""
    spaced = [record for record in curve if record[0] % curve[0][0] == 0]
    steps, values = np.array(spaced, np.float64).T
    typical = float(np.median(np.abs(values)))
    if name == _LIKELIHOOD:  # its origin has no meaning
        typical = 1.0
    return Watched(name, steps, values, TOLERANCE * typical)


def _coverage(curves: Curves) -> Coverage | None:
    """Regimes of volatility at the last check. Each holds a third of the real windows."""
    names = [f"{regime} share" for regime in REGIMES]
    if not all(curves.get(name) for name in (*names, "covered regimes")):
        return None
    shares = np.array([curves[name][-1][1] for name in names])
    missing = len(REGIMES) - round(curves["covered regimes"][-1][1])
    lost = sorted(int(i) for i in np.argsort(shares)[:missing])
    return Coverage(tuple(shares.tolist()), (1 / len(REGIMES),) * len(REGIMES), tuple(lost), ())


def _rise(curves: Curves) -> Rise | None:
    """Rise of the validation score since its best, at the last check."""
    values, lows, scores = (curves.get(name) for name in ("rise", "low rise", "validation CRPS"))
    if not values or not lows or not scores:
        return None
    return Rise(values[-1][1], lows[-1][1], int(np.argmin([score for _, score in scores])))


def _collapsed(evidence: Evidence) -> tuple[Word, str] | None:
    found, spread = evidence.coverage, evidence.spread
    reasons = []
    if found and found.lost:
        reasons.append(
            f"{len(found.lost)} of {len(found.shares)} modes of the real law get less than a "
            f"quarter of their share, the largest share is {max(found.shares):.2f}"
        )
    if spread and spread.is_shrunk:
        interval = f"[{spread.low:.2f}, {spread.high:.2f}]"
        reasons.append(
            f"the fakes spread {spread.value:.2f} {interval} times as far as the real ones"
        )
    if not reasons:
        return None
    losses = [one for one in evidence.series if one.name == "critic loss" and len(one.values)]
    level = f"it ends at {losses[0].values[-1]:.3g}" if losses else ""
    blind = f"; the critic's loss does not tell ({level})" if losses else ""
    return "collapsed", " and ".join(reasons) + blind


def _over_fitted(evidence: Evidence) -> tuple[Word, str] | None:
    gap, rise = evidence.gap, evidence.rise
    reasons = []
    if gap and gap.is_over_fitted:
        interval = f"{gap.value:.3g} [{gap.low:.3g}, {gap.high:.3g}]"
        reasons.append(
            f"the critic tells training data from held-out data, on which D is lower by {interval}"
        )
    if rise and rise.is_over_fitted:
        reasons.append(
            f"the validation score has risen by {rise.value:.3g} "
            f"(at least {rise.low:.3g}) since its best"
        )
    return ("over-fitted", "; ".join(reasons)) if reasons else None


def _too_short(evidence: Evidence) -> tuple[Word, str] | None:
    records = min((len(one.values) for one in evidence.series), default=0)
    steps = max((int(one.steps[-1]) for one in evidence.series if len(one.steps)), default=0)
    if steps >= LEAST_STEPS and round(LAST * records) >= LEAST_RECORDS:
        return None
    needed = f"it takes {LEAST_STEPS} steps and {round(LEAST_RECORDS / LAST)} records"
    return (
        "too short to tell",
        f"{steps} steps with {records} records of the losses: "
        f"{needed} to tell a drift or a swing from noise",
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
        f"{one.name} swings by ±{swing.amplitude:.3g} with a period of {swing.period:.0f} steps, "
        f"{swing.share:.0%} of its variance (p = {swing.p_value:.3g} against red noise)"
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
        change = f"{line.drift:.3g} [{line.low:.3g}, {line.high:.3g}]"
        return "still moving", f"{one.name} drifted by {change} {when}"
    return (
        "still moving",
        f"{one.name} has no level yet: {when} it changed by {line.drift:.3g}, "
        "in moves too long to average out",
    )


def _converged(series: Sequence[Watched]) -> tuple[Word, str]:
    which = f"the {len(series)} records" if len(series) > 1 else f"the {series[0].name}"
    when = "over the last half of the training"
    return "converged", f"{when} {which} neither drifted nor swung beyond noise"
