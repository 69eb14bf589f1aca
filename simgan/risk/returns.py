"""Returns that a risk measure takes: scenarios, frames, series, lists and arrays."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Protocol, TypeAlias, TypeGuard

import numpy as np

from simgan.arrays import AnyFloatArray, FloatArray, Numbers, expect_finite, numbers_of
from simgan.errors import ConfigError, Words
from simgan.risk.holdings import SUM_SLACK, Shares, held, shares_of

CDF_SLACK = 1e-12  # a sum of probabilities that misses the level by rounding has reached it
_ROUNDING = 1e-9  # relative: 1 − 0.99 is not quite .01


class Drawn(Protocol):
    """Scenarios, such as `simgan.Scenarios`."""

    @property
    def log_returns(self) -> AnyFloatArray: ...

    @property
    def assets(self) -> tuple[str, ...]: ...

    @property
    def weights(self) -> FloatArray | None: ...


class Joinable(Drawn, Protocol):
    """Scenarios that can stand beside others."""

    def beside(self, *others: Joinable) -> Drawn: ...


Returns: TypeAlias = Numbers | Drawn | Sequence[Joinable]


@dataclass(frozen=True)
class ReturnSets:
    """Sets of returns, one or several, with the probabilities of their scenarios.

    Attributes
    ----------
    values : array of shape (…, scenarios)
    weights : array of shape (scenarios,), optional
        Probabilities. None if all are equal.
    is_sample : bool
        Whether the scenarios are draws of a law. Probabilities that a user gives are a law.
    owner : str
        The function that asks, for messages.
    """

    values: AnyFloatArray
    weights: FloatArray | None
    is_sample: bool
    owner: str

    @classmethod
    def of(
        cls,
        log_returns: Returns,
        probabilities: Numbers | None,
        portfolio: Shares | None,
        owner: str,
    ) -> ReturnSets:
        """Read returns and the probabilities of their scenarios.

        Raises
        ------
        ConfigError
            They would be misread, are no numbers, or have gaps.
        """
        values: AnyFloatArray
        log_returns = as_one(log_returns)
        if is_drawn(log_returns):
            values, own = _of_drawn(log_returns, portfolio, owner), log_returns.weights
        else:
            if portfolio is not None:
                allowed = "left out: only Scenarios have assets to hold"
                raise ConfigError(owner, "portfolio", portfolio, allowed)
            values, own = _of_numbers(log_returns, owner), _weights_in_index(log_returns)
        if own is not None:
            if probabilities is not None:
                allowed = "left out: the scenarios have weights of their own"
                raise ConfigError(owner, "probabilities", probabilities, allowed)
            probabilities = own / own.sum()
        weights = unequal_probabilities(probabilities, values.shape[-1], owner)
        return cls(values, weights, weights is None or own is not None, owner)

    def losses(self, level: float) -> FloatArray:
        """Return the losses (…, scenarios), after a check that they can tell this level.

        Raises
        ------
        ConfigError
            A return is not finite, or less than one scenario lies beyond the level.
        """
        expect_finite(self.values, self.owner)
        if self.is_sample:
            self.expect_tail(level)
        return -np.asarray(self.values, np.float64)

    def expect_tail(self, level: float) -> None:
        """Refuse a set in which no scenario lies beyond the level.

        Raises
        ------
        ConfigError
            It says how many scenarios the level needs.
        """
        if self.weights is None:
            n, needed = self.values.shape[-1], fewest(level)
            if n >= needed:
                return
            most = f"at most {1.0 - 1.0 / n:.6g}" if n > 1 else "none"
            shape = "" if self.values.ndim == 1 else f", the last axis of {self.values.shape}"
            allowed = f"{most} for {n:,} scenario{'s' * (n > 1)}{shape}"
            raise ConfigError(
                self.owner, "level", level, f"{allowed}; this level needs {needed:,} or more"
            )
        lowest = self.values == self.values.min(axis=-1, keepdims=True)
        probable = self.weights[np.argmin(self.values, axis=-1)]
        worst = np.where(lowest.sum(axis=-1) == 1, probable, 0.0).max()
        if worst > 1.0 - level + CDF_SLACK:
            raise ConfigError(
                self.owner,
                "level",
                level,
                f"at most {1.0 - worst:.6g}: the worst scenario alone has a probability of "
                f"{worst:.2g}; give more scenarios",
            )


def is_drawn(values: object) -> TypeGuard[Drawn]:
    """Tell whether an object is a set of scenarios and no array."""
    return all(hasattr(values, name) for name in ("log_returns", "assets", "weights"))


def as_one(values: Returns) -> Returns:
    """Return several sets of scenarios as one, with the assets of all. Anything else stays.

    Sets that were not drawn together from one model give a warning.
    """
    return values[0].beside(*values[1:]) if _are_joinable(values) else values


def _are_joinable(values: object) -> TypeGuard[Sequence[Joinable]]:
    return (
        isinstance(values, (list, tuple))
        and bool(values)
        and all(is_drawn(one) and hasattr(one, "beside") for one in values)
    )


def coverage(level: object, owner: str) -> float:
    """Check a level.

    Raises
    ------
    ConfigError
        It is no number inside (0, 1).
    """
    allowed = "a coverage inside (0, 1), such as 0.99"
    if not isinstance(level, Real) or isinstance(level, bool):
        raise ConfigError(owner, "level", level, allowed)
    share = float(level)
    if not 0.0 < share < 1.0:
        hint = f"; {share:g} % is {share / 100:g}" if 1.0 < share < 100.0 else ""
        raise ConfigError(owner, "level", share, allowed + hint)
    return share


def fewest(level: float) -> int:
    """Return the number of scenarios of which one lies beyond the level."""
    return math.ceil((1.0 - _ROUNDING) / (1.0 - level))


def effective_sample_size(weights: AnyFloatArray) -> float:
    """Return (Σ w)² / Σ w², the number of equally weighted scenarios of the same precision.

    References
    ----------
    Kish (1965), "Survey Sampling".
    """
    return float(np.sum(weights) ** 2 / np.sum(np.square(weights))) if len(weights) else 0.0


def unequal_probabilities(
    probabilities: Numbers | None, paths: int, owner: str
) -> FloatArray | None:
    """Check scenario probabilities and divide them by their sum.

    None or equal ones give none.

    Raises
    ------
    ConfigError
        Not of shape (paths,), one is negative or not finite, or their sum is not 1 within 10⁻⁶.
    """
    if probabilities is None:
        return None
    weights = np.asarray(numbers_of(probabilities, owner, "probabilities"), np.float64)
    if weights.shape != (paths,):
        allowed = f"({paths},): one a scenario"
        raise ConfigError(owner, "shape of the probabilities", Words(weights.shape), allowed)
    total = float(weights.sum())
    if not (weights.min() >= 0.0 and abs(total - 1.0) <= SUM_SLACK):  # NaN fails both
        raise ConfigError(
            owner,
            "probabilities",
            Words(f"from {weights.min():g}, of sum {total:g}"),
            "not negative, of sum 1 within 1e-6",
        )
    return None if np.ptp(weights) == 0.0 else weights / total


def _of_drawn(drawn: Drawn, portfolio: Shares | None, owner: str) -> FloatArray:
    """Return the log return of each scenario over the horizon, shape (paths,)."""
    totals = drawn.log_returns.sum(axis=1, dtype=np.float64)  # (paths, assets)
    count = totals.shape[1]
    if portfolio is not None:
        return held(totals, shares_of(portfolio, count, drawn.assets, owner), owner)
    if count > 1:
        one, other = drawn.assets[:2]
        raise ConfigError(
            owner,
            "log_returns",
            Words(f"scenarios of {count} assets"),
            f"those of one, as .of_assets([{one!r}]) gives them, or come with weights of sum 1, as "
            f"portfolio={{{one!r}: 0.5, {other!r}: 0.5}}",
        )
    return np.asarray(totals[:, 0])


def _of_numbers(values: object, owner: str) -> AnyFloatArray:
    """Return sets of returns (…, scenarios), and refuse shapes that would be misread."""
    array = numbers_of(values, owner, "log_returns")
    if array.ndim == 0 or 0 in array.shape:
        raise ConfigError(owner, "shape", Words(array.shape), "(…, scenarios), none of them 0")
    if hasattr(values, "columns"):
        if array.ndim != 2 or array.shape[1] != 1:
            raise ConfigError(
                owner,
                "log_returns",
                Words(f"a frame of {array.shape[-1]} columns"),
                "one column: choose it, or add the steps up by .sum(axis=1)",
            )
        return array[:, 0]
    if array.ndim > 1 and array.shape[-1] == 1:
        raise ConfigError(
            owner,
            "shape of log_returns",
            Words(array.shape),
            "(scenarios,), or (sets, scenarios): the last axis holds the scenarios. "
            "Give the Scenarios, or [..., 0] of this array",
        )
    return array


def _weights_in_index(values: object) -> FloatArray | None:
    """Return the weights that `Scenarios.to_frame` writes into the index of a frame."""
    index = getattr(values, "index", None)
    names: Sequence[object] = getattr(index, "names", None) or ()
    if index is None or "weight" not in names or "scenario" not in names:
        return None
    return np.asarray(index.get_level_values("weight"), np.float64)
