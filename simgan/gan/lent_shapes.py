"""Days of the history that lend their shapes to generated days.

The formulas stand with `simgan.recipe.blueprints.state_space.StateSpace`.
"""

from __future__ import annotations

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from scipy.optimize import minimize

from simgan.arrays import Float32Array, FloatArray
from simgan.gan.leaning import shape_mix_beside
from simgan.gan.series import TrainingSeries
from simgan.market.shapes import GARMAN_KLASS, range_variance
from simgan.recipe.blueprints.state_space import CORE, DAYS, LIKENESS, StateSpace
from simgan.recipe.tensors import Tensor

_LEAST_SIZE, _LEAST_SHARE = 1e-6, 1e-3  # of a day's shape, and of the part without memory
_BANDS = range(16, 48)  # counts of bands of like returns, one for each sample that is tried


def lent_shapes(
    series: TrainingSeries, picked: slice, spread: FloatArray, blueprint: StateSpace
) -> dict[str, Float32Array]:
    """Return the weights ``shape_mix`` (1 + 4K,), ``days`` (R, laws, DAYS, 4) and ``range_mean``.

    The days of a law stand in the order of their return over their spread.

    Parameters
    ----------
    series : TrainingSeries
        It has shapes.
    picked : slice
        Days that may lend theirs.
    spread : array of shape (R, days · assets)
        Of each replica on these days.
    blueprint : StateSpace
        The days are divided among its laws by their spread, the calmest first.
    """
    assert series.shapes is not None
    laws, squares = blueprint.laws, blueprint.memory.squares
    shapes, memory = (
        part[picked].reshape(-1, part.shape[-1]).astype(np.float64)
        for part in (series.shapes, series.memories[..., :squares])
    )
    is_known = np.isfinite(shapes).all(axis=-1)
    shapes, spread, memory = shapes[is_known], spread[:, is_known], memory[is_known]
    sizes = np.abs(shapes).sum(axis=-1)
    mix = shape_mix_beside(series, _shape_mix(sizes, memory), sizes, memory)
    moved = series.scaled[picked].reshape(-1)[is_known] / spread
    lent = shapes / np.sqrt(mix[0] + memory @ mix[1:])[:, None]
    every = np.concatenate([moved[..., None], np.tile(lent, (len(moved), 1, 1))], axis=-1)
    calmest = np.argsort(spread, axis=1, kind="stable")[..., None]
    of_laws = np.array_split(np.take_along_axis(every, calmest, axis=1), laws, axis=1)
    days = [[_sample(own) for own in of_law] for of_law in of_laws]
    return {
        "shape_mix": mix.astype(np.float32),
        "days": np.swapaxes(days, 0, 1).astype(np.float32),
        "range_mean": series.range_mean,
    }


def _shape_mix(sizes: FloatArray, memory: FloatArray) -> FloatArray:
    r"""Return weights c (1 + 4K,), such that :math:`\sqrt{c_0 + c · m}` is the mean size of a day.

    They minimise :math:`\sum S/μ + \log μ`, the quasi-likelihood of a positive size S of mean μ
    (Chou 2005, "Forecasting financial volatilities with extreme values").

    Parameters
    ----------
    sizes : array of shape (days,)
        |γ| + u + d of a day's shape.
    memory : array of shape (days, 4K)
        Squares and ranges before the day.
    """
    known = np.column_stack([np.ones(len(memory)), memory])

    def loss(mix: FloatArray) -> tuple[float, FloatArray]:
        square = known @ mix
        mean = np.sqrt(square)
        slope = 0.5 * (1.0 - sizes / mean) / square
        return float(np.mean(sizes / mean + np.log(mean))), slope @ known / len(known)

    level = max(float(sizes.mean()), _LEAST_SIZE) ** 2
    start = np.full(known.shape[1], level / known.sum(axis=1).mean())
    bounds = [(_LEAST_SHARE * level, None), *[(0.0, None)] * memory.shape[1]]
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds)
    return np.asarray(found.x, np.float64)


def _sample(days: FloatArray) -> FloatArray:
    """Return DAYS of days (n, 4), in the order of their returns.

    Systematic samples follow a path through returns and range variances. Of several it is that
    whose mean range variance is nearest to that of all days, for too wild a sample would feed on
    itself.
    """
    variances = range_variance(days[:, 0], days[:, 1:])
    by_return = np.argsort(days[:, 0], kind="stable")
    places = ((np.arange(DAYS) + 0.5) * len(days) / DAYS).astype(int)
    paths = [_path(by_return, variances, count) for count in _BANDS]
    samples = np.stack(paths)[:, places]  # (paths, DAYS)
    off = np.abs(variances[samples].mean(axis=1) - variances.mean())
    chosen = days[samples[off.argmin()]]
    return np.asarray(chosen[np.argsort(chosen[:, 0], kind="stable")])


def _path(by_return: NDArray[np.intp], variances: FloatArray, bands: int) -> NDArray[np.intp]:
    """Return days by bands of like returns, in a band by range variance, up and down in turn."""
    found = np.array_split(by_return, bands)
    along = [band[np.argsort(variances[band], kind="stable")] for band in found]
    return np.concatenate([band[:: (-1) ** number] for number, band in enumerate(along)])


def lending_days(days: Tensor, scores: Tensor, own: Tensor) -> tuple[Tensor, Tensor]:
    """Return the days that lend their shapes.

    Parameters
    ----------
    days : tensor of shape (R, laws, DAYS, 4)
    scores, own : tensors of shape (steps, R, n)
        Normal scores z and ζ.

    Returns
    -------
    tensor of shape (steps, R, n, laws, 4)
        A day of each law.
    tensor of shape (steps, R, n)
        The least share of the law of wild days that makes it lend its day.
    """
    near = np.float32(np.sqrt(1 - LIKENESS**2)) * scores + np.float32(LIKENESS) * own
    place = DAYS * 0.5 * tf.math.erfc(-near * np.float32(np.sqrt(0.5)))
    row = tf.clip_by_value(tf.cast(place, tf.int32), 0, DAYS - 1)
    found = tf.gather(tf.transpose(days, (0, 2, 1, 3)), tf.transpose(row, (1, 0, 2)), batch_dims=1)
    return tf.transpose(found, (1, 0, 2, 3, 4)), place - tf.cast(row, tf.float32)


def chosen(days: Tensor, least: Tensor, share: Tensor) -> Tensor:
    """Return days (R, n, 4) out of those of each law (R, n, laws, 4) by the share of wild days."""
    return tf.where((least < share)[..., None], days[..., -1, :], days[..., 0, :])


def range_of(scaled: Tensor, spread: Tensor, sizes: Tensor, days: Tensor) -> Tensor:
    """Return the range variances (R, n) of scaled returns (R, n) with lent shapes (R, n, 4).

    Spreads and sizes m have shape (R, n).
    """
    own, gap, upper, lower = tf.unstack(days, axis=-1)
    size = sizes * (CORE + tf.abs(scaled / spread)) / (CORE + tf.abs(own))
    gap, upper, lower = size * gap, size * upper, size * lower
    body = scaled - gap
    high, low = tf.nn.relu(body) + upper, -tf.nn.relu(-body) - lower
    rogers_satchell = high * (high - body) + low * (low - body)
    garman_klass = 0.5 * (high - low) ** 2 - GARMAN_KLASS * body**2
    return gap**2 + 0.5 * (rogers_satchell + garman_klass)
