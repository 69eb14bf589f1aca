"""The plain runtimes against their formulas, written as loops over numbers of one path."""

from __future__ import annotations

import math
import warnings
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_bundle import made_bundle, made_history, made_weights

from simgan.errors import SamplingError
from simgan.recipe.blueprints import BLUEPRINTS, Blueprint
from simgan.recipe.blueprints.mlp import ACTIVATIONS
from simgan.recipe.blueprints.recurrent import Recurrent
from simgan.recipe.blueprints.state_space import SIZES, StateSpace
from simgan.recipe.blueprints.tcn import Tcn
from simgan.sampling.model import Model
from simgan.sampling.runtimes import product, runtime_of
from simgan.sampling.runtimes.numpy_runtime import NumpyRuntime
from simgan.seeds import Seed

RNG = Seed(12)
CLOSE = {"rtol": 2e-5, "atol": 2e-6}


def sigmoid(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x))


def leaky(x: float) -> float:
    return x if x > 0 else 0.2 * x


def dot(values: list[float], kernel: np.ndarray, column: int) -> float:
    return sum(value * float(kernel[row, column]) for row, value in enumerate(values))


def rolled(blueprint: Blueprint, memory: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Roll one path. Memory has shape (W,), and noise (steps, latent)."""
    runtime = runtime_of("numpy", blueprint, made_weights(blueprint))
    return runtime.roll(memory[None, None].astype(np.float32), noise[:, None])[0][0, :, 0]


def rolled_by(runtime: NumpyRuntime, memory: np.ndarray, noise: np.ndarray) -> np.ndarray:
    return runtime.roll(memory, noise[:, None])[0][0, :, 0]


def noise_of(blueprint: Blueprint, steps: int) -> np.ndarray:
    shape = (steps, blueprint.latent)
    return RNG.stream("latent").standard_normal(shape, dtype=np.float32)


def test_a_recurrent_generator_is_its_gates_written_out() -> None:
    """Cho et al. (2014), equations 5 to 8, number by number in double precision."""
    blueprint = Recurrent(units=3, hidden=4, latent=2)
    w, noise = made_weights(blueprint), noise_of(blueprint, 6)
    state, found = [0.2, -0.4, 0.7], []
    for z in noise:
        seen = [*state, *map(float, z)]
        hidden = [leaky(dot(seen, w["head"], j) + float(w["head_bias"][j])) for j in range(4)]
        output = sum(h * float(w["out"][j]) for j, h in enumerate(hidden)) + float(w["out_bias"])
        found.append(float(w["shift"]) + float(w["gain"]) * output)
        day = found[-1] / float(w["gain"])
        x = [math.asinh(day), math.asinh(abs(day))]
        gates = [
            sigmoid(dot([*x, *state], w["gates"], j) + float(w["gates_bias"][j])) for j in range(6)
        ]
        reset = [gate * h for gate, h in zip(gates[3:], state, strict=True)]
        candidate = [
            math.tanh(dot([*x, *reset], w["candidate"], j) + float(w["candidate_bias"][j]))
            for j in range(3)
        ]
        state = [(1 - u) * h + u * c for u, h, c in zip(gates[:3], state, candidate, strict=True)]
    start = np.array([0.2, -0.4, 0.7])
    np.testing.assert_allclose(rolled(blueprint, start, noise), found, **CLOSE)


def test_a_convolution_is_its_taps_written_out() -> None:
    """Each layer reads today and the day one dilation before, and blocks add to the output."""
    blueprint = Tcn(latent=2, channels=3, dilations=(1, 3))
    w, steps = made_weights(blueprint), 4
    window = noise_of(blueprint, blueprint.run_in + steps)

    def prelu(x: float, slope: float) -> float:
        return x if x > 0 else slope * x

    def entry(day: int) -> list[float]:
        z = [float(value) for value in window[day]]
        return [
            prelu(dot(z, w["entry"], j) + float(w["entry_bias"][j]), float(w["entry_slope"][j]))
            for j in range(3)
        ]

    def inner(block: int, layer: int, day: int) -> list[float]:
        before = (lambda d: inner(block, 0, d)) if layer else (lambda d: skip(block, d))
        taps = [*before(day - blueprint.dilations[block]), *before(day)]
        kernel, bias = w["kernels"][block, layer], w["biases"][block, layer]
        slope = w["slopes"][block, layer]
        return [prelu(dot(taps, kernel, j) + float(bias[j]), float(slope[j])) for j in range(3)]

    def skip(block: int, day: int) -> list[float]:
        """Return the input of a block: the entry, and the outputs of the blocks before."""
        if not block:
            return entry(day)
        return np.add(skip(block - 1, day), inner(block - 1, 1, day)).tolist()

    expected = [
        float(w["shift"]) + float(w["gain"]) * (
            float(np.dot(skip(2, day), w["out"].astype(np.float64))) + float(w["out_bias"])
        )
        for day in range(blueprint.run_in, blueprint.run_in + steps)
    ]  # fmt: skip
    memory = window[: blueprint.run_in].reshape(-1)
    found = rolled(blueprint, memory, window[blueprint.run_in :])
    np.testing.assert_allclose(found, expected, **CLOSE)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_perceptron_is_its_layers_written_out(activation: str) -> None:
    blueprint = BLUEPRINTS.build(
        "mlp", {"hidden": (4, 2), "latent": 2, "activation": activation, "half_lives": (2.0, 9.0)}
    )
    w, noise = made_weights(blueprint), noise_of(blueprint, 3)
    start = np.array([0.8, 1.1, 0.6, 0.9, 0.3])
    memory, gain, found = blueprint.memory, float(w["gain"]), []
    state = start.astype(np.float32)
    for z in noise:
        squares = [0.5 * math.log(float(q) / gain**2 + 0.01) for q in state[:4]]
        trend = math.asinh(float(state[4]) / float(memory.trend_scale[0]) / gain)
        hidden = [*map(float, z), *squares, trend]
        for number in range(2):
            kernel, bias = w[f"kernel_{number}"], w[f"bias_{number}"]
            sums = [dot(hidden, kernel, j) + float(bias[j]) for j in range(kernel.shape[1])]
            hidden = activated(activation, sums)
        output = sum(h * float(v) for h, v in zip(hidden, w["kernel_out"], strict=True))
        found.append(float(w["shift"]) + gain * (output + float(w["bias_out"])))
        state = memory.next(state[None], np.array([found[-1]], np.float32))[0]
    np.testing.assert_allclose(rolled(blueprint, start, noise), found, **CLOSE)


def activated(name: str, sums: list[float]) -> list[float]:
    """Return the units of a layer from its sums, number by number."""
    half = len(sums) // 2
    if name == "maxout":
        return [max(sums[2 * j], sums[2 * j + 1]) for j in range(half)]
    if name == "relu-sigmoid":
        return [max(x, 0.0) for x in sums[:half]] + [sigmoid(x) for x in sums[half:]]
    units = {"leaky": leaky, "relu": lambda x: max(x, 0.0), "sigmoid": sigmoid}
    return [units[name](x) for x in sums]


@settings(max_examples=12, deadline=None)
@given(paths=st.integers(2, 600), inputs=st.integers(1, 12), outputs=st.integers(1, 12))
def test_a_product_is_that_of_numpy_and_the_other_rows_change_no_bit(
    paths: int, inputs: int, outputs: int
) -> None:
    rng = RNG.stream("weights")
    values = rng.standard_normal((paths, inputs), dtype=np.float32)
    kernel = rng.standard_normal((inputs, outputs), dtype=np.float32)
    found, row = product(values, kernel), paths // 2
    np.testing.assert_allclose(found, values.astype(np.float64) @ kernel, atol=1e-4)
    np.testing.assert_array_equal(product(values[: row + 1], kernel)[row], found[row])
    others = np.where(np.arange(paths)[:, None] == row, values, 0.0).astype(np.float32)
    np.testing.assert_array_equal(product(others, kernel)[row], found[row])


@pytest.mark.parametrize("paths", [1, 3, 4, 9])
def test_replicas_and_paths_are_each_others_inverse(paths: int) -> None:
    """Path i belongs to replica i mod R. Copies of the last path fill the replicas up."""
    runtime = runtime_of("numpy", BLUEPRINTS.build("state-space"), {})
    values = np.arange(2.0 * paths).reshape(paths, 2)
    each = runtime.by_replica(values)
    assert each.shape == (4, -(-paths // 4), 2)
    for path in range(paths):
        np.testing.assert_array_equal(each[path % 4, path // 4], values[path])
    np.testing.assert_array_equal(runtime.by_path(each, paths), values)


def test_factor_doubt_jumps_and_still_days_are_their_formulas_written_out() -> None:
    """Around σ and Q of the runtime itself, day by day in double precision."""
    blueprint = StateSpace(replicas=1, jump=5.0, factor=30.0, pull=0.5, doubt_half_life=10.0)
    w = made_weights(blueprint) | {"high": np.array([0.6], np.float32)}
    runtime = NumpyRuntime(blueprint, w)
    memory = np.full((1, 1, blueprint.width), 1.0, np.float32)
    memory[..., -2:] = 0.2, 0.3
    noise = noise_of(blueprint, 40)
    noise[5, 0], noise[9, 0], noise[12, 0] = -2.6, 2.9, 0.01
    state, g, doubt, found = memory[0][None], 0.2, 0.3, []
    sides = w["jumps"].astype(float)
    shares: list[float] = []
    rho = 0.5 ** (1 / 30.0)
    for z, u in noise.astype(float):
        sigma = float(runtime.remembered(state)[0, 0])
        calm, wild = runtime.innovation(np.array([[z]], np.float32))[:, 0, 0].astype(float)
        low, high = (math.log(spread) for spread in w["between"][0])
        share = min(max((math.log(sigma) - low) / (high - low), 0.0), 1.0)
        shares.append(share)
        news = (1 - share) * calm + share * wild
        bottom, top = (1 - share) * w["rest"][0, 0] + share * w["rest"][0, 1]
        jump = 0.0
        for (share, *sizes), sign in zip(sides, (-1, 1), strict=True):
            tail = 0.5 * math.erfc(sign * z / math.sqrt(2))
            if tail < share:
                jump = sign * float(np.interp(1 - tail / share, np.linspace(0, 1, SIZES), sizes))
        drawn = float(runtime.location(state)[0, 0]) + math.exp(g + doubt) * sigma * news + jump
        found.append(0.0 if bottom < z < top else drawn)
        pull = (1 - rho) * 0.5 * max(math.log(sigma / float(w["high"][0])), 0.0)
        g = rho * g - pull - float(w["factor"][0]) * math.sqrt(1 - rho**2) * u
        doubt *= 0.5**0.1
        known = blueprint.memory.next(state[..., :-2], np.array([[found[-1]]], np.float32))
        state = np.concatenate([known, np.array([[[g, doubt]]], np.float32)], axis=-1)
    np.testing.assert_allclose(rolled_by(runtime, memory, noise), found, rtol=2e-4, atol=2e-5)
    assert found[5] < -2 and found[9] > 2 and found[12] == 0.0
    assert min(shares) < 0.4 and max(shares) > 0.6


def test_an_exploding_model_rolls_without_warnings_of_numpy() -> None:
    """Overflows reached the terminal."""
    blueprint = StateSpace()
    weights = made_weights(blueprint)
    weights["tails"] = weights["tails"] * np.float32(1e30)
    weights["log_scale"] = weights["log_scale"] + np.float32(200)
    memory = np.full((2, 1, blueprint.width), 1e30, np.float32)
    noise = np.full((4, 2, 2), 6.0, np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        runtime_of("cpu", blueprint, weights).roll(memory, noise)


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("engine", ["cpu", "numpy"])
def test_scenarios_and_forecasts_that_are_no_numbers_are_refused(engine: str) -> None:
    bundle = made_bundle()
    of_a_giant = bundle.weights | {"log_scale": bundle.weights["log_scale"] + np.float32(200)}
    model = Model(replace(bundle, weights=of_a_giant), engine=engine)
    with pytest.raises(SamplingError, match="gives log returns that are no finite numbers"):
        model.sample(10, 3)
    with pytest.raises(SamplingError, match="fit the model again"):
        next(model.forecast(made_history().log_returns, range(100, 101), 3, 10, Seed(0)))
