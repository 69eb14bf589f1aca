"""Budgets of a training, and sizes of generators: whole numbers by hand and by formula."""

from __future__ import annotations

from math import prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simgan.errors import ConfigError
from simgan.recipe.blueprints import BLUEPRINTS
from simgan.recipe.blueprints.mlp import ACTIVATIONS
from simgan.recipe.blueprints.state_space import KNOTS, SIZES
from simgan.recipe.blueprints.tcn import Tcn
from simgan.recipe.recipe import Recipe, overlaid
from simgan.recipe.training import PRESETS, TrainingSettings


@given(batch=st.integers(8, 4096), replicas=st.sampled_from([1, 2, 4, 8, 16]))
def test_a_batch_is_two_kinds_of_windows_of_every_replica(batch: int, replicas: int) -> None:
    training = TrainingSettings(batch=batch)
    if batch % (2 * replicas):
        with pytest.raises(ConfigError, match=f"a multiple of {2 * replicas}: two kinds of fakes"):
            training.paths_of_each(replicas)
    else:
        assert 2 * replicas * training.paths_of_each(replicas) == batch


def test_a_recipe_refuses_a_batch_that_its_own_replicas_cannot_share() -> None:
    table = {"architecture": {"kind": "state-space", "replicas": 16}, "training": {"batch": 48}}
    with pytest.raises(ConfigError, match=r"batch = 48 is not possible; .* a multiple of 32"):
        Recipe.parse(table)
    table["architecture"] = {"kind": "state-space", "replicas": 8}
    assert Recipe.parse(table).training.batch == 48


@pytest.mark.parametrize(
    ("settings", "days"),
    [({}, 250), ({"past": 512, "ahead": 512}, 1807), ({"past": 100, "ahead": 60}, 282)],
)
def test_the_least_history_by_hand(settings: dict[str, int], days: int) -> None:
    """1.5 · (past + ahead) / .85, rounded down: 1536 / .85 = 1807.06 and 240 / .85 = 282.4."""
    assert TrainingSettings(**settings).least_days == days  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "asked",
    [
        {"training": {"rate": 1e-4}},
        {"training": {"steps": 1000}},
        {"objective": "wgan-gp"},
        {"remedies": {"noise": "0.1"}},
        {"regimes": 3},
        {"architecture": "mlp"},
    ],
)
def test_a_generator_with_a_likelihood_meets_a_critic_only_where_a_part_of_one_is_named(
    asked: dict[str, object],
) -> None:
    assert Recipe.parse(asked).training.steps == 1000
    for nothing in ({}, {"preset": "quick"}, {"architecture": "state-space", "seed": 3}):
        assert Recipe.parse(nothing).training.steps == 0
    assert Recipe.parse({"preset": "thorough"}).training.steps == 5000


@pytest.mark.parametrize(
    ("above", "steps"),
    [
        ({"preset": "quick"}, 0),
        ({"seed": 3}, 0),
        ({"objective": "hinge"}, 1000),
        ({"preset": "quick", "regimes": "3"}, 300),
        ({"preset": "thorough"}, 5000),
        ({"training": {"steps": "7"}}, 7),
    ],
)
def test_a_saved_recipe_without_a_critic_gets_one_only_where_a_part_of_it_is_named(
    above: dict[str, object], steps: int
) -> None:
    saved = Recipe().to_json()
    assert Recipe.parse(saved) == Recipe()
    assert Recipe.parse(overlaid(saved, above)).training.steps == steps
    played = overlaid(Recipe.parse({"objective": "hinge"}).to_json(), {"preset": "quick"})
    assert Recipe.parse(played).training.steps == 300


def test_no_regimes_are_no_part_of_a_critic_and_a_network_needs_one() -> None:
    assert Recipe.parse({"regimes": "0"}).training.steps == 0
    with pytest.raises(ConfigError, match="at least 1: only a critic trains tcn"):
        Recipe.parse({"architecture": "tcn", "training": {"steps": 0}})


def test_usual_moves_are_no_jumps() -> None:
    with pytest.raises(ConfigError, match="0, or from 5 on"):
        Recipe.parse({"architecture": {"kind": "state-space", "jump": 0.5}})


@pytest.mark.parametrize(
    ("settings", "needed"),
    [
        ({"factor": 0, "doubt": 0.3}, "doubt = 0.3 .* left out with factor = 0, where"),
        ({"factor": "0", "pull": "0.5"}, "pull = 0.5 .* left out with factor = 0, where"),
        ({"factor": 0, "doubt_half_life": 20}, "left out with factor = 0, where"),
        ({"doubt": 0, "doubt_half_life": 20}, "doubt_half_life = 20.0 .* left out with doubt = 0"),
    ],
)
def test_a_setting_that_another_one_leaves_without_effect_is_refused(
    settings: dict[str, object], needed: str
) -> None:
    with pytest.raises(ConfigError, match=needed):
        Recipe.parse({"architecture": settings})


def test_a_recipe_without_a_factor_is_read_again() -> None:
    for settings in ({"factor": 0}, {"doubt": 0}, {"factor": 0, "doubt": 0, "doubt_half_life": 0}):
        recipe = Recipe.parse({"architecture": settings})
        assert Recipe.parse(recipe.to_json()) == recipe


def test_a_larger_budget_has_more_steps() -> None:
    steps = [
        Recipe.parse({"preset": preset, "architecture": "tcn"}).training.steps for preset in PRESETS
    ]
    assert list(PRESETS) == ["quick", "standard", "thorough"]
    assert steps == sorted(steps) and len(set(steps)) == 3


def size(kind: str, **settings: object) -> int:
    """Return the number of weights, those of regimes left out."""
    return sum(map(prod, BLUEPRINTS.build(kind, settings).network().values()))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_size_of_a_perceptron_by_hand(activation: str) -> None:
    """8 numbers of noise, 3 · 2 averages of squares and a trend make 15 inputs.

    A maxout unit has two pieces. Shift, gain and the last bias are three numbers.
    """
    pieces = 2 if activation == "maxout" else 1
    hidden = (15 + 1) * 32 * pieces + (32 + 1) * 20 * pieces
    assert size("mlp", hidden=(32, 20), activation=activation) == hidden + 20 + 3


def test_the_size_of_a_recurrent_generator_by_hand() -> None:
    """Three gates read two numbers of the day and the state. The head reads state and noise."""
    gates, head = 3 * (2 + 5 + 1) * 5, (5 + 4 + 1) * 7
    assert size("recurrent", units=5, hidden=7) == gates + head + 7 + 3


def test_the_size_of_a_convolution_by_hand() -> None:
    """Each of 2 blocks has two layers of two taps, with a bias and a slope per channel."""
    entry, layer = (3 + 2) * 6, 2 * 6 * 6 + 2 * 6
    assert size("tcn", channels=6, dilations=(1, 2)) == entry + 2 * 2 * layer + 6 + 3


def test_replicas_share_nothing_but_the_knots_and_the_jumps() -> None:
    one, four = size("state-space", replicas=1), size("state-space", replicas=4)
    shared = KNOTS + 2 * (1 + SIZES)
    assert four == 4 * (one - shared) + shared


@given(dilations=st.lists(st.integers(1, 256), min_size=1, max_size=8), latent=st.integers(1, 64))
def test_a_convolution_remembers_the_noise_that_it_can_see(
    dilations: list[int], latent: int
) -> None:
    """Two layers of a block look back d days each: 2 Σ d. By default that is 126."""
    tcn = Tcn(dilations=tuple(dilations), latent=latent)
    assert tcn.run_in == 2 * sum(dilations)
    assert tcn.width == tcn.run_in * latent
    assert Tcn().run_in == 126


@pytest.mark.parametrize("kind", ["recurrent", "tcn"])
def test_a_generator_without_a_memory_of_squares_has_levels_of_one(kind: str) -> None:
    blueprint = BLUEPRINTS.build(kind, {})
    scaled = np.full((5, 3, 1), 2.0, np.float32)
    memory = np.zeros((5, 1, blueprint.width), np.float32)
    np.testing.assert_array_equal(blueprint.levels(memory, scaled), np.ones((5, 3, 1)))
    along = blueprint.along(scaled[0])
    assert along.shape == (4, 1, blueprint.width) and not along.any()


def test_every_regime_adds_three_numbers_for_each_replica() -> None:
    for kind in ("state-space", "mlp", "recurrent"):
        plain, three = (BLUEPRINTS.build(kind, {"regimes": count}) for count in (0, 3))
        sizes = [sum(map(prod, blueprint.shapes().values())) for blueprint in (plain, three)]
        assert sizes[1] - sizes[0] == 9 * plain.replicas
