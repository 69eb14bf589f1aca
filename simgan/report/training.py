"""The verdict on a training, from the history that a bundle keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from simgan.report.figures.training import Series, TrainingHistory
from simgan.seeds import Seed
from simgan.stats.training.memory import Rise
from simgan.stats.training.modes import Coverage
from simgan.stats.training.verdict import Evidence, TrainingVerdict, Watched, judge

TOLERANCE = (
    0.015  # drift of a loss that does not matter, in multiples of its typical size: .02 of log 4
)
REGIMES = ("calm", "normal", "turbulent")
_STAGES = ("adversarial, selection", "adversarial")  # the first was validated
_LOSSES = ("critic loss", "generator loss")


def training_verdict(history: TrainingHistory, chosen_step: int | None = None) -> TrainingVerdict:
    """Judge the adversarial stage: the validated one, or else the final one.

    Parameters
    ----------
    history : mapping from "stage: series" to [(step, value), …]
        As a bundle keeps it. A verdict that needs a missing series is left out.
    chosen_step : int, optional
        Step that validation chose.
    """
    series = _of_stage(history)
    losses = [_watched(name, series[name]) for name in _LOSSES if series.get(name)]
    found = judge(Evidence(series=losses, coverage=_coverage(series), rise=_rise(series)), Seed())
    if found.word == "over-fitted" and chosen_step is not None:
        return replace(
            found,
            sentence=f"{found.sentence}; validation chose step {chosen_step}, which is kept",
        )
    return found


def told(verdict: TrainingVerdict) -> str:
    """The word and its reason on one line."""
    return f"Training: {verdict.word}: {verdict.sentence}."


def _of_stage(history: TrainingHistory) -> Mapping[str, Series]:
    for stage in _STAGES:
        if any(history.get(f"{stage}: {loss}") for loss in _LOSSES):
            return {
                name.removeprefix(f"{stage}: "): points
                for name, points in history.items()
                if name.startswith(f"{stage}: ")
            }
    return {}


def _watched(name: str, points: Series) -> Watched:
    """A loss at equally spaced steps: a check between two of them is left out."""
    steps, values = np.array(
        [point for point in points if point[0] % points[0][0] == 0], np.float64
    ).T
    return Watched(name, steps, values, TOLERANCE * float(np.median(np.abs(values))))


def _coverage(series: Mapping[str, Series]) -> Coverage | None:
    """Regimes of volatility, each of which a third of the real windows is in, at the last look."""
    names = [f"{regime} share" for regime in REGIMES]
    if not all(series.get(name) for name in (*names, "covered regimes")):
        return None
    shares = np.array([series[name][-1][1] for name in names])
    missing = len(REGIMES) - round(series["covered regimes"][-1][1])
    lost = sorted(int(i) for i in np.argsort(shares)[:missing])
    return Coverage(tuple(shares.tolist()), (1 / len(REGIMES),) * len(REGIMES), tuple(lost), ())


def _rise(series: Mapping[str, Series]) -> Rise | None:
    """Of the validation score since its best, at the last look."""
    values, lows, scores = (series.get(name) for name in ("rise", "low rise", "validation CRPS"))
    if not values or not lows or not scores:
        return None
    return Rise(values[-1][1], lows[-1][1], int(np.argmin([score for _, score in scores])))
