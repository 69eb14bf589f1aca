"""Start states: the memory before the first step of each scenario, and the long-run pool."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

import numpy as np

from simgan.arguments import Day, flag, iso_date
from simgan.arrays import Float32Array, FloatArray, IntArray
from simgan.bundle import Runtime
from simgan.bundle.recalled import recalled
from simgan.bundle.store import Bundle
from simgan.calendars import Calendar
from simgan.errors import ConfigError, Words
from simgan.market.history import History
from simgan.market.memory import FIRST_DAYS
from simgan.market.scalings import Scaling
from simgan.provenance import sha256_of_array
from simgan.readable import ByValue
from simgan.recipe.blueprints import Blueprint
from simgan.sampling.latent import BLOCK, GROUP, SIZE, normals
from simgan.sampling.runtimes import DEFAULT_ENGINE, runtime_of
from simgan.seeds import Seed

if TYPE_CHECKING:
    from simgan.sampling.model import Model

# Of the log long-run volatility. A 90 % band of stationary years then holds 94 % of the real years,
# and 82 % without it: benchmarks/levels.py
LEVEL = 0.2
RUN_IN = 20  # days that part two scenarios which start from the same state of the pool
COPIES, DAYS = 32, 1000  # of each state of a training; four of the longest half lives
_FOREIGN = 30  # times the volatility of the model's history
_AT_ONCE = 2  # copies whose noise is in memory at a time


def level_of(level_uncertainty: object) -> float:
    """Return the deviation of the long-run level, 0 without uncertainty.

    Raises
    ------
    ConfigError
        The argument is neither True nor False.
    """
    return LEVEL * flag(level_uncertainty, "sample", "level_uncertainty")


@dataclass(frozen=True)
class Start(ABC):
    """A rule that gives each scenario of a group the memory before its first step.

    Attributes
    ----------
    memory : array of shape (…, assets, W)
        The state or states to start from.
    initial_price : array of shape (assets,)
        Prices before the first step.
    calendar : Calendar
        Trading days of the history, with the date of the state if there is one.
    level : float
        Deviation of the logarithm of the long-run volatility, which a history never knows exactly.
        0 takes that of the sample.
    """

    memory: Float32Array
    initial_price: FloatArray
    calendar: Calendar = field(default=Calendar(), kw_only=True)
    level: float = field(default=0.0, kw_only=True)

    @property
    def sha256(self) -> str:
        """Identity of the state."""
        return sha256_of_array(self.memory)

    def at_price(self, initial_price: FloatArray) -> Self:
        """Return the same state at other prices (assets,)."""
        return replace(self, initial_price=initial_price)

    def at_level(self, level: float) -> Self:
        """Return the same state with another deviation of the long-run level."""
        return replace(self, level=level)

    def levels(self, seed: Seed, group: int, rows: slice) -> Float32Array:
        """Return the long-run volatility of a group's scenarios (2048,), that of the sample is 1.

        The median is 1. A law of returns scales with them. So a scenario of the level λ starts with
        the memory of returns divided by λ, and its own returns are multiplied by λ.
        """
        if not self.level:
            return np.ones(SIZE, np.float32)
        scores = normals(seed, "level", group, rows, 1, 1)[0, :, 0]
        return np.asarray(np.exp(np.float32(self.level) * scores), np.float32)

    @abstractmethod
    def memories(
        self, runtime: Runtime[Blueprint], seed: Seed, group: int, rows: slice
    ) -> Float32Array:
        """Return the memories (2048, assets, W) before the first step of a group's scenarios.

        Only `rows` of the result are used.

        Raises
        ------
        ConfigError
            The level is uncertain, and the architecture keeps no memory that scales.
        """

    def _at_levels(
        self, blueprint: Blueprint, memory: Float32Array, seed: Seed, group: int, rows: slice
    ) -> Float32Array:
        """Return memories (2048, assets, W) of a history in units of the levels."""
        if not self.level:
            return memory
        levels = self.levels(seed, group, rows)[:, None, None]
        return blueprint.rescaled(memory, levels**-2)


@dataclass(frozen=True, eq=False)
class FromMemory(Start, ByValue):
    """All scenarios continue the same history. The memory has shape (assets, W)."""

    def memories(
        self, runtime: Runtime[Blueprint], seed: Seed, group: int, rows: slice
    ) -> Float32Array:
        alike = np.tile(self.memory, (SIZE, 1, 1))
        found = _with_unseen(runtime.blueprint, alike, seed, group, rows)
        return self._at_levels(runtime.blueprint, found, seed, group, rows)


@dataclass(frozen=True, eq=False)
class FromDays(Start, ByValue):
    """Each scenario continues a history as it stood on one of several days, drawn evenly.

    The memory has shape (days, assets, W).
    """

    def memories(
        self, runtime: Runtime[Blueprint], seed: Seed, group: int, rows: slice
    ) -> Float32Array:
        drawn = self.memory[_drawn_evenly(len(self.memory), seed, group)]
        found = _with_unseen(runtime.blueprint, drawn, seed, group, rows)
        return self._at_levels(runtime.blueprint, found, seed, group, rows)


@dataclass(frozen=True, eq=False)
class FromLongRun(Start, ByValue):
    """Each scenario starts from a long-run state, then runs freely for 20 unused days.

    The memory has shape (states, assets, W). State i belongs to replica i mod R.
    """

    def memories(
        self, runtime: Runtime[Blueprint], seed: Seed, group: int, rows: slice
    ) -> Float32Array:
        replicas = runtime.blueprint.replicas
        drawn = _drawn_evenly(len(self.memory) // replicas, seed, group)
        states = drawn * replicas + np.arange(len(drawn)) % replicas  # those of its own replica
        noise = normals(seed, "free-run", group, rows, RUN_IN, runtime.blueprint.latent)
        return runtime.roll(self.memory[states], noise)[1]


def expect_alike(history: History, scaling: Scaling) -> None:
    """Refuse a history that is too short for a memory, or of another size than the model's.

    Raises
    ------
    ConfigError
        It has fewer than 60 days, or 30 times the volatility. Returns in percent have 100 times.
    """
    days = np.isfinite(history.log_returns).sum(axis=0)  # (assets,)
    if days.min() < FIRST_DAYS:
        of = f" of {history.assets[int(days.argmin())]}" if len(days) > 1 else ""
        found, allowed = f"a history{of} of {days.min()} days", f"one of {FIRST_DAYS} days or more"
        raise ConfigError("sample", "as_of", Words(found), allowed)
    spread = np.nanstd(history.log_returns, axis=0)  # (assets,)
    usual = scaling.invert(np.ones((1, len(spread))))[0]  # of the model's history
    if (spread > _FOREIGN * usual).any():
        found = f"a history whose log returns have a standard deviation of {spread.max():.3g}"
        allowed = f"one like that of the model ({usual.max():.3g}); divide percent by 100"
        raise ConfigError("sample", "as_of", Words(found), allowed)


def expect_listed(history: History, as_of: str) -> None:
    """Refuse a date by which an asset of several has too few days for a memory.

    Parameters
    ----------
    history : History
        With all its days.
    as_of : str
        A date of it, or two as ``A..B``, of which the first counts.

    Raises
    ------
    ConfigError
        It names the asset that is listed last, and the first possible date.
    """
    known = history.until(as_of.partition("..")[0])
    days = np.cumsum(np.isfinite(history.log_returns), axis=0)  # (days, assets)
    settled = (days < FIRST_DAYS).sum(axis=0)  # row of the sixtieth day of each asset
    last = int(settled.argmax())
    if len(history.assets) > 1 and len(known) <= settled[last] < len(history):
        asset, first = history.assets[last], history.day(int(settled[last]))
        allowed = f"{first} or later, when {asset} has the {FIRST_DAYS} days that it needs"
        raise ConfigError("sample", "as_of", as_of, allowed)


def spread_out(bundle: Bundle) -> Bundle:
    """Return the bundle with 32 times as many long-run states.

    Each copy of a state runs freely for 1,000 days with noise of its own. A sample of s states
    gives the mean variance of the long run with a relative standard error of about 2/√s, because
    states are as skewed as a crash: 9 % for the 512 of a training, 1.6 % for 16,384. The law of a
    state does not change: it is that of the long run before and after.

    A bundle without states, whose memory is made of noise, stays as it is.
    """
    if not len(bundle.pool):
        return bundle
    manifest = bundle.manifest
    pool = np.tile(bundle.pool, (_AT_ONCE, 1, 1))  # state i stays one of replica i mod R
    runtime = runtime_of(DEFAULT_ENGINE, manifest.blueprint, bundle.weights)
    seed, shape = Seed(manifest.recipe.seed), (DAYS, len(pool), manifest.blueprint.latent)
    parts: list[Float32Array] = []
    for part in range(COPIES // _AT_ONCE):
        noise = seed.stream("long-run", part).standard_normal(shape, dtype=np.float32)
        parts.append(runtime.roll(pool, noise)[1])
    return replace(bundle, pool=np.concatenate(parts))


def _with_unseen(
    blueprint: Blueprint, memory: Float32Array, seed: Seed, group: int, rows: slice
) -> Float32Array:
    """Return the memories (2048, assets, W) of a group with what no history shows."""
    if not blueprint.unseen:
        return memory
    scores = normals(seed, "unseen", group, rows, 1, blueprint.unseen)
    return blueprint.with_unseen(memory, scores[0][:, None])


def _drawn_evenly(count: int, seed: Seed, group: int) -> IntArray:
    """Return a number below `count` for each scenario of a group, by one stream per block."""
    blocks = range(group * GROUP, (group + 1) * GROUP)
    return np.concatenate(
        [seed.stream("start-state", block).integers(count, size=BLOCK) for block in blocks]
    )


def _in_the_long_run(model: Model, price: FloatArray) -> Start:
    """Return the states of the pool. A model of one asset without a pool has one state.

    Raises
    ------
    ConfigError
        A joint model has no pool, as that of the days before a verdict.
    """
    bundle, calendar = model.bundle, model.calendar.undated
    if len(bundle.pool):
        return FromLongRun(bundle.pool, price, calendar=calendar)
    if bundle.manifest.joint is not None:
        allowed = "'latest' or a day: this model has no long-run states"
        raise ConfigError("sample", "as_of", "stationary", allowed)
    return FromMemory(bundle.latest, price, calendar=calendar)


def started(model: Model, as_of: Day | History, history: History | None = None) -> Start:
    """Return the start state of a model that `as_of` names, as `Model.start`."""
    if isinstance(as_of, History):
        expect_alike(as_of, model.bundle.manifest.scaling)
        memory = model.memory_after(as_of.log_returns, as_of.ranges)
        return FromMemory(memory, as_of.last_price, calendar=Calendar.of(as_of.dates))
    if not isinstance(as_of, str):
        as_of = iso_date(as_of, "sample", "as_of")
    price = np.asarray(model.bundle.manifest.last_price)
    if as_of == "latest":
        return FromMemory(model.bundle.latest, price, calendar=model.calendar)
    if as_of == "stationary":
        return _in_the_long_run(model, price)
    history = recalled(model.bundle) if history is None else history
    if history is None:
        allowed = "'latest' or 'stationary': this model holds no history; give one"
        raise ConfigError("sample", "as_of", as_of, f"{allowed} (--prices; a History)")
    if ".." not in as_of:
        return started(model, history.until(as_of))
    ends = history.ends_within(as_of)
    known = history.rows(slice(ends[-1]))
    if len(known.assets) > 1:
        expect_alike(known.rows(slice(ends[0])), model.bundle.manifest.scaling)
    memories = model.memories_along(known.log_returns, known.ranges)[ends]
    return FromDays(memories, known.last_price, calendar=Calendar.of(known.dates).undated)
