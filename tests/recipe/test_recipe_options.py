"""Options of a training: over a recipe file, over defaults, and told with the line if wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from simgan.errors import ConfigError, PriceError, RecipeError, SimganError, UnknownNameError
from simgan.recipe.options import RecipeOptions, recipe_of
from simgan.recipe.recipe import Recipe
from simgan.recipe.training import PRESETS
from simgan.stats.training import is_recorded
from simgan.stats.training.signs import LAST, LEAST_RECORDS
from simgan.stats.training.verdict import LEAST_STEPS

TOML = """# a recipe of two parts
objective = "hinge"
seed = 7

[architecture]
kind = "tcn"
channels = 5

[training]
rate = 1e-4
steps = 50
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "recipe.toml"
    path.write_text(TOML, encoding="utf-8")
    return path


def test_nothing_is_the_default_recipe_or_that_of_the_door() -> None:
    assert recipe_of({}) == Recipe()
    quick = recipe_of({"objective": "hinge"}, {"preset": "quick"}).training
    assert {name: getattr(quick, name) for name in PRESETS["quick"]} == PRESETS["quick"]


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_is_long_enough_for_a_verdict_on_its_training(preset: str) -> None:
    """Each fit of the quick preset ended in "too short to tell"."""
    steps = Recipe.parse({"preset": preset, "objective": "hinge"}).training.steps
    records = sum(is_recorded(step, steps) for step in range(1, steps + 1))
    assert steps >= LEAST_STEPS and round(LAST * records) >= LEAST_RECORDS


def test_a_file_lies_over_the_defaults_and_under_the_options(file: Path) -> None:
    recipe = recipe_of({"recipe": file}, {"preset": "quick"})
    assert (recipe.preset, recipe.seed, recipe.objective.kind) == ("quick", 7, "hinge")
    assert (recipe.training.steps, recipe.training.check_every) == (50, 100)
    changed = recipe_of(
        {"recipe": str(file), "seed": 8, "objective": "wgan", "settings": {"rate": "1e-5"}}
    )
    assert (changed.seed, changed.objective.kind, changed.training.rate) == (8, "wgan", 1e-5)
    assert changed.architecture == recipe.architecture


def test_a_recipe_a_mapping_and_both_kinds_of_files_are_the_same(
    file: Path, tmp_path: Path
) -> None:
    recipe = recipe_of({"recipe": file})
    (tmp_path / "recipe.json").write_text(json.dumps(recipe.to_json()))
    (tmp_path / "whole.toml").write_text(recipe.to_toml())
    for source in (recipe, recipe.to_json(), tmp_path / "recipe.json", tmp_path / "whole.toml"):
        assert recipe_of({"recipe": source}) == recipe


def test_values_in_python_need_not_be_text() -> None:
    recipe = recipe_of({"settings": {"rate": 1e-4, "remedies.minibatch_std": True}})
    assert recipe.training.rate == 1e-4
    assert recipe.remedies.record()["minibatch_std"] is True


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("steps 50\n", "recipe.toml, line 1: not TOML, expected '=' after a key"),
        ('seed = 1\nobjective = "hinge\n', "line 2: not TOML"),
        ("[training]\n\nrate = 1e-4\nrate = 2\n", "line 4: not TOML"),
        ("[training\n", "line 1: not TOML"),
        ("\n\n[training]\nrate = 99\n", "line 4: training: rate = 99"),
        ("[training]\nraet = 1\n", "known: rate.*it stands in .*recipe.toml, line 2"),
        ('seed = 1\nobjective = "hingle"\n', "'hingle'; known: hinge.*line 2"),
        ("sed = 1\n", "'sed'; known: seed.*line 1"),
        ('condition = "acgan"\n', "line 1: recipe: condition = 'acgan'"),
        ("[architecture]\nregimes = 3\n", "line 2: architecture: regimes = 3"),
        ("[training]\nbatch = 17\n", "line 2: training: batch = 17"),
        ("x = " + "[" * 5000 + "]" * 5000, "nested too deep"),
        ("seed = " + "9" * 5000, "number too long"),
    ],
)
def test_a_wrong_file_is_told_with_its_line(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "recipe.toml"
    path.write_text(text)
    with pytest.raises(SimganError, match=words) as caught:
        recipe_of({"recipe": path})
    assert "\n" not in str(caught.value)


def test_an_error_of_an_option_is_not_blamed_on_the_file(file: Path) -> None:
    with pytest.raises(ConfigError, match=r"^training: rate = 99"):
        recipe_of({"recipe": file, "settings": {"rate": "99"}})
    with pytest.raises(
        UnknownNameError, match="unknown objective 'hingle'; known: hinge"
    ) as caught:
        recipe_of({"recipe": file, "objective": "hingle"})
    assert "line" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("recipe.json", b'{"seed": 1,\n "steps"}', "recipe.json, line 2: not JSON"),
        ("recipe.json", b"[1]", "not a recipe"),
        ("recipe.json", b"[" * 100_000, "nested too deep"),
        ("recipe.toml", b"\xff\xfe", "not text in UTF-8"),
        ("recipe.toml", b"#" * (1 << 20) + b"#", "larger than a megabyte"),
    ],
)
def test_a_file_that_is_no_recipe_is_refused(
    tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(RecipeError, match=words):
        recipe_of({"recipe": tmp_path / name})


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="nosuch"):
        recipe_of({"recipe": tmp_path / "nosuch.toml"})
    with pytest.raises(RecipeError, match="is a directory"):
        recipe_of({"recipe": tmp_path})


def test_a_byte_order_mark_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "r.toml").write_text("seed = 3\n", encoding="utf-8-sig")
    assert recipe_of({"recipe": tmp_path / "r.toml"}).seed == 3


def test_labels_give_the_number_of_regimes(tmp_path: Path) -> None:
    labels = tmp_path / "labels.csv"
    labels.write_text("date,regime\n2015-02-01,war\n2015-03-01,peace\n")
    options: RecipeOptions = {"labels": labels, "condition": "acgan"}
    recipe = recipe_of(options)
    assert recipe.regimes == 2
    assert recipe.condition is not None and recipe.condition.kind == "acgan"
    assert recipe_of({"recipe": {"regimes": 3}, "labels": labels}).regimes == 2
    with pytest.raises(ConfigError, match="left out with --labels"):
        recipe_of({"labels": labels, "regimes": 3})
    with pytest.raises(PriceError):
        recipe_of({"labels": tmp_path / "nosuch.csv"})


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"condition": "acgan"}, "--condition = 'acgan'"),
        ({"settings": {"condition.weight": "3"}}, "--set condition = 'weight=3'"),
    ],
)
def test_a_condition_without_regimes_names_the_options_that_make_them(
    options: RecipeOptions, said: str
) -> None:
    with pytest.raises(ConfigError, match=f"{said} .* with --regimes K or --labels FILE"):
        recipe_of(options)
