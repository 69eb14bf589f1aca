"""Gaussianised returns, for a generator that makes light tails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from scipy.optimize import brentq
from scipy.special import lambertw

from simgan.arrays import AnyFloatArray, FloatArray
from simgan.errors import ConfigError
from simgan.market.scalings import Scaling
from simgan.market.scalings.standard import Standard

_MOST_DELTA = 0.5  # from here on a Gaussian under the inverse map has no variance
_NORMAL_KURTOSIS = 3.0
_LARGEST_DELTA = float(np.nextafter(_MOST_DELTA, 0.0))
_MOST_TURNS, _STILL = 100, 1e-6


@dataclass(frozen=True, kw_only=True)
class LambertW(Scaling):
    r"""Gaussianised returns, one set of numbers per asset.

    .. math:: u = (x - μ)/σ, \qquad w = \mathrm{sign}(u) \sqrt{W(δ u^2)/δ}, \qquad y = (w - m)/s

    W is Lambert's function, the inverse of :math:`w e^w`, and the inverse map is
    :math:`u = w e^{δ w^2/2}`. Location, scale and δ ≥ 0 give w mean 0, variance 1 and the kurtosis
    of a normal. They are found in turn, again and again, and δ is 0 where u has no larger kurtosis.
    The remaining mean and deviation are m and s.

    Attributes
    ----------
    mean, scale : tuple of float
        μ and σ, those of the gaussianised log returns.
    delta : tuple of float
        δ. A Gaussian under the inverse map has moments below 1/δ.
    center, spread : tuple of float
        m and s, near 0 and 1.

    References
    ----------
    Goerg (2015), "The Lambert way to Gaussianize heavy-tailed data with the inverse of Tukey's h
    transformation as a special case", sections 2 and 4.2 (IGMM). Wiese et al. (2020), "Quant GANs",
    section 6.1, use it in the same way.
    """

    kind: ClassVar[str] = "lambert-w"
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    delta: tuple[float, ...]
    center: tuple[float, ...]
    spread: tuple[float, ...]

    def __post_init__(self) -> None:
        if not all(0 <= delta < _MOST_DELTA for delta in self.delta):
            raise ConfigError("LambertW", "delta", self.delta, f"from 0 to {_MOST_DELTA}")
        for name in ("scale", "spread"):
            if not all(0 < number < np.inf for number in getattr(self, name)):
                raise ConfigError(
                    "LambertW", name, getattr(self, name), "one finite number above 0 per asset"
                )

    @classmethod
    def fit(cls, log_returns: FloatArray) -> Self:
        """Fit mean, standard deviation and δ in turn until they settle.

        Raises
        ------
        PriceError
            The log returns of an asset do not vary.
        """
        scales = Standard.fit(log_returns).scale  # refuses an asset that cannot be scaled
        fits = [
            _fitted(np.ascontiguousarray(asset), scale)
            for asset, scale in zip(log_returns.T, scales, strict=True)
        ]
        mean, scale, delta, center, spread = zip(*fits, strict=True)
        return cls(mean=mean, scale=scale, delta=delta, center=center, spread=spread)

    def apply(self, log_returns: AnyFloatArray) -> AnyFloatArray:
        standard = (np.asarray(log_returns, np.float64) - self.mean) / self.scale
        return np.asarray(
            (_lighter(standard, np.array(self.delta)) - self.center) / self.spread,
            log_returns.dtype,
        )

    def invert(self, scaled: AnyFloatArray) -> AnyFloatArray:
        light = np.asarray(scaled, np.float64) * self.spread + self.center
        heavy = light * np.exp(0.5 * np.array(self.delta) * light**2)
        return np.asarray(heavy * self.scale + self.mean, scaled.dtype)


def _fitted(asset: FloatArray, scale: float) -> tuple[float, float, float, float, float]:
    """Return μ, σ, δ, m and s of the log returns (days,) of one asset, from a first σ on."""
    mean, before = float(asset.mean()), 0.0
    for _ in range(_MOST_TURNS):
        delta, wide = _heaviness((asset - mean) / scale), scale
        light = _lighter((asset - mean) / scale, np.array(delta)) * scale + mean
        mean, scale = float(light.mean()), float(light.std())
        # At its bound δ rests while σ still falls from that of heavy returns, and leaves it later.
        is_held = delta == _LARGEST_DELTA and abs(scale / wide - 1.0) >= _STILL
        if abs(delta - before) < _STILL and not is_held:
            break
        before = delta
    left = _lighter((asset - mean) / scale, np.array(delta))
    return mean, scale, delta, float(left.mean()), float(left.std())


def _lighter(standard: FloatArray, delta: FloatArray) -> FloatArray:
    """Return sign(u) √(W(δ u²)/δ) where δ > 0, and u elsewhere; δ broadcasts against u."""
    safe = np.where(delta > 0, delta, 1.0)
    return np.asarray(
        np.where(
            delta > 0,
            np.sign(standard) * np.sqrt(lambertw(safe * standard**2).real / safe),
            standard,
        )
    )


def _heaviness(standard: FloatArray) -> float:
    """Return the δ that gives standardised returns (days,) the kurtosis of a normal."""

    def excess(delta: float) -> float:
        light = _lighter(standard, np.array(delta))
        centred = light - light.mean()
        return float(np.mean(centred**4) / np.mean(centred**2) ** 2 - _NORMAL_KURTOSIS)

    if excess(0.0) <= 0:
        return 0.0
    if excess(_LARGEST_DELTA) >= 0:
        return _LARGEST_DELTA
    return float(brentq(excess, 0.0, _LARGEST_DELTA))
