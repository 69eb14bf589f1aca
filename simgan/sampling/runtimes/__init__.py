"""The ways to compute a trained generator: a table for each architecture, by the name of the engine."""

from __future__ import annotations

from typing import Any

from simgan.arrays import Float32Array
from simgan.bundle.runtime import Runtime
from simgan.recipe.blueprints import Blueprint
from simgan.registry import Entry, Registry

Table = Registry[Runtime[Any]]


def _table(cpu: str, numpy: str) -> Table:
    return Registry(
        "engine",
        {
            "cpu": Entry(cpu),
            "numpy": Entry(numpy),
            "tensorflow": Entry("simgan.gan.runtime:TensorflowRuntime"),
        },
    )


RUNTIMES: dict[str, Table] = {
    "state-space": _table(
        "simgan.sampling.runtimes.cpu:CpuRuntime",
        "simgan.sampling.runtimes.numpy_runtime:NumpyRuntime",
    ),
    "mlp": _table(*2 * ("simgan.sampling.runtimes.mlp:MlpRuntime",)),
    "recurrent": _table(*2 * ("simgan.sampling.runtimes.recurrent:RecurrentRuntime",)),
    "tcn": _table(*2 * ("simgan.sampling.runtimes.tcn:TcnRuntime",)),
}
DEFAULT_ENGINE = "cpu"


def runtime_of(engine: str, blueprint: Blueprint, weights: dict[str, Float32Array]) -> Runtime[Any]:
    """Return what computes a generator.

    Raises
    ------
    UnknownNameError
        There is no such engine.
    """
    return RUNTIMES[blueprint.kind].load(engine)(blueprint, weights)


__all__ = ["DEFAULT_ENGINE", "RUNTIMES", "Runtime", "runtime_of"]
