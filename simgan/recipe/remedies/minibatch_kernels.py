"""Minibatch discrimination: the critic sees how close a sample is to the others of its batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from simgan.recipe.remedies import BatchStatistic
from simgan.recipe.tensors import Tensor, keras, tf
from simgan.settings import setting

PER_KERNEL = 5  # C, the dimension of each kernel's space


@dataclass(frozen=True, kw_only=True)
class MinibatchKernels(BatchStatistic):
    """o(xᵢ)_b = mean over j of exp(−‖M_ib − M_jb‖₁), with M_i = f(xᵢ) T in B × C.

    The paper has the sum over j. The mean equals it up to a factor that the last layer learns,
    and it does not grow with the batch. Distances are about 1 at first.

    References
    ----------
    Salimans et al. (2016), "Improved techniques for training GANs", section 3.2.
    """

    kind: ClassVar[str] = "minibatch-kernels"
    minibatch_kernels: int = setting(
        0,
        "kernels by which the critic sees how close a window is to the others of its batch",
        low=0,
        high=100,
    )

    @property
    def count(self) -> int:
        return self.minibatch_kernels

    def kernel(self, width: int, seed: int) -> tuple[tuple[int, ...], keras.Initializer]:
        initializer = keras.initializers.VarianceScaling(
            PER_KERNEL**-2.0, "fan_in", "untruncated_normal", seed
        )
        return (width, self.count * PER_KERNEL), initializer  # T

    def statistic(self, features: Tensor, groups: int, kernel: Tensor | None) -> Tensor:
        shape = (groups, -1, self.count, PER_KERNEL)
        placed = tf.reshape(tf.matmul(features, kernel), shape)  # M (groups, n, B, C)
        apart = tf.reduce_sum(tf.abs(placed[:, :, None] - placed[:, None]), axis=-1)
        return tf.reshape(tf.reduce_mean(tf.exp(-apart), axis=2), (-1, self.count))
