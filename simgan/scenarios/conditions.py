"""Conditions on a scenario, such as ``max-drawdown>0.30``.

A condition is a measure of a path and a bound. The path is that of one asset, or of a book. Several
conditions are separated by commas, and a path meets all of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from simgan.arrays import AnyFloatArray, FloatArray
from simgan.errors import ConfigError, UnknownNameError

_BOUND = r"([<>])\s*([-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?)\s*"
_FORM = re.compile(rf"(?:([^<>]+):)?([a-z-]+)\s*{_BOUND}", re.IGNORECASE)
_SEVERAL = re.compile(rf"{_BOUND},", re.IGNORECASE)
# Separators of other hands, each with the remedy
_ODD_SEPARATORS = (
    (r"^\s*,|,\s*,|,\s*$", "conditions with one comma between them, and none at an end"),
    (r"[<>]\s*[-+]?\d*,\d+\s*(?:[,;]|$)", "conditions with points in numbers, such as -0.05"),
    (rf"{_BOUND};", "conditions with commas between them"),
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


_SMALL = 1e-6  # a log return whose share of a book's is read
_LIMITS = {"max-drawdown": (0.0, 1.0), "realized-volatility": (0.0, np.inf)}


def equal_shares(log_returns: AnyFloatArray) -> FloatArray:
    """Return the log returns (paths, days) of equal shares that are bought and held."""
    sums = np.cumsum(log_returns, axis=1, dtype=np.float64)  # (paths, days, assets)
    return np.diff(np.log1p(np.expm1(sums).mean(axis=2)), axis=1, prepend=0.0)


@dataclass(frozen=True)
class Condition:
    """A measure of a path above or below a bound.

    Attributes
    ----------
    measure : str
    is_above : bool
    bound : float
    asset : str
        Name of the asset whose path is measured. If it is empty, the book is measured.
    book : callable
        From log returns (paths, days, assets) of several assets to those of a book (paths, days).
        The default has equal shares.
    """

    measure: str
    is_above: bool
    bound: float
    asset: str = field(default="", repr=False)
    book: Callable[[AnyFloatArray], FloatArray] = field(
        default=equal_shares, repr=False, compare=False
    )

    @classmethod
    def parse(cls, text: str) -> Condition:
        """Read a condition as it is written on the command line.

        Raises
        ------
        ConfigError, UnknownNameError
            It is not of the form MEASURE<NUMBER or ASSET:MEASURE>NUMBER, there is no such measure,
            or no path meets it.

        Examples
        --------
        >>> Condition.parse("max-drawdown>0.30")
        Condition(measure='max-drawdown', is_above=True, bound=0.3)
        """
        found = _FORM.fullmatch(text.strip()) if isinstance(text, str) else None
        if found is None or not np.isfinite(float(found[4])):
            raise ConfigError("condition", "given", text, _form_of(text))
        asset, name, sign, bound = found.groups()
        if name not in (known := [*MEASURES, *ANNUAL_MEASURES]):
            raise UnknownNameError("measure", name, known, f"in {text!r}")
        least, most = _LIMITS.get(name, (-np.inf, np.inf))
        if float(bound) >= most if sign == ">" else float(bound) <= least:
            upper = f" and below {most:g}" if np.isfinite(most) else ""
            allowed = f"one that a path can meet: {name} is at least {least:g}{upper}"
            raise ConfigError("condition", "given", text, allowed)
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
            Names of the assets. They may be left out if the condition names none.
        steps_a_year : float, optional
            Steps of the history in a year, which annualise a volatility.

        Returns
        -------
        bool array of shape (paths,)

        Raises
        ------
        ConfigError
            The measure is that of a year, and the steps of a year are not known.
        UnknownNameError
            The condition names an asset that is not there.
        """
        values = self._measured(self._path(log_returns, assets), steps_a_year)
        return np.asarray(values > self.bound if self.is_above else values < self.bound)

    def falls(self, assets: Sequence[str]) -> FloatArray:
        """Return how much each asset (assets,) adds to a fall by which the condition is met.

        They are shares of the book at the start, or 1 for the only asset. They are negative if the
        condition is met by a rise.
        """
        shares = np.array([float(asset == self.asset) for asset in assets])
        if not self.asset:
            moves = _SMALL * np.eye(len(assets))[:, None]
            shares = self._path(moves, assets)[:, 0] / _SMALL
        is_met_by_fall = self.is_above == (self.measure == "max-drawdown")
        return shares if is_met_by_fall or self.measure in ANNUAL_MEASURES else -shares

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

    def _path(self, log_returns: AnyFloatArray, assets: Sequence[str]) -> FloatArray:
        """Return the log returns (paths, horizon) that are measured."""
        if not self.asset and log_returns.shape[2] > 1:
            return self.book(log_returns)
        if self.asset and self.asset not in assets:
            raise UnknownNameError("asset", self.asset, assets, f"in {str(self)!r}")
        column = list(assets).index(self.asset) if self.asset else 0
        return np.asarray(log_returns[:, :, column], np.float64)


@dataclass(frozen=True)
class Conditions:
    """Conditions that a path meets all at once.

    Attributes
    ----------
    each : tuple of Condition
        One at least.
    """

    each: tuple[Condition, ...]

    @classmethod
    def parse(
        cls,
        given: str | Sequence[str],
        book: Callable[[AnyFloatArray], FloatArray] = equal_shares,
    ) -> Conditions:
        """Read conditions, about a book where they name no asset.

        Parameters
        ----------
        given : str or sequence of str
            Text with commas between conditions, or a list of them.
        book : callable
            As of a `Condition`.

        Raises
        ------
        ConfigError, UnknownNameError
            As for `Condition.parse`. Or a comma stands at an end or within a number.

        Examples
        --------
        >>> str(Conditions.parse("SPY:cumulative<-0.2, TLT:cumulative>0"))
        'SPY:cumulative<-0.2,TLT:cumulative>0'
        """
        text = " ".join(conditions_in(given).split())  # on one line
        for pattern, remedy in _ODD_SEPARATORS:
            if re.search(pattern, text, re.IGNORECASE):
                raise ConfigError("condition", "given", text, remedy)
        parts = _SEVERAL.sub(r"\1\2\n", text).split("\n")
        return cls(tuple(replace(Condition.parse(part), book=book) for part in parts))

    def __str__(self) -> str:
        return ",".join(map(str, self.each))

    def holds(
        self,
        log_returns: AnyFloatArray,
        assets: Sequence[str] = (),
        steps_a_year: float | None = None,
    ) -> np.ndarray:
        """Return for each path whether it meets all conditions, as `Condition.holds`."""
        met = [one.holds(log_returns, assets, steps_a_year) for one in self.each]
        return np.asarray(np.logical_and.reduce(met))

    def falls(self, assets: Sequence[str], sizes: FloatArray) -> FloatArray:
        """Return weights of the assets' scores, of length 1 for each condition, and their sum.

        A path meets the conditions if the scores of positive weights fall. Where conditions cancel
        out, as the two ends of a range do, the weights are those of the first. A book without
        assets has equal ones.

        Parameters
        ----------
        assets : sequence of str
        sizes : array of shape (assets,)
            Standard deviations of log returns, which make scores of them.
        """
        each = [one.falls(assets) * sizes for one in self.each]
        units = [one / np.linalg.norm(one) for one in each if one.any()] or [np.ones(len(assets))]
        whole = np.asarray(np.sum(units, axis=0))
        return whole if np.linalg.norm(whole) > _SMALL else units[0]


def conditions_in(given: str | Sequence[str]) -> str:
    """Return text or a list of conditions as one text, with commas between them.

    Raises
    ------
    ConfigError
        They are neither of both.
    """
    several = [given] if isinstance(given, str) else given
    if not isinstance(several, list | tuple) or not all(isinstance(one, str) for one in several):
        allowed = "text such as 'max-drawdown>0.30', or a list of such texts"
        raise ConfigError("condition", "given", given, allowed)
    return ",".join(several)


def _form_of(text: str) -> str:
    """Say the form that text should have, which is no condition."""
    name, *others = re.split("[<>]", text if isinstance(text, str) else "")
    measure = name.rpartition(":")[2].strip()
    if measure not in (*MEASURES, *ANNUAL_MEASURES) and any(":" in other for other in others):
        return "about an asset without < and > in its name; rename this asset before a fit"
    return "a measure, < or >, and a number, such as 'max-drawdown>0.30'"
