"""Groups of scenarios: 2,048 that are computed together, from noise and memories."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from simgan.arrays import Float32Array, FloatArray
from simgan.bundle import Runtime
from simgan.errors import ConfigError, SamplingError
from simgan.market.history import History
from simgan.market.memory import FIRST_DAYS
from simgan.recipe.blueprints import Blueprint
from simgan.recipe.blueprints.joint import Joint
from simgan.recipe.blueprints.state_space import StateSpace
from simgan.sampling.latent import BLOCK, NO_TILT, SIZE, Drawing, Tilt, normals
from simgan.sampling.parallel import expect_free
from simgan.sampling.runtimes.cpu import CpuRuntime
from simgan.sampling.runtimes.joint import JointCpuRuntime, JointRuntime
from simgan.sampling.start import Start

if TYPE_CHECKING:
    from simgan.sampling.model import Model

# Bytes of each scenario and step, by the peak memory of `simgan sample` to .npy at two horizons.
# One asset: 21, with bars 73 (to .parquet). 3 assets: 188, 8: 340, and 12: 436.
_OF_ONE = 22  # noise, scaled and log returns, and the copy that is written
_OF_EACH, _TOGETHER = 31, 96  # of several: also their scores, and days of the history
_OF_A_BAR = 56  # scaled and log shape, bars, and the copy that is written


class DrawnRows(NamedTuple):
    """Scenarios of a group.

    Attributes
    ----------
    log_returns : float32 array of shape (rows, horizon, assets)
    weights : array of shape (rows,), optional
        Of scenarios of tilted noise.
    shapes : float32 array of shape (rows, horizon, assets, 3), optional
        Of scenarios with bars, in log returns.
    """

    log_returns: Float32Array
    weights: FloatArray | None
    shapes: Float32Array | None


def expect_possible(model: Model, drawing: Drawing, workers: int) -> None:
    """Refuse workers that cannot share the engine, and scenarios that the model cannot draw.

    Raises
    ------
    ConfigError
        The engine computes in one process only.
    SamplingError
        The model has no bars, or the groups that are computed at a time need more memory than is
        free.
    """
    if not model.runtime.works_in_processes and workers > 1:
        allowed = f"1: the engine {model.engine} keeps its device to one process"
        raise ConfigError("sample", "workers", workers, allowed)
    if drawing.bars and not has_bars(model):
        raise SamplingError(
            f"{_of_closes(model)}; fit it from prices with open, high and low, without the days "
            "whose ranges `simgan data show` rejects (--start, --end)"
        )
    needed = bytes_of_group(len(model.bundle.manifest.assets), drawing)
    expect_free(needed * workers, drawing.horizon, workers)


def bytes_of_group(assets: int, drawing: Drawing) -> int:
    """Return the bytes that a group of scenarios needs until it is written."""
    of_step = _OF_ONE if assets == 1 else _TOGETHER + _OF_EACH * assets
    return SIZE * drawing.horizon * (of_step + assets * _OF_A_BAR * drawing.bars)


def _of_closes(model: Model) -> str:
    """Say that a model makes no bars, and which assets of it have no shapes."""
    manifest = model.bundle.manifest
    if not isinstance(manifest.blueprint, Joint):
        return f"{model.name} learned from closes only and makes no bars"
    members = zip(manifest.assets, manifest.blueprint.members, strict=True)
    without = ", ".join(asset for asset, member in members if not member.has_ranges)
    return f"{model.name} makes no bars, because {without} learned from closes only"


def has_bars(model: Model) -> bool:
    """Tell whether the days that a model generates have shapes."""
    return model.bundle.manifest.blueprint.has_ranges


def past_prices(
    own: History | None, as_of: str | History, days: int, asset: str | None
) -> FloatArray | None:
    """Return the prices (days,) of the last days before scenarios, or None without a history."""
    history = as_of if isinstance(as_of, History) else own
    if history is None or days < 1:
        return None
    if isinstance(as_of, str) and as_of != "latest":
        if as_of == "stationary" or ".." in as_of:
            return None
        history = history.until(as_of)
    column = 0 if asset is None else history.assets.index(asset)
    return history.prices[-days:, column]


def continued(
    runtime: Runtime[Blueprint], memory: Float32Array, noise: Float32Array
) -> Float32Array:
    """Return scaled returns (paths, horizon, assets) that continue memories (paths, assets, W).

    The noise has shape (run-in + horizon, paths, latent).
    """
    first = runtime.blueprint.run_in
    scaled, _ = runtime.roll(runtime.begin(memory, noise[:first]), noise[first:])
    return scaled


@np.errstate(all="ignore")  # `Model.unscaled` judges the result
def draw_group(model: Model, drawing: Drawing, start: Start, group: int) -> DrawnRows:
    """Return the rows of a group that a drawing asks for.

    The group is computed as a whole, or block by block where the runtime rounds no differently
    then.
    """
    rows, runtime = drawing.rows(group), _turned(model.runtime, drawing.tilt)
    blocks = (
        slice(rows.start // BLOCK * BLOCK, -(-rows.stop // BLOCK) * BLOCK)
        if runtime.is_blockwise
        else slice(0, SIZE)
    )
    seed = model.seed_of(drawing.seed)
    memory = start.memories(runtime, seed, group, rows)[blocks]
    steps = runtime.blueprint.run_in + drawing.horizon
    noise = normals(seed, drawing.stream, group, rows, steps, runtime.blueprint.latent)
    tilted = drawing.tilt.of(noise[:, blocks])
    scaled, shapes = continued(runtime, memory, tilted), None
    if drawing.bars:
        shapes = _shaper(runtime, drawing.tilt).shapes(memory, scaled, tilted)
    if drawing.regime is not None:
        if shapes is not None:
            _, scale = runtime.regime_effects(memory, scaled, drawing.regime)
            shapes *= scale[..., None]
        scaled = runtime.in_regime(memory, scaled, drawing.regime)
    if start.level:
        levels = start.levels(seed, group, rows)[blocks, None, None]
        scaled = scaled * levels
        shapes = None if shapes is None else shapes * levels[..., None]
    asked = slice(rows.start - blocks.start, rows.stop - blocks.start)
    return DrawnRows(
        model.unscaled(scaled[asked], np.float32),
        None if drawing.tilt == NO_TILT else drawing.tilt.weights(noise[:, rows]),
        None if shapes is None else _unscaled_shapes(model, shapes[asked]),
    )


def _turned(runtime: Runtime[Blueprint], tilt: Tilt) -> Runtime[Blueprint]:
    """Return the runtime whose noise can have a tilt."""
    if tilt.blocks is None:
        return runtime
    assert isinstance(runtime, JointRuntime)  # which made the tilt
    return runtime.toward(tilt.blocks.toward)


def _shaper(runtime: Runtime[Blueprint], tilt: Tilt) -> CpuRuntime | JointCpuRuntime:
    """Return the runtime that gives the days of paths their shapes, whatever rolled the paths."""
    blueprint = runtime.blueprint
    if isinstance(runtime, CpuRuntime | JointCpuRuntime):
        return runtime
    if isinstance(blueprint, Joint):
        found = JointCpuRuntime(blueprint, runtime.weights)
        return found if tilt.blocks is None else found.toward(tilt.blocks.toward)
    assert isinstance(blueprint, StateSpace)  # no other has bars
    return CpuRuntime(blueprint, runtime.weights)


def _unscaled_shapes(model: Model, shapes: Float32Array) -> Float32Array:
    """Return scaled shapes (paths, horizon, assets, 3) in log returns."""
    parts = np.moveaxis(shapes, -1, 0)  # the axis of assets is the last
    return np.moveaxis(model.unscaled(parts, np.float32), 0, -1)


def expect_forecasts(known: int, days: range, horizon: int, draws: int) -> None:
    """Refuse forecasts that a history of `known` days does not allow.

    Raises
    ------
    SamplingError
        Names what was asked for.
    """
    is_within = bool(days) and FIRST_DAYS <= min(days) <= max(days) <= known
    if not is_within or horizon < 1 or draws < 1:
        raise SamplingError(
            f"simgan: {draws} paths over {horizon} steps from {days} are not possible for "
            f"a history of {known} days; ask for at least one of each, from day {FIRST_DAYS} on"
        )


@np.errstate(all="ignore")  # `Model.unscaled` judges the result
def drawn_from(
    runtime: Runtime[Blueprint],
    memories: Float32Array,
    horizon: int,
    draws: int,
    rng: np.random.Generator,
) -> Float32Array:
    """Return scaled returns (days, draws, horizon, assets) from memories (days, assets, W) on."""
    blueprint, paths = runtime.blueprint, draws * len(memories)
    unseen = rng.standard_normal((paths, 1, blueprint.unseen), dtype=np.float32)
    shape = (blueprint.run_in + horizon, paths, blueprint.latent)
    noise = rng.standard_normal(shape, dtype=np.float32)
    start = blueprint.with_unseen(np.repeat(memories, draws, axis=0), unseen)
    parts = [slice(first, first + SIZE) for first in range(0, paths, SIZE)]
    drawn = np.concatenate([continued(runtime, start[part], noise[:, part]) for part in parts])
    return drawn.reshape(len(memories), draws, *drawn.shape[1:])
