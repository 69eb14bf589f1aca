"""The facts of a trained model, as they stand in its manifest.json."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any

from simgan.errors import BundleError, SimganError
from simgan.market.scalings import SCALINGS, Scaling
from simgan.recipe.blueprints import Blueprint
from simgan.recipe.recipe import Recipe
from simgan.settings import record

OLDEST, FORMAT = 2, 3  # bundle formats that are read; the last one is written
NOISE = 1  # raised when scenario i of a new bundle comes from other noise (`simgan.sampling.latent`); old bundles keep their own


@dataclass(frozen=True, kw_only=True)
class DataFacts:
    """Which history a model learned from.

    Attributes
    ----------
    first, last : str
        ISO dates of the first and the last return.
    days : int
        Number of returns.
    sha256 : str
        Hash of the float64 log returns.
    source : dict
        Record of the price source, so that the sample source can be read again.
    """

    first: str
    last: str
    days: int
    sha256: str
    source: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """Everything about a model but its arrays.

    Attributes
    ----------
    name, assets, created
        Name of the model, of its assets, and the UTC time at which it was written.
    recipe
        What training was asked for: architecture, game, settings, preset, seed.
    scaling
        The map between log returns and what the generator sees.
    data, last_price
        The history and the prices at its end, one per asset.
    device
        Where training computed: cpu or gpu.
    chosen_step, seconds, validation
        The adversarial step that validation chose, the training time, and the validation CRPS of that step in log returns.
    tails : dict
        Estimated tails of the innovations, ``losses`` and ``gains``, one entry per replica: shape with its 95 % interval, scale and
        number of exceedances.
    regimes : dict
        Their ``names``, the ``days`` of a stretch that has one, the realized volatilities that are their ``bounds`` (none for labels of the
        user), and their ``shares`` of the history; empty for a model without.
    noise : int
        Version of the map from (seed, i) to noise: a bundle gives the same scenarios under every later simgan.
    libraries : dict
        Versions at the time of the fit.
    verdict : dict
        Verdict against the baselines, on the data of the fit; empty if none was asked for.
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
    validation: float
    libraries: dict[str, str]
    noise: int = NOISE
    tails: dict[str, Any] = field(default_factory=dict)
    regimes: dict[str, Any] = field(default_factory=dict)
    verdict: dict[str, Any] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)

    @property
    def blueprint(self) -> Blueprint:
        """How the generator is built."""
        return self.recipe.architecture

    def to_json(self) -> dict[str, Any]:
        """Plain JSON data."""
        plain = {f.name: getattr(self, f.name) for f in fields(self)}
        typed = {
            "recipe": self.recipe.to_json(),
            "scaling": record(self.scaling),
            "data": record(self.data),
            "assets": list(self.assets),
            "last_price": list(self.last_price),
        }
        return {"simgan bundle": FORMAT} | plain | typed

    @classmethod
    def from_json(cls, data: Mapping[str, Any], where: str) -> Manifest:
        """Read a manifest.

        Raises
        ------
        BundleError
            It is not one of simgan's, it is newer than this simgan, or something in it is missing or wrong.
        """
        if not isinstance(data, dict) or "simgan bundle" not in data:
            raise BundleError(
                f"{where} is not a model of simgan: its manifest has no 'simgan bundle'; fit a model or import one"
            )
        version = data["simgan bundle"]
        if not isinstance(version, int) or version > FORMAT:
            raise BundleError(
                f"{where} has bundle format {version}, newer than this simgan reads ({FORMAT}); upgrade simgan to use it"
            )
        if version < OLDEST:
            raise BundleError(
                f"{where} has bundle format {version}, older than this simgan reads ({OLDEST}); fit the model again"
            )
        if data.get("noise", NOISE) not in range(1, NOISE + 1):
            told = f"{where} draws its noise by version {data['noise']}"
            raise BundleError(f"{told}, this simgan knows up to {NOISE}; upgrade simgan to use it")
        try:
            data = data if version > 2 else _with_recipe(data)
            values = {
                f.name: data[f.name] for f in fields(cls) if f.name in data or _is_required(f)
            }
            values["recipe"] = Recipe.parse(values["recipe"])
            values["scaling"] = _member(SCALINGS, values["scaling"])
            values["data"] = DataFacts(**values["data"])
            return cls(
                **values
                | {
                    "assets": tuple(values["assets"]),
                    "last_price": tuple(map(float, values["last_price"])),
                }
            )
        except (KeyError, TypeError, ValueError, SimganError) as error:
            raise BundleError(
                f"{where} is damaged: its manifest cannot be read ({error}); fit the model again"
            ) from error


def _is_required(attribute: Field[Any]) -> bool:
    return attribute.default is MISSING and attribute.default_factory is MISSING


def _with_recipe(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data of a manifest of format 2, whose fields hold the parts of the recipe, as that of format 3."""
    architecture = {key: value for key, value in data["blueprint"].items() if key != "regimes"}
    about_regimes = dict(data.get("regimes", {}))
    condition = about_regimes.pop("condition", None)
    recipe = {
        "preset": data["preset"],
        "seed": data["seed"],
        "regimes": data["blueprint"].get("regimes", 0),
        "architecture": architecture,
        "objective": data["objective"],
        "remedies": data.get("remedies", {}),
        "training": data["settings"],
    }
    recipe |= {"condition": condition} if condition else {}
    return {**data, "recipe": recipe, "regimes": about_regimes}


def _member(table: Any, settings: Mapping[str, Any]) -> Any:
    return table.build(
        settings["kind"], {key: value for key, value in settings.items() if key != "kind"}
    )
