"""Spectral normalisation of a critic, whatever layers it has."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simgan.recipe.remedies import Effect, Player, Players, Remedy
from simgan.recipe.tensors import Tensor, keras, tf
from simgan.settings import setting

_TINY = 1e-12  # keeps the norm of nothing from being divided by


@dataclass(frozen=True, kw_only=True)
class SpectralNorm(Remedy):
    """Every kernel W of the critic's networks reads as c · W / σ(W), σ its largest singular value.

    Gradients flow through σ, so the critic learns W itself. The layer of Keras of that name
    instead overwrites W. Adam's step is then undone in part, the gradient lacks the term of σ,
    and no restart finds the layer's vectors. Dropout would leave out the same units in every step,
    for the normalised networks run without their state.

    References
    ----------
    Miyato, Kataoka, Koyama & Yoshida (2018), "Spectral normalization for generative adversarial
    networks", equations 8 to 12 and algorithm 1.
    """

    kind: ClassVar[str] = "spectral-norm"
    allows_dropout: ClassVar[bool] = False
    spectral_norm: float = setting(
        0.0, "largest singular value of every kernel of the critic; 0 for no bound", low=0, high=100
    )

    def effect(self, players: Players) -> Effect:
        return NormalisedKernels(players.networks, self.spectral_norm)


class NormalisedKernels(Effect):
    """The normalised kernels of a critic.

    σ is followed by one power iteration per step of the critic. A kernel of a convolution counts
    as a matrix of (days · channels, channels out), as in the paper.
    """

    def __init__(self, weights: Sequence[tf.Variable], bound: float) -> None:
        super().__init__()
        self._kernels, self._bound = [w for w in weights if len(w.shape) > 1], bound
        self.variables = [
            tf.Variable(tf.zeros((w.shape[-1], 1)), trainable=False) for w in self._kernels
        ]  # u, one per kernel
        self.restart()

    def restart(self) -> None:
        """Set each vector to the singular vector itself, from which a random one would be far."""
        for vector, kernel in zip(self.variables, self._kernels, strict=True):
            vector.assign(np.linalg.svd(_matrix(kernel).numpy(), full_matrices=False)[2][:1].T)

    def before_step(self, player: Player) -> None:
        """Take one power iteration before each step of the critic: v = Wu, then u = Wᵀv."""
        if player != "critic":
            return
        for vector, kernel in zip(self.variables, self._kernels, strict=True):
            matrix = _matrix(kernel)
            left = _unit(tf.matmul(matrix, vector))
            vector.assign(_unit(tf.matmul(matrix, left, transpose_a=True)))

    def judging(self) -> AbstractContextManager[object]:
        sizes = zip(self._kernels, self._sigmas(), strict=True)
        scope: AbstractContextManager[object] = keras.StatelessScope(
            [(kernel, self._bound * kernel / sigma) for kernel, sigma in sizes]
        )
        return scope

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
