"""Standardise, take the heavy tails away, standardise again: what a generator of light tails can learn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from scipy.optimize import brentq
from scipy.special import lambertw

from simgan.arrays import AnyFloatArray, FloatArray
from simgan.errors import ConfigError
from simgan.market.scalings.base import Scaling
from simgan.market.scalings.standard import Standard

_MOST_DELTA = 0.5  # from there on the mean of a Gaussian that was made heavy-tailed does not exist
_NORMAL_KURTOSIS = 3.0
_MOST_TURNS, _STILL = 100, 1e-6


@dataclass(frozen=True, kw_only=True)
class LambertW(Scaling):
    r"""Gaussianised returns, one set of numbers per asset.

    .. math:: u = (x - μ)/σ, \qquad w = \mathrm{sign}(u) \sqrt{W(δ u^2)/δ}, \qquad y = (w - m)/s

    with Lambert's W, the inverse of :math:`w e^w`; back goes :math:`u = w e^{δ w^2/2}`. Location, scale and δ ≥ 0 are those under which w
    has mean 0, variance 1 and the kurtosis of a normal (δ is 0 where u has no more than that), found by turns; m and s are what is left.

    Attributes
    ----------
    mean, scale : tuple of float
        μ and σ, those of the gaussianised log returns.
    delta : tuple of float
        δ; a Gaussian that went through the map back has moments below 1/δ.
    center, spread : tuple of float
        m and s, near 0 and 1.

    References
    ----------
    Goerg (2015), "The Lambert way to Gaussianize heavy-tailed data with the inverse of Tukey's h transformation as a special case",
    sections 2 and 4.2 (IGMM); used as here by Wiese et al. (2020), "Quant GANs", section 6.1.
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
        """Take mean and standard deviation, then δ by kurtosis, then mean and standard deviation of the gaussianised, until nothing moves.

        Raises
        ------
        PriceError
            The log returns of an asset do not vary.
        """
        scale = np.asarray(Standard.fit(log_returns).scale)  # refuses what cannot be scaled
        mean, before = log_returns.mean(axis=0), np.zeros_like(scale)  # (assets,)
        for _ in range(_MOST_TURNS):
            delta = np.array([_heaviness(asset) for asset in ((log_returns - mean) / scale).T])
            light = _lighter((log_returns - mean) / scale, delta) * scale + mean
            mean, scale = light.mean(axis=0), light.std(axis=0)
            if np.abs(delta - before).max() < _STILL:
                break
            before = delta
        left = _lighter((log_returns - mean) / scale, delta)
        numbers = {
            "mean": mean,
            "scale": scale,
            "delta": delta,
            "center": left.mean(axis=0),
            "spread": left.std(axis=0),
        }
        return cls(**{name: tuple(values.tolist()) for name, values in numbers.items()})

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


def _lighter(standard: FloatArray, delta: FloatArray) -> FloatArray:
    """sign(u) √(W(δ u²)/δ) with u (…, assets) and δ (assets,); u itself where δ is 0."""
    safe = np.where(delta > 0, delta, 1.0)
    return np.asarray(
        np.where(
            delta > 0,
            np.sign(standard) * np.sqrt(lambertw(safe * standard**2).real / safe),
            standard,
        )
    )


def _heaviness(standard: FloatArray) -> float:
    """δ under which standardised returns (days,) have the kurtosis of a normal."""

    def excess(delta: float) -> float:
        light = _lighter(standard[:, None], np.array([delta]))[:, 0]
        centred = light - light.mean()
        return float(np.mean(centred**4) / np.mean(centred**2) ** 2 - _NORMAL_KURTOSIS)

    most = np.nextafter(_MOST_DELTA, 0.0)
    if excess(0.0) <= 0:
        return 0.0
    return float(brentq(excess, 0.0, most)) if excess(most) < 0 else float(most)
