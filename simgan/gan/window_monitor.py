"""What the paths are like while a training goes on: scores, divergence of daily returns, regimes of volatility."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simgan.arrays import AnyFloatArray, Float32Array, FloatArray, expect_finite, expect_shape
from simgan.stats.training.modes import coverage, kl_interval, quantile_cells, shares
from simgan.stats.training.verdict import REGIMES

_FEWEST = 10  # windows side by side
Scorer = Callable[
    [Float32Array], AnyFloatArray
]  # windows (n, days) → scores of the critic (n, 1) or (n,)


class WindowMonitor:
    """Compares fake windows with the real ones that a training learns from.

    Parameters
    ----------
    windows : array of shape (windows, days)
        Scaled returns. All of them say what is calm, normal and turbulent.
    every : int
        Every so many of them do not overlap: these are compared with, so that no day counts twice. Where there are fewer than ten, nobody
        knows what a third of the regimes is, and whether one is lost is not told.

    Raises
    ------
    ConfigError
        The windows are no finite table.
    """

    names = (
        "real score",
        "fake score",
        "real D",
        "fake D",
        "KL",
        "low KL",
        "high KL",
        *(f"{r} share" for r in REGIMES),
        "covered regimes",
    )

    def __init__(self, windows: Float32Array, every: int = 1) -> None:
        expect_shape(windows, ("windows", "days"), "window monitor: real")
        expect_finite(windows, "window monitor: real")
        self.real = windows[::every]
        self._regimes = quantile_cells(realized_volatility(windows), len(REGIMES))

    def look(self, fake: Float32Array, score: Scorer) -> dict[str, float]:
        """Numbers for the training history.

        Parameters
        ----------
        fake : array of shape (windows, days)
            Of free-running paths. The test of the regimes takes them for independent; as it asks for a quarter of a third only, a model
            that is right passes it even where a few of a hundred are.
        score : function from windows (n, days) to scores
            The critic.

        Returns
        -------
        dict of float
            Means of the scores and of D = σ(score), for real and fake; KL(real, fake) of daily returns in nats with a 95 % interval; the
            share of the fakes in each third of the real windows by realized volatility, and how many of these regimes are not lost, if that
            can be told. D is a
            probability where the score is a logit (minimax, non-saturating); for other objectives it is a score between 0 and 1.
        """
        expect_shape(fake, ("windows", "days"), "window monitor: fake")
        expect_finite(fake, "window monitor: fake")
        divergence = kl_interval(self.real, fake)
        regimes = shares(self._regimes(realized_volatility(fake)), len(REGIMES))
        found = coverage(regimes, np.full(len(REGIMES), 1 / len(REGIMES)), len(fake))
        scores = [
            np.asarray(score(windows), np.float64).reshape(-1) for windows in (self.real, fake)
        ]
        values = [*(s.mean() for s in scores), *(_probability(s).mean() for s in scores)]
        values += [divergence.value, divergence.low, divergence.high, *regimes, found.covered]
        told = {name: float(value) for name, value in zip(self.names, values, strict=True)}
        return (
            told
            if len(self.real) >= _FEWEST
            else {name: value for name, value in told.items() if name != self.names[-1]}
        )


def realized_volatility(windows: AnyFloatArray) -> FloatArray:
    """Root mean square of the returns of each window (n, days); shape (n,)."""
    return np.sqrt(np.mean(np.asarray(windows, np.float64) ** 2, axis=1))


def _probability(score: FloatArray) -> FloatArray:
    """σ(score), without overflow."""
    return 0.5 * (1 + np.tanh(0.5 * score))
