"""Every runtime computes the law of the blueprint: the readable one in NumPy is the reference."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from made_bundle import made_weights

from simgan.bundle.blueprints import StateSpace
from simgan.sampling.runtimes import RUNTIMES
from simgan.sampling.runtimes.numpy_runtime import NumpyRuntime
from simgan.seeds import Seed


def all_but(*left_out: str) -> list[Any]:
    """Kinds as parameters; what needs TensorFlow is marked."""
    marks = {"tensorflow": pytest.mark.tensorflow}
    return [pytest.param(kind, marks=marks.get(kind, ())) for kind in RUNTIMES if kind not in left_out]


BLUEPRINTS = {
    "default": StateSpace(),
    "one replica": StateSpace(replicas=1),
    "other sizes": StateSpace(replicas=2, hidden=7, half_lives=(2.0, 9.0, 40.0)),
}
TOLERANCE = 2e-5  # of the largest move of a path: rounding of float32, carried on by the memory


def start(blueprint: StateSpace, paths: int, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Memories as far apart as a crash and a calm decade, and noise."""
    memory = Seed(1).stream("start-state").uniform(0.02, 20, (paths, blueprint.memory.width)).astype(np.float32)
    return memory, Seed(2).stream("latent").standard_normal((steps, paths, 1), dtype=np.float32)


def expect_agreement(expected: np.ndarray, found: np.ndarray) -> None:
    """Row by row, so that tails of any quantile agree too."""
    assert found.dtype == np.float32
    assert (np.abs(found - expected) <= TOLERANCE * np.abs(expected).max(axis=1, keepdims=True)).all()


@pytest.mark.parametrize("paths", [1, 5, 256, 3000])
@pytest.mark.parametrize("named", BLUEPRINTS)
@pytest.mark.parametrize("kind", all_but("numpy"))
def test_it_agrees_with_the_reference(kind: str, named: str, paths: int) -> None:
    blueprint = BLUEPRINTS[named]
    weights = made_weights(blueprint)
    memory, noise = start(blueprint, paths, 20)
    own, reference = RUNTIMES.load(kind)(blueprint, weights), NumpyRuntime(blueprint, weights)
    for expected, found in zip(reference.roll(memory, noise), own.roll(memory, noise), strict=True):
        expect_agreement(expected, found)


@pytest.mark.slow
@pytest.mark.parametrize("kind", all_but("numpy"))
def test_it_agrees_over_a_hundred_thousand_scenarios_of_a_year(kind: str) -> None:
    blueprint = BLUEPRINTS["default"]
    weights, noise = made_weights(blueprint), Seed(3).stream("latent")
    own, reference = RUNTIMES.load(kind)(blueprint, weights), NumpyRuntime(blueprint, weights)
    memory = np.ones((4000, blueprint.memory.width), np.float32)
    for _ in range(25):
        latent = noise.standard_normal((250, 4000, 1), dtype=np.float32)
        expect_agreement(reference.roll(memory, latent)[0], own.roll(memory, latent)[0])


@pytest.mark.parametrize("kind", all_but())
def test_two_parts_are_the_whole(kind: str) -> None:
    """The memory after some steps is all that the later ones depend on."""
    blueprint = BLUEPRINTS["default"]
    runtime = RUNTIMES.load(kind)(blueprint, made_weights(blueprint))
    memory, noise = start(blueprint, 300, 12)
    whole, after = runtime.roll(memory, noise)
    first, between = runtime.roll(memory, noise[:5])
    second, at_the_end = runtime.roll(between, noise[5:])
    np.testing.assert_array_equal(whole, np.concatenate([first, second], axis=1))
    np.testing.assert_array_equal(after, at_the_end)


@pytest.mark.parametrize("kind", all_but())
def test_the_threads_of_the_linear_algebra_change_no_bit(kind: str) -> None:
    code = (
        "import hashlib, sys; sys.path.insert(0, 'tests/support'); from made_bundle import made_bundle; "
        "from simgan.sampling.model import Model; "
        f"x = Model(made_bundle(), {kind!r}).sample(5000, 5).log_returns; print(hashlib.sha256(x.tobytes()).hexdigest())"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code], env=os.environ | {"OPENBLAS_NUM_THREADS": threads}, capture_output=True, text=True, check=True
        ).stdout
        for threads in ("1", "2")
    }
    assert len(found) == 1
