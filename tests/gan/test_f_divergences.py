"""The five divergences of f-GAN against their definitions and against closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from simgan.errors import ConfigError

tf = pytest.importorskip("tensorflow")
pytestmark = pytest.mark.tensorflow

from simgan.recipe.objectives import OBJECTIVES  # noqa: E402
from simgan.recipe.objectives.f_gan import DIVERGENCES  # noqa: E402

P, Q = np.array([0.1, 0.2, 0.3, 0.4]), np.array([0.4, 0.3, 0.2, 0.1])
MIDDLE = (P + Q) / 2


def kl(p: np.ndarray, q: np.ndarray) -> float:
    return float((p * np.log(p / q)).sum())


CLOSED = {
    "kl": kl(P, Q),
    "reverse-kl": kl(Q, P),
    "pearson": float(((P - Q) ** 2 / Q).sum()),
    "squared-hellinger": float(((np.sqrt(P) - np.sqrt(Q)) ** 2).sum()),
    "jensen-shannon": kl(P, MIDDLE) + kl(Q, MIDDLE),
}


def test_every_divergence_has_a_closed_form_here() -> None:
    assert list(DIVERGENCES) == list(CLOSED)


@pytest.mark.parametrize("name", DIVERGENCES)
def test_it_is_the_mean_of_f(name: str) -> None:
    found = DIVERGENCES[name].f(tf.constant(P / Q, tf.float64))
    assert float((Q * found.numpy()).sum()) == pytest.approx(CLOSED[name], rel=1e-12)


@pytest.mark.parametrize("name", DIVERGENCES)
@pytest.mark.parametrize("score", [-2.0, -0.5, 0.0, 0.4, 0.6])
def test_the_conjugate_is_the_supremum_over_all_ratios(name: str, score: float) -> None:
    """f*(t) = sup ut − f(u), by a fine grid of u from 1e-9 to 1e9."""
    f, activation, conjugate, of_fake = DIVERGENCES[name]
    t = activation(tf.constant(score, tf.float64))
    u = tf.constant(np.logspace(-9, 9, 400_001), tf.float64)
    assert float(conjugate(t)) == pytest.approx(float(tf.reduce_max(u * t - f(u))), abs=1e-6)
    assert float(of_fake(tf.constant(score, tf.float64))) == pytest.approx(
        float(conjugate(t)), abs=1e-6
    )


@pytest.mark.parametrize("name", DIVERGENCES)
def test_the_best_critic_finds_the_divergence_and_no_other_finds_more(name: str) -> None:
    """The bound E_P t − E_Q f*(t) is the divergence at t = f′(p/q), and lower elsewhere."""
    f, _, conjugate, _ = DIVERGENCES[name]
    ratio = tf.Variable(P / Q)
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(f(ratio))
    best = tape.gradient(total, ratio)  # f′(p/q)

    def bound(t: object) -> float:
        return float((P * t).sum() - (Q * conjugate(tf.constant(t)).numpy()).sum())

    assert bound(best.numpy()) == pytest.approx(CLOSED[name], rel=1e-9)
    for step in (-0.05, 0.05):
        assert bound(best.numpy() + step * np.array([1, -1, 0.5, 0])) < CLOSED[name]


@pytest.mark.parametrize("name", DIVERGENCES)
def test_a_critic_that_learns_by_the_loss_finds_the_divergence(name: str) -> None:
    """Gradient descent on the critic's loss over scores of four outcomes:
    −loss is the divergence.
    """
    objective = OBJECTIVES.build("f-gan", {"divergence": name})
    scores = tf.Variable(tf.zeros((4, 1)))
    outcomes = (
        np.repeat(np.arange(4), 10 * np.array([1, 2, 3, 4])),
        np.repeat(np.arange(4), 10 * np.array([4, 3, 2, 1])),
    )

    @tf.function
    def step() -> object:
        with tf.GradientTape() as tape:
            loss = objective.critic_loss(*(tf.one_hot(which, 4) @ scores for which in outcomes))
        scores.assign_sub(0.5 * tape.gradient(loss, scores))
        return loss

    for _ in range(1500):
        loss = step()
    assert -float(loss) == pytest.approx(CLOSED[name], rel=1e-3)


@pytest.mark.parametrize("name", DIVERGENCES)
def test_large_scores_stay_finite_with_gradients(name: str) -> None:
    objective, far = OBJECTIVES.build("f-gan", {"divergence": name}), tf.Variable([[-30.0], [30.0]])
    with tf.GradientTape() as tape:
        total = objective.critic_loss(far, far) + objective.generator_loss(far, far)
    assert np.isfinite(float(total)) and np.isfinite(tape.gradient(total, far).numpy()).all()


def test_an_unknown_divergence_is_told() -> None:
    with pytest.raises(ConfigError, match=r"divergence = 'hellingr'.*pearson"):
        OBJECTIVES.build("f-gan", {"divergence": "hellingr"})
