"""Families of runtimes: for each architecture a table of engines that compute its generator.

The runtimes of networks share `product`, a matrix product in pieces. Its rounding depends on
nothing but a row and its place: neither the threads of the linear algebra nor the other rows change
a bit.
"""

from __future__ import annotations

import numpy as np

from simgan.arrays import Float32Array
from simgan.bundle import Runtime
from simgan.errors import ConfigError, packages_for
from simgan.recipe.blueprints import Blueprint
from simgan.registry import Entry, Registry

Table = Registry[Runtime[Blueprint]]
DEFAULT_ENGINE = "cpu"
# OpenBLAS leaves a product of so many multiplications to one thread. It splits larger ones among
# threads, and then rounds differently.
_LARGEST = 1 << 18
_MOST_ROWS = 256


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
    "joint": Registry(
        "engine",
        {
            "cpu": Entry("simgan.sampling.runtimes.joint:JointCpuRuntime"),
            "numpy": Entry("simgan.sampling.runtimes.joint:JointRuntime"),
        },
    ),
}


def runtime_of(
    engine: str, blueprint: Blueprint, weights: dict[str, Float32Array]
) -> Runtime[Blueprint]:
    """Return a generator with its weights, computed by an engine.

    Raises
    ------
    UnknownNameError
        There is no such engine.
    ConfigError
        It computes models of other kinds only.
    MissingExtraError
        The engine needs a package that is not installed.
    """
    own = list(RUNTIMES[blueprint.kind])
    if engine not in own and any(engine in table for table in RUNTIMES.values()):
        allowed = f"{' or '.join(own)}: it cannot compute a model of the kind {blueprint.kind}"
        raise ConfigError("sample", "engine", engine, allowed)
    with packages_for(f"the engine {engine}"):
        return RUNTIMES[blueprint.kind].load(engine)(blueprint, weights)


def product(values: Float32Array, kernel: Float32Array) -> Float32Array:
    """Return values (…, paths, inputs) @ kernel (inputs, outputs).

    Every piece has as many paths as one thread multiplies, and zeros fill up the last.
    """
    inputs, outputs = kernel.shape
    rows = 1 << max(min(_LARGEST // (inputs * outputs), _MOST_ROWS).bit_length() - 1, 0)
    *before, paths, _ = values.shape
    pieces = -(-paths // rows)
    filled = np.zeros((*before, pieces * rows, inputs), np.float32)
    filled[..., :paths, :] = values
    multiplied = filled.reshape(*before, pieces, rows, inputs) @ kernel
    return np.asarray(multiplied.reshape(*before, pieces * rows, outputs)[..., :paths, :])
