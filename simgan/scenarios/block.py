"""A block of scenarios, and its views as returns and prices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Self, TypeVar

import numpy as np

from simgan.arrays import (
    Float32Array,
    FloatArray,
    IntArray,
    Numbers,
    expect_finite,
    expect_shape,
    numbers_of,
)
from simgan.calendars import Calendar
from simgan.errors import ConfigError, SamplingError
from simgan.readable import ByValue, Readable

Values = Literal["log-returns", "returns", "prices"]
SomeBlock = TypeVar("SomeBlock", bound="Block")


class ForeignScenarios(SamplingError):
    """A source gave other scenarios than it was asked for, which is a bug."""


@dataclass(frozen=True, eq=False, repr=False)
class Block(Readable, ByValue):
    """A run of scenarios with consecutive numbers.

    Attributes
    ----------
    log_returns : float32 array of shape (paths, horizon, assets)
        ln(Pₜ/Pₜ₋₁) per step, dimensionless.
    first : int
        Number of the first scenario. Row i is scenario ``first + i``.
    seed : int
        The user's seed.
    assets : tuple of str
        One name per asset.
    initial_price : array of shape (assets,), optional
        Price at step 0, in the currency of the history. None if the model knows no prices.
    numbers : integer array of shape (paths,), optional
        Numbers of scenarios that are not consecutive, because they met a condition. `first` is
        then the rank of the first of them among all that met it.
    weights : array of shape (paths,), optional
        Number of scenarios of the model that each of these represents, if they come from a
        tilted law. They are proportional to probabilities. None if all are equally likely.
    calendar : Calendar, optional
        Trading days of the history that the scenarios continue. It gives the dates of the steps and
        their number a year. None if it is not known.
    model : str
        Identity of the model that drew the scenarios. Empty if it is not known.

    Raises
    ------
    ConfigError
        The array is not float32, has another shape, or is not finite. A price is not positive.
    """

    log_returns: Float32Array
    first: int = 0
    seed: int = 0
    assets: tuple[str, ...] = ("asset",)
    initial_price: FloatArray | None = None
    numbers: IntArray | None = None
    weights: FloatArray | None = None
    calendar: Calendar | None = None
    model: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.log_returns, np.ndarray):
            allowed = "a float32 array of shape (paths, horizon, assets)"
            raise ConfigError("Scenarios", "log_returns", self.log_returns, allowed)
        expect_shape(self.log_returns, ("paths", "horizon", "assets"), "Scenarios")
        expect_finite(self.log_returns, "Scenarios")
        if self.log_returns.dtype != np.float32:
            raise ConfigError("Scenarios", "dtype", str(self.log_returns.dtype), "float32")
        if self.log_returns.shape[2] != len(self.assets):
            raise ConfigError(
                "Scenarios",
                "assets",
                self.assets,
                f"one name for each of the {self.log_returns.shape[2]} assets",
            )
        if self.initial_price is not None:
            price = _expect_prices(self.initial_price, len(self.assets))
            object.__setattr__(self, "initial_price", price)

    def __len__(self) -> int:
        return len(self.log_returns)

    def _title(self) -> str:
        return f"Scenarios of {', '.join(self.assets)}"

    def _facts(self) -> Iterator[tuple[str, str]]:
        last = f" to {self.first + len(self) - 1:,}" if len(self) > 1 else ""
        numbers = "picked" if self.numbers is not None else f"number {self.first:,}{last}"
        yield "scenarios", f"{len(self):,}, {numbers} of seed {self.seed}"
        days = "" if self.calendar is None else self.calendar.last
        yield "horizon", f"{self.horizon} steps" + (f" after {days}" if days else "")
        if self.initial_price is not None:
            yield "start", ", ".join(f"{price:,.6g}" for price in self.initial_price)
        if self.weights is not None:
            yield "weights", "yes, they come from tilted noise"
        if len(self) > 1:
            yield f"return over {self.horizon} steps", self._spread()

    def _spread(self) -> str:
        """Return the 1 % quantile, the median and the 99 % quantile, of the first asset."""
        sums = self.log_returns[:, :, 0].sum(axis=1, dtype=np.float64)  # (paths,)
        found = np.quantile(
            np.expm1(sums), (0.01, 0.5, 0.99), weights=self.probable, method="inverted_cdf"
        )
        low, middle, high = (f"{100 * value:.2f} %".replace("-", "−") for value in found)
        asset = f" ({self.assets[0]})" if len(self.assets) > 1 else ""
        return f"1 % quantile {low}, median {middle}, 99 % quantile {high}{asset}"

    @property
    def numbered(self) -> IntArray:
        """Number of each scenario, shape (paths,)."""
        return (
            np.arange(self.first, self.first + len(self), dtype=np.int64)
            if self.numbers is None
            else self.numbers
        )

    @property
    def probable(self) -> FloatArray:
        """Weight of each scenario, shape (paths,): 1 if all are equally likely."""
        return np.ones(len(self)) if self.weights is None else self.weights

    @property
    def horizon(self) -> int:
        """Steps per scenario."""
        return int(self.log_returns.shape[1])

    def returns(self) -> FloatArray:
        """Return simple returns Pₜ/Pₜ₋₁ − 1, float64 of shape (paths, horizon, assets)."""
        return np.expm1(self.log_returns.astype(np.float64))

    def prices(self, initial_price: Numbers | None = None) -> FloatArray:
        """Return prices, float64 of shape (paths, horizon + 1, assets). Column 0 is the start.

        Parameters
        ----------
        initial_price : float, list or array of shape (assets,), optional
            Positive price at step 0. Default: the one that the scenarios carry.

        Raises
        ------
        ConfigError
            There is no price to start from, or it is not positive.

        Examples
        --------
        >>> up_and_down = np.log(np.float32([[[2.0], [0.5]]]))  # 1 path, 2 days, 1 asset
        >>> Block(up_and_down).prices(100.0)[0, :, 0].round(3).tolist()
        [100.0, 200.0, 100.0]
        """
        start = self.initial_price if initial_price is None else initial_price
        if start is None:
            raise ConfigError(
                "Scenarios.prices",
                "initial_price",
                None,
                "given: these scenarios carry no price to start from",
            )
        start = _expect_prices(start, len(self.assets))
        growth = np.zeros((len(self), self.horizon + 1, len(self.assets)))
        np.cumsum(self.log_returns, axis=1, dtype=np.float64, out=growth[:, 1:])  # ln(Pₜ/P₀)
        np.exp(growth, out=growth)
        growth *= start
        return growth

    def cells(self, values: Values) -> Float32Array:
        """Return the values of a file, float32 of shape (paths, steps, assets).

        Returns and prices are computed in float64 and rounded once. The relative error is at most
        6·10⁻⁸.

        Raises
        ------
        SamplingError
            A value is too large for float32.
        """
        if values == "log-returns":
            return self.log_returns
        with np.errstate(over="ignore"):
            exact = self.returns() if values == "returns" else self.prices()
            rounded = exact.astype(np.float32)
        if not np.isfinite(rounded).all():
            raise SamplingError(
                f"{values} from scenario {self.first} on exceed 3.4e38, the range of float32; "
                "write log returns instead"
            )
        return rounded

    def part(self, start: int, stop: int) -> Self:
        """Return rows ``start … stop − 1`` with their own numbers, without a copy."""
        return replace(
            self,
            log_returns=self.log_returns[start:stop],
            first=self.first + start,
            numbers=None if self.numbers is None else self.numbers[start:stop],
            weights=None if self.weights is None else self.weights[start:stop],
        )


def joined(parts: Sequence[SomeBlock]) -> SomeBlock:
    """Join runs of scenarios that follow one another into one run."""
    if len(parts) == 1:
        return parts[0]
    log_returns = np.concatenate([part.log_returns for part in parts])
    numbers = (
        None if parts[0].numbers is None else np.concatenate([part.numbered for part in parts])
    )
    weights = (
        None if parts[0].weights is None else np.concatenate([part.probable for part in parts])
    )
    return replace(parts[0], log_returns=log_returns, numbers=numbers, weights=weights)


def regroup(blocks: Iterable[SomeBlock], rows: int) -> Iterator[SomeBlock]:
    """Yield the same scenarios in runs of `rows`. The last run may be shorter.

    Raises
    ------
    ForeignScenarios
        A block does not follow the one before it.
    """
    waiting: list[SomeBlock] = []
    n_waiting, due = 0, None
    for block in blocks:
        if due is not None and block.first != due:
            raise ForeignScenarios(
                f"a block of scenarios begins at {block.first}, but scenario {due} is due; "
                "please report this"
            )
        start, due = 0, block.first + len(block)
        while n_waiting + len(block) - start >= rows:
            stop = start + rows - n_waiting
            yield joined([*waiting, block.part(start, stop)])
            waiting, n_waiting, start = [], 0, stop
        if start < len(block):
            waiting.append(block.part(start, len(block)))
            n_waiting += len(block) - start
    if waiting:
        yield joined(waiting)


def _expect_prices(prices: Numbers, n_assets: int) -> FloatArray:
    """Return one price per asset. A single number stands for all assets.

    Raises
    ------
    ConfigError
        They are not one positive finite number per asset.
    """
    found = np.asarray(numbers_of(prices, "Scenarios", "initial_price"), np.float64)
    found = np.full(n_assets, found) if found.ndim == 0 else found
    if found.shape != (n_assets,) or not np.all((found > 0) & np.isfinite(found)):
        raise ConfigError(
            "Scenarios", "initial_price", found.tolist(), "one positive number per asset"
        )
    return found
