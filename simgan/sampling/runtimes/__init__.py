"""The ways to compute a trained generator."""

from __future__ import annotations

from simgan.registry import Entry, Registry
from simgan.sampling.runtimes.base import Runtime

RUNTIMES: Registry[Runtime] = Registry(
    "engine",
    {
        "cpu": Entry("simgan.sampling.runtimes.cpu:CpuRuntime"),
        "numpy": Entry("simgan.sampling.runtimes.numpy_runtime:NumpyRuntime"),
    },
)
DEFAULT_ENGINE = "cpu"

__all__ = ["DEFAULT_ENGINE", "RUNTIMES", "Runtime"]
