"""The ways to compute a trained generator."""

from __future__ import annotations

from simgan.registry import Entry, Registry
from simgan.sampling.runtimes.base import Runtime

RUNTIMES: Registry[Runtime] = Registry("engine", {"numpy": Entry("simgan.sampling.runtimes.numpy_runtime:NumpyRuntime")})

__all__ = ["RUNTIMES", "Runtime"]
