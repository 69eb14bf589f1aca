"""Remedies: each formula by hand, all of them together, their memory, and their refusals."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from made_bundle import made_history

from simgan.errors import ConfigError
from simgan.recipe.blueprints.state_space import StateSpace
from simgan.seeds import Seed

tf = pytest.importorskip("tensorflow")
pytestmark = [pytest.mark.tensorflow, pytest.mark.usefixtures("shorter_calibration")]

from made_game import FAKE, MIXING, REAL, LinearCritic, made, made_game  # noqa: E402
from quick_graphs import quick_graphs  # noqa: E402

from simgan.gan.adversarial import Adversarial  # noqa: E402
from simgan.gan.architectures import ARCHITECTURES  # noqa: E402
from simgan.gan.critics import CRITICS, BatchLayer  # noqa: E402
from simgan.gan.critics.dense import PointCritic  # noqa: E402
from simgan.gan.game import Game  # noqa: E402
from simgan.gan.points import PointGan, PointSettings  # noqa: E402
from simgan.gan.series import Lesson, TrainingSeries  # noqa: E402
from simgan.recipe.conditions import CONDITIONS  # noqa: E402
from simgan.recipe.objectives import OBJECTIVES  # noqa: E402
from simgan.recipe.recipe import Recipe, nested  # noqa: E402
from simgan.recipe.remedies import (  # noqa: E402
    NONE,
    Judged,
    Remedies,
)
from simgan.recipe.remedies.historical import PastMean  # noqa: E402
from simgan.recipe.remedies.minibatch_kernels import PER_KERNEL, MinibatchKernels  # noqa: E402
from simgan.recipe.remedies.minibatch_std import MinibatchStd  # noqa: E402
from simgan.recipe.remedies.power_balance import RunningStrength, share_ranked_rightly  # noqa: E402
from simgan.recipe.remedies.spectral_norm import NormalisedKernels  # noqa: E402
from simgan.recipe.training import GameRules, TrainingSettings  # noqa: E402


def remedies_of(**settings: object) -> Remedies:
    return Remedies.parse(settings)


ALL = remedies_of(
    feature_matching=0.5,
    minibatch_kernels=4,
    minibatch_std=True,
    historical_averaging=0.1,
    label_smoothing=0.1,
    spectral_norm=2.0,
    noise=0.3,
    critic_ceiling=0.9,
    critic_floor=0.4,
)
LOG2 = float(np.log(2))


# --- statistics of a batch
# -------------------------------------------------------------------------


def test_closeness_is_the_mean_of_exponentials_of_distances_within_each_batch() -> None:
    """With T = (1, 0, 0, 0, 0), M is the feature.

    It is 0 and 1 in the first batch, with (1 + e⁻¹) / 2, and 2 and 2 in the second, with 1.
    """
    layer = BatchLayer(MinibatchKernels(minibatch_kernels=1), 1, seed=0)
    layer.set_weights([np.eye(1, PER_KERNEL)])
    seen = layer(made([[0], [1], [2], [2]]), groups=2).numpy()[:, 0]
    np.testing.assert_allclose(seen, [(1 + np.exp(-1)) / 2] * 2 + [1, 1], rtol=1e-6)


def test_distances_in_a_kernel_are_sums_over_its_space() -> None:
    """All of T is ½. In both kernels, M differs by ½ in each of five directions, 2.5 in all."""
    layer = BatchLayer(MinibatchKernels(minibatch_kernels=2), 1, seed=0)
    layer.set_weights([np.full((1, 2 * PER_KERNEL), 0.5)])
    np.testing.assert_allclose(
        layer(made([[0], [1]]), groups=1).numpy(),
        np.full((2, 2), (1 + np.exp(-2.5)) / 2),
        rtol=1e-6,
    )


def test_the_deviation_is_averaged_over_features_within_each_batch() -> None:
    """Features (0, 0) and (2, 4) deviate by 1 and 2.

    Two features (5, 5) deviate by the √10⁻⁸ that keeps gradients finite.
    """
    layer = BatchLayer(MinibatchStd(minibatch_std=True), 2, seed=0)
    seen = layer(made([[0, 0], [2, 4], [5, 5], [5, 5]]), groups=2).numpy()
    np.testing.assert_allclose(seen, [[1.5], [1.5], [1e-4], [1e-4]], rtol=1e-5)


@pytest.mark.parametrize("shape", ["windows", "points"])
def test_real_and_fake_ones_are_never_in_one_statistic(shape: str) -> None:
    remedies, noise = (
        remedies_of(minibatch_kernels=3, minibatch_std=True),
        Seed(0).stream("baseline"),
    )
    critic = (
        CRITICS.load("windows")(48, 5, remedies)
        if shape == "windows"
        else PointCritic((48, 8), Seed(0), remedies)
    )
    one, other = (made(scale * noise.standard_normal((6, 48))) for scale in (1.0, 0.1))
    features, scores = critic.judged(tf.concat([one, other], 0), groups=2)
    np.testing.assert_allclose(scores[:6], critic(one), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(scores[6:], critic(other), rtol=1e-4, atol=1e-5)
    assert features.shape == (12, 64 if shape == "windows" else 8)
    assert not np.allclose(
        critic(tf.concat([one, other], 0))[:6], critic(one), rtol=1e-4, atol=1e-5
    )


@pytest.mark.parametrize(
    ("objective", "groups"), [("relativistic", 2), ("wgan-gp", 1), ("non-saturating", 1)]
)
def test_a_penalty_sees_as_many_batches_as_it_scores(objective: str, groups: int) -> None:
    played, critic, _ = made_game(NONE, objective, penalty=1.0)
    played.critic_step(REAL, FAKE, MIXING)
    assert critic.groups == [2, groups]


# --- losses
# ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("share", "expected"), [(0.0, LOG2), (1.0, 8.0), (0.5, 0.5 * LOG2 + 4.0)])
def test_feature_matching_is_the_squared_distance_of_mean_features(
    share: float, expected: float
) -> None:
    """Mean features (2, 3) and (0, 1) differ by 2² + 2².

    The critic scores 0 everywhere, so that the objective's loss is log 2.
    """
    played, _, shift = made_game(remedies_of(feature_matching=share))
    metrics = played.generator_step(REAL, lambda: FAKE + shift)
    assert float(metrics["generator loss"]) == pytest.approx(expected, rel=1e-6)


def test_smoothed_labels_of_real_ones_alone() -> None:
    """D(x) = σ(log 3) = ¾ for both, and D(G(z)) = ½: −.9 log ¾ − .1 log ¼ + log 2.

    The fakes' label stays 0.
    """
    played, _, _ = made_game(remedies_of(label_smoothing=0.1), weight=float(np.log(3)))
    metrics = played.critic_step(made([[1, 0], [1, 0]]), made([[0, 0], [0, 0]]), MIXING)
    assert float(metrics["critic loss"]) == pytest.approx(
        -0.9 * np.log(0.75) - 0.1 * np.log(0.25) + LOG2, rel=1e-6
    )


def test_historical_averaging_is_the_squared_distance_to_the_mean_of_all_weights_so_far() -> None:
    """θ = (1, 0), (3, 0), (8, 0) has the means 1, 2, 4: (8 − 4)² = 16 with gradient 2 (8 − 4)."""
    theta = tf.Variable([1.0, 0.0])
    past = PastMean([theta])
    assert float(past.distance()) == 0
    for value in (3.0, 8.0):
        theta.assign([value, 0.0])
        past.follow()
    with tf.GradientTape() as tape:
        distance = past.distance()
    assert float(distance) == pytest.approx(16)
    np.testing.assert_allclose(tape.gradient(distance, theta), [8, 0], rtol=1e-6)
    past.restart()
    assert float(past.distance()) == 0


def test_the_past_begins_with_the_weights_of_this_training() -> None:
    """Weights before a restart do not count. The classifier's kernel is a player's weight, too."""
    critic, shift = LinearCritic(1.0), tf.Variable(0.0)
    critic.width = 2
    rules = GameRules(
        OBJECTIVES.build("wgan-gp"),
        remedies_of(historical_averaging=1.0),
        CONDITIONS.build("acgan"),
        2,
    )
    played = Game([shift], critic, rules, (0.01, 0.01))
    for weight in played.critic_weights:
        weight.assign(weight + 3.0)
    played.restart()
    [held] = played.effects
    assert [float(held.regularised(0.0, player)) for player in ("generator", "critic")] == [0, 0]


@pytest.mark.parametrize("player", ["critic", "generator"])
def test_the_past_pulls_both_players_back(player: str) -> None:
    """Only the past moves θ = .5, towards its mean 0.

    No score has a gradient here: fakes are like real samples, or the critic is 0.
    """
    played, critic, shift = made_game(remedies_of(historical_averaging=1.0), "wgan-gp")
    moved = critic.weight if player == "critic" else shift
    moved.assign(0.5)  # the mean is of 0 so far
    if player == "critic":
        played.critic_step(REAL, REAL, MIXING)
    else:
        played.generator_step(REAL, lambda: FAKE + shift)
    assert float(moved) == pytest.approx(0.49, abs=1e-4)  # Adam's first step is the rate


# --- spectral normalisation
# ------------------------------------------------------------------------


def in_scope(norm: NormalisedKernels, kernel: Any) -> Any:
    with norm.judging():
        return tf.convert_to_tensor(kernel)


def kernels() -> list[Any]:
    """Kernels of a convolution (3 days, 4 → 5 channels) and of a dense layer (20 → 3)."""
    import keras

    noise = Seed(0).stream("weights")
    return [
        keras.Variable(noise.standard_normal(shape).astype(np.float32))
        for shape in ((3, 4, 5), (20, 3))
    ]


def test_every_kernel_has_the_largest_singular_value_that_was_asked_for() -> None:
    some = kernels()
    norm = NormalisedKernels([*some, tf.Variable([7.0])], 2.0)
    for kernel in some:
        normalised = in_scope(norm, kernel).numpy()
        assert np.linalg.svd(normalised.reshape(-1, normalised.shape[-1]))[1][0] == pytest.approx(
            2, rel=1e-5
        )
        np.testing.assert_allclose(
            normalised / normalised.flat[0], kernel.numpy() / kernel.numpy().flat[0], rtol=1e-4
        )
    assert len(norm.variables) == 2  # a bias is left alone


def test_power_iterations_follow_the_kernel() -> None:
    kernel = kernels()[1]
    norm = NormalisedKernels([kernel], 1.0)
    kernel.assign(Seed(1).stream("weights").standard_normal((20, 3)).astype(np.float32))
    before = np.linalg.svd(in_scope(norm, kernel))[1][0]
    for _ in range(100):
        norm.before_step("critic")
    assert np.linalg.svd(in_scope(norm, kernel))[1][0] == pytest.approx(1, rel=1e-4)
    assert before > 1.01


def test_the_gradient_goes_through_the_singular_value() -> None:
    """Σ a W / σ(W) by central differences in float64, σ from NumPy's decomposition."""
    kernel, weights = kernels()[1], Seed(2).stream("weights").standard_normal((20, 3))
    norm = NormalisedKernels([kernel], 1.0)
    with tf.GradientTape() as tape, norm.judging():
        value = tf.reduce_sum(made(weights) * tf.convert_to_tensor(kernel))
    gradient = tape.gradient(value, kernel.value)
    start = kernel.numpy().astype(float)

    def exact(row: int, step: float) -> float:
        moved = start.copy()
        moved[row, 1] += step
        return float((weights * moved).sum() / np.linalg.svd(moved)[1][0])

    for row in range(5):
        assert float(gradient[row, 1]) == pytest.approx(
            (exact(row, 1e-4) - exact(row, -1e-4)) / 2e-4, rel=1e-3
        )


def test_a_critic_of_dense_layers_is_as_steep_as_its_norms_allow() -> None:
    """ReLU layers of norm ½ each: |D(x) − D(y)| ≤ ¼ ‖x − y‖. Without the remedy it is steeper."""
    noise = Seed(3).stream("baseline")
    some, others = (made(noise.standard_normal((500, 2))) for _ in range(2))
    slopes = []
    for remedies in (remedies_of(spectral_norm=0.5), NONE):
        critic = PointCritic((2, 32), Seed(0), remedies)
        played = Game(
            [tf.Variable(0.0)], critic, GameRules(OBJECTIVES.build("hinge"), remedies), (0.01, 0.01)
        )
        rises = np.abs(played.score(some) - played.score(others))[:, 0]
        slopes.append((rises / np.linalg.norm(some - others, axis=1)).max())
    assert 0.02 < slopes[0] <= 0.25 < slopes[1]


# --- noise and power
# -------------------------------------------------------------------------------


def test_noise_has_the_spread_that_is_left_and_an_address() -> None:
    played, _, _ = made_game(remedies_of(noise=0.4))
    played.remaining.assign(0.5)
    key, zeros = tf.constant([1, 2]), tf.zeros((200, 100))
    noise = played.blurred(zeros, key, 3).numpy()
    assert noise.std() == pytest.approx(0.2, rel=0.03)  # 20,000 normals: 0.5 % standard error
    np.testing.assert_array_equal(noise, played.blurred(zeros, key, 3))
    assert not np.allclose(noise, played.blurred(zeros, key, 4))
    played.remaining.assign(0.0)
    np.testing.assert_array_equal(played.blurred(zeros, key, 3), zeros)


def test_strength_is_the_share_of_pairs_ranked_rightly() -> None:
    """1 > 0, 1 = 1 (half), 2 > 0, 2 > 1:
    3.5 of 4. The running mean of ½ and .875 at .9 is .5375.
    """
    real, fake = made([[1], [2]]), made([[0], [1]])
    assert float(share_ranked_rightly(real, fake)) == pytest.approx(0.875)
    power = RunningStrength(0.8, 0.6)
    power.after_step("critic", Judged(real, real), Judged(fake, fake))
    assert float(power.strength) == pytest.approx(0.5375)
    power.restart()
    assert float(power.strength) == 0.5


@pytest.mark.parametrize(
    ("strength", "critic_moves", "generator_moves"),
    [(0.95, False, True), (0.7, True, True), (0.3, True, False)],
)
def test_the_player_that_is_too_strong_rests_with_its_moments(
    strength: float, critic_moves: bool, generator_moves: bool
) -> None:
    played, critic, shift = made_game(
        remedies_of(critic_ceiling=0.9, critic_floor=0.55), weight=0.5
    )
    [power] = played.effects
    power.strength.assign(strength)
    played.critic_step(REAL, FAKE, MIXING)
    power.strength.assign(strength)
    metrics = played.generator_step(REAL, lambda: FAKE + shift)
    assert (float(critic.weight) != 0.5, float(shift) != 0.0) == (critic_moves, generator_moves)
    assert [int(optimizer.iterations) for optimizer in played.optimizers.values()] == [
        generator_moves,
        critic_moves,
    ]
    assert float(metrics["critic strength"]) == pytest.approx(
        0.9 * strength + 0.1 * float(share_ranked_rightly(REAL[:, :1], FAKE[:, :1])), abs=0.01
    )


# --- all together
# ----------------------------------------------------------------------------------

SETTINGS = TrainingSettings(batch=16, past=32, ahead=16, steps=6)


@pytest.fixture
def quickly_traced() -> Iterator[None]:
    with quick_graphs():
        yield


@pytest.mark.slow
@pytest.mark.usefixtures("quickly_traced")
def test_points_are_learned_with_all_remedies_at_once() -> None:
    points = 3 + Seed(4).stream("baseline").standard_normal((500, 2))
    settings = PointSettings(steps=100, rate=5e-3, critic=(8,), generator=(8,))
    gan = PointGan(points, OBJECTIVES.build("non-saturating"), settings, Seed(0), ALL)
    history = gan.train()
    assert np.isfinite(list(history.series.values())).all() and np.isfinite(gan.generate(100)).all()
    assert "critic strength" in history.series


@pytest.mark.slow
@pytest.mark.usefixtures("quickly_traced")
def test_an_interrupted_training_with_all_remedies_goes_on_to_the_same_bits() -> None:
    history, blueprint = made_history(), StateSpace()
    generator = ARCHITECTURES.load("state-space")(blueprint, Seed(0))
    start = generator.values()
    phase = Adversarial(generator, GameRules(OBJECTIVES.build("non-saturating"), ALL), SETTINGS)
    lesson = Lesson(
        TrainingSeries.of(history.log_returns, blueprint, SETTINGS), len(history), Seed(1), 1, start
    )

    def begin() -> None:
        generator.assign(start)
        phase.begin(lesson)

    begin()
    told = [phase.step(number) for number in range(1, 4)]
    kept = [variable.numpy() for variable in phase.variables()]
    told += [phase.step(number) for number in range(4, 7)]
    assert np.isfinite([list(metrics.values()) for metrics in told]).all()
    assert {"critic loss", "generator loss", "critic strength"} <= set(told[0])
    assert all(set(metrics) == set(told[0]) for metrics in told)
    final = [variable.numpy() for variable in phase.variables()]
    begin()
    assert [phase.step(number) for number in range(1, 3)] == told[
        :2
    ]  # nothing of the first run was left
    for variable, value in zip(phase.variables(), kept, strict=True):
        variable.assign(value)
    assert [phase.step(number) for number in range(4, 7)] == told[3:]
    for variable, value in zip(phase.variables(), final, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)


def test_what_remedies_remember_is_saved_and_nothing_else_is_added_without_them() -> None:
    def count(remedies: Remedies) -> int:
        critic = PointCritic((2, 4), Seed(0), remedies)
        return len(
            Game(
                [tf.Variable(0.0)],
                critic,
                GameRules(OBJECTIVES.build("hinge"), remedies),
                (0.01, 0.01),
            ).variables()
        )

    plain = count(NONE)
    assert (
        count(remedies_of(historical_averaging=1.0)) == plain + 1 + 1 + 4 + 1
    )  # means of one and of four weights, two counts
    assert count(remedies_of(spectral_norm=1.0)) == plain + 2  # two kernels
    assert (
        count(remedies_of(critic_ceiling=0.8)) == count(remedies_of(critic_floor=0.1)) == plain + 1
    )
    assert count(remedies_of(minibatch_kernels=1)) == plain + 3  # a kernel with Adam's two moments
    assert count(remedies_of(noise=1.0, feature_matching=1.0, minibatch_std=True)) == plain


# --- refusals and doors
# ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", OBJECTIVES)
def test_labels_are_smoothed_where_there_are_labels(name: str) -> None:
    objective, smoothed = OBJECTIVES.build(name), remedies_of(label_smoothing=0.1)
    if name in ("minimax", "non-saturating"):
        smoothed.expect_fit(objective)
    else:
        with pytest.raises(
            ConfigError, match=f"label_smoothing = 0.1 .* {name} has no label of 1 to smooth"
        ):
            smoothed.expect_fit(objective)


@pytest.mark.parametrize("name", ["ebgan", "began"])
@pytest.mark.parametrize(
    "remedies", [remedies_of(minibatch_kernels=3), remedies_of(minibatch_std=True)]
)
def test_an_auto_encoder_has_no_place_for_what_it_should_see_of_a_batch(
    name: str, remedies: Remedies
) -> None:
    with pytest.raises(ConfigError, match=f"the critic of {name} is an auto-encoder"):
        Game(
            [tf.Variable(0.0)],
            LinearCritic(0.0),
            GameRules(OBJECTIVES.build(name), remedies),
            (0.01, 0.01),
        )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("feature_matching", 1.1),
        ("minibatch_kernels", 101),
        ("historical_averaging", -0.1),
        ("label_smoothing", 0.6),
        ("spectral_norm", float("nan")),
        ("noise", 11.0),
        ("critic_ceiling", 0.4),
        ("critic_floor", 1.0),
    ],
)
def test_what_is_out_of_range_is_refused_with_the_range(name: str, value: float) -> None:
    with pytest.raises(ConfigError, match=rf"remedies: {name} = .* from [\d.]+ to [\d.]+"):
        remedies_of(**{name: value})


def test_a_floor_is_below_the_ceiling() -> None:
    with pytest.raises(ConfigError, match=r"below critic_ceiling = 0\.6"):
        remedies_of(critic_ceiling=0.6, critic_floor=0.6)


def test_remedies_survive_a_round_trip() -> None:
    assert Remedies.parse(ALL.record()) == ALL
    assert Remedies.parse({name: str(value) for name, value in ALL.record().items()}) == ALL


def test_remedies_are_set_from_the_command_line_and_refused_where_they_make_no_sense() -> None:
    def asked(settings: dict[str, str]) -> Recipe:
        return Recipe.parse({"objective": "hinge", **nested(settings)})

    recipe = asked({"remedies.minibatch_std": "true", "remedies.noise": "0.2"})
    assert recipe.rules.remedies == remedies_of(minibatch_std=True, noise=0.2)
    with pytest.raises(ConfigError, match="hinge has no label"):
        asked({"remedies.label_smoothing": "0.1"})
