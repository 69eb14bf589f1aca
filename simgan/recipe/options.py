"""Options: how a recipe is asked for on the command line and in Python, and recipe files.

The doors collect options by name in a `RecipeOptions`. `recipe_of` puts them over a recipe file,
and both over the defaults of the door. A later layer wins.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypedDict

from simgan.arguments import mapping_of, path_of
from simgan.errors import ConfigError, RecipeError, UnknownNameError
from simgan.recipe.recipe import Recipe, nested, overlaid
from simgan.settings import Table

_LARGEST = 1 << 20  # bytes of a recipe file; a complete one has about 2,000
_IN_RECIPE = ("preset", "seed", "regimes", "prior", "architecture", "objective", "condition")


class RecipeOptions(TypedDict, total=False):
    """Options of a training, the same in ``simgan fit``, ``simgan backtest`` and Python.

    Attributes
    ----------
    recipe : Recipe, mapping or path
        A recipe or a part of one. A path names a TOML or JSON file. Other options win over it.
    architecture, objective, condition : str
        Names of the members.
    preset : {"quick", "standard", "thorough"}
        Training budget.
    settings : mapping
        Single settings by name, such as ``{"rate": 1e-4, "remedies.noise": 0.1}``.
    regimes : int
        Number of regimes by realized volatility, or 0.
    labels : path
        CSV file of the user's own regimes: a header, then DATE,NAME.
    seed : int
        Seed of the training.
    prior : str
        Support of the fit: ``default`` for a short history, ``none``, or the name of a model.
    """

    recipe: Recipe | Mapping[str, object] | str | Path
    architecture: str
    objective: str
    condition: str
    preset: Literal["quick", "standard", "thorough"]
    settings: Mapping[str, object]
    regimes: int
    labels: str | Path
    seed: int
    prior: str


def recipe_of(options: RecipeOptions, defaults: Table | None = None) -> Recipe:
    """Return the recipe that options ask for.

    Parameters
    ----------
    options : RecipeOptions
        Options that were given explicitly.
    defaults : mapping, optional
        Table of a recipe that lies below everything else.

    Raises
    ------
    RecipeError
        The recipe file cannot be read.
    UnknownNameError, ConfigError
        A name is unknown or a value is not possible. If it stands in the recipe file, the message
        gives its line.
    PriceError
        The file of labels cannot be read.
    """
    source, asked, file = options.get("recipe", {}), _table_of(options), None
    if isinstance(source, (str, Path)):
        file = _File(Path(source))
        source = file.table
    below = source.to_json() if isinstance(source, Recipe) else mapping_of(source, "fit", "recipe")
    try:
        table = overlaid(overlaid(defaults or {}, below), asked)
        if asked.get("condition") is not None and table.get("regimes", 0) in (0, "0"):
            option = "--condition" if "condition" in options else "--set condition"
            allowed = "given together with --regimes K or --labels FILE, which make regimes"
            raise ConfigError("training", option, _named(asked["condition"]), allowed)
        return Recipe.parse(table)
    except (ConfigError, UnknownNameError) as error:
        if file is None:
            raise
        raise file.located(error, asked) from None


def _table_of(options: RecipeOptions) -> dict[str, object]:
    """Return the table of a recipe for all options but the recipe itself."""
    asked: dict[str, object] = {
        name: value for name, value in options.items() if name in _IN_RECIPE
    }
    if (labels := options.get("labels")) is not None:
        from simgan.market.regimes import read_labels

        if asked.get("regimes"):
            allowed = "left out with --labels, which says how many regimes there are"
            raise ConfigError("recipe", "regimes", asked["regimes"], allowed)
        asked["regimes"] = len(set(read_labels(path_of(labels, "fit", "labels")).values()))
    return overlaid(asked, nested(mapping_of(options.get("settings", {}), "fit", "settings")))


def _named(member: object) -> object:
    """Return a member that was asked for in the words of the user."""
    if not isinstance(member, Mapping):
        return member
    kind, settings = member.get("kind"), [f"{k}={v}" for k, v in member.items() if k != "kind"]
    return ",".join(settings) if settings else kind


class _File:
    """A recipe file: its table, and the line of each key for error messages."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.text = _read(path)

    @property
    def table(self) -> dict[str, object]:
        """The file as plain data."""
        is_json = self.path.suffix.lower() == ".json"
        try:
            found = json.loads(self.text) if is_json else tomllib.loads(self.text)
        except json.JSONDecodeError as error:
            reason = f"{error.msg[:1].lower()}{error.msg[1:]}"
            raise RecipeError(f"{self.path}, line {error.lineno}: not JSON, {reason}") from None
        except tomllib.TOMLDecodeError as error:
            raise RecipeError(self._not_toml(str(error))) from None
        except (RecursionError, ValueError):
            raise RecipeError(f"{self.path}: nested too deep, or a number too long") from None
        if not isinstance(found, dict):
            raise RecipeError(f"{self.path}, line 1: not a recipe, which is a table of settings")
        return found

    def located(
        self, error: ConfigError | UnknownNameError, above: Table
    ) -> ConfigError | UnknownNameError:
        """Return the error with the line of the file that it speaks of, if there is one."""
        if isinstance(error, ConfigError):
            key, owner = error.field, error.owner
        else:
            key, owner = error.name, error.kind.removeprefix("setting of ")
        if key in _keys(above) or (line := self._line_of(key, owner)) is None:
            return error
        place = f"{self.path}, line {line}"
        if isinstance(error, ConfigError):
            return ConfigError(f"{place}: {error.owner}", key, error.value, error.allowed)
        return UnknownNameError(error.kind, key, error.known, f"it stands in {place}")

    def _not_toml(self, message: str) -> str:
        place = re.search(r" \(at (?:line (\d+), column \d+|end of document)\)$", message)
        line = (place and place.group(1)) or len(self.text.splitlines())
        reason = message[: place.start()] if place else message
        return (
            f"{self.path}, line {line}: not TOML, {reason[:1].lower()}{reason[1:]}; "
            'a setting is a line such as steps = 500 or architecture = "tcn"'
        )

    def _line_of(self, key: str, owner: str) -> int | None:
        """Return the first line on which a key, a table or a value of this name stands.

        The lines from the owner's table on come first, because another table may have the name.
        """
        name = re.compile(rf'(?<![\w-])"?{re.escape(key)}"?(?![\w-])')
        table = re.compile(rf'\s*(\[\s*{re.escape(owner)}\s*\]|"{re.escape(owner)}"\s*:)')
        lines = [line.split("#")[0] for line in self.text.splitlines()]
        begin = next((number for number, line in enumerate(lines) if table.match(line)), 0)
        order = [*range(begin, len(lines)), *range(begin)]
        return next((number + 1 for number in order if name.search(lines[number])), None)


def _keys(table: Table) -> set[str]:
    """Return the names and the values of members that a table holds, at any depth."""
    found: set[str] = set()
    for key, value in table.items():
        found |= {key} | (_keys(value) if isinstance(value, Mapping) else {str(value)})
    return found


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise RecipeError(f"{path} is larger than a megabyte; a recipe has some dozen lines")
        return content.decode("utf-8-sig")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise RecipeError(f"cannot read the recipe {path}: {reason}") from error
    except UnicodeDecodeError as error:
        raise RecipeError(f"{path} is not text in UTF-8 (byte {error.start})") from None
