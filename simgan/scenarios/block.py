"""A block of scenarios, and its views as returns and prices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Literal, Self, TypeVar

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
from simgan.errors import ConfigError, SamplingError, Words
from simgan.readable import ByValue, Readable, of_each
from simgan.scenarios.assets import columns_of

Values = Literal["log-returns", "returns", "prices", "bars"]
BAR = ("open", "high", "low", "close")
_PARTS = 3  # of a shape: gap, upper and lower
_OF_ROWS = ("log_returns", "numbers", "weights", "shapes")  # a row of each belongs to a scenario
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
    shapes : float32 array of shape (paths, horizon, assets, 3), optional
        Gap, upper and lower of each day in log returns, as in `simgan.market.shapes`. None if the
        scenarios have no bars.

    Raises
    ------
    ConfigError
        An array is not float32, has another shape, or is not finite. A price is not positive. A
        high or low is on the wrong side of open and close.
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
    shapes: Float32Array | None = None

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
        if self.shapes is not None:
            _expect_shapes(self.shapes, (*self.log_returns.shape, _PARTS))

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
            yield "start", of_each(self.assets, (f"{price:,.6g}" for price in self.initial_price))
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

    def bars(self, initial_price: Numbers | None = None) -> FloatArray:
        """Return open, high, low and close, float64 of shape (paths, horizon, assets, 4).

        The closes are those of `prices`, without column 0. Low and high hold open and close.

        Parameters
        ----------
        initial_price : float, list or array of shape (assets,), optional
            Close at step 0, as for `prices`.

        Raises
        ------
        ConfigError
            The scenarios have no bars, or there is no price to start from.

        Examples
        --------
        >>> day, shape = np.log(np.float32([[[1.1]]])), np.log(np.float32([[[[1.05, 1.2, 1.5]]]]))
        >>> Block(day, shapes=shape).bars(100.0)[0, 0, 0].round(3).tolist()
        [105.0, 132.0, 70.0, 110.0]
        """
        if self.shapes is None:
            allowed = "True where scenarios are drawn: sample(..., bars=True)"
            raise ConfigError("scenarios", "bars", False, allowed)
        closes = self.prices(initial_price)
        bars = np.empty((*self.log_returns.shape, len(BAR)))
        opens, highs, lows, bars[..., 3] = *np.moveaxis(bars, -1, 0)[:3], closes[:, 1:]
        gap, upper, lower = np.exp(np.moveaxis(self.shapes, -1, 0), dtype=np.float64)
        np.multiply(closes[:, :-1], gap, out=opens)
        np.multiply(np.maximum(opens, closes[:, 1:]), upper, out=highs)
        np.divide(np.minimum(opens, closes[:, 1:]), lower, out=lows)
        return bars

    def cells(self, values: Values) -> Float32Array:
        """Return the values of a file, float32 of shape (paths, steps, assets), of bars (…, 4).

        Returns, prices and bars are computed in float64 and rounded once. The relative error is at
        most 6·10⁻⁸.

        Raises
        ------
        SamplingError
            A value is too large for float32.
        """
        if values == "log-returns":
            return self.log_returns
        with np.errstate(over="ignore"):
            exact = {"returns": self.returns, "prices": self.prices, "bars": self.bars}[values]()
            rounded = exact.astype(np.float32)
        if not np.isfinite(rounded).all():
            raise SamplingError(
                f"{values} from scenario {self.first} on exceed 3.4e38, the range of float32; "
                "write log returns instead"
            )
        return rounded

    def part(self, start: int, stop: int) -> Self:
        """Return rows ``start … stop − 1`` with their own numbers, without a copy."""
        return replace(self.picked(slice(start, stop)), first=self.first + start)

    def of_assets(self, assets: Sequence[str]) -> Self:
        """Return the same scenarios of some assets, in the order of their names here.

        Raises
        ------
        UnknownNameError
            There is no such asset.
        ConfigError
            One is named twice.
        """
        columns = columns_of(assets, self.assets)
        if tuple(assets) == self.assets:
            return self
        prices = self.initial_price
        return replace(
            self,
            assets=tuple(assets),
            log_returns=np.ascontiguousarray(self.log_returns[:, :, columns]),
            initial_price=None if prices is None else prices[columns],
            shapes=None if self.shapes is None else self.shapes[:, :, columns],
        )

    def __getitem__(self, assets: str | Sequence[str]) -> Self:
        """Return the same scenarios of one asset by its name, or of several by a list.

        Raises
        ------
        UnknownNameError, ConfigError
            As for `of_assets`, or this is no name.
        """
        if not isinstance(assets, str | list | tuple):
            allowed = "the name of an asset, or a list of names; `part(0, 10)` gives rows"
            raise ConfigError("Scenarios", "key", Words(repr(assets)), allowed)
        return self.of_assets([assets] if isinstance(assets, str) else assets)

    def __contains__(self, asset: object) -> bool:
        """Tell whether an asset has this name."""
        return asset in self.assets

    __iter__: ClassVar[None] = None  # a key is a name, and Python would count from 0

    def picked(self, rows: slice | IntArray) -> Self:
        """Return some rows, with the same number of the first."""
        known = {name: each for name in _OF_ROWS if (each := getattr(self, name)) is not None}
        return replace(self, **{name: each[rows] for name, each in known.items()})


def joined(parts: Sequence[SomeBlock]) -> SomeBlock:
    """Join runs of scenarios that follow one another into one run."""
    if len(parts) == 1:
        return parts[0]
    known = [name for name in _OF_ROWS if getattr(parts[0], name) is not None]
    rows = {name: np.concatenate([getattr(part, name) for part in parts]) for name in known}
    return replace(parts[0], **rows)  # type: ignore[arg-type]


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


def _expect_shapes(shapes: Float32Array, expected: tuple[int, ...]) -> None:
    """Refuse shapes of days that are no float32 array (paths, horizon, assets, 3), or no shapes.

    Raises
    ------
    ConfigError
        They have another type or size, are not finite, or a high or low is on the wrong side.
    """
    if not isinstance(shapes, np.ndarray) or shapes.dtype != np.float32:
        raise ConfigError("Scenarios", "shapes", shapes, "a float32 array")
    if shapes.shape != expected:
        allowed = f"(paths, horizon, assets, gap-upper-lower), here {expected}"
        raise ConfigError("Scenarios", "shape of shapes", Words(shapes.shape), allowed)
    expect_finite(shapes, "Scenarios")
    if (shapes[..., 1:] < 0).any():
        found, allowed = Words("with a negative upper or lower"), "0 or more: they hold the close"
        raise ConfigError("Scenarios", "shapes", found, allowed)


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
