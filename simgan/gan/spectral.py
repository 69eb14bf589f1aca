"""Spectral normalisation of a critic, whatever layers it has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

Tensor = Any
_TINY = 1e-12  # keeps the norm of nothing from being divided by


class SpectralNorm:
    """Inside `scope` every kernel W of the critic's networks reads as c · W / σ(W), with σ its largest singular value and c the `bound`.

    σ is followed by one power iteration per step of the critic, and gradients flow through it: W itself is what learns (Miyato et al.
    2018, "Spectral normalization for generative adversarial networks", equations 8 to 12 and algorithm 1). The layer of Keras of that
    name instead overwrites W, so that Adam's step is undone in part and the gradient lacks the term of σ; it also keeps its vectors where
    no restart finds them. A kernel of a convolution counts as a matrix of (days · channels, channels out), as in the paper.
    """

    def __init__(self, weights: Sequence[tf.Variable], bound: float) -> None:
        self._kernels, self._bound = [w for w in weights if len(w.shape) > 1], bound
        self.variables = [
            tf.Variable(tf.zeros((w.shape[-1], 1)), trainable=False) for w in self._kernels
        ]  # u, one per kernel
        self.restart()

    def restart(self) -> None:
        """Set each vector to the singular vector itself: one iteration from a random one is far from it."""
        for vector, kernel in zip(self.variables, self._kernels, strict=True):
            vector.assign(np.linalg.svd(_matrix(kernel).numpy(), full_matrices=False)[2][:1].T)

    def follow(self) -> None:
        """One power iteration; part of a compiled step."""
        for vector, kernel in zip(self.variables, self._kernels, strict=True):
            matrix = _matrix(kernel)
            vector.assign(
                _unit(tf.matmul(matrix, _unit(tf.matmul(matrix, vector)), transpose_a=True))
            )  # u ← Wᵀv, v = Wu

    def scope(self) -> keras.StatelessScope:
        """Return the context in which the critic has normalised kernels."""
        sizes = zip(self._kernels, self._sigmas(), strict=True)
        return keras.StatelessScope(
            [(kernel, self._bound * kernel / sigma) for kernel, sigma in sizes]
        )

    def _sigmas(self) -> list[Tensor]:
        """σ = vᵀWu, with v and u held."""
        found = []
        for vector, kernel in zip(self.variables, self._kernels, strict=True):
            matrix, right = _matrix(kernel), tf.stop_gradient(vector)
            left = tf.stop_gradient(_unit(tf.matmul(matrix, right)))
            found.append(tf.reduce_sum(left * tf.matmul(matrix, right)) + _TINY)
        return found


def _matrix(kernel: tf.Variable) -> Tensor:
    return tf.reshape(tf.convert_to_tensor(kernel), (-1, kernel.shape[-1]))


def _unit(vector: Tensor) -> Tensor:
    return vector / (tf.norm(vector) + _TINY)
