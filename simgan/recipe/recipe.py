"""The recipe: everything that is asked of a training, as one typed value.

`fit`, `backtest`, the manifest of a model, checkpoints and the names of refits all hold a `Recipe`.
`Recipe.parse` reads it from a mapping (JSON, TOML, or the options of the command line), and
`Recipe.to_json` gives the mapping back. Nothing here loads TensorFlow.

>>> recipe = Recipe.parse({"architecture": "tcn", "training": {"steps": "500"}})
>>> recipe.architecture.kind, recipe.objective.kind, recipe.training.steps
('tcn', 'relativistic', 500)
>>> Recipe.parse(recipe.to_json()) == recipe
True
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from simgan.arguments import mapping_of
from simgan.errors import ConfigError, UnknownNameError
from simgan.market.memory import FIRST_DAYS
from simgan.recipe.blueprints import BLUEPRINTS, Blueprint
from simgan.recipe.blueprints.state_space import StateSpace
from simgan.recipe.conditions import CONDITIONS, Conditioning
from simgan.recipe.objectives import OBJECTIVES, Objective
from simgan.recipe.objectives.relativistic import Relativistic
from simgan.recipe.remedies import NONE, Remedies
from simgan.recipe.training import (
    OF_ADVERSARIAL_STAGE,
    PRESET_SETTINGS,
    PRESETS,
    GameRules,
    TrainingSettings,
)
from simgan.registry import Registry
from simgan.seeds import Seed
from simgan.settings import Table, build, properties, record, schema
from simgan.workspace import safe_name

_MEMBERS = {"architecture": "state-space", "objective": "relativistic", "condition": "cgan"}
_TABLES = (*_MEMBERS, "remedies", "training")
PARTS = ("preset", "seed", "regimes", "prior", *_TABLES)
DEFAULT, NO_PRIOR = "default", "none"
OF_THE_DATA = ("architecture.ranges",)  # settings that a history decides


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """A model to train, the game to play, and the training budget.

    Attributes
    ----------
    architecture : Blueprint
        The generator. Its number of regimes is that of the recipe.
    objective : Objective
        The losses of the two players.
    remedies : Remedies
        Additions to the game against mode collapse and oscillation.
    condition : Conditioning, optional
        How the two players use regimes. It is None exactly where there are no regimes.
    training : TrainingSettings
        Settings of the optimisation. The preset gives those that are left out.
    preset : str
        Name of the training budget.
    seed : int
        From 0 to 2⁶³ − 1.
    prior : str
        Support of the fit: ``default`` ships with the package and is for short histories, ``none``
        is nothing, and another name is that of a model in the workspace, for every history.

    Raises
    ------
    ConfigError
        Two parts do not go together.
    """

    architecture: Blueprint = field(default_factory=StateSpace)
    objective: Objective = field(default_factory=Relativistic)
    remedies: Remedies = NONE
    condition: Conditioning | None = None
    training: TrainingSettings = field(default_factory=lambda: TrainingSettings(steps=0))
    preset: str = "standard"
    seed: int = 0
    prior: str = DEFAULT

    def __post_init__(self) -> None:
        if self.preset not in PRESETS:
            raise UnknownNameError("preset", self.preset, PRESETS)
        if (self.condition is None) != (self.regimes == 0):
            kind = None if self.condition is None else self.condition.kind
            allowed = "given exactly where there are regimes; --regimes or --labels makes them"
            raise ConfigError("recipe", "condition", kind, allowed)
        if not (self.training.steps or self.architecture.has_likelihood):
            allowed = f"at least 1: only a critic trains {self.architecture.kind}"
            raise ConfigError("recipe", "steps", self.training.steps, allowed)
        Seed(self.seed)
        if safe_name(self.prior) != self.prior:
            allowed = "default, none, or the name of a model: letters, digits and a few signs"
            raise ConfigError("recipe", "prior", self.prior, allowed)
        _ = self.rules  # refuses remedies and conditions that do not go with the objective
        self.training.paths_of_each(self.architecture.replicas)

    @property
    def regimes(self) -> int:
        """Number of regimes of the scenarios, or 0."""
        return self.architecture.regimes

    @property
    def least_days(self) -> int:
        """Fewest days of a history. Likelihood alone needs few if it may lean on a prior."""
        may_lean = self.prior != NO_PRIOR and not self.training.steps
        return FIRST_DAYS if may_lean else self.training.least_days

    @property
    def rules(self) -> GameRules:
        """The rules of the game."""
        return GameRules(self.objective, self.remedies, self.condition, self.regimes)

    @classmethod
    def parse(cls, table: Table) -> Recipe:
        """Read a recipe from plain data.

        Parameters
        ----------
        table : mapping
            Keys ``preset``, ``seed``, ``regimes``, ``prior``, ``architecture``, ``objective``,
            ``condition``, ``remedies`` and ``training``, all optional. A member is its name, or a
            mapping with its ``kind`` and settings. Values may be text.

        Raises
        ------
        UnknownNameError
            There is no such key, member or setting.
        ConfigError
            A value cannot be read, is out of bounds, or does not go with another.
        """
        for key in mapping_of(table, "recipe", "table"):
            if key not in PARTS:
                raise UnknownNameError("part of a recipe", key, PARTS)
        preset, regimes = _text("preset", table.get("preset", "standard")), _whole("regimes", table)
        if preset not in PRESETS:
            raise UnknownNameError("preset", preset, PRESETS)
        members = {part: _kind_and_settings(part, table.get(part)) for part in _MEMBERS}
        for part in ("architecture", "condition"):
            _refuse_regimes(part, members[part][1])
        if not regimes and table.get("condition") is not None:
            allowed = "left out without regimes; --regimes or --labels makes them"
            raise ConfigError("recipe", "condition", _in_words(*members["condition"]), allowed)
        kind, settings = members["architecture"]
        training = _settings("training", table.get("training"))
        return cls(
            architecture=BLUEPRINTS.build(kind, settings | {"regimes": regimes}),
            objective=OBJECTIVES.build(*members["objective"]),
            remedies=Remedies.parse(_settings("remedies", table.get("remedies"))),
            condition=CONDITIONS.build(*members["condition"]) if regimes else None,
            training=build(TrainingSettings, _budget(table, kind, preset) | training),
            preset=preset,
            seed=_whole("seed", table),
            prior=_text("prior", table.get("prior", DEFAULT)),
        )

    def to_json(self) -> dict[str, object]:
        """Return plain data from which `parse` makes this recipe again."""
        architecture = record(self.architecture)
        regimes = architecture.pop("regimes")
        condition = {} if self.condition is None else {"condition": record(self.condition)}
        return {
            "preset": self.preset,
            "seed": self.seed,
            "regimes": regimes,
            "prior": self.prior,
            "architecture": architecture,
            "objective": record(self.objective),
            **condition,
            "remedies": self.remedies.record(),
            "training": record(self.training),
        }

    def to_toml(self) -> str:
        """Return the text of a recipe file, as ``--recipe FILE`` reads it."""
        plain = self.to_json()
        tables = {key: value for key, value in plain.items() if isinstance(value, dict)}
        top = [_toml_line(key, value) for key, value in plain.items() if key not in tables]
        for name, settings in tables.items():
            top += ["", f"[{name}]", *(_toml_line(*item) for item in settings.items())]
        return "\n".join(top) + "\n"

    @staticmethod
    def schema() -> dict[str, object]:
        """Return the JSON schema of the data that `parse` reads and `to_json` writes."""
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "simgan recipe",
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "preset": {"enum": list(PRESETS), "default": "standard"},
                "seed": {"type": "integer", "minimum": 0, "maximum": 2**63 - 1, "default": 0},
                "regimes": {"type": "integer", "minimum": 0, "default": 0},
                "prior": {"type": "string", "default": DEFAULT},
                "architecture": _schema_of_family(BLUEPRINTS),
                "objective": _schema_of_family(OBJECTIVES),
                "condition": _schema_of_family(CONDITIONS),
                "remedies": Remedies.schema(),
                "training": schema(TrainingSettings),
            },
        }


def _budget(table: Table, architecture: str, preset: str) -> dict[str, object]:
    """Return the settings of a preset.

    Likelihood alone trains an architecture that has one. A critic joins only if the recipe names a
    part of its stage: steps or rates, an objective, remedies, regimes, or the preset that takes as
    long as it helps.
    """
    if names_critic(table) or not BLUEPRINTS.load(architecture).has_likelihood:
        return PRESETS[preset]
    return PRESETS[preset] | {"steps": 0}


def names_critic(table: Table) -> bool:
    """Tell whether a recipe names a part of the adversarial stage."""
    return (
        table.get("preset") == "thorough"
        or bool(table.get("objective") or table.get("remedies") or _whole("regimes", table))
        or not OF_ADVERSARIAL_STAGE.isdisjoint(_settings("training", table.get("training")))
    )


def overlaid(below: Table, above: Table) -> dict[str, object]:
    """Put one table of a recipe over another. `above` wins, setting by setting.

    A member of another kind replaces the one below with all of its settings. A preset replaces the
    settings below that presets choose. A recipe without a critic gets one only if `above` names a
    part of its stage. Without regimes, the condition below is dropped.

    >>> overlaid({"preset": "quick", "training": {"rate": 1e-3}}, {"training": {"steps": 9}})
    {'preset': 'quick', 'training': {'rate': 0.001, 'steps': 9}}
    """
    found = dict(below)
    if "training" in found:
        training = _settings("training", found.get("training"))
        if training.get("steps") == 0 and names_critic(above):
            del training["steps"]  # of a recipe without a critic, to which one comes
        elif "preset" in above and training.get("steps") != 0:
            training = {key: value for key, value in training.items() if key not in PRESET_SETTINGS}
        found["training"] = training
    if "regimes" in above and not _whole("regimes", above):
        found.pop("condition", None)
    for part, value in above.items():
        if part in _MEMBERS:
            found[part] = _member_over(part, found.get(part), value)
        elif isinstance(value, Mapping):
            found[part] = _settings(part, found.get(part)) | dict(value)
        else:
            found[part] = value
    return found


def nested(settings: Table) -> dict[str, dict[str, object]]:
    """Return the table of a recipe for the options ``--set KEY=VALUE``.

    A key without a prefix is a setting of the training.

    >>> nested({"steps": "500", "remedies.noise": "0.1"})
    {'training': {'steps': '500'}, 'remedies': {'noise': '0.1'}}

    Raises
    ------
    UnknownNameError
        A prefix is no part of a recipe.
    ConfigError
        A setting follows from the history. Recipes of fitted models hold it.
    """
    found: dict[str, dict[str, object]] = {}
    for key, value in settings.items():
        if key in OF_THE_DATA:
            allowed = "left out: the history decides it, and --set ranges=0 leaves ranges out"
            raise ConfigError("fit", key, value, allowed)
        prefix, _, name = key.rpartition(".")
        part = prefix or "training"
        if part not in _TABLES:
            known = (*(f"{table}.…" for table in (*_MEMBERS, "remedies")), "KEY")
            raise UnknownNameError("setting", key, known, "`simgan fit --list-settings` shows all")
        found.setdefault(part, {})[name] = value
    return found


def _member_over(part: str, below: object, above: object) -> dict[str, object]:
    kind, settings = _kind_and_settings(part, below)
    if isinstance(above, Mapping) and "kind" not in above:
        return {"kind": kind} | settings | dict(above)
    other, own = _kind_and_settings(part, above)
    return {"kind": other} | (settings if other == kind else {}) | own


def _kind_and_settings(part: str, value: object) -> tuple[str, dict[str, object]]:
    """Split a member of a recipe, a name or a table, into its kind and its settings."""
    if isinstance(value, str):
        return value, {}
    settings = _settings(part, value)
    return _text(part, settings.pop("kind", _MEMBERS[part])), settings


def _in_words(kind: str, settings: Table) -> str:
    return ", ".join((kind, *(f"{name} = {value}" for name, value in settings.items())))


def _refuse_regimes(part: str, settings: Table) -> None:
    if "regimes" in settings:
        allowed = f"left out of {part}; --regimes K, --labels FILE or `regimes` in a recipe"
        raise ConfigError(part, "regimes", settings["regimes"], f"{allowed} sets it")


def _settings(part: str, value: object) -> dict[str, object]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ConfigError("recipe", part, value, "a table of settings")
    return dict(value)


def _text(part: str, value: object) -> str:
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
        raise ConfigError("recipe", part, value, "a whole number, at least 0")
    return number


def _toml_line(key: str, value: object) -> str:
    """Return one line of TOML. Its strings, numbers, truth values and lists are those of JSON."""
    return f"{key} = {json.dumps(value, ensure_ascii=False)}"


def _schema_of_family(table: Registry[object]) -> dict[str, object]:
    """Return the schema of a member: its name alone, or its kind with settings."""
    kinds = []
    for name in table:
        own = {
            key: value for key, value in properties(table.load(name)).items() if key != "regimes"
        }
        kinds.append(
            {
                "type": "object",
                "properties": {"kind": {"const": name}} | own,
                "additionalProperties": False,
                "required": ["kind"],
            }
        )
    return {"anyOf": [{"enum": list(table)}, *kinds]}
