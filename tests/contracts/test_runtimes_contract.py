"""Every runtime computes the law of the blueprint: the readable one in NumPy is the reference."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from functools import cache
from typing import Any

import numpy as np
import pytest
from made_bundle import made_bundle, made_weights

from simgan.bundle import Runtime
from simgan.errors import ConfigError
from simgan.recipe.blueprints import BLUEPRINTS, Blueprint
from simgan.sampling.model import Model
from simgan.sampling.runtimes import RUNTIMES, runtime_of
from simgan.seeds import Seed

PLANS = {
    "state-space": {},
    "state-space, one replica": {"replicas": 1},
    "state-space, other sizes": {"replicas": 2, "hidden": 7, "half_lives": (2.0, 9.0, 40.0)},
    "state-space, jumps and still days": {"jump": 5.0, "replicas": 2},
    "state-space, as in format 3": {"factor": 0.0, "jump": 0.0, "still": 1.0},
    "state-space, ranges": {"ranges": 1, "replicas": 2},
    "state-space, ranges and one law": {"ranges": 1, "laws": 1, "factor": 0.0, "doubt": 0.0},
    "mlp": {},
    "mlp, the text's": {"hidden": (4,), "activation": "relu"},
    "mlp, maxout": {"hidden": (6, 5), "activation": "maxout", "latent": 2},
    "mlp, mixed": {"hidden": (5,), "activation": "relu-sigmoid"},
    "mlp, sigmoid": {"hidden": (5,), "activation": "sigmoid"},
    "recurrent": {},
    "recurrent, other sizes": {"latent": 1, "units": 5, "hidden": 7},
    "tcn": {"channels": 8},
    "tcn, other sizes": {"channels": 3, "latent": 2, "dilations": (1, 3)},
}


PLAIN = ("state-space", "mlp", "recurrent", "tcn")
COMPILED = (*PLAIN[:-1], "tcn, other sizes")  # one plan of each that XLA compiles soon
DAYS, MANY = 20, 3000  # each other number of days or paths is compiled anew


def plan(named: str) -> Blueprint:
    return BLUEPRINTS.build(named.split(",")[0], PLANS[named])


def cases(*engines: str, of: tuple[str, ...] = tuple(PLANS)) -> list[Any]:
    """Architectures with engines as parameters; what needs TensorFlow is marked."""
    marks = {"tensorflow": pytest.mark.tensorflow}
    return [
        pytest.param(named, engine, marks=marks.get(engine, ()))
        for named in of
        for engine in engines
    ]


TOLERANCE = 2e-5  # of the largest move of a path: rounding of float32, carried on by the memory


def start(blueprint: Blueprint, paths: int, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Memories as far apart as a crash and a calm decade, and noise."""
    memory = (
        Seed(1)
        .stream("start-state")
        .uniform(0.02, 20, (paths, 1, blueprint.width))
        .astype(np.float32)
    )
    if blueprint.kind != "state-space":  # theirs are states of a unit, or noise
        memory = np.minimum(memory, 1)
    else:
        memory[..., blueprint.memory.width :] = 0.1  # the logarithm of a factor
    return memory, Seed(2).stream("latent").standard_normal(
        (steps, paths, blueprint.latent), dtype=np.float32
    )


@cache
def made_runtime(named: str, engine: str) -> Runtime[Any]:
    """A runtime that compiles a number of days and paths once for all tests."""
    return runtime_of(engine, plan(named), made_weights(plan(named)))


def both(named: str, engine: str) -> tuple[Runtime[Any], Runtime[Any]]:
    """A runtime and the reference."""
    return made_runtime(named, engine), made_runtime(named, "numpy")


def expect_agreement(expected: np.ndarray, found: np.ndarray) -> None:
    """Row by row, so that tails of any quantile agree too."""
    assert found.dtype == np.float32 and found.shape == expected.shape
    largest = np.abs(expected).max(axis=tuple(range(1, expected.ndim)), keepdims=True)
    assert (np.abs(found - expected) <= TOLERANCE * largest).all()


def test_every_architecture_has_runtimes_and_is_examined() -> None:
    """A joint model is no architecture to choose, and `tests/sampling` examines it."""
    *alone, joint = RUNTIMES
    assert alone == list(BLUEPRINTS) == list(dict.fromkeys(named.split(",")[0] for named in PLANS))
    assert all(list(RUNTIMES[kind]) == ["cpu", "numpy", "tensorflow"] for kind in alone)
    assert joint == "joint" and list(RUNTIMES[joint]) == ["cpu", "numpy"]


@pytest.mark.parametrize("paths", [1, 5, MANY])
@pytest.mark.parametrize(("named", "engine"), cases("cpu"))
def test_it_agrees_with_the_reference(named: str, engine: str, paths: int) -> None:
    expect_agreement_of(named, engine, paths)


@pytest.mark.parametrize("named", PLAIN)
@pytest.mark.tensorflow
def test_tensorflow_agrees_with_the_reference(named: str) -> None:
    expect_agreement_of(named, "tensorflow", MANY)


@pytest.mark.parametrize(
    ("named", "paths"), [(named, 5) for named in PLANS] + [(kind, 1) for kind in PLAIN]
)
@pytest.mark.tensorflow
def test_graphs_of_tensorflow_agree_with_the_reference(named: str, paths: int) -> None:
    """XLA compiles each number of paths and each plan for seconds: here it does not."""
    from quick_graphs import quick_graphs

    with quick_graphs():
        expect_agreement_of(named, "tensorflow", paths)


def expect_agreement_of(named: str, engine: str, paths: int) -> None:
    own, reference = both(named, engine)
    memory, noise = start(plan(named), paths, DAYS)
    for expected, found in zip(reference.roll(memory, noise), own.roll(memory, noise), strict=True):
        expect_agreement(expected, found)


@pytest.mark.parametrize(
    ("named", "engine"),
    cases("cpu", "numpy") + cases("tensorflow", of=COMPILED),
)
def test_scenarios_begin_with_the_noise_of_a_run_in_where_there_is_one(
    named: str, engine: str
) -> None:
    """The first days are those of a roll-out that made the days of the run-in too;
    without one they are those of the start state.
    """
    own, reference = both(named, engine)
    memory, noise = start(plan(named), MANY, plan(named).run_in + DAYS)
    before, days = noise[: plan(named).run_in], noise[plan(named).run_in :]
    expect_agreement(
        reference.roll(memory, noise)[0][:, -DAYS:], own.roll(own.begin(memory, before), days)[0]
    )


@pytest.mark.slow
@pytest.mark.tensorflow
def test_all_agree_over_twelve_thousand_scenarios_of_a_year() -> None:
    compiled, reference = both("state-space", "cpu")
    network, width = both("state-space", "tensorflow")[0], plan("state-space").width
    noise, memory = Seed(3).stream("latent"), np.ones((4000, 1, width), np.float32)
    memory[..., -2:] = 0.0  # no factor and no doubt at first
    for _ in range(3):
        latent = noise.standard_normal((250, 4000, 2), dtype=np.float32)
        expected = reference.roll(memory, latent)[0]
        for runtime in (compiled, network):
            expect_agreement(expected, runtime.roll(memory, latent)[0])


@pytest.mark.parametrize(("named", "engine"), cases("tensorflow"))
def test_memories_along_a_history_agree_with_the_reference(named: str, engine: str) -> None:
    own, reference = both(named, engine)
    days = Seed(4).stream("latent").standard_normal((100, 1), dtype=np.float32)
    expected, found = reference.along(days), own.along(days)
    assert expected.shape == (101, 1, plan(named).width)
    np.testing.assert_allclose(found, expected, atol=2e-5)


@pytest.mark.parametrize(
    ("named", "engine"),
    cases("cpu", "numpy", of=PLAIN) + cases("tensorflow", of=COMPILED),
)
def test_two_parts_are_the_whole(named: str, engine: str) -> None:
    """The memory after some steps is all that the later ones depend on."""
    runtime, half = made_runtime(named, engine), DAYS // 2
    memory, noise = start(plan(named), MANY, DAYS)
    whole, after = runtime.roll(memory, noise)
    first, between = runtime.roll(memory, noise[:half])  # parts of one size are compiled once
    second, at_the_end = runtime.roll(between, noise[half:])
    joined = np.concatenate([first, second], axis=1)
    if plan(named).run_in and engine == "tensorflow":
        # one matrix product for all days: it rounds by how many there are
        np.testing.assert_allclose(whole, joined, atol=1e-5)
    else:
        np.testing.assert_array_equal(whole, joined)
    np.testing.assert_array_equal(after, at_the_end)


@pytest.mark.parametrize("named", ["mlp", "recurrent", "tcn"])
def test_replayed_days_are_remembered_as_drawn(named: str) -> None:
    """The memory along a path is that of the roll-out which made it;
    a memory made of noise knows no history.
    """
    runtime = runtime_of("numpy", plan(named), made_weights(plan(named)))
    if plan(named).run_in:
        assert not runtime.along(np.ones((5, 1), np.float32)).any()
        return
    history = Seed(5).stream("latent").standard_normal((80, 1), dtype=np.float32)
    noise = Seed(6).stream("latent").standard_normal((10, 1, plan(named).latent), dtype=np.float32)
    path, after = runtime.roll(runtime.along(history)[-1:], noise)
    np.testing.assert_allclose(
        runtime.along(np.concatenate([history, path[0]]))[-1], after[0], rtol=1e-5, atol=1e-6
    )


def test_a_convolution_sees_so_many_days_of_noise_and_no_more() -> None:
    """The receptive field of Quant GANs: 127 days."""
    blueprint = BLUEPRINTS.build("tcn", {"channels": 8})
    runtime = runtime_of("numpy", blueprint, made_weights(blueprint))
    assert blueprint.run_in + 1 == 127
    noise = Seed(7).stream("latent").standard_normal((127, 1, 3), dtype=np.float32)
    later, earlier = noise.copy(), noise.copy()
    later[0] += 1
    earlier = np.concatenate([noise[:1] + 1, noise])

    def last(noise: np.ndarray) -> float:
        days = len(noise) - blueprint.run_in
        return float(
            runtime.roll(
                runtime.begin(np.zeros((1, 1, blueprint.width), np.float32), noise[:-days]),
                noise[-days:],
            )[0][0, -1, 0]
        )

    assert last(later) != last(noise)
    assert last(earlier) == pytest.approx(last(noise), abs=1e-6)


OF_THREADS = [(kind, "cpu") for kind in PLAIN] + [("state-space", "numpy")]


def hashes(of: list[tuple[str, str]], threads: str) -> list[str]:
    """Hashes of 5,000 scenarios by architectures with engines, all in one process of its own."""
    code = (
        "import hashlib, sys; sys.path.insert(0, 'tests/support')\n"
        "from made_bundle import made_bundle\n"
        "from simgan.recipe.blueprints import BLUEPRINTS\n"
        "from simgan.sampling.model import Model\n"
        f"for kind, engine, plan in {[(kind, engine, PLANS[kind]) for kind, engine in of]!r}:\n"
        "    model = Model(made_bundle(blueprint=BLUEPRINTS.build(kind, plan)), engine)\n"
        "    drawn = model.sample(5000, 5).log_returns\n"
        "    print(hashlib.sha256(drawn.tobytes()).hexdigest())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | dict.fromkeys(("OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS"), threads),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


def test_the_threads_of_the_linear_algebra_change_no_bit() -> None:
    one, two = (hashes(OF_THREADS, threads) for threads in ("1", "2"))
    assert len(one) == len(OF_THREADS) and one == two


@pytest.fixture(scope="module")
def by_tensorflow() -> Model:
    """A model whose roll-out is compiled once."""
    return Model(made_bundle(blueprint=plan("state-space")), "tensorflow")


@pytest.mark.tensorflow
def test_the_threads_of_the_linear_algebra_change_no_bit_of_tensorflow(
    by_tensorflow: Model,
) -> None:
    """A process with one thread beside this one, which has a thread for each core."""
    drawn = by_tensorflow.sample(5000, 5).log_returns
    one = hashes([("state-space", "tensorflow")], "1")
    assert one == [hashlib.sha256(drawn.tobytes()).hexdigest()]


@pytest.mark.tensorflow
def test_all_engines_draw_the_scenarios_of_a_model_with_its_own_noise(
    by_tensorflow: Model,
) -> None:
    """Noise of version 2. That of another model is told from it."""
    one, other = (made_bundle(blueprint=plan("state-space"), identity=64 * digit) for digit in "ab")
    compiled = Model(one, "tensorflow")
    compiled.__dict__["_runtime"] = by_tensorflow.runtime  # the weights are the same
    expected = Model(one, "numpy").sample(300, 5).log_returns
    for model in (Model(one), compiled):
        np.testing.assert_allclose(model.sample(300, 5).log_returns, expected, atol=1e-6)
    assert not np.allclose(Model(other).sample(300, 5).log_returns, expected, atol=1e-3)


@pytest.mark.tensorflow
@pytest.mark.parametrize("kind", ["state-space", "mlp", "recurrent"])
def test_paths_of_a_regime_are_those_that_were_trained(kind: str) -> None:
    """Labels in training are one-hot and per path, here a number for all of them:
    shift, scale and slope agree, replica by replica.
    """
    from simgan.gan.architectures import ARCHITECTURES

    blueprint = BLUEPRINTS.build(kind, {"regimes": 3})
    weights, replicas = made_weights(blueprint), blueprint.replicas
    memory, _ = start(blueprint, 8, 1)
    paths = Seed(8).stream("latent").standard_normal((8, 30, 1), dtype=np.float32)
    generator = ARCHITECTURES.load(kind)(blueprint, Seed(0))
    generator.assign(weights)
    runtime = runtime_of("numpy", blueprint, weights)
    for number in range(3):
        found = runtime.in_regime(memory, paths, number)
        labels = np.broadcast_to(np.eye(3, dtype=np.float32)[number], (replicas, 8 // replicas, 3))
        expected = generator.in_regime(
            runtime.by_replica(memory), runtime.by_replica(paths), labels
        ).numpy()
        np.testing.assert_allclose(found, runtime.by_path(expected, 8), rtol=1e-4, atol=1e-5)
        assert np.abs(found - paths).max() > 0.01
    unknown = generator.in_regime(
        runtime.by_replica(memory),
        runtime.by_replica(paths),
        np.zeros((replicas, 8 // replicas, 3), np.float32),
    )
    np.testing.assert_array_equal(runtime.by_path(unknown.numpy(), 8), paths)


def test_a_convolution_has_no_regimes() -> None:
    with pytest.raises(ConfigError, match="no day of which a regime begins"):
        BLUEPRINTS.build("tcn", {"regimes": 3})
