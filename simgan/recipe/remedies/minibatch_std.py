"""Minibatch standard deviation: the critic sees how much the features of a batch vary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from simgan.recipe.remedies import BatchStatistic
from simgan.recipe.tensors import Tensor, keras
from simgan.settings import setting

_TINY = 1e-8  # keeps the gradient of a root at zero finite, as in the code of Karras et al.


@dataclass(frozen=True, kw_only=True)
class MinibatchStd(BatchStatistic):
    """The standard deviation of each feature over the batch, averaged over the features.

    It is one number for all members of a batch.

    References
    ----------
    Karras, Aila, Laine & Lehtinen (2018), "Progressive growing of GANs for improved quality,
    stability, and variation", section 3.
    """

    kind: ClassVar[str] = "minibatch-std"
    minibatch_std: bool = setting(
        False, "the critic sees the mean standard deviation of features in the batch"
    )

    @property
    def count(self) -> int:
        return int(self.minibatch_std)

    def statistic(self, features: Tensor, groups: int, kernel: Tensor | None) -> Tensor:
        ops = keras.ops
        batches = ops.reshape(features, (groups, -1, features.shape[-1]))
        spread = ops.mean(ops.sqrt(ops.var(batches, axis=1) + _TINY), axis=-1)  # (groups,)
        return ops.repeat(spread, features.shape[0] // groups)[:, None]
