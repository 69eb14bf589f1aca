"""The coming days of a position: VaR and ES by horizon, the fan of its value, and its tails."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from simgan.arrays import AnyFloatArray, FloatArray, expect_finite, expect_shape
from simgan.errors import ConfigError
from simgan.risk.measures import RiskEstimate, risk_of
from simgan.risk.returns import CDF_SLACK, effective_sample_size

FAN = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)  # probabilities of the lines of a fan
_FEWEST = 20  # scenarios beyond a level
_CURVE = 120  # points of a tail
_SLACK = 1e-6  # scenarios by which a share that is rounded has reached one


@dataclass(frozen=True)
class HorizonRisk:
    """VaR and ES of a position over one horizon, as shares of its value.

    Attributes
    ----------
    horizon : int
        Days.
    estimate : RiskEstimate
        Of the simple loss over the horizon, with its Monte Carlo errors.
    """

    horizon: int
    estimate: RiskEstimate


@dataclass(frozen=True)
class Fan:
    """Quantiles of the change of a price, day by day.

    Attributes
    ----------
    probabilities : tuple of float
    changes : array of shape (probabilities, days)
        Simple returns from the start to each day.
    """

    probabilities: tuple[float, ...]
    changes: FloatArray


@dataclass(frozen=True)
class Tail:
    """The losses that are exceeded with given probabilities.

    Attributes
    ----------
    probabilities : array of shape (points,)
        From one half down.
    losses : array of shape (points,)
        Shares of the value of the position.
    """

    probabilities: FloatArray
    losses: FloatArray


@dataclass(frozen=True)
class Outlook:
    """The coming days of a position under one model.

    Attributes
    ----------
    risks : tuple of HorizonRisk
        By horizon, then by level, in the order asked for.
    fan : Fan
        Of the price, whatever the position.
    tails : dict of Tail
        By horizon.
    """

    risks: tuple[HorizonRisk, ...]
    fan: Fan
    tails: dict[int, Tail]

    def of(self, horizon: int, level: float) -> RiskEstimate:
        """Return the estimate of a horizon and a level."""
        return next(
            one.estimate
            for one in self.risks
            if one.horizon == horizon and one.estimate.level == level
        )


def outlook(
    sums: AnyFloatArray,
    horizons: tuple[int, ...],
    levels: tuple[float, ...],
    *,
    is_short: bool = False,
    fan_days: int = 1,
    probabilities: FloatArray | None = None,
) -> Outlook:
    r"""Estimate the risks of a position from scenarios.

    .. math:: L_h = \mp\Bigl(\exp\Bigl(\sum_{t \le h} r_t\Bigr) - 1\Bigr)

    is the loss of a long position (minus sign) or of a short one, as a share of its value. Ten days
    are ten days of each path, not one day times √10.

    Parameters
    ----------
    sums : array of shape (paths, days)
        Log returns of the asset from the start to each day.
    horizons : tuple of int
        Days, at most as many as the paths have.
    levels : tuple of float
        Coverages.
    is_short : bool
        Whether a rising price is the loss.
    fan_days : int
        Days of the fan, at most as many as the paths have.
    probabilities : array of shape (paths,), optional
        Of the scenarios. Without them all are equally probable.

    Raises
    ------
    ConfigError
        A horizon is longer than the paths, or a level leaves fewer than 20 scenarios beyond it.
    """
    expect_shape(sums, ("paths", "days"), "risk")
    expect_finite(sums, "risk")
    days = sums.shape[1]
    for horizon in (*horizons, fan_days):
        if not 1 <= horizon <= days:
            raise ConfigError("risk", "horizon", horizon, f"from 1 to {days} days")
    worth = worth_of(len(sums), probabilities)
    expect_enough(worth, levels)
    side = -1.0 if is_short else 1.0
    returns = {
        horizon: side * np.expm1(np.asarray(sums[:, horizon - 1], np.float64))
        for horizon in dict.fromkeys(horizons)
    }
    return Outlook(
        tuple(
            HorizonRisk(horizon, risk_of(returns[horizon], level, probabilities))
            for horizon in horizons
            for level in levels
        ),
        _fan(sums[:, :fan_days], probabilities),
        {horizon: _tail(each, worth, probabilities) for horizon, each in returns.items()},
    )


def worth_of(paths: int, probabilities: FloatArray | None) -> float:
    """Return the number of equally probable scenarios of the same precision."""
    return float(paths) if probabilities is None else effective_sample_size(probabilities)


def fewest(levels: tuple[float, ...]) -> int:
    """Return how many scenarios leave 20 beyond each level. Without levels there is no bound.

    Raises
    ------
    ConfigError
        A level is not inside (0, 1).
    """
    for level in levels:
        if not 0.0 < level < 1.0:
            raise ConfigError("risk", "level", level, "a coverage inside (0, 1), such as 0.99")
    needed = max((_FEWEST / (1.0 - level) for level in levels), default=0.0)
    return int(np.ceil(needed - _SLACK))


def are_enough(scenarios: float, level: float) -> bool:
    """Tell whether so many scenarios leave 20 beyond a level."""
    return scenarios >= fewest((level,)) - _SLACK


def highest_level(scenarios: float) -> float:
    """Return the highest level in percent beyond which so many scenarios leave 20, or 0."""
    return max(0.0, math.floor(100.0 * (1.0 - _FEWEST / scenarios) + _SLACK) / 100.0)


def expect_enough(scenarios: float, levels: tuple[float, ...]) -> None:
    """Refuse levels that leave too few scenarios beyond them.

    Raises
    ------
    ConfigError
        There are fewer than 20, or a level is not inside (0, 1).
    """
    needed = fewest(levels)
    if scenarios < needed - _SLACK:
        allowed = (
            f"at least {needed:,} for the level {max(levels):g}, "
            f"which needs {_FEWEST} scenarios beyond it"
        )
        raise ConfigError("risk", "n", round(scenarios), allowed)


def _fan(sums: AnyFloatArray, probabilities: FloatArray | None) -> Fan:
    days = np.expm1(np.asarray(sums, np.float64)).T  # (days, paths)
    changes = [_quantiles(day, np.asarray(FAN), probabilities) for day in days]
    return Fan(FAN, np.stack(changes, axis=1))


def _tail(returns: FloatArray, worth: float, probabilities: FloatArray | None) -> Tail:
    """Return the losses that are exceeded, as far out as five scenarios."""
    shares = np.geomspace(0.5, 5.0 / worth, _CURVE)
    return Tail(shares, _quantiles(-returns, 1.0 - shares, probabilities))


def _quantiles(
    values: FloatArray, shares: FloatArray, probabilities: FloatArray | None
) -> FloatArray:
    """Return for each share the lowest value (paths,) whose cumulated probability reaches it."""
    if probabilities is None:
        reached, inside = np.sort(values), np.ceil(shares * len(values) - _SLACK).astype(int) - 1
    else:
        order = np.argsort(values)
        reached = values[order]
        inside = np.searchsorted(np.cumsum(probabilities[order]), shares - CDF_SLACK)
    return np.asarray(reached[np.clip(inside, 0, len(values) - 1)], np.float64)
