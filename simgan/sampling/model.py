"""A trained model as its user has it: scenarios from a start state, without TensorFlow."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from simgan.arguments import Day, whole
from simgan.arrays import Float32Array, FloatArray, expect_shape
from simgan.bundle import Runtime
from simgan.bundle.store import Bundle
from simgan.bundle.summary import details_of
from simgan.calendars import Calendar
from simgan.errors import SamplingError, UnknownNameError, packages_for
from simgan.market.history import History
from simgan.readable import ByValue, Readable
from simgan.recipe.blueprints import Blueprint
from simgan.sampling.given import asked
from simgan.sampling.groups import (
    draw_group,
    drawn_from,
    expect_forecasts,
    expect_possible,
    past_prices,
)
from simgan.sampling.latent import SIZE, Drawing
from simgan.sampling.parallel import in_order
from simgan.sampling.runtimes import DEFAULT_ENGINE, runtime_of
from simgan.sampling.start import FromMemory, Start, level_of, started
from simgan.scenarios.block import joined, regroup
from simgan.scenarios.plots import Picture, drawn
from simgan.scenarios.product import Scenarios
from simgan.seeds import Seed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Real = TypeVar("Real", bound=np.floating)
_BUILDING = threading.Lock()  # one runtime is built at a time


@dataclass(frozen=True, eq=False, repr=False)
class Model(Readable, ByValue):
    """A scenario model: a bundle and an engine. Several threads may share a model.

    Scenario i depends on (model, start state, seed, i) only. Its first days depend on no horizon.
    """

    bundle: Bundle
    engine: str = DEFAULT_ENGINE

    def _title(self) -> str:
        return f"Model {self.name}"

    def _facts(self) -> Iterator[tuple[str, str]]:
        return self.bundle._facts()

    def summary(self) -> str:
        """Return all facts of the model in words, one a line."""
        facts = list(details_of(self.bundle))
        width = max(len(name) for name, _ in facts)
        return "\n".join([self._title(), *(f"  {n:<{width}}  {text}" for n, text in facts)])

    @packages_for("Model.plot")
    def plot(  # noqa: PLR0913 (the options of `sample` and of a picture)
        self,
        n: int = 1000,
        horizon: int = 21,
        *,
        kind: Picture = "fan",
        asset: str | None = None,
        days: int = 63,
        seed: int = 0,
        as_of: str | History = "latest",
        ax: Axes | None = None,
    ) -> Axes:
        """Draw scenarios with matplotlib, and the last `days` days of the history before a fan.

        `n`, `horizon`, `seed` and `as_of` are those of `sample`, the others those of
        `Scenarios.plot`.
        """
        scenarios = self.sample(n, horizon, seed=seed, as_of=as_of)
        past = past_prices(self.bundle.history, as_of, days, asset)
        return drawn(scenarios, kind, asset, past, ax)

    @property
    def kind(self) -> str:
        """Name of the model in tables."""
        return "simgan"

    @property
    def name(self) -> str:
        return self.bundle.manifest.name

    @property
    def identity(self) -> str:
        """Hash by which scenarios know the model that drew them. No name is in it."""
        return self.bundle.manifest.identity or self.bundle.manifest.data.sha256

    @cached_property
    def calendar(self) -> Calendar:
        """Trading days of the model's history. Without a history its manifest tells them."""
        facts = self.bundle.manifest.data
        if self.bundle.history is not None:
            return Calendar.of(self.bundle.history.dates)
        return Calendar.between(facts.first, facts.last, facts.days)

    @property
    def runtime(self) -> Runtime[Blueprint]:
        """The generator of the engine, built once by the first thread that needs it.

        Raises
        ------
        ConfigError
            The generator cannot make so many assets.
        UnknownNameError
            There is no such engine.
        """
        with _BUILDING:
            return self._runtime

    @cached_property
    def _runtime(self) -> Runtime[Blueprint]:
        manifest = self.bundle.manifest
        manifest.blueprint.expect_assets(len(manifest.assets))
        return runtime_of(self.engine, manifest.blueprint, self.bundle.weights)

    def seed_of(self, seed: Seed) -> Seed:
        """Return the seed of this model's scenarios. Models of noise version 1 share the user's."""
        return seed.of(self.bundle.manifest.identity)

    @packages_for("Model.sample")
    def sample(  # noqa: PLR0913 (the options of `simgan sample`)
        self,
        n: int = 1000,
        horizon: int = 21,
        *,
        seed: int = 0,
        first: int = 0,
        as_of: Day | History = "latest",
        assets: str | Sequence[str] | None = None,
        given: str | Sequence[str] | None = None,
        regime: str | None = None,
        bars: bool = False,
        level_uncertainty: bool = False,
    ) -> Scenarios:
        """Draw scenarios into memory.

        Parameters
        ----------
        n, horizon : int
            Number of scenarios and steps of each.
        seed, first : int
            Scenarios ``first … first + n − 1`` of stream `seed`.
        as_of : {"latest", "stationary"}, date, two of them as "A..B", or History
            Start state: the end of the model's history, the long run, its history up to a date or
            up to a day drawn between two dates, or another history.
        assets : str or sequence of str, optional
            Of a model of several assets: these only, with the same numbers as in the whole. Text
            has commas, such as "KO,XOM".
        given : str or sequence of str, optional
            Condition that the scenarios meet, such as "max-drawdown>0.30" or
            "KO:cumulative<-0.1", or several. They keep their numbers, and have weights where the
            condition is rare. `simgan.sample_given` also tells its probability.
        regime : str, optional
            Name of a regime that the model was fitted with. The scenarios are such stretches.
        bars : bool
            Give the scenarios what `Scenarios.bars` needs. The log returns are the same.
        level_uncertainty : bool
            Draw the long-run volatility of each scenario, instead of that of the history. It
            matters in the long run, and hardly after a history.

        Raises
        ------
        ConfigError
            A number is out of range, or the date lies outside the history.
        UnknownNameError
            The model knows no such regime or asset.
        SamplingError
            The model learned from closes only, and bars are asked for. Or the condition is met by
            too few scenarios, however the noise is tilted.
        """
        stream = Seed(whole(seed, "sample", "seed"))
        drawing = Drawing(n, horizon, stream, first, regime=self.regime(regime), bars=bars)
        start = self.start(as_of).at_level(level_of(level_uncertainty))
        return joined(list(asked(self, drawing, start, given, assets)))

    @packages_for("Model.stream")
    def stream(  # noqa: PLR0913 (the options of `sample`)
        self,
        n: int = 1000,
        horizon: int = 21,
        *,
        block: int = SIZE,
        seed: int = 0,
        first: int = 0,
        as_of: Day | History = "latest",
        assets: str | Sequence[str] | None = None,
        given: str | Sequence[str] | None = None,
        bars: bool = False,
        level_uncertainty: bool = False,
    ) -> Iterator[Scenarios]:
        """Yield the scenarios of `sample` in runs of `block`, the last possibly shorter.

        Memory does not grow with their number. Parameters and errors are those of `sample`. The
        first block is computed at its first use.
        """
        rows, numbers = whole(block, "stream", "block", 1), Seed(whole(seed, "stream", "seed"))
        drawing = Drawing(n, horizon, numbers, first, bars=bars)
        start = self.start(as_of).at_level(level_of(level_uncertainty))
        return regroup(asked(self, drawing, start, given, assets), rows)

    def draw(self, drawing: Drawing, start: Start, workers: int = 1) -> Iterator[Scenarios]:
        """Yield the scenarios of a drawing in order, a group at a time.

        Parameters
        ----------
        drawing : Drawing
        start : Start
        workers : int
            Processes that compute the groups. Their number never changes the scenarios.

        Raises
        ------
        ConfigError
            Several workers cannot share the engine.
        SamplingError
            There is not enough memory for the horizon, or the model makes no bars.
        """
        expect_possible(self, drawing, workers)
        draw = partial(draw_group, self, drawing, start)
        for group, rows in zip(
            drawing.groups, in_order(draw, drawing.groups, workers), strict=True
        ):
            yield Scenarios(
                **rows._asdict(),
                first=group * SIZE + drawing.rows(group).start,
                seed=drawing.seed.value,
                assets=self.bundle.manifest.assets,
                initial_price=start.initial_price,
                calendar=start.calendar,
                model=self.identity,
            )

    def regime(self, name: str | None) -> int | None:
        """Return the number of a regime by its name, and None for None.

        Raises
        ------
        UnknownNameError
            The model knows no such regime.
        """
        known = self.bundle.manifest.regimes.get("names", [])
        if name is None or name in known:
            return None if name is None else int(known.index(name))
        hint = "it was fitted without regimes: `simgan fit --regimes 3` makes some"
        if len(self.bundle.manifest.assets) > 1:
            hint = 'a book has none: --given "realized-volatility>0.25" draws turbulent paths of it'
        raise UnknownNameError(f"regime of {self.name}", name, known, "" if known else hint)

    def start(self, as_of: Day | History = "latest", history: History | None = None) -> Start:
        """Return the start state named by `as_of`.

        Prices start from those of the day, or from those of the last of several days.

        Parameters
        ----------
        as_of : str or History
            As for `sample`.
        history : History, optional
            The history that dates refer to. The default is the model's own.

        Raises
        ------
        ConfigError
            The date is not one, or lies before the history, or the model holds no history to look
            it up in.
        """
        return started(self, as_of, history)

    def memory_after(
        self, log_returns: FloatArray, ranges: FloatArray | None = None
    ) -> Float32Array:
        """Return the memory (assets, W) after a history, as `memories_along` does."""
        memory: Float32Array = self.memories_along(log_returns, ranges)[-1]
        return memory

    def memories_along(
        self, log_returns: FloatArray, ranges: FloatArray | None = None
    ) -> Float32Array:
        """Return the memories before each day of a history and after its last.

        Parameters
        ----------
        log_returns : array of shape (days, assets)
        ranges : array of shape (days, assets), optional
            Range variances of the days (`History.ranges`). A model that holds ranges takes the
            square of a return where there is none. Other models take no notice.

        Returns
        -------
        array of shape (days + 1, assets, W)

        Raises
        ------
        ConfigError
            The history has other axes, or not the assets of the model.
        """
        expect_shape(log_returns, ("days", "assets"), "history")
        scaling = self.bundle.manifest.scaling
        scaled = scaling.apply(log_returns).astype(np.float32)
        sizes = scaling.scaled_ranges(log_returns, ranges).astype(np.float32)
        return self.runtime.along(scaled, sizes)

    def simulate(
        self,
        history: FloatArray,
        horizon: int,
        seed: Seed,
        first: int,
        n: int,
        ranges: FloatArray | None = None,
    ) -> FloatArray:
        """Continue a history, as `simgan.scenarios.ScenarioModel`, by the scenarios of `sample`."""
        memory = self.memory_after(history, ranges)
        start = FromMemory(memory, np.asarray(self.bundle.manifest.last_price))
        return self._log_returns(Drawing(n, horizon, seed, first), start)

    def simulate_long_run(self, horizon: int, seed: Seed, first: int, n: int) -> FloatArray:
        """Draw scenarios of the long-run law, as a baseline does."""
        return self._log_returns(Drawing(n, horizon, seed, first), self.start("stationary"))

    def forecast(
        self,
        log_returns: FloatArray,
        days: range,
        horizon: int,
        draws: int,
        seed: Seed,
        ranges: FloatArray | None = None,
    ) -> Iterator[FloatArray]:
        """Continue a history from each of its days, as `simgan.scenarios.ScenarioModel`.

        All models share the noise of a day under one seed. Forecasts are compared with each other,
        and common noise leaves less of it in their differences. Nobody adds them up.

        Raises
        ------
        SamplingError
            A day, the horizon or the number of draws is not possible. The first 60 days give the
            memory its first value, so that no forecast may start among them.
        """
        expect_forecasts(len(log_returns), days, horizon, draws)
        known = slice(days.stop - 1)
        memories = self.memories_along(
            log_returns[known], None if ranges is None else ranges[known]
        )
        # A memory made of noise holds nothing of a history: every day has the law of the first.
        same = bool(self.runtime.blueprint.run_in)
        for day in days:
            if not same or day == days[0]:
                rng = seed.stream("forecast", 0 if same else day)
                [scaled] = drawn_from(self.runtime, memories[day, None], horizon, draws, rng)
            yield self.unscaled(scaled, np.float64)

    @np.errstate(all="ignore")
    def unscaled(self, scaled: Float32Array, kind: type[Real]) -> NDArray[Real]:
        """Return the log returns of scaled returns (paths, horizon, assets).

        Raises
        ------
        SamplingError
            One is infinite or no number: the volatility of the model grew beyond all bounds.
        """
        log_returns = np.asarray(self.bundle.manifest.scaling.invert(scaled), kind)
        if not np.isfinite(log_returns).all():
            raise SamplingError(
                f"{self.bundle.manifest.name} gives log returns that are no finite numbers: its "
                "volatility grows without bound; fit the model again, with another seed or "
                "other settings"
            )
        return log_returns

    def _log_returns(self, drawing: Drawing, start: Start) -> FloatArray:
        return joined(list(self.draw(drawing, start))).log_returns.astype(np.float64)
