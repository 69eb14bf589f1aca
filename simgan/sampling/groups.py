"""Groups of scenarios: 2,048 that are computed together, from noise and memories."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simgan.arrays import Float32Array, FloatArray
from simgan.bundle import Runtime
from simgan.errors import SamplingError
from simgan.market.history import History
from simgan.market.memory import FIRST_DAYS
from simgan.recipe.blueprints import Blueprint
from simgan.sampling.latent import BLOCK, NO_TILT, SIZE, Drawing, normals
from simgan.sampling.start import Start

if TYPE_CHECKING:
    from simgan.sampling.model import Model


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
def draw_group(
    model: Model, drawing: Drawing, start: Start, group: int
) -> tuple[Float32Array, FloatArray | None]:
    """Return the log returns of the rows of a group that a drawing asks for, and their weights.

    The log returns have shape (rows, horizon, assets). The weights (rows,) belong to tilted noise,
    and are None without a tilt. The group is computed as a whole, or block by block where the
    runtime rounds no differently then.
    """
    rows, runtime = drawing.rows(group), model.runtime
    blocks = (
        slice(rows.start // BLOCK * BLOCK, -(-rows.stop // BLOCK) * BLOCK)
        if runtime.is_blockwise
        else slice(0, SIZE)
    )
    seed = model.seed_of(drawing.seed)
    memory = start.memories(runtime, seed, group, rows)[blocks]
    steps = runtime.blueprint.run_in + drawing.horizon
    noise = normals(seed, drawing.stream, group, rows, steps, runtime.blueprint.latent)
    scaled = continued(runtime, memory, drawing.tilt.of(noise[:, blocks]))
    if drawing.regime is not None:
        scaled = runtime.in_regime(memory, scaled, drawing.regime)
    weights = None if drawing.tilt == NO_TILT else drawing.tilt.weights(noise[:, rows])
    asked = scaled[rows.start - blocks.start : rows.stop - blocks.start]
    return model.unscaled(asked, np.float32), weights


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
    memory: Float32Array,
    horizon: int,
    draws: int,
    rng: np.random.Generator,
) -> Float32Array:
    """Return scaled returns (draws, horizon, assets) from one memory (assets, W) on."""
    blueprint = runtime.blueprint
    unseen = rng.standard_normal((draws, 1, blueprint.unseen), dtype=np.float32)
    shape = (blueprint.run_in + horizon, draws, blueprint.latent)
    noise = rng.standard_normal(shape, dtype=np.float32)
    memories = blueprint.with_unseen(np.tile(memory, (draws, 1, 1)), unseen)
    parts = [slice(first, first + SIZE) for first in range(0, draws, SIZE)]
    return np.concatenate([continued(runtime, memories[part], noise[:, part]) for part in parts])
