"""Histories that might have been: laws that one history allows, and histories drawn from them.

One history does not tell its law. A calm one may come from a law with wild years. So the laws are
a sample of the posterior of a GJR-GARCH with Student-t innovations, and not one estimate. Priors
are weak: persistence, share of news in it and asymmetry are uniform over the stationary region.
The degrees of freedom are log-normal about 8, and the long-run variance about the sample's. The
variance is a nuisance here: histories are drawn with that of the sample, so all have one scale.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.signal import lfilter
from scipy.special import expit

from simgan.arrays import AnyFloatArray, FloatArray, expect_finite, expect_shape
from simgan.baselines import library_errors_as_training_errors
from simgan.baselines.ewma import DECAY
from simgan.baselines.volatility import BOUND, GJR
from simgan.baselines.volatility_parts import Gjr, StudentT

LAWS = 24
_SWEEPS = 80  # of all walkers. Longer runs give the same persistence within a tenth of its spread
_STRETCH = 2.0  # a of the stretch move, as its authors use it
RUN_IN = 500  # days from the long-run variance that are dropped
_TAIL = (np.log(6.0), 1.0)  # mean and deviation of log(ν − 2.05)
_SCALE = 0.7  # deviation of the log of the long-run variance over the sample's
_START = np.array([*GJR.starts[0], _TAIL[0], 0.0])
_NEAR = 0.01  # deviation, in days of the history, of the place of a day that lends its shape
_SPREAD = np.array([0.5, 0.5, 0.5, 0.3, 0.1])  # of the walkers at their start


@dataclass(frozen=True)
class PlausibleLaw:
    """A law r = μ + σ z that a history allows. σ moves by the recursion, and z is drawn."""

    recursion: Gjr
    innovations: StudentT


def plausible_laws(
    log_returns: AnyFloatArray, rng: np.random.Generator
) -> tuple[PlausibleLaw, ...]:
    """Draw 24 laws from the posterior of a GJR-GARCH-t, given a history.

    The walkers of an affine-invariant sampler are the laws. It needs neither a gradient nor a
    maximum, so a history without clusters, where β is not identified, is no special case.

    Parameters
    ----------
    log_returns : array of shape (days,)
        Returns that vary.
    rng : numpy Generator
        From a named stream of `Seed`.

    References
    ----------
    Goodman & Weare (2010), "Ensemble samplers with affine invariance".
    """
    expect_shape(log_returns, ("days",), "plausible_laws")
    expect_finite(log_returns, "plausible_laws")
    series = np.asarray(log_returns, np.float64)
    variance = float(series.var())
    scaled = (series - series.mean()) / np.sqrt(variance)
    with library_errors_as_training_errors("plausible_laws"):
        walkers = _START + _SPREAD * rng.standard_normal((LAWS, len(_START)))
        _walk(walkers, lambda free: _log_posterior(free, scaled), rng)
    return tuple(_law(free, variance) for free in walkers)


def plausible_histories(
    log_returns: AnyFloatArray, paths: int, rng: np.random.Generator
) -> FloatArray:
    """Draw histories as long as the real one, a number of each of its plausible laws.

    Parameters
    ----------
    log_returns : array of shape (days,)
        Returns that vary.
    paths : int
        Histories of each law.
    rng : numpy Generator
        From a named stream of `Seed`.

    Returns
    -------
    array of shape (24, paths, days)
    """
    laws, days = plausible_laws(log_returns, rng), len(log_returns)
    shocks = np.empty((RUN_IN + days, LAWS, paths))
    for number, law in enumerate(laws):
        shocks[:, number] = law.innovations.draw(rng, (len(shocks), paths))
    rolled(shocks, [law.recursion for law in laws])
    return np.asarray(np.mean(log_returns) + shocks[RUN_IN:].transpose(1, 2, 0), np.float64)


def plausible_shapes(
    log_returns: FloatArray, shapes: FloatArray, histories: FloatArray, rng: np.random.Generator
) -> FloatArray:
    r"""Give the days of drawn histories shapes, each lent by a day of the real one.

    A spread s is the root of the exponentially weighted mean of earlier squared returns. A day with
    return r and spread s lends its shape to one with r' and s'. The place of r'/s' among all of
    them is nearly that of r/s. The shape is multiplied by

    .. math:: \frac{s' + |r'|}{s + |r|}

    so that shapes follow the volatility of the drawn history. A day without a shape has none in any
    history. This is a smoothed bootstrap of pairs, as in a model with ranges
    (`simgan.recipe.blueprints.state_space`).

    Parameters
    ----------
    log_returns : array of shape (days,)
        Returns that vary.
    shapes : array of shape (days, 3)
        Of the same days, in log returns (`simgan.market.shapes`). NaN where a day has none.
    histories : array of shape (…, days)
        Log returns.
    rng : numpy Generator
        From a named stream of `Seed`.

    Returns
    -------
    array of shape (…, days, 3)
    """
    is_known = np.isfinite(shapes).all(axis=-1)
    own, lent = _spreads(log_returns)[is_known], log_returns[is_known]
    order = np.argsort(lent / own, kind="stable")
    own, lent, parts = own[order], lent[order], shapes[is_known][order]
    spreads = _spreads(histories)
    moved = np.searchsorted(lent / own, histories / spreads)
    near = np.rint(_NEAR * len(order) * rng.standard_normal(histories.shape)).astype(np.intp)
    days = np.clip(moved + near, 0, len(order) - 1)
    size = (spreads + np.abs(histories)) / (own + np.abs(lent))[days]
    size[..., ~is_known] = np.nan
    return np.asarray(size[..., None] * parts[days], np.float64)


def _spreads(log_returns: FloatArray) -> FloatArray:
    """Return the root of the weighted mean of squares (…, days) before each day."""
    squares = np.square(log_returns)
    first = squares.mean(axis=-1, keepdims=True)
    start = DECAY * first  # the first day stands after the mean of all
    later, _ = lfilter([1 - DECAY], [1, -DECAY], squares, zi=start)
    return np.asarray(np.sqrt(np.concatenate([first, later[..., :-1]], axis=-1)), np.float64)


def _law(free: FloatArray, variance: float) -> PlausibleLaw:
    """Return the law at an address: three logits, and log(ν − 2.05)."""
    recursion = GJR.at(free[:3], StudentT.negative_share)
    assert isinstance(recursion, Gjr)
    return PlausibleLaw(recursion.times(variance), StudentT.of(free[3:4]))


def _log_posterior(free: FloatArray, scaled: FloatArray) -> float:
    if np.abs(free).max() > BOUND:
        return -np.inf
    law = _law(free, float(np.exp(free[4])))
    variance = law.recursion.filtered(scaled)[:-1]
    likelihood = float(law.innovations.log_likelihood(scaled, variance).sum())
    shares = expit(free[:3])
    uniform = float(np.log(shares * (1.0 - shares)).sum())  # the densities of their logits
    weak = ((free[3] - _TAIL[0]) / _TAIL[1]) ** 2 + (free[4] / _SCALE) ** 2
    total = likelihood + uniform - 0.5 * float(weak)
    return total if np.isfinite(total) else -np.inf


def _walk(
    walkers: FloatArray, log_density: Callable[[FloatArray], float], rng: np.random.Generator
) -> None:
    r"""Move walkers (walkers, dimensions) towards their stationary law, in place.

    .. math:: y = x_j + z (x_i - x_j), \quad g(z) \propto 1/\sqrt z \text{ on } [1/a, a], \quad
       P = \min(1, z^{d-1} p(y)/p(x_i))
    """
    n, dimensions = walkers.shape
    heights = np.array([log_density(walker) for walker in walkers])
    for _ in range(_SWEEPS):
        partners = (np.arange(n) + rng.integers(1, n, n)) % n
        stretches = np.square(1.0 + (_STRETCH - 1.0) * rng.random(n)) / _STRETCH
        thresholds = np.log(rng.random(n)) - (dimensions - 1) * np.log(stretches)
        for i, j in enumerate(partners):
            moved = walkers[j] + stretches[i] * (walkers[i] - walkers[j])
            height = log_density(moved)
            if thresholds[i] < height - heights[i]:
                walkers[i], heights[i] = moved, height


def rolled(innovations: FloatArray, recursions: list[Gjr]) -> None:
    """Turn innovations (days, laws, paths) into shocks, in place, from the long-run variances."""
    fields = np.array([(r.alpha, r.gamma, r.beta, r.omega, r.variance) for r in recursions])
    alpha, gamma, beta, omega, start = fields.T[:, :, None]  # (laws, 1) each
    variance = np.broadcast_to(start, innovations.shape[1:])
    for shock in innovations:
        shock *= np.sqrt(variance)
        variance = omega + (alpha + gamma * (shock < 0.0)) * shock**2 + beta * variance
