"""A million scenarios as users draw them follow the law of the generator that is trained, to the
last hundredth of a percent.

The two samples have noise of their own. The comparisons are 35, each at 10⁻⁵ ÷ 35, so that two
independent samples of one law would raise a false alarm with a probability of at most 10⁻⁵; with
the seeds as they are the answer is always the same.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest, ks_2samp

import simgan
from simgan.seeds import Seed

N, HORIZON, PART = 1_000_000, 10, 100_000
TAILS = (0.0001, 0.001, 0.01)
ALARM = 1e-5 / 35


@pytest.fixture(scope="module")
def laws() -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    return measured(drawn()), measured(trained())


def drawn() -> np.ndarray:
    """Log returns (N, HORIZON) by the engine of `simgan sample`."""
    return simgan.load("reference").sample(N, HORIZON, seed=11).log_returns[:, :, 0]


def trained() -> np.ndarray:
    """The same of the Keras model, with noise by TensorFlow."""
    import tensorflow as tf

    from simgan.gan.architectures import ARCHITECTURES

    bundle = simgan.load("reference").bundle
    blueprint, scaling = bundle.manifest.blueprint, bundle.manifest.scaling
    generator = ARCHITECTURES.load(blueprint.kind)(blueprint, Seed(0))
    generator.assign(bundle.weights)
    each = PART // blueprint.replicas
    known = np.broadcast_to(bundle.latest, (blueprint.replicas, each, 1, blueprint.width))
    roll = tf.function(generator.roll, jit_compile=True)
    noise = tf.random.Generator.from_seed(12)
    parts = []
    for _ in range(N // PART):
        unseen = noise.normal((blueprint.replicas, each, 1, blueprint.unseen)).numpy()
        memory = tf.constant(blueprint.with_unseen(known, unseen))
        drawn = roll(memory, noise.normal((HORIZON, blueprint.replicas, each, blueprint.latent)))[0]
        parts.append(drawn.numpy().reshape(PART, HORIZON))
    scaled = np.concatenate(parts)
    return np.asarray(scaling.invert(scaled[:, :, None]))[:, :, 0]


def measured(log_returns: np.ndarray) -> dict[str, np.ndarray]:
    """What is compared of the scenarios, each (N,)."""
    sums = log_returns.astype(np.float64).cumsum(axis=1)
    return {
        "first day": sums[:, 0],
        "last day": log_returns[:, -1].astype(np.float64),
        "ten days": sums[:, -1],
        "range": sums.max(axis=1) - sums.min(axis=1),
        "realized volatility": np.sqrt((log_returns.astype(np.float64) ** 2).sum(axis=1)),
    }


QUANTITIES = ("first day", "last day", "ten days", "range", "realized volatility")


def p_of_tails(own: np.ndarray, other: np.ndarray, share: float) -> list[float]:
    """Of the samples beyond a quantile of both together half are of each, if the laws are the
    same.
    """
    low, high = np.quantile(np.concatenate([own, other]), [share, 1 - share])
    counts = (
        (int(mine.sum()), int(theirs.sum()))
        for mine, theirs in ((own < low, other < low), (own > high, other > high))
    )
    return [float(binomtest(mine, mine + theirs).pvalue) for mine, theirs in counts]


@pytest.mark.slow
@pytest.mark.tensorflow
@pytest.mark.parametrize("quantity", QUANTITIES)
def test_the_distribution_is_the_same(
    laws: tuple[dict[str, np.ndarray], dict[str, np.ndarray]], quantity: str
) -> None:
    own, other = (law[quantity] for law in laws)
    assert ks_2samp(own, other, method="asymp").pvalue > ALARM


@pytest.mark.slow
@pytest.mark.tensorflow
@pytest.mark.parametrize("share", TAILS)
@pytest.mark.parametrize("quantity", QUANTITIES)
def test_tails_hold_as_many(
    laws: tuple[dict[str, np.ndarray], dict[str, np.ndarray]], quantity: str, share: float
) -> None:
    own, other = (law[quantity] for law in laws)
    assert min(p_of_tails(own, other, share)) > ALARM


@pytest.mark.slow
@pytest.mark.tensorflow
def test_a_difference_would_be_found(
    laws: tuple[dict[str, np.ndarray], dict[str, np.ndarray]],
) -> None:
    """Two percent more volatility by the distribution, moves half as large again by the outermost
    tails.
    """
    own, other = (law["first day"] for law in laws)
    assert ks_2samp(1.02 * own, other, method="asymp").pvalue < ALARM
    assert min(p_of_tails(1.5 * own, other, 0.0001)) < ALARM
