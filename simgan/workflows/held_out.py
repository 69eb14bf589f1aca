"""Forecasts of the held-out days by a model that has not seen them, beside the best baseline."""

from __future__ import annotations

import numpy as np

from simgan.arrays import FloatArray
from simgan.baselines import baseline
from simgan.bundle.store import Bundle
from simgan.market.history import History
from simgan.report.backtest.results import REFERENCE
from simgan.report.verdict import Aspect, of_tests
from simgan.risk.comparison import diebold_mariano
from simgan.risk.law import DrawnLaw
from simgan.risk.scores import fz0
from simgan.sampling.model import Model
from simgan.scenarios.model import ScenarioModel
from simgan.seeds import Seed

_DRAWS = 2000
_HORIZONS = {"one-day forecasts": 1, "ten-day forecasts": 10}
_LEVELS = (0.95, 0.975, 0.99)


def forecast_aspects(selected: Bundle, history: History, first: int) -> list[Aspect]:
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
    """
    log_returns = history.log_returns
    rival = baseline(REFERENCE).fit(log_returns[:first])
    own, other = (_scores(model, log_returns, first) for model in (Model(selected), rival))
    return [
        of_tests(
            name,
            [
                diebold_mariano(a, b, horizon)
                for a, b in zip(own[horizon], other[horizon], strict=True)
            ],
            REFERENCE,
        )
        for name, horizon in _HORIZONS.items()
    ]


def _scores(model: ScenarioModel, log_returns: FloatArray, first: int) -> dict[int, FloatArray]:
    """Return CRPS and FZ0 (scores, days) by horizon, for days with a known outcome."""
    longest = max(_HORIZONS.values())
    days = range(first, len(log_returns) - longest + 1)
    rows: dict[int, list[list[float]]] = {horizon: [] for horizon in _HORIZONS.values()}
    for day, paths in zip(
        days, model.forecast(log_returns, days, longest, _DRAWS, Seed(0)), strict=True
    ):
        for horizon, found in rows.items():
            law, realized = (
                DrawnLaw.of(paths[:, :horizon, 0].sum(axis=1)),
                float(log_returns[day : day + horizon, 0].sum()),
            )
            found.append([realized, law.crps(realized), *law.tail_measures(_LEVELS)])
    return {horizon: _of_rows(np.array(found)) for horizon, found in rows.items()}


def _of_rows(rows: FloatArray) -> FloatArray:
    """Return CRPS and FZ0 (scores, days) from realized return, CRPS, VaR and ES of each day."""
    realized, crps, *tails = rows.T
    half = len(_LEVELS)
    losses = [
        fz0(100 * value_at_risk, 100 * expected_shortfall, 100 * realized, 1 - level)
        for value_at_risk, expected_shortfall, level in zip(
            tails[:half], tails[half:], _LEVELS, strict=True
        )
    ]
    return np.stack([crps, *losses])
