"""Where TensorFlow computes: one call before anything else touches a device."""

from __future__ import annotations

import tensorflow as tf

from simgan.errors import ConfigError, TrainingError
from simgan.gan import silent_stderr

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
