"""A critic that sees the past of a path: the second half of `generator_critic_bets.py`.

It gets a past, and 20 days that may have followed it. Some of them did, and the others are drawn by
a model from the same past. Its score is linear in features of the 20 days, and in their products
with features of the past. It is fitted as a choice of the real days among the drawn ones (McFadden
1974, "Conditional logit analysis of qualitative choice behavior"). So exp(score) is the density
ratio of real to drawn days given the past, up to a factor, and it can weigh the drawn paths.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import logsumexp, softmax

from simgan.arrays import FloatArray
from simgan.risk.comparison import LossComparison, diebold_mariano, mean_by_date

AHEAD = 20  # days that are judged
EVERY = 10  # days from one past to the next
FIRST = 260  # day of the first past
FOLDS = 5  # blocks of time
RIDGES = (1.0, 1e-1, 1e-2)
WEEK = 5  # days
_GAP = np.timedelta64(35, "D")  # between days that are learned from and days that are judged
_SHOWN = 6  # weights of a critic
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

Names = tuple[tuple[str, ...], tuple[str, ...]]


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
    past : array of shape (states, features)
    future : array of shape (states, 1 + draws, features)
    weeks : array of shape (states,)
        Monday of the first of the 20 days.
    names : pair of tuples of str
        Of the features of past and future.
    """

    past: FloatArray
    future: FloatArray
    weeks: NDArray[np.datetime64]
    names: Names = (PAST, FUTURE)

    @classmethod
    def join(cls, parts: list[Choices]) -> Choices:
        arrays = (
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("past", "future", "weeks")
        )
        return cls(*arrays, names=parts[0].names)

    def rows(self, picked: NDArray[np.bool_]) -> Choices:
        return Choices(self.past[picked], self.future[picked], self.weeks[picked], self.names)

    def only(self, past: tuple[str, ...], future: tuple[str, ...]) -> Choices:
        """Return the choices with these features."""
        columns = (
            [known.index(name) for name in wanted]
            for known, wanted in zip(self.names, (past, future), strict=True)
        )
        own, others = columns
        return Choices(self.past[:, own], self.future[..., others], self.weeks, (past, future))

    def among_drawn(self) -> Choices:
        """Return the choices with a drawn path in the place of the real one."""
        return replace(self, future=self.future[:, 1:])


@dataclass(frozen=True)
class Critic:
    """A fitted critic.

    Attributes
    ----------
    weights : array of shape (1 + features of the past, features of the future)
        Of each feature of the future alone, and with each feature of the past.
    scales : tuple of arrays
        Mean and deviation of the features of past and future.
    names : pair of tuples of str
        Of the features of past and future.
    """

    weights: FloatArray
    scales: tuple[FloatArray, FloatArray, FloatArray, FloatArray]
    names: Names

    @classmethod
    def of(cls, choices: Choices, ridge: float, *, sees_past: bool = True) -> Critic:
        """Fit by maximum likelihood of the choices, less `ridge` times the squared weights."""
        future = choices.future.reshape(-1, choices.future.shape[-1])
        scales = (
            *(choices.past.mean(axis=0), choices.past.std(axis=0)),
            *(future.mean(axis=0), future.std(axis=0)),
        )
        full = 1 + choices.past.shape[-1], choices.future.shape[-1]
        shape = (full[0] if sees_past else 1, full[1])
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
        weights = np.zeros(full)
        weights[: shape[0]] = found.reshape(shape)
        return cls(weights, scales, choices.names)

    def scores(self, past: FloatArray, future: FloatArray) -> FloatArray:
        """Return scores (states, paths) by features of pasts (states, …) and of their paths."""
        own, z = _standard(past, future, self.scales)
        return np.asarray(np.einsum("sjf,sf->sj", z, own @ self.weights))

    def strongest(self) -> str:
        """Return the features of the largest weights."""
        sizes = np.abs(self.weights)
        places = np.unravel_index(np.argsort(-sizes, axis=None)[:_SHOWN], sizes.shape)
        before = ("", *(f" after {name}" for name in self.names[0]))
        words = [
            f"{self.names[1][feature]}{before[past]} {self.weights[past, feature]:+.3f}"
            for past, feature in zip(*places, strict=True)
        ]
        return ", ".join(words)


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


def across_time(choices: Choices, ridge: float, sees_past: bool) -> FloatArray:
    """Return the judgement of each choice by a critic of the other blocks of time."""
    found = np.empty((len(choices.weeks), 2))
    for critic, is_judged in critics_across_time(choices, ridge, sees_past):
        found[is_judged] = judged(critic, choices.rows(is_judged))
    return found


def critics_across_time(
    choices: Choices, ridge: float, sees_past: bool
) -> Iterator[tuple[Critic, NDArray[np.bool_]]]:
    """Yield the choices of each block of time, after a critic of the other blocks."""
    order = np.argsort(choices.weeks, kind="stable")
    for fold in np.array_split(order, FOLDS):
        weeks = choices.weeks[fold]
        is_far = (choices.weeks < weeks.min() - _GAP) | (choices.weeks > weeks.max() + _GAP)
        critic = Critic.of(choices.rows(is_far), ridge, sees_past=sees_past)
        yield critic, np.isin(np.arange(len(order)), fold)


def best_ridge(
    choices: Choices, sees_past: bool, ridges: tuple[float, ...] = RIDGES
) -> tuple[float, FloatArray]:
    """Return the ridge of the highest log-likelihood across blocks of time, and its judgement."""
    found = {ridge: across_time(choices, ridge, sees_past) for ridge in ridges}
    best = max(found, key=lambda ridge: float(found[ridge][:, 1].mean()))
    return best, found[best]


def mean_and_error(values: FloatArray, weeks: NDArray[np.datetime64], digits: int) -> str:
    """Return the mean of values (choices,), with its standard error over weeks in brackets."""
    test = over_weeks(values - values.mean(), weeks)
    return f"{values.mean():.{digits}f} ({test.standard_error:.{digits}f})"


def over_weeks(
    values: FloatArray, weeks: NDArray[np.datetime64], days: int = AHEAD
) -> LossComparison:
    """Compare the mean of values (choices,), which hang on so many days each, with 0."""
    daily = mean_by_date(values, weeks)
    return diebold_mariano(daily, np.zeros_like(daily), max(days // WEEK, 1))
