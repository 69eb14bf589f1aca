"""The facts of a trained model, as its manifest.json holds them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

from simgan.bundle.facts import (
    HASH,
    DataFacts,
    JointFacts,
    PriorFacts,
    RegimeFacts,
    data_facts,
    joint,
    prior,
    regimes,
    tails,
)
from simgan.bundle.fields import (
    Fields,
    Json,
    Unfit,
    facts,
    moment,
    number,
    number_or_nothing,
    several,
    table_of,
    text,
    whole,
)
from simgan.errors import BundleError, SimganError
from simgan.market.scalings import SCALINGS, Scaling
from simgan.recipe.blueprints import Blueprint
from simgan.recipe.blueprints.joint import Joint
from simgan.recipe.blueprints.state_space import StateSpace
from simgan.recipe.recipe import Recipe
from simgan.settings import record

OLDEST, FORMAT = 2, 6  # bundle formats that are read; the last one is written
# Raised when scenario i of a new bundle comes from other noise; old bundles keep their version.
NOISE = 2

_LONGEST_ERROR = 300  # characters of a reason, which may repeat hostile text


class DamagedBundle(BundleError):
    """A model has a file or a value that no model has.

    Attributes
    ----------
    where : str
        Folder or file of the model.
    reason : str
    """

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(where, reason)
        self.where, self.reason = where, reason

    def __str__(self) -> str:
        return (
            f"the model in {self.where} is damaged: {self.reason}; fit it again or import it again"
        )


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """All facts about a model except its arrays.

    Attributes
    ----------
    name, assets, created
        Name of the model, names of its assets, and the UTC time of writing.
    recipe : Recipe
        The typed settings of the training: architecture, game, budget, preset, seed.
    scaling : Scaling
        The map between log returns and the generator's scale.
    data, last_price
        The history and the prices at its end, one per asset.
    device
        Where the training ran: cpu or gpu.
    chosen_step, seconds, validation
        The adversarial step that validation chose, the training time, and the validation CRPS of
        that step in log returns. A refit of a backtest has no selection and no such score.
    tails : mapping
        Estimated tails of the innovations, ``losses`` and ``gains``, one entry per replica and law,
        that of calm days first, without the tails that had too few days: shape with its 95 %
        interval, scale and number of exceedances.
    regimes : RegimeFacts
    prior : PriorFacts
    joint : JointFacts, optional
        Of a model of several assets. Their tails and priors are then those of its members.
    noise : int
        Version of the map from (model, seed, i) to noise. A bundle gives the same scenarios under
        every later simgan.
    identity : str
        SHA-256 of all that decided the training: data, settings, seed. It gives the model noise of
        its own, and stays with it under every name. Empty in version 1 of the noise.
    libraries : dict
        Versions at the time of the fit.
    verdict : mapping
        Verdict against the baselines on the data of the fit. It may be empty.
    files : dict
        SHA-256 of every other file of the bundle, by name.
    """

    name: str
    assets: tuple[str, ...]
    created: str
    recipe: Recipe
    scaling: Scaling
    data: DataFacts
    last_price: tuple[float, ...]
    device: str
    chosen_step: int
    seconds: float
    validation: float | None
    libraries: dict[str, str]
    noise: int = 1
    identity: str = ""
    tails: Mapping[str, list[dict[str, float]]] = field(default_factory=dict)
    regimes: RegimeFacts = field(default_factory=RegimeFacts)
    prior: PriorFacts = field(default_factory=PriorFacts)
    joint: JointFacts | None = None
    verdict: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def blueprint(self) -> Blueprint:
        """Settings of the generator."""
        own, facts = self.recipe.architecture, self.joint
        if facts is None:
            return own
        if not isinstance(own, StateSpace):
            raise Unfit(f"its manifest: {own.kind} makes no several assets")
        return Joint(
            members=tuple(own.with_ranges(member.ranges) for member in facts.members),
            rows=facts.rows,
            block=facts.block,
            smoothing=facts.smoothing,
            pairs=facts.pairs,
            spreads=facts.spreads,
            overlap=self.recipe.training.overlap,
        )

    def to_json(self) -> dict[str, Json]:
        """Return plain JSON data from which `from_json` makes this manifest again."""
        plain = {f.name: getattr(self, f.name) for f in fields(self)}
        typed = {
            "recipe": self.recipe.to_json(),
            "scaling": {key: value for key, value in record(self.scaling).items() if value != []},
            "data": record(self.data),
            "assets": list(self.assets),
            "last_price": list(self.last_price),
            "joint": self.joint and self.joint.to_json(),
        }
        if self.joint is None:
            del plain["joint"], typed["joint"]
        if not self.identity:
            del plain["identity"]
        return {"simgan bundle": FORMAT} | plain | typed

    @classmethod
    def from_json(cls, data: object, where: str) -> Manifest:
        """Read a manifest and check every field by type and range.

        Raises
        ------
        BundleError
            It is not one of simgan's, it is newer than this simgan, or a field is missing or wrong.
        """
        version, table = _known_version(data, where)
        try:
            for number in range(version, FORMAT):
                table = _LATER[number](table)
            manifest = _read(Fields(table, "its manifest"))
            _check_together(manifest)
            _check_members(manifest)
        except (TypeError, ValueError, OverflowError, SimganError) as error:
            raise DamagedBundle(where, str(error)[:_LONGEST_ERROR]) from error
        return manifest


def _known_version(data: object, where: str) -> tuple[int, dict[str, Json]]:
    """Return the format and the data of a manifest, or refuse its versions."""
    if not isinstance(data, dict) or "simgan bundle" not in data:
        raise BundleError(
            f"{where} is not a model of simgan: its manifest has no 'simgan bundle'; "
            "fit a model or import one"
        )
    version = data["simgan bundle"]
    if not isinstance(version, int) or isinstance(version, bool):
        found = f"its bundle format {ascii(version)[:20]} is no whole number"
        raise DamagedBundle(where, found)
    if version > FORMAT:
        raise BundleError(
            f"{where} has bundle format {ascii(version)[:20]}, newer than this simgan reads "
            f"({FORMAT}); upgrade simgan to use it"
        )
    if version < OLDEST:
        raise BundleError(
            f"{where} has bundle format {version}, older than this simgan reads ({OLDEST}); "
            "fit the model again"
        )
    joint_law = data.get("joint")
    if isinstance(joint_law, dict) and "block" not in joint_law:
        raise BundleError(
            f"{where} holds the joint law of an earlier simgan, which drew days one by one; "
            "fit the assets again"
        )
    noise = data.get("noise", 1)
    if not isinstance(noise, int) or isinstance(noise, bool) or not 1 <= noise <= NOISE:
        raise BundleError(
            f"{where} draws its noise by version {ascii(noise)[:20]}, this simgan knows up to "
            f"{NOISE}; upgrade simgan to use it"
        )
    return version, data


def _read(table: Fields) -> Manifest:
    """Read each field by its type and range."""
    return Manifest(
        name=table.read("name", text(most=100)),
        assets=table.read("assets", several(text(most=200), least=1)),
        created=table.read("created", moment),
        recipe=Recipe.parse(table.read("recipe", facts)),
        scaling=table.read("scaling", _scaling),
        data=table.read("data", data_facts),
        last_price=table.read("last_price", several(number(above=0), least=1)),
        device=table.read("device", text(most=100)),
        chosen_step=table.read("chosen_step", whole(0)),
        seconds=table.read("seconds", number(low=0)),
        validation=table.read("validation", number_or_nothing),
        libraries=table.read("libraries", table_of(text(most=100))),
        noise=table.read_or("noise", whole(1, NOISE), 1),
        identity=table.read_or("identity", HASH, ""),
        tails=table.read_or("tails", tails, {}),
        regimes=table.read_or("regimes", regimes, RegimeFacts()),
        prior=table.read_or("prior", prior, PriorFacts()),
        joint=table.read_or("joint", joint, None),
        verdict=table.read_or("verdict", _verdict, {}),
        files=table.read("files", table_of(HASH)) if "files" in table.values else {},
    )


def _check_together(manifest: Manifest) -> None:
    """Refuse fields that do not go with each other."""
    count, names = len(manifest.assets), manifest.regimes.get("names", [])
    if bool(manifest.identity) != (manifest.noise > 1):
        has = "an" if manifest.identity else "no"
        raise Unfit(f"its manifest has noise of version {manifest.noise} and {has} identity")
    if len(set(manifest.assets)) < count:
        raise Unfit("its manifest names an asset twice")
    if len(manifest.last_price) != count:
        raise Unfit(f"its manifest has {len(manifest.last_price)} prices of {count} assets")
    for key, values in record(manifest.scaling).items():
        if isinstance(values, list) and len(values) not in (0, count):
            raise Unfit(f"its manifest: scaling: {key} has {len(values)} numbers of {count} assets")
    if manifest.data.first > manifest.data.last:
        raise Unfit("its manifest: data: first comes after last")
    if len(names) != manifest.recipe.regimes or len(set(names)) < len(names):
        raise Unfit(f"its manifest names {len(names)} of {manifest.recipe.regimes} regimes")


def _check_members(manifest: Manifest) -> None:
    """Refuse a model of several assets without facts about each, and a joint model of one."""
    members, count = len(manifest.joint.members) if manifest.joint else 1, len(manifest.assets)
    if members != count:
        raise Unfit(f"its manifest has {members} members of {count} assets")


def _scaling(value: object, place: str) -> Scaling:
    table = Fields(value, place)
    numbers = several(number(), least=1)
    settings = {key: table.read(key, numbers) for key in table.values if key != "kind"}
    return SCALINGS.build(table.read("kind", text()), settings)


def _verdict(value: object, place: str) -> dict[str, Json]:
    found = facts(value, place)
    Fields(found, place).read_or("sentence", text(least=0), "")
    return found


def _with_recipe(data: dict[str, Json]) -> dict[str, Json]:
    """Return the data of a manifest of format 2 as that of format 3, which holds one recipe."""
    table = Fields(data, "its manifest")
    nothing: dict[str, Json] = {}
    blueprint, regimes = table.read("blueprint", facts), table.read_or("regimes", facts, nothing)
    recipe: dict[str, Json] = {
        "preset": table.read("preset", text()),
        "seed": table.read("seed", whole(0)),
        "regimes": blueprint.pop("regimes", 0),
        "architecture": blueprint,
        "objective": table.read("objective", facts),
        "remedies": table.read_or("remedies", facts, nothing),
        "training": table.read("settings", facts),
    }
    if condition := regimes.pop("condition", None):
        recipe["condition"] = condition
    return {**data, "recipe": recipe, "regimes": regimes}


def _without_factor(data: dict[str, Json]) -> dict[str, Json]:
    """Return the data of a manifest of format 3 as that of format 4, with a factor and two laws."""
    recipe = Fields(data, "its manifest").read("recipe", facts)
    architecture = Fields(recipe, "its recipe").read("architecture", facts)
    if architecture.get("kind") != "state-space":
        return data
    without = {
        **architecture,
        **{"factor": 0.0, "pull": 0.0, "doubt": 0.0, "laws": 1, "jump": 0.0, "still": 1.0},
    }
    return {**data, "recipe": {**recipe, "architecture": without}}


def _as_it_is(data: dict[str, Json]) -> dict[str, Json]:
    """Return the data of a manifest of format 4. In format 5 a model may hold ranges."""
    return data


def _without_own_doubt(data: dict[str, Json]) -> dict[str, Json]:
    """Return the data of a manifest of format 5 as that of format 6: the doubt is in the factor."""
    recipe = Fields(data, "its manifest").read("recipe", facts)
    architecture = Fields(recipe, "its recipe").read("architecture", facts)
    if architecture.get("kind") != "state-space":
        return data
    without = {**architecture, "doubt_half_life": 0.0}
    return {**data, "recipe": {**recipe, "architecture": without}}


# Each returns the data of the next format.
_LATER = {2: _with_recipe, 3: _without_factor, 4: _as_it_is, 5: _without_own_doubt}
