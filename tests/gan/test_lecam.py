"""LeCam regularisation, by hand."""

from __future__ import annotations

from typing import Any

import pytest

tf = pytest.importorskip("tensorflow")
pytestmark = pytest.mark.tensorflow

from made_game import FAKE, MIXING, REAL, made_game  # noqa: E402

from simgan.recipe.remedies import Judged, Remedies  # noqa: E402
from simgan.recipe.remedies.lecam import DECAY, AnchoredScores  # noqa: E402


def judged(*scores: float) -> Judged:
    values: Any = tf.constant(scores, tf.float32)[:, None]
    return Judged(values, values)


def test_scores_are_held_near_the_past_mean_of_the_other_side() -> None:
    """Means 3 and −1 so far: E (D(x) + 1)² = (4 + 16) / 2, E (D(G(z)) − 3)² = 9, λ = ½."""
    effect = AnchoredScores(0.5)
    effect.after_step("critic", judged(2, 4), judged(-1, -1))
    loss = effect.critic_loss(tf.constant(7.0), judged(1, 3), judged(0, 0))
    assert float(loss) == pytest.approx(7 + 0.5 * (10 + 9))


def test_without_a_past_scores_are_held_near_zero() -> None:
    """E D(x)² = 5 and E D(G(z))² = 4, whatever was learned before a restart."""
    effect = AnchoredScores(1.0)
    effect.after_step("critic", judged(9), judged(8))
    effect.restart()
    loss = effect.critic_loss(tf.constant(0.0), judged(1, 3), judged(2, -2))
    assert float(loss) == pytest.approx(5 + 4)


def test_averages_are_means_at_first_and_exponential_later() -> None:
    """Scores 1, 2, 6 have the mean 3. After a hundred steps at 0, a score of 1 counts 1 − γ."""
    effect = AnchoredScores(1.0)
    for score in (1.0, 2.0, 6.0):
        effect.after_step("critic", judged(score), judged(-score))
    assert [float(x) for x in (effect.of_real, effect.of_fake)] == pytest.approx([3, -3])
    effect.restart()
    for _ in range(100):
        effect.after_step("critic", judged(0), judged(0))
    effect.after_step("critic", judged(1), judged(0))
    assert float(effect.of_real) == pytest.approx(1 - DECAY)


def test_the_generator_neither_moves_the_averages_nor_pays() -> None:
    effect = AnchoredScores(1.0)
    effect.after_step("generator", judged(5), judged(5))
    assert [float(v) for v in effect.variables] == [0, 0, 0]
    assert float(effect.generator_loss(tf.constant(2.0), judged(1), judged(1))) == 2


def test_the_past_has_no_gradient_and_scores_have_theirs() -> None:
    """d/dv λ (v − α)² = 2 λ (v − α), with α = −1, v = 3 and λ = 2."""
    effect, score = AnchoredScores(2.0), tf.Variable([[3.0]])
    effect.after_step("critic", judged(0), judged(-1))
    with tf.GradientTape() as tape:
        loss = effect.critic_loss(tf.constant(0.0), Judged(score, score), judged(0))
    assert tape.gradient(loss, score).numpy()[0, 0] == pytest.approx(2 * 2 * (3 + 1))
    assert effect.of_real.trainable is False and effect.of_fake.trainable is False


def test_a_game_has_the_term_in_the_critic_s_loss() -> None:
    """D(x) = x₁ = (1, 3) and D(G(z)) = 0, held near 0 at first: WGAN's −2, plus 1 · (5 + 0)."""
    played, _, _ = made_game(Remedies.parse({"lecam": 1.0}), "wgan-gp", weight=1.0)
    assert float(played.critic_step(REAL, FAKE, MIXING)["critic loss"]) == pytest.approx(-2 + 5)
