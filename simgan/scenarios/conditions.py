"""Conditions on a scenario, such as ``max-drawdown>0.30``.

A condition is a measure of a path and a bound.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from simgan.arrays import AnyFloatArray, FloatArray
from simgan.errors import ConfigError, UnknownNameError

_FORM = re.compile(
    r"\s*(?:([^<>]+):)?([a-z-]+)\s*([<>])\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)\s*",
    re.IGNORECASE,
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
    """Largest fall of the price below its earlier maximum, as a share of it.

    The start counts.
    """
    path = np.cumsum(log_returns, axis=1)
    peak = np.maximum.accumulate(np.maximum(path, 0.0), axis=1)
    return np.asarray(-np.expm1((path - peak).min(axis=1)))


def realized_volatility(log_returns: FloatArray, steps_a_year: float) -> FloatArray:
    """Root of the mean squared log return of a step, times the steps of a year."""
    return np.asarray(np.sqrt(steps_a_year * np.mean(np.square(log_returns), axis=1)))


MEASURES: dict[str, Callable[[FloatArray], FloatArray]] = {
    "cumulative": cumulative,
    "min-cumulative": min_cumulative,
    "max-cumulative": max_cumulative,
    "max-drawdown": max_drawdown,
}
ANNUAL_MEASURES: dict[str, Callable[[FloatArray, float], FloatArray]] = {
    "realized-volatility": realized_volatility,
}


@dataclass(frozen=True)
class Condition:
    """A measure of a path above or below a bound.

    Attributes
    ----------
    measure : str
    is_above : bool
    bound : float
    asset : str
        Name of the asset whose path is measured. It may be empty if there is one asset only.
    """

    measure: str
    is_above: bool
    bound: float
    asset: str = field(default="", repr=False)

    @classmethod
    def parse(cls, text: str) -> Condition:
        """Read a condition as it is written on the command line.

        Raises
        ------
        ConfigError, UnknownNameError
            It is not of the form MEASURE<NUMBER or ASSET:MEASURE>NUMBER, or there is no such
            measure.

        Examples
        --------
        >>> Condition.parse("max-drawdown>0.30")
        Condition(measure='max-drawdown', is_above=True, bound=0.3)
        """
        found = _FORM.fullmatch(text) if isinstance(text, str) else None
        if found is None or not np.isfinite(float(found[4])):
            raise ConfigError(
                "condition",
                "given",
                text,
                "a measure, < or >, and a number, such as 'max-drawdown>0.30'",
            )
        asset, name, sign, bound = found.groups()
        if name not in (known := [*MEASURES, *ANNUAL_MEASURES]):
            raise UnknownNameError("measure", name, known, f"in {text!r}")
        return cls(name, sign == ">", float(bound), (asset or "").strip())

    def __str__(self) -> str:
        asset, short = f"{self.asset}:" if self.asset else "", f"{self.bound:g}"
        bound = short if float(short) == self.bound else repr(self.bound)  # no digit is lost
        return f"{asset}{self.measure}{'>' if self.is_above else '<'}{bound}"

    def holds(
        self,
        log_returns: AnyFloatArray,
        assets: Sequence[str] = (),
        steps_a_year: float | None = None,
    ) -> np.ndarray:
        """Return for each path whether it meets the condition.

        Parameters
        ----------
        log_returns : array of shape (paths, horizon, assets)
        assets : sequence of str
            Names of the assets. They may be left out if there is one asset and no name is given.
        steps_a_year : float, optional
            Steps of the history in a year, which annualise a volatility.

        Returns
        -------
        bool array of shape (paths,)

        Raises
        ------
        ConfigError
            There are several assets, and the condition names none. Or the measure is that of a
            year, and the steps of a year are not known.
        UnknownNameError
            The condition names an asset that is not there.
        """
        path = np.asarray(log_returns[:, :, self._column(log_returns.shape[2], assets)], np.float64)
        values = self._measured(path, steps_a_year)
        return np.asarray(values > self.bound if self.is_above else values < self.bound)

    def _measured(self, path: FloatArray, steps_a_year: float | None) -> FloatArray:
        """Return the measure of each path (paths, horizon)."""
        if self.measure in MEASURES:
            return MEASURES[self.measure](path)
        if steps_a_year is None:
            raise ConfigError(
                "condition",
                "given",
                str(self),
                f"another measure than {self.measure}: the history is too short to tell how many "
                "of its steps make a year",
            )
        return ANNUAL_MEASURES[self.measure](path, steps_a_year)

    def _column(self, count: int, assets: Sequence[str]) -> int:
        if not self.asset:
            if count > 1:
                example = f"{assets[0] if assets else 'ASSET'}:{self}"
                raise ConfigError(
                    "condition", "given", str(self), f"about one asset, such as {example}"
                )
            return 0
        if self.asset not in assets:
            raise UnknownNameError("asset", self.asset, assets, f"in {str(self)!r}")
        return list(assets).index(self.asset)
