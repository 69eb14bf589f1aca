"""The ways to compute a trained generator."""

from __future__ import annotations

from simgan.bundle.runtime import Runtime
from simgan.registry import Entry, Registry

RUNTIMES: Registry[Runtime] = Registry(
    "engine",
    {
        "cpu": Entry("simgan.sampling.runtimes.cpu:CpuRuntime"),
        "numpy": Entry("simgan.sampling.runtimes.numpy_runtime:NumpyRuntime"),
        "tensorflow": Entry("simgan.gan.runtime:TensorflowRuntime"),
    },
)
DEFAULT_ENGINE = "cpu"

__all__ = ["DEFAULT_ENGINE", "RUNTIMES", "Runtime"]
