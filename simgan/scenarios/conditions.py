"""Conditions on a scenario, such as ``max-drawdown>0.30``: a table of measures of its path, and a bound."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from simgan.arrays import AnyFloatArray, FloatArray
from simgan.errors import ConfigError, UnknownNameError

TRADING_DAYS = 252
_FORM = re.compile(
    r"\s*([a-z-]+)\s*([<>])\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)\s*", re.IGNORECASE
)


def cumulative(log_returns: FloatArray) -> FloatArray:
    """Log return over the whole horizon."""
    return np.asarray(log_returns.sum(axis=1))


def min_cumulative(log_returns: FloatArray) -> FloatArray:
    """Lowest log return since the start, over all steps."""
    return np.asarray(np.cumsum(log_returns, axis=1).min(axis=1))


def max_cumulative(log_returns: FloatArray) -> FloatArray:
    """Highest log return since the start, over all steps."""
    return np.asarray(np.cumsum(log_returns, axis=1).max(axis=1))


def max_drawdown(log_returns: FloatArray) -> FloatArray:
    """Largest fall of the price below its highest before, as a share of that; the start counts."""
    path = np.cumsum(log_returns, axis=1)
    peak = np.maximum.accumulate(np.maximum(path, 0.0), axis=1)
    return np.asarray(-np.expm1((path - peak).min(axis=1)))


def realized_volatility(log_returns: FloatArray) -> FloatArray:
    """Root of 252 times the mean squared daily log return."""
    return np.asarray(np.sqrt(TRADING_DAYS * np.mean(np.square(log_returns), axis=1)))


MEASURES: dict[str, Callable[[FloatArray], FloatArray]] = {
    "cumulative": cumulative,
    "min-cumulative": min_cumulative,
    "max-cumulative": max_cumulative,
    "max-drawdown": max_drawdown,
    "realized-volatility": realized_volatility,
}


@dataclass(frozen=True)
class Condition:
    """A measure above or below a bound."""

    measure: str
    is_above: bool
    bound: float

    @classmethod
    def parse(cls, text: str) -> Condition:
        """Read a condition as it is written on the command line.

        Raises
        ------
        ConfigError, UnknownNameError
            It is not of the form MEASURE<NUMBER or MEASURE>NUMBER, or there is no such measure.

        Examples
        --------
        >>> Condition.parse("max-drawdown>0.30")
        Condition(measure='max-drawdown', is_above=True, bound=0.3)
        """
        found = _FORM.fullmatch(text)
        if found is None:
            raise ConfigError(
                "condition",
                "given",
                text,
                "a measure, < or >, and a number, such as 'max-drawdown>0.30'",
            )
        name, sign, bound = found.groups()
        if name not in MEASURES:
            raise UnknownNameError("measure", name, MEASURES, f"in {text!r}")
        return cls(name, sign == ">", float(bound))

    def __str__(self) -> str:
        return f"{self.measure}{'>' if self.is_above else '<'}{self.bound:g}"

    def holds(self, log_returns: AnyFloatArray) -> np.ndarray:
        """Tell for each path (paths, horizon, 1) whether it meets the condition, shape (paths,)."""
        values = MEASURES[self.measure](np.asarray(log_returns[:, :, 0], np.float64))
        return np.asarray(values > self.bound if self.is_above else values < self.bound)
