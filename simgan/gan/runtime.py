"""TensorFlow as a runtime for sampling on GPUs, and its choice of a device.

On a GPU a year of many paths takes hardly longer than a day.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import tensorflow as tf

from simgan.arrays import Float32Array
from simgan.bundle import Runtime
from simgan.errors import ConfigError, TrainingError
from simgan.gan import silent_stderr
from simgan.gan.architectures import ARCHITECTURES
from simgan.recipe.blueprints import Blueprint
from simgan.recipe.tensors import Tensor
from simgan.seeds import Seed

DEVICES = ("auto", "cpu", "gpu")


def use_device(device: str) -> str:
    """Choose the device and return its name for the manifest.

    ``auto`` takes a GPU if TensorFlow sees one.

    Everything computes in float32 on either device. TensorFloat-32 is off, because tails matter.

    Raises
    ------
    TrainingError
        There is no GPU to use, or TensorFlow has already started on another device.
    """
    if device not in DEVICES:
        raise ConfigError("fit", "device", device, f"one of {', '.join(DEVICES)}")
    with silent_stderr():  # TensorFlow reports a missing CUDA as an error
        gpus = tf.config.list_physical_devices("GPU")
    if device == "gpu" and not gpus:
        raise TrainingError(
            "no GPU is visible to TensorFlow; pip install 'simgan[gpu]' brings the CUDA "
            "libraries, or use --device cpu"
        )
    if device == "cpu" and gpus:
        try:
            tf.config.set_visible_devices([], "GPU")
        except RuntimeError as error:
            raise TrainingError(
                "TensorFlow already runs on the GPU in this process; "
                "start a new one for --device cpu"
            ) from error
    tf.config.experimental.enable_tensor_float_32_execution(False)
    with silent_stderr():
        tf.config.list_logical_devices()
    return "gpu" if gpus and device != "cpu" else "cpu"


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

    def along(self, scaled: Float32Array, ranges: Float32Array | None = None) -> Float32Array:
        known = self.blueprint.along(scaled, ranges)
        return np.asarray(self._generator.along(tf.constant(known), tf.constant(scaled)))

    def roll(self, memory: Float32Array, noise: Float32Array) -> tuple[Float32Array, Float32Array]:
        state, paths = self.by_replica(memory), len(memory)
        normal = self.by_replica(noise.swapaxes(0, 1)).transpose(2, 0, 1, 3)
        rolled, after = self._roll(tf.constant(state), tf.constant(normal))
        return self.by_path(rolled.numpy(), paths), self.by_path(after.numpy(), paths)

    @tf.function(jit_compile=True, autograph=False)
    def _roll(self, memory: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        return self._generator.roll(memory, noise)
