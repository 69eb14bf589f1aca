"""Checks of a fit: forecasts of held-out days, and scenarios of each regime."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from simgan.arrays import FloatArray
from simgan.baselines import baseline
from simgan.bundle.store import Bundle
from simgan.errors import ConfigError, TrainingError
from simgan.market.history import History
from simgan.market.regimes import (
    Regimes,
    by_labels,
    by_volatility,
    read_labels,
    realized_volatilities,
)
from simgan.progress import SILENT, Progress, Step
from simgan.recipe.recipe import Recipe
from simgan.report.aspects import Aspect, of_tests
from simgan.report.backtest.results import REFERENCE
from simgan.risk.comparison import LossComparison, diebold_mariano, fewest_days
from simgan.risk.law import DrawnLaw
from simgan.risk.scores import fz0
from simgan.sampling.latent import Drawing
from simgan.sampling.model import Model
from simgan.sampling.start import FromDays
from simgan.scenarios import ScenarioModel
from simgan.scenarios.block import joined
from simgan.seeds import Seed

_DRAWS = 2000
_HORIZONS = {"one-day forecasts": 1, "ten-day forecasts": 10}
_LEVELS = (0.95, 0.975, 0.99)


def forecast_aspects(
    selected: Bundle, history: History, first: int, progress: Progress = SILENT
) -> list[Aspect]:
    """Compare forecasts of the days from `first` on by CRPS and FZ0.

    Parameters
    ----------
    selected : Bundle
        It learned from the days before `first` only. The scaling is that of all days, and the later
        days chose its number of steps.
    history : History
        Of one asset.
    first : int
        Row of the first day forecast.
    progress : Progress
        Gets the days that each of both models has forecast.

    Returns
    -------
    list of Aspect
        One for each horizon that has enough days for a test. Empty where the reference cannot be
        fitted to the days before, of which a new listing has too few.
    """
    try:
        rival = baseline(REFERENCE).fit(history.log_returns[:first])
    except (ConfigError, TrainingError):  # a rival that cannot be used is neither beaten nor ahead
        return []
    own, other = (
        _scores(model, history, first, partial(_tell, progress, name))
        for name, model in (("forecasts", Model(selected)), (f"forecasts of {REFERENCE}", rival))
    )
    return [
        of_tests(
            name,
            *_tested(own[horizon], other[horizon], horizon),
        )
        for name, horizon in _HORIZONS.items()
        if own[horizon].shape[1] >= fewest_days(horizon)
    ]


def _tested(
    own: FloatArray, other: FloatArray, horizon: int
) -> tuple[list[LossComparison], str, list[str]]:
    """Return the tests of the scores that are finite, the rival, and the names of the scores."""
    names = ("CRPS", *(f"FZ0 {100 * level:g} %" for level in _LEVELS))
    kept = [
        (name, diebold_mariano(a, b, horizon))
        for name, a, b in zip(names, own, other, strict=True)
        if np.isfinite(a).all() and np.isfinite(b).all()
    ]
    return [test for _, test in kept], REFERENCE, [name for name, _ in kept]


def _tell(progress: Progress, task: str, done: int, days: int) -> None:
    progress.step(Step(task, done, days))


def _scores(
    model: ScenarioModel, history: History, first: int, after_day: Callable[[int, int], None]
) -> dict[int, FloatArray]:
    """Return CRPS and FZ0 (scores, days) by horizon, for days with a known outcome."""
    log_returns, longest = history.log_returns, max(_HORIZONS.values())
    days = range(first, len(log_returns) - longest + 1)
    rows: dict[int, list[list[float]]] = {horizon: [] for horizon in _HORIZONS.values()}
    drawn = model.forecast(log_returns, days, longest, _DRAWS, Seed(0), history.ranges)
    for day, paths in zip(days, drawn, strict=True):
        for horizon, found in rows.items():
            law, realized = (
                DrawnLaw.of(paths[:, :horizon, 0].sum(axis=1)),
                float(log_returns[day : day + horizon, 0].sum()),
            )
            found.append([realized, law.crps(realized), *law.tail_measures(_LEVELS)])
        after_day(day - first + 1, len(days))
    return {horizon: _of_rows(np.array(found)) for horizon, found in rows.items()}


def _of_rows(rows: FloatArray) -> FloatArray:
    """Return CRPS and FZ0 (scores, days) from realized return, CRPS, VaR and ES of each day.

    FZ0 is NaN where an expected shortfall is no loss, as that of a price that never falls.
    """
    realized, crps, *tails = rows.T
    half = len(_LEVELS)
    losses = [
        fz0(100 * value_at_risk, 100 * expected_shortfall, 100 * realized, 1 - level)
        if (expected_shortfall > 0).all()
        else np.full_like(realized, np.nan)
        for value_at_risk, expected_shortfall, level in zip(
            tails[:half], tails[half:], _LEVELS, strict=True
        )
    ]
    return np.stack([crps, *losses])


_SCENARIOS = 4096  # of each regime
_SETTLED = 60  # first days, whose memory has not settled


def regimes_of(history: History, recipe: Recipe, labels: Path | None) -> Regimes | None:
    """Label every stretch of a history that is as long as a generated window.

    Parameters
    ----------
    history : History
    recipe : Recipe
        Its number of regimes, and the length of a generated window.
    labels : Path, optional
        The user's own regimes. Without them, regimes follow realized volatility.

    Returns
    -------
    Regimes or None
        None where the recipe has no regimes.

    Raises
    ------
    PriceError
        The file of labels cannot be read, or does not cover the history.
    """
    if not recipe.regimes:
        return None
    length = recipe.training.ahead
    if labels is not None:
        return by_labels(history, read_labels(labels), length)
    return by_volatility(history.log_returns, recipe.regimes, length)


def recovered(bundle: Bundle, history: History) -> dict[str, dict[str, float]]:
    """Measure in which regime of volatility the scenarios of each regime lie.

    Start states are drawn evenly from the history.

    Returns
    -------
    dict of dict
        For each regime, the shares of its scenarios by the regime of their realized volatility. It
        is empty for regimes of the user's own labels, which scenarios do not show.
    """
    facts, model = bundle.manifest.regimes, Model(bundle)
    if not facts.get("bounds"):
        return {}
    start = FromDays(
        model.memories_along(history.log_returns, history.ranges)[_SETTLED:], history.last_price
    )
    found = {}
    for number, name in enumerate(facts["names"]):
        drawing = Drawing(
            _SCENARIOS, facts["days"], Seed(bundle.manifest.recipe.seed), regime=number
        )
        paths = joined(list(model.draw(drawing, start))).log_returns.astype(np.float64)
        volatilities = realized_volatilities(paths[:, :, 0].reshape(-1, 1), facts["days"])[
            :: facts["days"]
        ]
        shares = np.bincount(
            np.searchsorted(facts["bounds"], volatilities), minlength=len(facts["names"])
        ) / len(volatilities)
        found[name] = dict(zip(facts["names"], shares.tolist(), strict=True))
    return found
