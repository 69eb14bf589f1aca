"""One step of each player by hand: losses, penalties, moves, labels, and the state of a game."""

from __future__ import annotations

import numpy as np
import pytest

from simgan.seeds import Seed

tf = pytest.importorskip("tensorflow")
pytestmark = pytest.mark.tensorflow

from made_game import FAKE, MIXING, REAL, LinearCritic, made, made_game  # noqa: E402

from simgan.gan.game import Game, WeightAverage  # noqa: E402
from simgan.recipe.conditions import CONDITIONS  # noqa: E402
from simgan.recipe.objectives import OBJECTIVES  # noqa: E402
from simgan.recipe.training import GameRules  # noqa: E402

LABELS = made([[1, 0], [0, 1]])


def values(game: Game) -> list[np.ndarray]:
    return [np.array(variable.numpy()) for variable in [*game.weights, *game.variables()]]


def test_a_critic_step_moves_by_the_rate_against_its_gradient() -> None:
    """WGAN: the loss is w (mean fake − mean real) = −2 w, so w rises.

    The first step of Adam with β₁ = 0 is the rate itself, whatever the size of the gradient.
    """
    game, critic, _ = made_game(objective="wgan-gp", weight=1.5)
    metrics = game.critic_step(REAL, FAKE, MIXING)
    assert float(metrics["critic loss"]) == pytest.approx(-3.0)
    assert float(critic.weight) == pytest.approx(1.51, abs=1e-5)


def test_a_generator_step_moves_the_fakes_to_a_higher_score() -> None:
    """WGAN: −E D(x + s) = −(w · mean + s w). For w > 0 the shift rises by the rate."""
    game, critic, shift = made_game(objective="wgan-gp", weight=1.5)
    metrics = game.generator_step(REAL, lambda: FAKE + shift)
    assert float(metrics["generator loss"]) == pytest.approx(0.0)
    assert float(shift) == pytest.approx(0.01, abs=1e-5)
    assert float(critic.weight) == 1.5


@pytest.mark.parametrize(
    ("objective", "penalty"), [("wgan-gp", (1.5 - 1.0) ** 2), ("non-saturating", 0.5 * 1.5**2)]
)
def test_a_penalty_is_the_weight_times_that_of_a_linear_critic(
    objective: str, penalty: float
) -> None:
    """The gradient of w x₁ has norm w everywhere: (w − 1)² and R1 / 2 = w²/2."""
    game, critic, _ = made_game(objective=objective, weight=1.5, penalty=10.0)
    metrics = game.critic_step(REAL, FAKE, MIXING)
    assert float(metrics["gradient penalty"]) == pytest.approx(10.0 * penalty, rel=1e-5)
    # The penalty pulls the weight down more than the loss pulls it up.
    assert float(critic.weight) == pytest.approx(1.49, abs=1e-5)


def test_a_step_without_weight_asks_for_no_penalty() -> None:
    """The critic is called once for both batches, and not again for a gradient of a gradient."""
    game, critic, _ = made_game(objective="wgan-gp", weight=1.5)
    assert float(game.critic_step(REAL, FAKE, MIXING)["gradient penalty"]) == 0.0
    assert critic.groups == [2]


def test_a_restart_forgets_moments_and_balance_and_keeps_the_weights() -> None:
    game, critic, shift = made_game(objective="wgan-gp", weight=1.5)
    fresh = values(game)
    game.critic_step(REAL, FAKE, MIXING)
    game.generator_step(REAL, lambda: FAKE + shift)
    game.balance.assign(0.7)
    moved = float(critic.weight), float(shift)
    game.restart()
    assert (float(critic.weight), float(shift)) == moved != (1.5, 0.0)
    critic.weight.assign(1.5)
    shift.assign(0.0)
    for before, after in zip(fresh, values(game), strict=True):
        np.testing.assert_array_equal(before, after)


def test_the_variables_of_a_game_are_all_that_steps_change() -> None:
    """A second game with the variables of the first plays on to the same numbers."""
    first, critic, shift = made_game(objective="non-saturating", weight=0.5, penalty=1.0)
    second, other, moved = made_game(objective="non-saturating", weight=0.0, penalty=1.0)
    first.critic_step(REAL, FAKE, MIXING)
    first.generator_step(REAL, lambda: FAKE + shift)
    for variable, value in zip([*second.weights, *second.variables()], values(first), strict=True):
        variable.assign(value)
    for game, own in ((first, shift), (second, moved)):
        game.critic_step(REAL, FAKE + own, MIXING)
        game.generator_step(REAL, lambda own=own: FAKE + own)
    assert (float(critic.weight), float(shift)) == (float(other.weight), float(moved))


def labelled(kind: str) -> tuple[Game, LinearCritic]:
    """Give a game under two labels, whose outputs are c(x) = (x₁, 2 x₂)."""
    critic = LinearCritic(1.0)
    rules = GameRules(
        OBJECTIVES.build("wgan-gp", {"penalty_weight": 0.0}), condition=CONDITIONS.build(kind),
        regimes=2,
    )  # fmt: skip
    game = Game([tf.Variable(0.0)], critic, rules, (0.01, 0.01))
    game.critic_weights[-1].assign([[1.0, 0.0], [0.0, 2.0]])
    return game, critic


def test_a_score_without_labels_is_that_of_the_critic_alone() -> None:
    game, _ = labelled("cgan")
    np.testing.assert_allclose(game.score(REAL)[:, 0], [1.0, 3.0])
    np.testing.assert_allclose(game.classes(REAL), [[1.0, 4.0], [3.0, 8.0]])


def test_a_loss_under_labels_has_the_outputs_of_each_label_by_hand() -> None:
    """Real scores 1 + 1 and 3 + 8, fake scores 0 + 0 and 0 + 4: 2 − 6.5 = −4.5."""
    game, _ = labelled("cgan")
    metrics = game.critic_step(REAL, FAKE, MIXING, LABELS)
    assert float(metrics["critic loss"]) == pytest.approx(-4.5)


def test_accuracy_is_the_share_of_labels_that_are_the_largest_output() -> None:
    """Real outputs (1, 4) and (3, 8) for the labels 0 and 1: one is right. Fakes: both."""
    game, _ = labelled("acgan")
    metrics = game.generator_step(REAL, lambda: FAKE + game.weights[0], LABELS)
    assert float(metrics["accuracy, real"]) == 0.5
    assert float(metrics["accuracy, fake"]) == 1.0


def test_labels_of_a_game_are_learned_and_forgotten_with_a_restart() -> None:
    game, _ = labelled("acgan")
    kernel = game.critic_weights[-1]
    before = kernel.numpy()
    game.critic_step(REAL, FAKE, MIXING, LABELS)
    assert (kernel.numpy() != before).any()
    game.restart()
    assert not kernel.numpy().any()


def test_an_average_is_exchanged_and_exchanged_back() -> None:
    weight = tf.Variable([1.0, 2.0])
    average = WeightAverage([weight], 0.5)
    weight.assign([3.0, 6.0])
    average.follow()
    average.exchange()
    np.testing.assert_allclose(weight, [2.0, 4.0])
    average.exchange()
    np.testing.assert_allclose(weight, [3.0, 6.0])
    np.testing.assert_allclose(average.variables[0], [2.0, 4.0])


def test_an_average_of_many_steps_is_a_sum_with_weights_that_decay() -> None:
    """a(n) = ρⁿ w(0) + (1 − ρ) Σ ρ^(n−i) w(i), of 30 random weights."""
    path = Seed(3).stream("weights").standard_normal(31)
    weight = tf.Variable(path[0])
    average = WeightAverage([weight], 0.8)
    for value in path[1:]:
        weight.assign(value)
        average.follow()
    shares = 0.2 * 0.8 ** np.arange(30)[::-1]
    expected = 0.8**30 * path[0] + shares @ path[1:]
    assert float(average.variables[0]) == pytest.approx(expected, abs=1e-6)
