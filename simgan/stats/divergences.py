"""Distances between two samples of one-dimensional log returns, each with its bias."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from scipy.special import digamma

from simgan.arguments import whole
from simgan.arrays import AnyFloatArray, FloatArray, expect_finite, numbers_of
from simgan.errors import ConfigError
from simgan.seeds import Seed
from simgan.stats.moments import sums

SMOOTHING = 0.5  # Krichevsky–Trofimov pseudo-count per bin
# The nearest-neighbour estimate takes a random subsample of more fake values than this.
MOST_POINTS = 200_000
MOST_KEPT = 1 << 20  # values of two samples whose merged probabilities stay in memory: 24 MB


@dataclass(frozen=True)
class Divergence:
    """A number that says how it was made.

    Attributes
    ----------
    value : float
        The estimate, in nats for Kullback–Leibler.
    estimator : str
        Name with its settings.
    bias : str
        Its limit for two samples of one law, or the direction of its error.
    blind_to : str
        Differences that it cannot see.
    """

    value: float
    estimator: str
    bias: str
    blind_to: str


def wasserstein(real: AnyFloatArray, fake: AnyFloatArray) -> float:
    r"""Exact 1-Wasserstein distance (earth mover's distance) of two samples.

    .. math:: W_1 = \int_0^1 |Q_\mathrm{real}(u) - Q_\mathrm{fake}(u)|\,du

    Parameters
    ----------
    real, fake : arrays of any shape
        Pooled values. The sizes may differ. Nothing is clipped or left out.

    Returns
    -------
    float
        In the units of the values. Positive even for two samples of one law, so read it beside its
        noise floor.

    Raises
    ------
    ConfigError
        A sample is empty or a value is not finite.

    Notes
    -----
    Equal to `scipy.stats.wasserstein_distance`, and faster for few values against many. Both
    samples are sorted apart, and only probabilities at which a quantile function jumps are merged.
    """
    a, b = _sorted_sample(real), _sorted_sample(fake)
    pieces = _kept_pieces if a.size + b.size <= MOST_KEPT else _Pieces.of
    both = pieces(a.size, b.size)
    # Not a product by BLAS, whose last bit depends on the number of its threads.
    return float(np.sum(both.widths * np.abs(a[both.first] - b[both.second])))


def emd_in_sd(real_series: AnyFloatArray, fake_paths: AnyFloatArray, steps: int) -> float:
    """1-Wasserstein distance of `steps`-day sums, in standard deviations of the real sums.

    The sums overlap and keep their drift.

    Parameters
    ----------
    real_series : array of shape (days,)
        Log returns.
    fake_paths : array of shape (paths, horizon)
        Log returns. Sums of all paths are pooled, none is dropped.
    steps : int
        Days per sum.
    """
    real = sums(real_series, steps)
    deviation = real.std(ddof=1) if real.size > 1 else 0.0
    if not deviation > 0.0:
        raise ConfigError(
            "emd_in_sd",
            "real_series",
            f"{real.size} sums without variation",
            "a history that varies",
        )
    return float(wasserstein(real, sums(fake_paths, steps)) / deviation)


def kl_histogram(real: AnyFloatArray, fake: AnyFloatArray, bins: int = 50) -> Divergence:
    r"""Kullback–Leibler divergence of real from fake on bins of equal real mass.

    .. math:: \sum_b p_b \log\frac{p_b}{q_b}, \qquad q_b = \frac{m_b + 1/2}{m + B/2}

    The smoothing of the fake counts m_b keeps an empty bin finite. Ties that fill a bin merge it
    with the next.

    Parameters
    ----------
    real, fake : arrays of any shape
        Pooled values.
    bins : int
        B, at least 2 and at most the number of real values.
    """
    a, b = _sorted_sample(real), _sorted_sample(fake)
    if not 2 <= bins <= a.size:
        raise ConfigError("kl_histogram", "bins", bins, f"from 2 to the {a.size} real values")
    edges = np.unique(
        np.quantile(a, np.arange(1, bins) / bins)
    )  # inner edges; the outer bins are open
    p = np.diff(np.searchsorted(a, edges, side="right"), prepend=0, append=a.size) / a.size
    counts = np.diff(np.searchsorted(b, edges, side="right"), prepend=0, append=b.size)
    q = (counts + SMOOTHING) / (b.size + SMOOTHING * counts.size)
    filled = p > 0.0
    return Divergence(
        value=float(np.sum(p[filled] * np.log(p[filled] / q[filled]))),
        estimator=f"histogram, {p.size} bins of equal real mass, +{SMOOTHING} per fake count",
        bias=f"same law, independent values: about (bins − 1)/2 · (1/n + 1/m) = "
        f"{(p.size - 1) / 2 * (1 / a.size + 1 / b.size):.2g}; "
        "different laws: low, since differences inside a bin vanish",
        blind_to=f"the shape of the outer {100 / bins:g} % on each side",
    )


def kl_nearest_neighbour(
    real: AnyFloatArray, fake: AnyFloatArray, k: int = 5, seed: Seed | None = None
) -> Divergence:
    r"""Kullback–Leibler divergence of real from fake by nearest neighbours, with a radius a point.

    .. math:: \frac1n \sum_i [\psi(k_i) - \psi(l_i)] + \log\frac{m}{n-1}

    The radius of point i is the larger of its distances to the k-th other real and the k-th fake
    value. k_i and l_i count the other real and the fake values within it. The sample that did not
    set the radius gets one more, because E ψ(N + 1) ≈ log E N. Without it 5,000 against 50,000
    values of one normal law gave .026 ± .001, and with it .000 ± .001.

    The plain estimator divides by distances, which ties make zero: days without a price change are
    a real atom of the law. Counts stay finite there and compare the atoms' masses.

    A fake sample that repeats the real values (a bootstrap) gives a clearly negative number, since
    a point is left out of its own count but its copies are not. For the same reason
    `simgan.stats.intervals.noise_floor` is a floor for this estimate only through its calendar
    halves.

    Parameters
    ----------
    real, fake : arrays of any shape
        Pooled values, more than k each. More than 200,000 fake values are subsampled.
    k : int
        Neighbours: more for less variance and more bias.
    seed : Seed, optional
        Chooses the subsample (stream ``noise-floor``), ``Seed(0)`` if left out.

    References
    ----------
    Wang, Kulkarni & Verdú (2009), "Divergence estimation for multidimensional densities via
    k-nearest-neighbor distances",
    the estimator with data-dependent k_i and l_i. Kraskov, Stögbauer & Grassberger (2004),
    "Estimating mutual information",
    for ψ(N + 1) where the radius is set elsewhere.
    """
    real, fake = (
        numbers_of(values, "kl_nearest_neighbour", name)
        for name, values in (("real", real), ("fake", fake))
    )
    a, b = _sorted_sample(real), _sorted_sample(_subsample(fake, seed or Seed()))
    k = whole(k, "kl_nearest_neighbour", "k", 1, min(a.size, b.size) - 1)
    to_real, to_fake = (
        _distance_to(a, a, k + 1),
        _distance_to(b, a, k),
    )  # a point is its own first real neighbour
    radius = np.maximum(to_real, to_fake)
    k_i = np.maximum(_within(a, a, radius) - 1, k) + (to_fake > to_real)
    l_i = np.maximum(_within(b, a, radius), k) + (to_real > to_fake)
    return Divergence(
        value=float(np.mean(digamma(k_i) - digamma(l_i)) + np.log(b.size / (a.size - 1))),
        estimator=f"nearest neighbours, k = {k}, radius per point, {b.size} fake values",
        bias="same law: about 0, either sign; "
        "smooth different laws: low where the density changes within the radius; "
        "negative if fake copies real values",
        blind_to="anything beyond the k-th largest real value",
    )


def _sorted_sample(values: AnyFloatArray) -> FloatArray:
    expect_finite(values, "divergence")
    if values.size == 0:
        raise ConfigError("divergence", "values", "an empty sample", "at least one value")
    return np.sort(np.asarray(values, np.float64), axis=None)


@dataclass(frozen=True)
class _Pieces:
    """Intervals of probability on which the quantile functions of two samples are constant.

    They depend on the sizes of the samples alone. A noise floor measures many pairs of one size.

    Attributes
    ----------
    widths : array of shape (pieces,)
        Add up to 1.
    first, second : arrays of shape (pieces,)
        Places of the quantiles in either sorted sample.
    """

    widths: FloatArray
    first: NDArray[np.intp]
    second: NDArray[np.intp]

    @classmethod
    def of(cls, n: int, m: int) -> _Pieces:
        """Merge the probabilities at which the quantile functions of n and m values jump."""
        jumps = np.concatenate([np.arange(1, n + 1) / n, np.arange(1, m + 1) / m])
        jumps.sort()
        widths = np.diff(jumps, prepend=0.0)
        middles = jumps - 0.5 * widths
        return cls(widths, _place(middles, n), _place(middles, m))


_kept_pieces = lru_cache(maxsize=1)(_Pieces.of)


def _place(probabilities: FloatArray, size: int) -> NDArray[np.intp]:
    """Places of quantiles in a sorted sample of this size."""
    return np.minimum((probabilities * size).astype(np.intp), size - 1)


def _subsample(fake: AnyFloatArray, seed: Seed) -> AnyFloatArray:
    if fake.size <= MOST_POINTS:
        return fake
    return seed.stream("noise-floor").choice(fake.reshape(-1), MOST_POINTS, replace=False)


def _distance_to(points: FloatArray, queries: FloatArray, k: int) -> FloatArray:
    """Distance of each query to its k-th nearest point."""
    return np.asarray(cKDTree(points[:, None]).query(queries[:, None], k=[k])[0][:, 0], np.float64)


def _within(ordered: FloatArray, centres: FloatArray, radius: FloatArray) -> FloatArray:
    """Number of points in the closed interval of each radius about each centre."""
    last = np.searchsorted(ordered, centres + radius, side="right")
    return np.asarray(last - np.searchsorted(ordered, centres - radius, side="left"), np.float64)
