"""Every objective of the table keeps the contract."""

from __future__ import annotations

import numpy as np
import pytest

from simgan.errors import ConfigError
from simgan.seeds import Seed
from simgan.settings import record

tf = pytest.importorskip("tensorflow")
pytestmark = pytest.mark.tensorflow

from simgan.recipe.objectives import OBJECTIVES  # noqa: E402

LOG2 = float(np.log(2))
# Losses (critic, generator) at scores of 0, the optimum of a perfect generator: by hand.
AT_ZERO = {
    "relativistic": (LOG2, LOG2),
    "non-saturating": (2 * LOG2, LOG2),
    "minimax": (
        2 * LOG2,
        -LOG2,
    ),  # the value of the game is −log 4, and the critic minimises its negative
    "lsgan": (1.0, 0.0),
    "hinge": (2.0, 0.0),
    "ra-hinge": (2.0, 2.0),
    "wgan": (0.0, 0.0),
    "wgan-gp": (0.0, 0.0),
    "wgan-div": (0.0, 0.0),
    "f-gan": (0.0, 0.0),  # the divergence is 0
    "ebgan": (1.0, 0.0),
    "began": (0.0, 0.0),
}
# Losses at D(x) = 1 and D(G(z)) = −1, σ the logistic function: by hand.
LOG1PE = float(np.log1p(np.exp(-1)))
APART = {
    "relativistic": (np.log1p(np.exp(-2)), 2 + np.log1p(np.exp(-2))),
    "non-saturating": (2 * LOG1PE, 1 + LOG1PE),
    "minimax": (2 * LOG1PE, -LOG1PE),
    "lsgan": (0.0, 0.5),
    "hinge": (0.0, 1.0),
    "ra-hinge": (0.0, 6.0),  # the generator: [1 + 2]⁺ + [1 + 2]⁺
    "wgan": (-2.0, 1.0),
    "wgan-gp": (-2.0, 1.0),
    "wgan-div": (-2.0, 1.0),
    "f-gan": (
        2 * (LOG1PE - LOG2),
        LOG2 - LOG1PE,
    ),  # t = log 2 − log(1 + e⁻¹) for real ones, and f* of the fakes' is its negative
    "ebgan": (-1.0, 1.0),  # energies −1 and 1: −1 + [1 − 1]⁺
    "began": (-1.5, 1.0),  # −1 − ½ · 1
}
BALANCE = 0.5  # only began looks at it


def scores(value: float) -> object:
    return tf.fill((16, 1), np.float32(value))


def test_expected_numbers_are_given_for_every_member() -> None:
    assert list(OBJECTIVES) == list(AT_ZERO) == list(APART)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_losses_at_the_optimum(name: str) -> None:
    objective = OBJECTIVES.build(name)
    critic, generator = AT_ZERO[name]
    assert float(objective.critic_loss(scores(0), scores(0), BALANCE)) == pytest.approx(
        critic, abs=1e-6
    )
    assert float(objective.generator_loss(scores(0), scores(0))) == pytest.approx(
        generator, abs=1e-6
    )


@pytest.mark.parametrize("name", OBJECTIVES)
def test_losses_when_the_critic_tells_them_apart(name: str) -> None:
    objective = OBJECTIVES.build(name)
    critic, generator = APART[name]
    assert float(objective.critic_loss(scores(1), scores(-1), BALANCE)) == pytest.approx(
        critic, abs=1e-5
    )
    assert float(objective.generator_loss(scores(1), scores(-1))) == pytest.approx(
        generator, abs=1e-5
    )


@pytest.mark.parametrize("name", OBJECTIVES)
def test_fakes_that_score_like_real_lower_the_generator_loss_and_raise_the_critic_loss(
    name: str,
) -> None:
    objective = OBJECTIVES.build(name)
    assert float(objective.generator_loss(scores(1), scores(0.5))) < float(
        objective.generator_loss(scores(1), scores(-1))
    )
    assert float(objective.critic_loss(scores(1), scores(0.5), BALANCE)) > float(
        objective.critic_loss(scores(1), scores(-1), BALANCE)
    )


@pytest.mark.parametrize("name", OBJECTIVES)
def test_the_penalty_of_a_linear_critic(name: str) -> None:
    """D(x) = 3 x₁ has gradient norm 3 everywhere.

    Half of R1 + R2 gives 9, R1 alone 9/2, WGAN-GP (3 − 1)² = 4, and WGAN-div 3⁶. WGAN has none.
    """
    objective = OBJECTIVES.build(name)
    noise = Seed(0).stream("baseline")
    real, fake = (tf.constant(noise.standard_normal((8, 5)), tf.float32) for _ in range(2))
    mixing = tf.constant(noise.uniform(size=(8, 1)), tf.float32)
    penalty = float(objective.penalty(lambda x: 3.0 * x[:, :1], real, fake, mixing))
    expected = {"relativistic": 9.0, "wgan-gp": 4.0, "wgan-div": 729.0, "wgan": 0.0}.get(name, 4.5)
    assert penalty == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_settings_survive_a_round_trip(name: str) -> None:
    given = {"critic_steps": "3"} | ({} if name == "wgan" else {"penalty_weight": "2.5"})
    objective = OBJECTIVES.build(name, given)
    settings = record(objective)
    assert (settings["kind"], settings["critic_steps"], settings["penalty_weight"]) == (
        name,
        3,
        0.0 if name == "wgan" else 2.5,
    )
    assert OBJECTIVES.build(settings.pop("kind"), settings) == objective


@pytest.mark.parametrize("name", OBJECTIVES)
@pytest.mark.parametrize(
    "wrong", [{"penalty_weight": -1.0}, {"penalty_weight": float("nan")}, {"critic_steps": 0}]
)
def test_impossible_settings_are_refused(name: str, wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match="must be"):
        OBJECTIVES.build(name, wrong)


def test_only_clipping_constrains_the_weights() -> None:
    for name in OBJECTIVES:
        weight = tf.Variable([-3.0, 0.005, 3.0])
        OBJECTIVES.build(name).constrain([weight])
        assert list(weight.numpy()) == pytest.approx(
            [-0.01, 0.005, 0.01] if name == "wgan" else [-3.0, 0.005, 3.0]
        )


@pytest.mark.parametrize("wrong", [{"clip": 0.0}, {"clip": 11.0}, {"penalty_weight": 1.0}])
def test_wgan_refuses_what_makes_no_sense(wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match="must be"):
        OBJECTIVES.build("wgan", wrong)


def test_the_balance_of_began() -> None:
    """γ = ½, λ = .001; energies .8 and .3: k grows by .001 (.4 − .3), and M = .8 + .1."""
    objective = OBJECTIVES.build("began")
    real, fake = scores(-0.8), scores(-0.3)
    assert float(objective.next_balance(0.2, real, fake)) == pytest.approx(0.2001)
    assert float(objective.next_balance(0.0, real, scores(-0.9))) == 0.0
    assert float(objective.next_balance(1.0, real, fake)) == 1.0
    assert {
        name: float(value) for name, value in objective.metrics(real, fake, 0.2).items()
    } == pytest.approx({"balance k": 0.2, "convergence M": 0.9})


def test_only_began_carries_a_balance() -> None:
    for name in OBJECTIVES:
        objective = OBJECTIVES.build(name)
        moved = float(objective.next_balance(0.2, scores(-0.8), scores(-0.3))) != 0.2
        assert moved == bool(objective.metrics(scores(0), scores(0), 0.2)) == (name == "began")


@pytest.mark.parametrize(
    ("name", "wrong"),
    [("ebgan", {"margin": 0.0}), ("began", {"diversity": 1.5}), ("began", {"gain": 0.0})],
)
def test_energies_refuse_what_makes_no_sense(name: str, wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match="must be"):
        OBJECTIVES.build(name, wrong)


def test_the_relativistic_average_hinge_of_unequal_scores() -> None:
    """D(x) = (0, 2) and D(G(z)) = (−1, 1), with means 1 and 0, by hand.

    The critic loses ([1 − 0]⁺ + [1 − 2]⁺) / 2 + ([1 − 2]⁺ + [1 + 0]⁺) / 2 = 1.
    The generator loses ([1 + 2]⁺ + [1 − 0]⁺) / 2 + ([1 + 0]⁺ + [1 + 2]⁺) / 2 = 4.
    """
    objective = OBJECTIVES.build("ra-hinge")
    real, fake = tf.constant([[0.0], [2.0]]), tf.constant([[-1.0], [1.0]])
    assert float(objective.critic_loss(real, fake)) == pytest.approx(1)
    assert float(objective.generator_loss(real, fake)) == pytest.approx(4)
