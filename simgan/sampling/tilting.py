r"""Rare scenarios by exponential tilting: normal scores of another mean and spread, and the weights that make up for it.

With z' = θ + s z in the place of z, a path stands for

.. math:: w = \prod \frac{φ(z')}{φ((z' - θ)/s)/s} = \prod s\, e^{(z^2 - z'^2)/2}

paths of the untilted law (importance sampling; Glasserman 2003, "Monte Carlo Methods in Financial Engineering", section 4.6).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgan.arrays import AnyFloatArray, Float32Array, FloatArray


@dataclass(frozen=True)
class Tilt:
    """Mean θ and spread s of the normal scores; the default changes nothing."""

    shift: float = 0.0
    spread: float = 1.0

    def of(self, noise: Float32Array) -> Float32Array:
        """θ + s z."""
        return (
            noise
            if self == NO_TILT
            else np.asarray(np.float32(self.shift) + np.float32(self.spread) * noise)
        )

    def weights(self, noise: Float32Array) -> FloatArray:
        """Weight of each path from its untilted noise (steps, paths, latent), shape (paths,); the mean over all paths is 1."""
        squares = np.square(noise, dtype=np.float64) - np.square(self.of(noise), dtype=np.float64)
        return np.asarray(
            np.exp(
                0.5 * squares.sum(axis=(0, 2))
                + noise.shape[0] * noise.shape[2] * np.log(self.spread)
            )
        )


NO_TILT = Tilt()


def effective_sample_size(weights: AnyFloatArray) -> float:
    """(Σ w)² / Σ w²: as many equally weighted scenarios are as certain (Kish 1965)."""
    return float(np.sum(weights) ** 2 / np.sum(np.square(weights))) if len(weights) else 0.0
