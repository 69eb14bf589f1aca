"""The volatility of the long run, as an average over states and over the law of a day.

One day of a crash may hold a fifth of the variance of a thousand scenarios, because innovations
have jumps and Pareto tails. So the standard deviation of scenarios is noisy, and this one is not.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from simgan.arrays import Float32Array, FloatArray
from simgan.recipe.blueprints.joint import Joint
from simgan.recipe.blueprints.state_space import StateSpace
from simgan.sampling.model import Model
from simgan.sampling.runtimes.numpy_runtime import NumpyRuntime

_GRID = np.linspace(-7.0, 7.0, 71)  # normal scores of a day
_GOLDEN = 0.5 * (np.sqrt(5.0) - 1.0)
_PATHS, _DAYS = 1_024, 20  # scenarios of the long run where the law of a day is not known


@np.errstate(all="ignore")  # `Model.unscaled` judges the result
def long_run_volatility(model: Model) -> FloatArray:
    """Return the standard deviation of a log return in the long run, shape (assets,).

    A state-space generator rolls each long-run state by a grid of normal scores. Scenarios stand
    for the law of another one.
    """
    if isinstance(model.bundle.manifest.blueprint, StateSpace | Joint):
        scores = _scores(len(model.bundle.pool))
        days = np.stack(list(_days(model, scores)), axis=-1)  # (scores, states, assets), scaled
        returns, weights = model.unscaled(days, np.float64), np.exp(-0.5 * np.square(scores))
    else:
        drawn = model.sample(_PATHS, _DAYS, as_of="stationary").log_returns
        returns, weights = drawn.astype(np.float64), np.ones(drawn.shape[:2])
    weights /= weights.sum()
    mean = np.einsum("ij,ija->a", weights, returns)
    return np.asarray(np.sqrt(np.einsum("ij,ija->a", weights, (returns - mean) ** 2)), np.float64)


def _scores(states: int) -> FloatArray:
    """Return normal scores (scores, states) of a grid with another offset for each state.

    Jumps begin at a score, and the offsets together find it between the points of the grid.
    """
    offsets = np.arange(states) * _GOLDEN % 1.0 - 0.5
    return np.asarray(_GRID[:, None] + (_GRID[1] - _GRID[0]) * offsets, np.float64)


def _days(model: Model, scores: FloatArray) -> Iterator[Float32Array]:
    """Yield the scaled returns (scores, states) of a day of each asset."""
    pool = model.bundle.pool
    for column, runtime in enumerate(_runtimes(model)):
        blueprint = runtime.blueprint
        states = np.ascontiguousarray(pool[:, column : column + 1, : blueprint.width])
        noise = np.zeros((1, len(states), blueprint.latent), np.float32)
        days = np.empty(scores.shape, np.float32)
        for day, score in zip(days, scores, strict=True):
            noise[0, :, 0] = score
            day[:] = runtime.roll(states, noise)[0][:, 0, 0]
        yield days


def _runtimes(model: Model) -> Iterator[NumpyRuntime]:
    """Yield the generator of each asset."""
    blueprint, weights = model.bundle.manifest.blueprint, model.bundle.weights
    if isinstance(blueprint, StateSpace):
        yield NumpyRuntime(blueprint, weights)
    elif isinstance(blueprint, Joint):
        for column, member in enumerate(blueprint.members):
            yield NumpyRuntime(member, blueprint.of_member(weights, column))
