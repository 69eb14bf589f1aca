"""A wrong line of a complete recipe file is named by its number, whichever line it is."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from simgan.errors import ConfigError, SimganError
from simgan.recipe.blueprints import BLUEPRINTS
from simgan.recipe.objectives import OBJECTIVES
from simgan.recipe.options import RecipeOptions, recipe_of
from simgan.recipe.recipe import Recipe

WHOLE = [
    {"architecture": architecture, "objective": objective}
    for architecture, objective in zip(
        [*BLUEPRINTS, *BLUEPRINTS, *BLUEPRINTS], OBJECTIVES, strict=False
    )
] + [{"architecture": "mlp", "regimes": 3, "condition": "acgan"}]


def refusal(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SimganError) as caught:
        recipe_of({"recipe": path})
    return str(caught.value)


@pytest.mark.parametrize("table", WHOLE, ids=lambda table: "-".join(map(str, table.values())))
def test_every_line_of_a_complete_recipe_is_found_if_it_is_wrong(
    table: dict[str, object], tmp_path: Path
) -> None:
    lines = Recipe.parse(table).to_toml().splitlines()
    for number, line in enumerate(lines, 1):
        key, equals, _ = line.partition(" = ")
        if equals and key != "prior":  # any name may be that of a model
            wrong = [*lines[: number - 1], f'{key} = "no such"', *lines[number:]]
            assert f"recipe.toml, line {number}" in refusal(
                tmp_path / "recipe.toml", "\n".join(wrong)
            ), line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("regimes = 3\n\n[architecture]\nregimes = 2\n", 4),
        ('regimes = 3\n[condition]\nkind = "cgan"\nregimes = 2\n[architecture]\nunits = 3\n', 4),
        ("[architecture]\nhidden = 8\n[training]\nhidden = 8\n", 4),
        ("# rate = 99\n[training]  # the rate\nrate = 99\n", 3),
        ("[ training ]\nsteps = -1\n", 2),
    ],
)
def test_a_key_is_looked_for_in_its_own_table_first(text: str, line: int, tmp_path: Path) -> None:
    """On the old code, the first line with the name was told, in whatever table."""
    assert f"recipe.toml, line {line}" in refusal(tmp_path / "recipe.toml", text)


def test_a_key_of_json_is_looked_for_in_its_own_table_first(tmp_path: Path) -> None:
    text = '{"regimes": 3,\n "condition": {"kind": "cgan"},\n "architecture":\n {"regimes": 2}}'
    assert "recipe.json, line 4" in refusal(tmp_path / "recipe.json", text)


def test_a_wrong_key_of_a_table_within_a_line_is_found(tmp_path: Path) -> None:
    text = "seed = 1\ntraining = { steps = 5, rate = 99 }\n"
    assert "recipe.toml, line 2: training: rate = 99" in refusal(tmp_path / "recipe.toml", text)


@pytest.mark.parametrize("table", WHOLE[::4], ids=lambda table: "-".join(map(str, table.values())))
def test_the_same_recipe_as_json_has_its_lines_too(
    table: dict[str, object], tmp_path: Path
) -> None:
    plain = Recipe.parse(table).to_json()
    plain["training"] = dict(plain["training"], rate=99)  # type: ignore[call-overload]
    lines = json.dumps(plain, indent=1).splitlines()
    line = next(number for number, text in enumerate(lines, 1) if '"rate"' in text)
    message = refusal(tmp_path / "recipe.json", "\n".join(lines))
    assert message.startswith(f"{tmp_path / 'recipe.json'}, line {line}: training: rate = 99")


@pytest.mark.parametrize("options", [{}, {"seed": 3}])
def test_a_part_that_is_no_table_is_found_before_options_are_laid_over_it(
    options: RecipeOptions, tmp_path: Path
) -> None:
    path = tmp_path / "recipe.toml"
    path.write_text('seed = 1\ntraining = "fast"\n')
    with pytest.raises(ConfigError, match=r"recipe.toml, line 2: recipe: training = 'fast'"):
        recipe_of({"recipe": path, **options})  # type: ignore[typeddict-item]


def test_tables_of_a_recipe_are_those_of_toml() -> None:
    """Each value of a complete recipe is read back with its type."""
    recipe = Recipe.parse({"architecture": "mlp", "training": {"rate": 1e-7}, "seed": 2**63 - 1})
    found = tomllib.loads(recipe.to_toml())
    assert found == recipe.to_json()
    assert isinstance(found["training"]["steps"], int)
    assert isinstance(found["training"]["rate"], float)


def test_an_error_of_two_layers_names_the_layer_that_is_wrong(tmp_path: Path) -> None:
    """The file is right. The option on top of it is wrong, and has no line."""
    path = tmp_path / "recipe.toml"
    path.write_text("[training]\nrate = 1e-4\nsteps = 9\n")
    with pytest.raises(ConfigError, match=r"^training: steps = -1"):
        recipe_of({"recipe": path, "settings": {"steps": -1}})
