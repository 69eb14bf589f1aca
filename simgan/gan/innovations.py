"""The law of the innovations: a smoothed body and generalised Pareto tails from residuals.

Likelihood and critic shape the volatility. The residuals of the history are then the best
sample of the innovations (Barone-Adesi, Giannopoulos & Vosper 1999, "VaR without
correlations for portfolios of derivative securities"). Residuals of calm days have heavier tails
than those of wild days, so each has a law. Beyond a threshold residuals are too few, so the tails
have an estimator of their own: peaks over the threshold (Pickands 1975, and McNeil & Frey
2000, "Estimation of tail-related risk measures for heteroscedastic financial time series").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from simgan.arrays import AnyFloatArray, Float32Array, FloatArray
from simgan.recipe.blueprints.state_space import KNOTS, SIZES
from simgan.stats.tails import FEWEST_EXCEEDANCES, GeneralisedPareto, fit_generalised_pareto

_LEAST_SHAPE = 0.01  # a tail of shape below 0 would end where history happens to end
_MOST_SHAPE = 0.45  # from ½ on the variance is infinite
_LEAST_SCALE = 0.05
_FEWEST_OF_LAW = 2 * FEWEST_EXCEEDANCES  # days in a tail of one law
_LEAST_STEP = 1.01  # from the typical spread of one law to the next
_NORMAL_RANGE = 1.349  # interquartile range of the standard normal
_BANDWIDTH = 0.1  # of Silverman's: fills gaps without widening the law
_OF_SIZES = 0.1  # of the size of a jump: fills the gaps between few
_KERNEL = norm.ppf((np.arange(20) + 0.5) / 20)


@dataclass(frozen=True)
class Innovations:
    """Estimates for each replica.

    Attributes
    ----------
    knots, body, tails, between, rest : arrays of shape (B,), (R, L, B), (R, L, 2, 2), (R, L), …
        As in `simgan.recipe.blueprints.state_space.StateSpace`, for L laws. The scores ``rest``
        (R, L, 2) leave as many falls and rises as the days of a law have.
    fits : list of (losses, gains), one per replica and law
        The tail estimates with their intervals. None marks a history too short for one.
    is_jump : array of shape (days · assets,)
        Days that have no part in body and tails.
    """

    knots: Float32Array
    body: Float32Array
    tails: Float32Array
    between: Float32Array
    rest: Float32Array
    fits: list[tuple[GeneralisedPareto | None, GeneralisedPareto | None]]
    is_jump: NDArray[np.bool_]

    def weights(self) -> dict[str, Float32Array]:
        """Return the estimates by the names of the weights that they set."""
        names = "knots", "body", "tails", "between"
        return {name: getattr(self, name) for name in names}

    def returns_of(self, scaled: Float32Array) -> Float32Array:
        """Return the returns of the residuals, (days · assets,), from a history (days, assets)."""
        return scaled.ravel()[-len(self.is_jump) :]


class OfPrior(NamedTuple):
    """The law of a prior, by laws of calm and of wild days.

    Attributes
    ----------
    residuals : array of shape (laws, n)
        They count as those of further days in the body of a law, and by their number in its tails.
    tails : array of shape (laws, 2, 2)
        Shape and scale, of losses and of gains.
    """

    residuals: FloatArray
    tails: FloatArray

    def together(self) -> OfPrior:
        """Return the same with one law of all days for each."""
        laws = len(self.residuals)
        tails = np.tile(self.tails.mean(axis=0), (laws, 1, 1, 1))
        return OfPrior(np.tile(self.residuals.reshape(-1), (laws, 1)), tails)


class LawRules(NamedTuple):
    """What an estimate decides by.

    Attributes
    ----------
    share : float
        Share of the days of a law in each of its tails.
    jump : float
        Least size of a jump, in multiples of the scale of the residuals: the interquartile range of
        days with a move, over 1.349. 0 means no jumps.
    laws : int
        The days are divided among so many laws by their spread.
    beside : OfPrior, optional
        A prior stands beside the history.
    """

    share: float
    jump: float
    laws: int = 1
    beside: OfPrior | None = None

    @property
    def others(self) -> OfPrior:
        """What stands beside the history, by default no days."""
        nothing = OfPrior(np.empty((self.laws, 0)), np.ones((self.laws, 2, 2)))
        return nothing if self.beside is None else self.beside


def estimate(
    residuals: FloatArray, spreads: FloatArray, realized: AnyFloatArray, rules: LawRules
) -> Innovations:
    """Estimate the innovations of each replica from its residuals.

    Where a history is too short for two laws, all days give both.

    Parameters
    ----------
    residuals, spreads : arrays of shape (R, days)
        Those of a law are shifted to mean 0 first.
    realized : array of shape (days,)
        The returns. No tail reaches into the days without a move.
    rules : LawRules
    """
    moved = realized != 0
    is_jump = moved & _is_extreme(residuals, moved, rules.jump)
    residuals, spreads = residuals[:, ~is_jump], spreads[:, ~is_jump]
    realized = realized[~is_jump]
    calmest = np.argsort(spreads, axis=1, kind="stable")
    groups = np.array_split(calmest, rules.laws, axis=1)  # (R, days of a law)
    share, others = _usable(rules.share, realized, groups), rules.others
    if share * (groups[-1].shape[1] + others.residuals.shape[1]) < _FEWEST_OF_LAW:
        groups, others = [calmest] * rules.laws, others.together()
        share = _usable(rules.share, realized, groups)
    knots = np.linspace(norm.ppf(share), norm.isf(share), KNOTS)
    fits: list[tuple[GeneralisedPareto | None, GeneralisedPareto | None]] = []
    bodies, tails, between, rest = [], [], [], []
    for replica, sample in enumerate(residuals):
        for days, other, others_tails in zip(
            (group[replica] for group in groups), *others, strict=True
        ):
            centred = sample[days] - sample[days].mean()
            body = _smooth_quantiles(np.concatenate([centred, other]), norm.cdf(knots))
            sides = (-centred, -body[0]), (centred, body[-1])
            fits.append((_fit_tail(*sides[0]), _fit_tail(*sides[1])))
            own = [_row(*side, fit) for side, fit in zip(sides, fits[-1], strict=True)]
            counts = [int((losses > threshold).sum()) for losses, threshold in sides]
            tails.append(_beside(own, counts, others_tails, share * len(other)))
            bodies.append(body)
            between.append(np.median(spreads[replica, days]))
            rest.append(_scores_of_rest(realized[days]))
    of_laws = len(residuals), rules.laws
    blended = np.reshape(between, of_laws)
    blended[:, 1:] = np.maximum(blended[:, 1:], _LEAST_STEP * blended[:, :-1])
    return Innovations(
        knots.astype(np.float32),
        np.reshape(bodies, (*of_laws, KNOTS)).astype(np.float32),
        np.reshape(tails, (*of_laws, 2, 2)).astype(np.float32),
        blended.astype(np.float32),
        np.reshape(rest, (*of_laws, 2)).astype(np.float32),
        fits,
        is_jump,
    )


def _scores_of_rest(realized: AnyFloatArray) -> FloatArray:
    """Return the normal scores between which days have no move, equal where all days move."""
    moved = [np.mean(realized < 0), np.mean(realized <= 0)]
    least = 0.5 / len(realized)
    return np.asarray(norm.ppf(np.clip(moved, least, 1 - least)))


def _usable(share: float, realized: AnyFloatArray, groups: Sequence[NDArray[np.intp]]) -> float:
    """Return the share of the days for a tail that holds no day without a move in any group."""
    if realized.all():
        return share
    for days in groups:  # (R, days)
        for sign in (-1, 1):
            moves = max((sign * realized[days] > 0).sum(axis=1).min(), FEWEST_EXCEEDANCES)
            share = min(share, 0.5 * moves / days.shape[1])
    return share


def _is_extreme(residuals: FloatArray, moved: NDArray[np.bool_], jump: float) -> NDArray[np.bool_]:
    """Tell which residuals (R, days) are jumps in the mean over replicas."""
    if not jump or moved.sum() < FEWEST_EXCEEDANCES:
        return np.zeros_like(moved)
    low, middle, high = np.quantile(residuals[:, moved], (0.25, 0.5, 0.75), axis=1)
    sizes = np.abs(residuals.T - middle) * _NORMAL_RANGE
    return np.asarray(sizes.mean(axis=1) > jump * (high - low).mean())


def jumps_of(scaled: AnyFloatArray, is_jump: NDArray[np.bool_]) -> Float32Array:
    """Return the weight ``jumps`` (2, 1 + SIZES) of returns (days,): shares and sizes."""
    sides = []
    for sign in (-1.0, 1.0):
        sizes = sign * scaled[is_jump & (sign * scaled > 0)]
        if len(sizes):
            smooth = sizes[:, None] * (1 + _OF_SIZES * _KERNEL)
            quantiles = np.quantile(smooth, np.linspace(0, 1, SIZES))
            sides.append([len(sizes) / len(scaled), *quantiles])
        else:
            sides.append([0.0] * (1 + SIZES))
    return np.array(sides, np.float32)


def _smooth_quantiles(sample: FloatArray, probabilities: FloatArray) -> FloatArray:
    width = _BANDWIDTH * 1.06 * sample.std() * len(sample) ** -0.2
    return np.asarray(np.quantile(sample[:, None] + width * _KERNEL, probabilities, method="hazen"))


def _fit_tail(losses: FloatArray, threshold: float) -> GeneralisedPareto | None:
    beyond = losses[losses > threshold] - threshold
    if len(beyond) < FEWEST_EXCEEDANCES:
        return None
    return fit_generalised_pareto(beyond, max_shape=_MOST_SHAPE)


def _row(
    losses: FloatArray, threshold: float, fit: GeneralisedPareto | None
) -> tuple[float, float]:
    """Return shape and scale of a tail.

    Without a usable estimate the tail is exponential with the same mean excess.
    """
    if fit is not None and fit.shape >= _LEAST_SHAPE:
        return fit.shape, fit.scale
    beyond = losses[losses > threshold] - threshold
    mean = float(beyond.mean()) if len(beyond) else 0.0  # it is scale / (1 − shape)
    return _LEAST_SHAPE, max(mean * (1 - _LEAST_SHAPE), _LEAST_SCALE)


def _beside(
    own: Sequence[tuple[float, float]], counts: Sequence[int], others: FloatArray, other: float
) -> FloatArray:
    """Return the tails (2, 2) of a history with those of a prior, both by their exceedances."""
    if not other:
        return np.array(own)
    number = np.array(counts, np.float64)[:, None]
    return np.asarray((number * np.array(own) + other * others) / (number + other))
