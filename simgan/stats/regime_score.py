"""A score in the manner of the inception score: regimes that a classifier sees in windows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import logsumexp, xlogy

from simgan.arrays import AnyFloatArray, FloatArray, IntArray, expect_finite, expect_shape
from simgan.errors import ConfigError
from simgan.stats.classifiers import window_features
from simgan.stats.windows import FOLDS, time_folds

REGIMES = 3
_RIDGE = 1.0


@dataclass(frozen=True)
class RegimeScore:
    r"""Quality and diversity of windows by the probabilities p(y|x) of regimes.

    .. math:: \exp\big(H[E\,p(y|x)] - E\,H[p(y|x)]\big)

    Attributes
    ----------
    score : float
        From 1 to the number of regimes.
    quality : float
        Mean probability of the most probable regime: how clearly a window belongs to one.
    diversity : float
        Entropy of the mean prediction in nats, at most ln 3: how evenly all regimes occur.

    References
    ----------
    Salimans et al. (2016), "Improved techniques for training GANs". The exponent is the mean
    divergence KL(p(y|x) ‖ p(y)) of the paper.
    """

    score: float
    quality: float
    diversity: float

    @classmethod
    def of(cls, probabilities: AnyFloatArray) -> RegimeScore:
        """Score the predictions (windows, regimes), whose rows add up to 1."""
        expect_shape(probabilities, ("windows", "regimes"), "RegimeScore")
        expect_finite(probabilities, "RegimeScore")
        diversity = _entropy(probabilities.mean(axis=0))
        unsure = _entropy(probabilities).mean()
        quality = probabilities.max(axis=1).mean()
        return cls(float(np.exp(diversity - unsure)), float(quality), float(diversity))


def _entropy(probabilities: AnyFloatArray) -> FloatArray:
    return np.asarray(-xlogy(probabilities, probabilities).sum(axis=-1))


@dataclass(frozen=True)
class RegimeClassifier:
    """Classifiers of the volatility regime of a window, each learned without a block of time.

    The regime of a real window is the third in which its realized volatility √(Σ r² / days) lies.
    The classifiers are multinomial logistic regressions with a ridge on the features of
    `simgan.stats.classifiers.window_features`.

    Attributes
    ----------
    held_out : array of shape (windows, regimes)
        Probabilities for the real windows, each by the classifier that has not seen its block.
    """

    held_out: FloatArray
    _mean: FloatArray
    _scale: FloatArray
    _weights: tuple[FloatArray, ...]

    @classmethod
    def learn(cls, real: AnyFloatArray, overlap: int = 0, folds: int = FOLDS) -> RegimeClassifier:
        """Learn from real windows.

        Parameters
        ----------
        real : array of shape (windows, days)
            Log returns in the order of time.
        overlap, folds : int
            As in `simgan.stats.classifiers.classifier_test`.

        Raises
        ------
        ConfigError
            There are fewer than ten windows a fold, or a value is not finite.
        """
        expect_shape(real, ("windows", "days"), "RegimeClassifier")
        expect_finite(real, "RegimeClassifier")
        if len(real) < 10 * folds:
            raise ConfigError("RegimeClassifier", "windows", len(real), f"at least {10 * folds}")
        windows = np.asarray(real, np.float64)
        features = window_features(windows)
        mean, scale = features.mean(axis=0), features.std(axis=0) + 1e-12
        design, labels = _design(features, mean, scale), _regimes(windows)
        weights, held_out = [], np.empty((len(windows), REGIMES))
        for learned, tested in time_folds(len(windows), folds, overlap):
            weights.append(_softmax_weights(design[learned], labels[learned]))
            held_out[tested] = _softmax(design[tested] @ weights[-1])
        return cls(held_out, mean, scale, tuple(weights))

    def predict(self, windows: AnyFloatArray) -> FloatArray:
        """Return probabilities (windows, regimes). The classifiers share the windows out."""
        features = window_features(np.asarray(windows, np.float64))
        design = _design(features, self._mean, self._scale)
        parts = np.array_split(design, len(self._weights))
        return np.concatenate(
            [_softmax(part @ weights) for part, weights in zip(parts, self._weights, strict=True)]
        )


def _design(features: FloatArray, mean: FloatArray, scale: FloatArray) -> FloatArray:
    z = np.clip((features - mean) / scale, -4.0, 4.0)
    return np.column_stack([np.ones(len(z)), z])


def _regimes(windows: FloatArray) -> IntArray:
    """Number each window by the third of realized volatility in which it lies."""
    volatilities = np.sqrt((windows**2).mean(axis=1))
    bounds = np.quantile(volatilities, np.arange(1, REGIMES) / REGIMES)
    return np.asarray(np.searchsorted(bounds, volatilities), np.int64)


def _softmax(scores: FloatArray) -> FloatArray:
    return np.asarray(np.exp(scores - logsumexp(scores, axis=1, keepdims=True)))


def _softmax_weights(design: FloatArray, labels: IntArray) -> FloatArray:
    """Minimise the cross entropy with a ridge on all weights but the constants."""
    shape = (design.shape[1], REGIMES)
    wanted = np.eye(REGIMES)[labels]
    ridge = np.full((shape[0], 1), _RIDGE / len(design))
    ridge[0] = 0.0

    def loss(flat: FloatArray) -> tuple[float, FloatArray]:
        weights = flat.reshape(shape)
        scores = design @ weights
        logs = scores - logsumexp(scores, axis=1, keepdims=True)
        slope = design.T @ (np.exp(logs) - wanted) / len(design) + 2 * ridge * weights
        value = -(wanted * logs).sum() / len(design) + (ridge * weights**2).sum()
        return float(value), slope.ravel()

    return np.asarray(minimize(loss, np.zeros(shape).ravel(), jac=True).x.reshape(shape))
