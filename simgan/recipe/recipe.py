"""The recipe: everything that is asked of a training, in one typed value.

`fit`, `backtest`, the manifest of a model, checkpoints and the names of refits all hold a `Recipe`.
It is read from a mapping (JSON, TOML, or the options of the command line) by `Recipe.parse`, and
`Recipe.to_json` gives the mapping back. Nothing here loads TensorFlow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from simgan.errors import ConfigError, UnknownNameError
from simgan.recipe.blueprints import BLUEPRINTS, Blueprint
from simgan.recipe.blueprints.state_space import StateSpace
from simgan.recipe.conditions import CONDITIONS
from simgan.recipe.conditions.base import Condition
from simgan.recipe.objectives import OBJECTIVES
from simgan.recipe.objectives.base import Objective
from simgan.recipe.objectives.relativistic import Relativistic
from simgan.recipe.remedies import NONE, Remedies
from simgan.recipe.rules import Rules
from simgan.recipe.training import PRESETS, TrainingSettings
from simgan.registry import Registry
from simgan.seeds import Seed
from simgan.settings import build, record, schema

Table = Mapping[str, Any]
_MEMBERS = {"architecture": "state-space", "objective": "relativistic", "condition": "cgan"}
_PARTS = (
    "preset",
    "seed",
    "regimes",
    "architecture",
    "objective",
    "condition",
    "remedies",
    "training",
)


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What is trained, which game is played, and for how long.

    Attributes
    ----------
    architecture : Blueprint
        The generator. Its number of regimes is that of the recipe.
    objective : Objective
    remedies : Remedies
    condition : Condition, optional
        What regimes are to the game; None exactly where there are no regimes.
    training : TrainingSettings
        The preset's values, where nothing else was asked for.
    preset : str
        Name of the training budget.
    seed : int
        From 0 to 2⁶³ − 1.

    Raises
    ------
    ConfigError
        Two parts do not go together.
    """

    architecture: Blueprint = field(default_factory=StateSpace)
    objective: Objective = field(default_factory=Relativistic)
    remedies: Remedies = NONE
    condition: Condition | None = None
    training: TrainingSettings = field(default_factory=TrainingSettings)
    preset: str = "standard"
    seed: int = 0

    def __post_init__(self) -> None:
        if self.preset not in PRESETS:
            raise UnknownNameError("preset", self.preset, PRESETS)
        if (self.condition is None) != (self.regimes == 0):
            allowed = "given exactly where there are regimes: --regimes or --labels makes them"
            raise ConfigError("recipe", "condition", self.condition, allowed)
        Seed(self.seed)
        _ = self.rules  # refuses remedies and conditions that do not go with the objective
        self.training.paths_of_each(self.architecture.replicas)

    @property
    def regimes(self) -> int:
        """Number of regimes that paths can be asked for; 0 for none."""
        return self.architecture.regimes

    @property
    def rules(self) -> Rules:
        """What is played."""
        return Rules(self.objective, self.remedies, self.condition, self.regimes)

    @classmethod
    def parse(cls, table: Table) -> Recipe:
        """Read a recipe from plain data.

        Parameters
        ----------
        table : mapping
            Keys ``preset``, ``seed``, ``regimes``, ``architecture``, ``objective``, ``condition``,
            ``remedies`` and ``training``, all optional. A member is its name, or a mapping with its
            ``kind`` and settings. Values may be text.

        Raises
        ------
        UnknownNameError
            There is no such key, member or setting.
        ConfigError
            A value cannot be read, is out of bounds, or does not go with another.
        """
        for key in table:
            if key not in _PARTS:
                raise UnknownNameError("part of a recipe", key, _PARTS)
        preset, regimes = _text("preset", table.get("preset", "standard")), _whole("regimes", table)
        if preset not in PRESETS:
            raise UnknownNameError("preset", preset, PRESETS)
        kinds = {part: _kind_and_settings(part, table.get(part)) for part in _MEMBERS}
        if not regimes and kinds["condition"][1]:
            allowed = "left out without regimes: --regimes or --labels makes them"
            raise ConfigError("recipe", "condition", ", ".join(kinds["condition"][1]), allowed)
        if "regimes" in kinds["architecture"][1]:
            allowed = "left out of the architecture: --regimes or --labels makes regimes"
            raise ConfigError("recipe", "regimes", kinds["architecture"][1]["regimes"], allowed)
        kind, settings = kinds["architecture"]
        return cls(
            architecture=BLUEPRINTS.build(kind, settings | {"regimes": regimes}),
            objective=OBJECTIVES.build(*kinds["objective"]),
            remedies=Remedies.parse(_settings("remedies", table.get("remedies"))),
            condition=CONDITIONS.build(*kinds["condition"]) if regimes else None,
            training=build(
                TrainingSettings, PRESETS[preset] | _settings("training", table.get("training"))
            ),
            preset=preset,
            seed=_whole("seed", table),
        )

    def to_json(self) -> dict[str, Any]:
        """Return plain data from which `parse` makes this recipe again."""
        architecture = record(self.architecture)
        regimes = architecture.pop("regimes")
        return {
            "preset": self.preset,
            "seed": self.seed,
            "regimes": regimes,
            "architecture": architecture,
            "objective": record(self.objective),
            **({"condition": record(self.condition)} if self.condition is not None else {}),
            "remedies": self.remedies.record(),
            "training": record(self.training),
        }

    @staticmethod
    def schema() -> dict[str, Any]:
        """Return the JSON schema of what `parse` reads and `to_json` writes."""
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "simgan recipe",
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "preset": {"enum": list(PRESETS), "default": "standard"},
                "seed": {"type": "integer", "minimum": 0, "maximum": 2**63 - 1, "default": 0},
                "regimes": {"type": "integer", "minimum": 0, "default": 0},
                "architecture": _schema_of_family(BLUEPRINTS),
                "objective": _schema_of_family(OBJECTIVES),
                "condition": _schema_of_family(CONDITIONS),
                "remedies": Remedies.schema(),
                "training": schema(TrainingSettings),
            },
        }


def overlaid(below: Table, above: Table) -> dict[str, Any]:
    """Return one table of a recipe under another: what `above` says wins, part by part.

    A member of another kind replaces the one below with all of its settings.
    """
    found = dict(below)
    for part, value in above.items():
        if part in _MEMBERS:
            found[part] = _member_over(part, below.get(part), value)
        elif isinstance(value, Mapping):
            found[part] = dict(below.get(part, {})) | dict(value)
        else:
            found[part] = value
    return found


def nested(settings: Mapping[str, str]) -> dict[str, Any]:
    """Return the table of a recipe that ``--set KEY=VALUE`` options stand for.

    A key without a prefix is a setting of the training.

    Raises
    ------
    UnknownNameError
        A prefix is no part of a recipe.
    """
    found: dict[str, Any] = {}
    for key, value in settings.items():
        part, _, name = key.rpartition(".")
        part = part or "training"
        if part not in (*_MEMBERS, "remedies", "training"):
            known = (*(f"{known}.…" for known in (*_MEMBERS, "remedies")), "KEY")
            raise UnknownNameError("setting", key, known, "`simgan fit --list-settings` shows all")
        found.setdefault(part, {})[name] = value
    return found


def _member_over(part: str, below: Any, above: Any) -> dict[str, Any]:
    kind, settings = _kind_and_settings(part, below)
    if isinstance(above, Mapping) and "kind" not in above:
        return {"kind": kind} | settings | dict(above)
    other, own = _kind_and_settings(part, above)
    return {"kind": other} | (settings if other == kind else {}) | own


def _kind_and_settings(part: str, value: Any) -> tuple[str, dict[str, Any]]:
    """Split a member of a recipe, a name or a table, into its kind and its settings."""
    if isinstance(value, str):
        return value, {}
    settings = _settings(part, value)
    return _text(part, settings.pop("kind", _MEMBERS[part])), settings


def _settings(part: str, value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ConfigError("recipe", part, value, "a table of settings")
    return dict(value)


def _text(part: str, value: Any) -> str:
    if not isinstance(value, str):
        raise ConfigError("recipe", part, value, "a name")
    return value


def _whole(part: str, table: Table) -> int:
    """Read a whole number, which may be text."""
    value = table.get(part, 0)
    try:
        number = int(value) if isinstance(value, str) else value
    except ValueError:
        number = None
    if not isinstance(number, int) or isinstance(number, bool) or number < 0:
        raise ConfigError("recipe", part, value, "a whole number from 0 on")
    return number


Family = TypeVar("Family")


def _schema_of_family(table: Registry[Family]) -> dict[str, Any]:
    """A member by its name, or by its kind and settings."""
    kinds = []
    for name in table:
        of_member = schema(table.load(name))
        of_member["properties"].pop("regimes", None)
        of_member["properties"] = {"kind": {"const": name}} | of_member["properties"]
        kinds.append(of_member | {"required": ["kind"]})
    return {"anyOf": [{"enum": list(table)}, *kinds]}
