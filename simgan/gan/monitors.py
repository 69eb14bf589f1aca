"""Observers of a training: validation scores choose its length, monitors judge its course."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import tensorflow as tf

from simgan.arrays import AnyFloatArray, Float32Array, FloatArray, expect_finite, expect_shape
from simgan.errors import TrainingDiverged
from simgan.gan.architectures import Generator
from simgan.gan.series import TrainingSeries
from simgan.stats.training.modes import coverage, kl_interval, quantile_cells, shares
from simgan.stats.training.verdict import REGIMES

DRAWS = 256


@dataclass(frozen=True)
class Candidate:
    """An averaged generator of the selection run.

    Attributes
    ----------
    step : int
        Number of adversarial steps.
    scores : array of shape (validation days,)
        CRPS of the forecasts in log returns, averaged over assets.
    weights : mapping of arrays
    """

    step: int
    scores: FloatArray
    weights: Mapping[str, Float32Array] = field(default_factory=dict)

    @property
    def score(self) -> float:
        """Mean CRPS."""
        return float(self.scores.mean())


class Validation:
    """Scores of the mixture's one-day law, by the same noise for every candidate."""

    def __init__(self, generator: Generator, series: TrainingSeries) -> None:
        self._generator, self._scaling, self._days = generator, series.scaling, series.validation
        self._realized = self._log_returns(series.scaled[series.validation])
        self._history = tf.constant(series.memories), tf.constant(series.scaled)

    def candidate(self, step: int) -> Candidate:
        """Score the current weights of the generator."""
        memories = self._generator.of_history(self._generator.along(*self._history)[self._days])
        law = self._generator.tomorrow(memories, DRAWS // self._generator.replicas).numpy()
        draws = self._log_returns(np.concatenate(law, axis=1))  # (days, DRAWS, assets)
        by_asset = [
            self._generator.law_score(np.ascontiguousarray(forecasts), outcomes)
            for forecasts, outcomes in zip(np.moveaxis(draws, -1, 0), self._realized.T, strict=True)
        ]
        return Candidate(step, np.mean(by_asset, axis=0), self._generator.values())

    def _log_returns(self, scaled: Float32Array) -> FloatArray:
        return np.asarray(self._scaling.invert(scaled.astype(np.float64)))


def choose(candidates: Sequence[Candidate]) -> Candidate:
    """Return the last candidate whose CRPS is within one standard error of the best one's.

    The standard error is that of the mean daily difference to the best candidate. So the critic's
    lessons on longer horizons are kept as long as the one-day forecasts are not measurably worse
    (the one-standard-error rule, Breiman et al. 1984, section 3.4.3).
    """
    best = min(candidates, key=lambda candidate: candidate.score)

    def is_tied(candidate: Candidate) -> bool:
        difference = candidate.scores - best.scores
        return bool(difference.mean() <= difference.std() / np.sqrt(len(difference)))

    return [candidate for candidate in candidates if is_tied(candidate)][-1]


_REMEDY = "no model was saved; try another --seed, a smaller --set rate=… or another --objective"
_LARGEST_LOSS = 1e4
_SPREADS = (0.1, 10.0)  # standard deviation of generated returns, in units of the sample's
_FEWEST = 10  # windows that do not overlap
_AXES = ("windows", "days", "assets")
Scorer = Callable[[Float32Array], AnyFloatArray]  # windows → scores of the critic (n, 1) or (n,)


def refuse_bad_losses(
    stage: str, step: int, losses: Mapping[str, float], last_finite: Mapping[str, float]
) -> None:
    """Stop at a metric that is not a number or that has exploded.

    Raises
    ------
    TrainingDiverged
        With the step and the last finite losses.
    """
    if all(math.isfinite(loss) and abs(loss) < _LARGEST_LOSS for loss in losses.values()):
        return
    before = ", ".join(f"{loss:.4g}" for loss in last_finite.values()) or "none"
    now = ", ".join(f"{loss:.4g}" for loss in losses.values())
    raise TrainingDiverged(
        f"{stage}: the losses became {now} at step {step} (before: {before}); {_REMEDY}"
    )


def refuse_bad_paths(stage: str, step: int, paths: Float32Array) -> None:
    """Stop when generated returns are not finite, collapse to a point or explode.

    Raises
    ------
    TrainingDiverged
        With the step and the spread of the paths.
    """
    spread = float(paths.std(dtype=float))
    if _SPREADS[0] < spread < _SPREADS[1]:  # NaN fails both
        return
    fate = "collapsed" if spread <= _SPREADS[0] else "exploded"
    raise TrainingDiverged(
        f"{stage}: generated returns {fate} at step {step} "
        f"(their standard deviation is {spread:.3g} times the history's); {_REMEDY}"
    )


class WindowMonitor:
    """A comparison of fake windows with the real ones that a training learns from.

    Parameters
    ----------
    windows : array of shape (windows, days, assets)
        Scaled returns. All of them define calm, normal and turbulent.
    every : int
        Distance of windows that do not overlap. Only these are compared with the fakes, so that no
        day counts twice. Fewer than ten cannot show a lost regime, so `compare` leaves it out.

    Raises
    ------
    ConfigError
        The windows have another shape, or a value is not finite.
    """

    names = (
        "real score",
        "fake score",
        "real D",
        "fake D",
        "KL",
        "low KL",
        "high KL",
        *(f"{regime} share" for regime in REGIMES),
        "covered regimes",
    )

    def __init__(self, windows: Float32Array, every: int = 1) -> None:
        expect_shape(windows, _AXES, "window monitor: real")
        expect_finite(windows, "window monitor: real")
        self.real = windows[::every]
        self._regimes = quantile_cells(realized_volatility(windows), len(REGIMES))

    def compare(self, fake: Float32Array, score: Scorer) -> dict[str, float]:
        """Return metrics for the training history.

        Parameters
        ----------
        fake : array of shape (windows, days, assets)
            Windows of free-running paths. The test of the regimes takes them as independent. It
            asks for a quarter of a third only, so a right model passes despite some dependence.
        score : function from windows (n, days, assets) to scores
            The critic.

        Returns
        -------
        dict of float
            Means of the scores and of D = σ(score), for real and fake. KL(real, fake) of daily
            returns in nats with a 95 % interval. Share of the fakes in each third of the real
            windows by realized volatility, and the number of thirds that are covered. D is a
            probability if the score is a logit (minimax, non-saturating). For other objectives it
            is a score between 0 and 1.
        """
        expect_shape(fake, _AXES, "window monitor: fake")
        expect_finite(fake, "window monitor: fake")
        divergence = kl_interval(self.real, fake)
        regimes = shares(self._regimes(realized_volatility(fake)), len(REGIMES))
        found = coverage(regimes, np.full(len(REGIMES), 1 / len(REGIMES)), len(fake))
        scores = [
            np.asarray(score(windows), np.float64).reshape(-1) for windows in (self.real, fake)
        ]
        values = [*(s.mean() for s in scores), *(_probability(s).mean() for s in scores)]
        values += [divergence.value, divergence.low, divergence.high, *regimes, found.covered]
        metrics = {name: float(value) for name, value in zip(self.names, values, strict=True)}
        if len(self.real) < _FEWEST:
            del metrics["covered regimes"]
        return metrics


def realized_volatility(windows: AnyFloatArray) -> FloatArray:
    """Root mean square of the returns in each window (n, days, assets), shape (n,)."""
    returns = np.asarray(windows, np.float64).reshape(len(windows), -1)
    return np.sqrt(np.mean(returns**2, axis=1))


def _probability(score: FloatArray) -> FloatArray:
    """σ(score), without overflow."""
    return 0.5 * (1 + np.tanh(0.5 * score))
