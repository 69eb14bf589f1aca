"""A critic that sees the past of a path: the second half of `generator_critic_bets.py`.

It gets a past, and 20 days that may have followed it. Some of them did, and the others are drawn by
a model from the same past. Its score is linear in features of the 20 days, and in their products
with features of the past. It is fitted as a choice of the real days among the drawn ones (McFadden
1974, "Conditional logit analysis of qualitative choice behavior"). So exp(score) is the density
ratio of real to drawn days given the past, up to a factor, and it can weigh the drawn paths.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import logsumexp, softmax

from simgan.arrays import FloatArray

AHEAD = 20  # days that are judged
EVERY = 10  # days from one past to the next
FIRST = 260  # day of the first past
_BOUND = 4.0  # of a standardised feature
_TINY = 1e-12
_DECAYS = {days: 0.5 ** (1 / days) for days in (3, 15, 60, 250)}  # by half life

PAST = (
    *("level of volatility", "volatility 3 / 15", "15 / 60", "60 / 250"),
    *("trend 3", "trend 15", "trend 60", "below the high of a year"),
)
FUTURE = (
    *("sum 1", "sum 1-5", "sum 1-20", "size of sum 1", "size of sum 1-5", "size of sum 1-20"),
    *("log volatility 1-5", "log volatility 6-20", "log volatility 1-20"),
    *("worst day", "best day", "deepest fall", "highest rise"),
    *("share of small days", "kurtosis", "falls in volatility"),
    *("reversal 1", "cluster 1", "leverage 1"),
)


def features_of_past(returns: FloatArray, known: int) -> tuple[FloatArray, FloatArray]:
    """Return features (days, 8) and units (days,) of the past of each day of returns (days,).

    The unit is the volatility of a half life of 15 days. The level is that of the unit beside the
    volatility of the first `known` days.
    """
    variance = returns[:known].var()
    squares, means = ({days: np.empty(len(returns)) for days in _DECAYS} for _ in range(2))
    for days, decay in _DECAYS.items():
        square, mean = variance, 0.0
        for day, value in enumerate(returns):
            squares[days][day], means[days][day] = square, mean
            square = decay * square + (1 - decay) * min(value**2, 100 * square)
            mean = decay * mean + (1 - decay) * value
    squares = {days: np.maximum(values, 1e-6 * variance) for days, values in squares.items()}
    unit = np.sqrt(squares[15])
    log = {days: 0.5 * np.log(values) for days, values in squares.items()}
    level = np.concatenate([[0.0], returns.cumsum()])[:-1]
    year = np.lib.stride_tricks.sliding_window_view(np.pad(level, (249, 0), mode="edge"), 250)
    columns = [
        log[15] - 0.5 * np.log(variance),
        *(log[short] - log[long] for short, long in ((3, 15), (15, 60), (60, 250))),
        *(means[days] / unit * np.sqrt(days) for days in (3, 15, 60)),
        (year.max(axis=1) - level) / unit / np.sqrt(250),
    ]
    return np.stack(columns, axis=1), unit


def features_of_future(paths: FloatArray) -> FloatArray:
    """Return features (…, 19) of paths (…, 20) in units of the volatility before them."""
    sizes, level = np.abs(paths), paths.cumsum(axis=-1)
    padded = np.concatenate([np.zeros_like(level[..., :1]), level], axis=-1)
    squares = paths**2
    whole = squares.mean(axis=-1) + _TINY
    sums = [level[..., days - 1] / np.sqrt(days) for days in (1, 5, AHEAD)]
    log = [
        0.5 * np.log(part.mean(axis=-1) + 1e-3)
        for part in (squares[..., :5], squares[..., 5:], squares)
    ]
    apart = sizes - sizes.mean(axis=-1, keepdims=True)
    columns = [
        *sums,
        *(np.abs(one) for one in sums),
        *log,
        *(paths.min(axis=-1), paths.max(axis=-1)),
        (np.maximum.accumulate(padded, axis=-1) - padded).max(axis=-1),
        (padded - np.minimum.accumulate(padded, axis=-1)).max(axis=-1),
        (sizes < 0.25).mean(axis=-1),
        np.log((squares**2).mean(axis=-1) / whole**2 + _TINY),
        (squares * (paths < 0)).mean(axis=-1) / whole,
        (paths[..., :-1] * paths[..., 1:]).mean(axis=-1) / whole,
        (apart[..., :-1] * apart[..., 1:]).mean(axis=-1) / whole,
        (paths[..., :-1] * apart[..., 1:]).mean(axis=-1) / whole,
    ]
    return np.stack(columns, axis=-1)


@dataclass(frozen=True)
class Choices:
    """Pasts, each with 20 days to choose from. The real ones are the first.

    Attributes
    ----------
    past : array of shape (states, 8)
    future : array of shape (states, 1 + draws, 19)
    weeks : array of shape (states,)
        Monday of the first of the 20 days.
    """

    past: FloatArray
    future: FloatArray
    weeks: NDArray[np.datetime64]

    @classmethod
    def join(cls, parts: list[Choices]) -> Choices:
        return cls(*(np.concatenate([getattr(p, n) for p in parts]) for n in cls._names()))

    def rows(self, picked: NDArray[np.bool_]) -> Choices:
        return Choices(*(getattr(self, name)[picked] for name in self._names()))

    def among_drawn(self) -> Choices:
        """Return the choices with a drawn path in the place of the real one."""
        return Choices(self.past, self.future[:, 1:], self.weeks)

    @staticmethod
    def _names() -> tuple[str, ...]:
        return "past", "future", "weeks"


@dataclass(frozen=True)
class Critic:
    """A fitted critic.

    Attributes
    ----------
    weights : array of shape (1 + 8, 19)
        Of each feature of the future alone, and with each feature of the past.
    scales : tuple of arrays
        Mean and deviation of the features of past and future.
    """

    weights: FloatArray
    scales: tuple[FloatArray, FloatArray, FloatArray, FloatArray]

    @classmethod
    def of(cls, choices: Choices, ridge: float, *, sees_past: bool = True) -> Critic:
        """Fit by maximum likelihood of the choices, less `ridge` times the squared weights."""
        future = choices.future.reshape(-1, len(FUTURE))
        scales = (
            *(choices.past.mean(axis=0), choices.past.std(axis=0)),
            *(future.mean(axis=0), future.std(axis=0)),
        )
        shape = (1 + len(PAST) if sees_past else 1, len(FUTURE))
        past, z = _standard(choices.past, choices.future, scales)
        past = past[:, : shape[0]]

        def loss(flat: FloatArray) -> tuple[float, FloatArray]:
            weights = flat.reshape(shape)
            scores = np.einsum("sjf,sf->sj", z, past @ weights)
            share = softmax(scores, axis=1)
            value = np.mean(logsumexp(scores, axis=1) - scores[:, 0])
            slope = past.T @ (np.einsum("sj,sjf->sf", share, z) - z[:, 0]) / len(z)
            return value + ridge * np.sum(flat**2), (slope + 2 * ridge * weights).ravel()

        found = minimize(loss, np.zeros(shape).ravel(), jac=True, method="L-BFGS-B").x
        weights = np.zeros((1 + len(PAST), len(FUTURE)))
        weights[: shape[0]] = found.reshape(shape)
        return cls(weights, scales)

    def scores(self, past: FloatArray, future: FloatArray) -> FloatArray:
        """Return scores (states, paths) of futures (states, paths, 19) after pasts (states, 8)."""
        own, z = _standard(past, future, self.scales)
        return np.asarray(np.einsum("sjf,sf->sj", z, own @ self.weights))


def _standard(
    past: FloatArray, future: FloatArray, scales: tuple[FloatArray, ...]
) -> tuple[FloatArray, FloatArray]:
    """Return standardised features, those of the past after a column of ones."""
    own, z = (
        np.clip((values - mean) / spread, -_BOUND, _BOUND)
        for values, mean, spread in ((past, *scales[:2]), (future, *scales[2:]))
    )
    return np.column_stack([np.ones(len(own)), own]), z


def judged(critic: Critic, choices: Choices) -> FloatArray:
    """Return the area under the ROC curve and the log-likelihood of each choice, (states, 2).

    The area of one choice is the share of the drawn days with a lower score than the real ones. The
    log-likelihood is that beyond a blind choice, in thousandths of a nat.
    """
    scores = critic.scores(choices.past, choices.future)
    area = np.mean((scores[:, :1] > scores[:, 1:]) + 0.5 * (scores[:, :1] == scores[:, 1:]), axis=1)
    gain = scores[:, 0] - logsumexp(scores, axis=1) + np.log(scores.shape[1])
    return np.stack([area, 1000 * gain], axis=1)
