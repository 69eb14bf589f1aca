"""Families of runtimes: for each architecture a table of engines that compute its generator."""

from __future__ import annotations

from simgan.arrays import Float32Array
from simgan.bundle.runtime import Runtime
from simgan.errors import packages_for
from simgan.recipe.blueprints import Blueprint
from simgan.registry import Entry, Registry

Table = Registry[Runtime[Blueprint]]


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


def runtime_of(
    engine: str, blueprint: Blueprint, weights: dict[str, Float32Array]
) -> Runtime[Blueprint]:
    """Return a generator with its weights, computed by an engine.

    Raises
    ------
    UnknownNameError
        There is no such engine.
    MissingExtraError
        The engine needs a package that is not installed.
    """
    with packages_for(f"the engine {engine}"):
        return RUNTIMES[blueprint.kind].load(engine)(blueprint, weights)


__all__ = ["DEFAULT_ENGINE", "RUNTIMES", "Runtime", "runtime_of"]
