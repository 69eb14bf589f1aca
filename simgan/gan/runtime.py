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
        paths, normal = len(memory), self.by_replica(np.ascontiguousarray(noise[:, :, 0].T))  # (R, paths of each, steps)
        rolled, after = self._roll(tf.constant(self.by_replica(memory)), tf.constant(normal.transpose(2, 0, 1)))
        return self.by_path(rolled.numpy(), paths), self.by_path(after.numpy(), paths)

    @tf.function(jit_compile=True)
    def _roll(self, memory: Tensor, normal: Tensor) -> tuple[Tensor, Tensor]:
        return self._generator.roll(memory, normal)
