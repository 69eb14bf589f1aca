"""The generator in TensorFlow as a runtime for sampling on GPUs.

There a year of many paths takes hardly longer than a day.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import tensorflow as tf

from simgan.arrays import Float32Array
from simgan.bundle.runtime import Runtime
from simgan.gan.architectures import ARCHITECTURES
from simgan.gan.device import use_device
from simgan.recipe.blueprints import Blueprint
from simgan.recipe.tensors import Tensor
from simgan.seeds import Seed


class TensorflowRuntime(Runtime[Blueprint]):
    """The roll-out that trains, compiled by XLA: all steps of a call stay on the device.

    The noise comes from the host, so that scenario i is the same as in the other runtimes.
    """

    kind: ClassVar[str] = "tensorflow"
    works_in_processes: ClassVar[bool] = False

    def __init__(self, blueprint: Blueprint, weights: dict[str, Float32Array]) -> None:
        super().__init__(blueprint, weights)
        use_device("auto")
        self._generator = ARCHITECTURES.load(blueprint.kind)(blueprint, Seed(0))
        self._generator.assign(weights)

    def along(self, scaled: Float32Array) -> Float32Array:
        known = self.blueprint.along(scaled)
        return np.asarray(self._generator.along(tf.constant(known), tf.constant(scaled)))

    def roll(self, memory: Float32Array, noise: Float32Array) -> tuple[Float32Array, Float32Array]:
        state, paths = self.by_replica(memory), len(memory)
        normal = self.by_replica(noise.swapaxes(0, 1)).transpose(2, 0, 1, 3)
        rolled, after = self._roll(tf.constant(state), tf.constant(normal))
        return self.by_path(rolled.numpy(), paths), self.by_path(after.numpy(), paths)

    @tf.function(jit_compile=True)
    def _roll(self, memory: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        return self._generator.roll(memory, noise)
