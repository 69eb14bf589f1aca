"""A recipe: parsed from plain data, written back, checked as a whole, and overlaid."""

from __future__ import annotations

import json
import pickle
import tomllib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgan.errors import ConfigError, UnknownNameError
from simgan.recipe.blueprints import BLUEPRINTS
from simgan.recipe.conditions import CONDITIONS
from simgan.recipe.objectives import OBJECTIVES
from simgan.recipe.recipe import PARTS, Recipe, nested, overlaid
from simgan.recipe.training import PRESET_SETTINGS, PRESETS, TrainingSettings

EVERY = [
    {"architecture": architecture, "objective": objective}
    for architecture in BLUEPRINTS
    for objective in OBJECTIVES
]


@pytest.mark.parametrize("table", EVERY, ids=lambda table: "-".join(table.values()))
def test_json_and_toml_give_the_same_recipe_again(table: dict[str, str]) -> None:
    recipe = Recipe.parse(table)
    plain = recipe.to_json()
    assert Recipe.parse(json.loads(json.dumps(plain))) == recipe
    assert Recipe.parse(tomllib.loads(recipe.to_toml())) == recipe
    assert Recipe.parse(plain).to_json() == plain


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_recipe_with_regimes_comes_back_too(condition: str) -> None:
    recipe = Recipe.parse({"regimes": 3, "condition": condition})
    assert Recipe.parse(tomllib.loads(recipe.to_toml())) == recipe
    assert (recipe.regimes, recipe.rules.regimes) == (3, 3)
    assert recipe.condition is not None and recipe.condition.kind == condition


def test_a_recipe_can_be_hashed_compared_and_pickled() -> None:
    recipe = Recipe.parse({"seed": 5, "remedies": {"noise": 0.1}})
    assert pickle.loads(pickle.dumps(recipe)) == recipe  # noqa: S301
    assert hash(recipe) == hash(Recipe.parse(recipe.to_json()))
    assert recipe != Recipe.parse({"seed": 6, "remedies": {"noise": 0.1}})


def test_nothing_asked_is_the_default() -> None:
    assert Recipe.parse({}) == Recipe()
    assert Recipe().training == TrainingSettings(steps=0)


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_gives_the_settings_that_nobody_asked_for(preset: str) -> None:
    recipe = Recipe.parse({"preset": preset, "training": {"rate": 1e-4}})
    assert recipe.training.rate == 1e-4
    for name, value in PRESETS[preset].items():
        assert getattr(recipe.training, name) == value
    assert Recipe.parse({"preset": preset, "training": {"steps": 7}}).training.steps == 7


@pytest.mark.parametrize(
    ("table", "error", "words"),
    [
        ({"architectur": "mlp"}, UnknownNameError, "'architectur'; known: architecture"),
        ({"preset": "quik"}, UnknownNameError, "unknown preset 'quik'; known: quick"),
        ({"preset": 3}, ConfigError, "preset = 3 is not possible; it must be a name"),
        ({"seed": -1}, ConfigError, "seed = -1"),
        ({"seed": True}, ConfigError, "seed = True"),
        ({"seed": "x"}, ConfigError, "a whole number"),
        ({"seed": 2**63}, ConfigError, "2\\^63 - 1"),
        ({"regimes": 1.5}, ConfigError, "regimes = 1.5"),
        ({"objective": {"kind": 3}}, ConfigError, "objective = 3"),
        ({"objective": ["hinge"]}, ConfigError, "a table of settings"),
        ({"objective": "hing"}, UnknownNameError, "unknown objective 'hing'; known: hinge"),
        ({"objective": {"penalty": 1}}, UnknownNameError, "setting of objective 'penalty'"),
        ({"training": {"rate": "fast"}}, ConfigError, "training: rate = 'fast'"),
        ({"training": {"rate": 99}}, ConfigError, "from 1e-07 to 0.1"),
        ({"training": {"rate": float("nan")}}, ConfigError, "rate = nan"),
        ({"training": {"steps": 1.5}}, ConfigError, "steps = 1.5 .* must be a whole number"),
        ({"training": {"batch": 17}}, ConfigError, "batch = 17"),
        ({"training": 5}, ConfigError, "a table of settings"),
        ({"remedies": {"nois": 1}}, UnknownNameError, "known: noise"),
        ({"condition": "cgan"}, ConfigError, "--regimes or --labels"),
        ({"condition": {"labelled": 0.5}}, ConfigError, "--regimes or --labels"),
        ({"regimes": 3, "condition": {"regimes": 3}}, ConfigError, "condition: regimes = 3"),
        ({"architecture": {"regimes": 3}}, ConfigError, "architecture: regimes = 3"),
        ({"regimes": 3, "condition": "gan"}, UnknownNameError, "known: cgan"),
        ({"regimes": 3, "objective": "began"}, ConfigError, "auto-encoder"),
        ({"architecture": {"half_lives": [1e-320, 5]}}, ConfigError, "half_lives"),
        ({"architecture": {"half_lives": [float("inf")]}}, ConfigError, "half_lives"),
        ({"architecture": {"half_lives": "nan,5"}}, ConfigError, "half_lives"),
        ({"architecture": {"half_lives": []}}, ConfigError, "half_lives"),
    ],
)
def test_a_wrong_recipe_is_refused_in_a_sentence(
    table: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words) as caught:
        Recipe.parse(table)
    assert "\n" not in str(caught.value)


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from((*PARTS, "other")),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=2)
                | st.dictionaries(
                    st.sampled_from(("kind", "rate", "noise", "x")), inner, max_size=2
                )
            ),
            max_leaves=4,
        ),
        max_size=4,
    )
)
def test_any_plain_data_is_a_recipe_or_a_sentence(table: dict[str, object]) -> None:
    try:
        recipe = Recipe.parse(table)
    except (ConfigError, UnknownNameError) as error:
        assert str(error)
    else:
        assert Recipe.parse(recipe.to_json()) == recipe


def test_a_later_table_wins_setting_by_setting() -> None:
    below = {"objective": {"kind": "wgan-gp", "critic_steps": 5}, "training": {"rate": 1e-3}}
    above = {"objective": {"critic_steps": 2}, "training": {"steps": 9}}
    found = overlaid(below, above)
    assert found["objective"] == {"kind": "wgan-gp", "critic_steps": 2}
    assert found["training"] == {"rate": 1e-3, "steps": 9}
    assert overlaid(below, {}) == below


def test_another_member_replaces_the_one_below_with_its_settings() -> None:
    below = {"objective": {"kind": "wgan-gp", "critic_steps": 5}}
    assert overlaid(below, {"objective": "hinge"})["objective"] == {"kind": "hinge"}
    same = overlaid(below, {"objective": "wgan-gp"})["objective"]
    assert same == {"kind": "wgan-gp", "critic_steps": 5}


def test_a_preset_above_wins_over_the_settings_of_the_one_below() -> None:
    """A complete recipe has all settings; ``--preset quick`` over it is still quick."""
    whole = Recipe.parse({"preset": "thorough", "training": {"rate": 1e-4}}).to_json()
    recipe = Recipe.parse(overlaid(whole, {"preset": "quick"}))
    assert {name: getattr(recipe.training, name) for name in PRESETS["quick"]} == PRESETS["quick"]
    assert recipe.training.rate == 1e-4
    assert set(PRESETS["quick"]) <= PRESET_SETTINGS


def test_no_regimes_above_drop_the_condition_below() -> None:
    whole = Recipe.parse({"regimes": 3, "condition": "acgan"}).to_json()
    assert Recipe.parse(overlaid(whole, {"regimes": 0})).condition is None
    kept = Recipe.parse(overlaid(whole, {"regimes": 2})).condition
    assert kept is not None and kept.kind == "acgan"


def test_settings_of_the_command_line_are_nested_by_their_prefix() -> None:
    assert nested({"rate": "1", "training.steps": "2", "objective.critic_steps": "3"}) == {
        "training": {"rate": "1", "steps": "2"},
        "objective": {"critic_steps": "3"},
    }
    with pytest.raises(UnknownNameError, match=r"objektive\.x"):
        nested({"objektive.x": "1"})


def test_ranges_of_a_memory_follow_from_the_data_and_recipes_of_bundles_keep_them() -> None:
    with pytest.raises(ConfigError, match=r"architecture\.ranges = '1'.*--set ranges=0"):
        nested({"architecture.ranges": "1"})
    assert nested({"ranges": "0"}) == {"training": {"ranges": "0"}}
    made = Recipe.parse({"architecture": {"ranges": 1}})
    assert made.architecture.has_ranges and Recipe.parse(made.to_json()) == made


def test_the_schema_names_every_setting_and_its_bounds() -> None:
    schema: Any = Recipe.schema()
    json.dumps(schema)
    assert set(schema["properties"]) == set(PARTS)
    rate = schema["properties"]["training"]["properties"]["rate"]
    assert (rate["type"], rate["minimum"], rate["maximum"]) == ("number", 1e-7, 0.1)
    names = [
        kind["properties"]["kind"]["const"]
        for kind in schema["properties"]["objective"]["anyOf"][1:]
    ]
    assert names == list(OBJECTIVES)


@pytest.mark.parametrize("table", EVERY[::4], ids=lambda table: "-".join(table.values()))
def test_the_schema_has_every_key_that_a_recipe_writes(table: dict[str, str]) -> None:
    schema: Any = Recipe.schema()
    for part, value in Recipe.parse(table).to_json().items():
        if isinstance(value, dict):
            shapes = schema["properties"][part].get("anyOf", [schema["properties"][part]])
            assert any(set(value) <= set(shape.get("properties", ())) for shape in shapes), part
