"""Days of the history that lend their shapes to generated days.

The formulas stand with `simgan.recipe.blueprints.state_space.StateSpace`.
"""

from __future__ import annotations

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from scipy.optimize import brentq

from simgan.arrays import Float32Array, FloatArray
from simgan.gan.leaning import days_beside, elasticity_beside
from simgan.gan.series import TrainingSeries
from simgan.market.shapes import GARMAN_KLASS, PARTS, range_variance
from simgan.recipe.blueprints.state_space import CORE, DAYS, LIKENESS
from simgan.recipe.tensors import Tensor

_ELASTICITIES = 0.4, 1.3  # bounds
_BANDS = range(16, 48)  # counts of bands of like returns, one for each sample that is tried


def lent_shapes(
    series: TrainingSeries, picked: slice, spread: FloatArray, laws: int
) -> dict[str, Float32Array]:
    """Return the weights ``days`` (R, laws, DAYS, 4), ``elasticity`` (R,) and ``range_mean`` (1,).

    The days of a law stand in the order of their return over their spread.

    Parameters
    ----------
    series : TrainingSeries
        It has shapes.
    picked : slice
        Days that may lend theirs.
    spread : array of shape (R, days · assets)
        Of each replica on these days.
    laws : int
        The days are divided among so many laws by their spread, the calmest first.
    """
    assert series.shapes is not None
    shapes = series.shapes[picked].reshape(-1, PARTS).astype(np.float64)
    is_known = np.isfinite(shapes).all(axis=-1)
    shapes, spread = shapes[is_known], spread[:, is_known]
    elasticity = elasticity_beside(
        series, [_elasticity(np.abs(shapes).sum(axis=-1), np.log(one)) for one in spread]
    )
    moved = series.scaled[picked].reshape(-1)[is_known] / spread
    sizes = spread ** elasticity[:, None]
    every = np.concatenate([moved[..., None], shapes / sizes[..., None]], axis=-1)
    calmest = np.argsort(spread, axis=1, kind="stable")[..., None]
    of_laws = np.array_split(np.take_along_axis(every, calmest, axis=1), laws, axis=1)
    days = [
        [_sample(np.concatenate([own, other])) for own in of_law]
        for of_law, other in zip(of_laws, days_beside(series, laws), strict=True)
    ]
    return {
        "days": np.swapaxes(days, 0, 1).astype(np.float32),
        "elasticity": elasticity.astype(np.float32),
        "range_mean": series.range_mean,
    }


def _elasticity(sizes: FloatArray, log_spread: FloatArray) -> float:
    r"""Return ε such that the sizes (days,) of shapes over :math:`s^ε` do not vary with s.

    It is the estimate by quasi-likelihood with a logarithmic link (Wedderburn 1974).
    """
    centred = log_spread - log_spread.mean()

    def rest(elasticity: float) -> float:
        return float(sizes * np.exp(-elasticity * log_spread) @ centred)

    low, high = _ELASTICITIES
    if rest(low) <= 0 <= rest(high):  # all spreads are equal
        return 1.0
    if rest(low) <= 0 or rest(high) >= 0:
        return low if rest(low) <= 0 else high
    return float(brentq(rest, low, high, xtol=1e-4))


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
        Normal scores z and s.

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


def range_of(scaled: Tensor, spread: Tensor, days: Tensor, elasticity: Tensor) -> Tensor:
    """Return the range variances (R, n) of scaled returns (R, n) with lent shapes (R, n, 4).

    The elasticities have shape (R,).
    """
    moved, (own, gap, upper, lower) = scaled / spread, tf.unstack(days, axis=-1)
    size = (CORE + tf.abs(moved)) / (CORE + tf.abs(own)) * spread ** (elasticity - 1.0)[:, None]
    gap, upper, lower = size * gap, size * upper, size * lower
    body = moved - gap
    high, low = tf.nn.relu(body) + upper, -tf.nn.relu(-body) - lower
    rogers_satchell = high * (high - body) + low * (low - body)
    garman_klass = 0.5 * (high - low) ** 2 - GARMAN_KLASS * body**2
    return spread**2 * (gap**2 + 0.5 * (rogers_satchell + garman_klass))
