"""The generator in TensorFlow as a runtime for sampling: for GPUs, on which a year of many paths takes hardly longer than a day."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import tensorflow as tf

from simgan.arrays import Float32Array
from simgan.bundle.blueprints import StateSpace
from simgan.bundle.runtime import Runtime
from simgan.gan.architectures import ARCHITECTURES
from simgan.gan.device import use_device
from simgan.seeds import Seed

Tensor = Any


class TensorflowRuntime(Runtime):
    """The roll-out that trains, compiled by XLA: all steps of a call stay on the device.

    The noise comes from the host, or scenario i would be another one than that of the other runtimes.
    """

    kind: ClassVar[str] = "tensorflow"

    def __init__(self, blueprint: StateSpace, weights: dict[str, Float32Array]) -> None:
        super().__init__(blueprint, weights)
        use_device("auto")
        self._generator = ARCHITECTURES.load(blueprint.kind)(blueprint, Seed(0))
        self._generator.assign(weights)

    def roll(self, memory: Float32Array, noise: Float32Array) -> tuple[Float32Array, Float32Array]:
        paths, replicas = len(memory), self.blueprint.replicas
        missing = -paths % replicas
        memory, normal = np.pad(memory, ((0, missing), (0, 0)), mode="edge"), np.pad(noise[:, :, 0], ((0, 0), (0, missing)))
        by_replica = memory.reshape(-1, replicas, memory.shape[1]).swapaxes(0, 1)  # path i belongs to replica i mod R
        rolled, after = self._roll(tf.constant(by_replica), tf.constant(normal.reshape(len(normal), -1, replicas).swapaxes(1, 2)))
        return _rows(rolled, paths), _rows(after, paths)

    @tf.function(jit_compile=True)
    def _roll(self, memory: Tensor, normal: Tensor) -> tuple[Tensor, Tensor]:
        return self._generator.roll(memory, normal)


def _rows(by_replica: Tensor, paths: int) -> Float32Array:
    """(R, paths of each, width) as (paths, width)."""
    values = by_replica.numpy()
    return np.ascontiguousarray(values.swapaxes(0, 1)).reshape(-1, values.shape[2])[:paths]
