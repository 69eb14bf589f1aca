"""Remedies against mode collapse, oscillation, and a critic that is too sure of itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields

from simgan.errors import ConfigError, UnknownNameError
from simgan.recipe.objectives.base import Objective
from simgan.recipe.remedies.base import BatchStatistic, Remedy
from simgan.registry import Entry, Registry
from simgan.settings import properties, record

REMEDIES: Registry[Remedy] = Registry(
    "remedy",
    {
        "feature-matching": Entry("simgan.recipe.remedies.feature_matching:FeatureMatching"),
        "minibatch-kernels": Entry("simgan.recipe.remedies.minibatch_kernels:MinibatchKernels"),
        "minibatch-std": Entry("simgan.recipe.remedies.minibatch_std:MinibatchStd"),
        "historical-averaging": Entry("simgan.recipe.remedies.historical:HistoricalAveraging"),
        "label-smoothing": Entry("simgan.recipe.remedies.label_smoothing:LabelSmoothing"),
        "spectral-norm": Entry("simgan.recipe.remedies.spectral_norm:SpectralNorm"),
        "instance-noise": Entry("simgan.recipe.remedies.instance_noise:InstanceNoise"),
        "lecam": Entry("simgan.recipe.remedies.lecam:LeCam"),
        "power-balance": Entry("simgan.recipe.remedies.power_balance:PowerBalance"),
    },
)


@dataclass(frozen=True)
class Remedies:
    """The remedies of a game, which may be combined, in the order of the table.

    Members whose settings are all defaults are dropped. The gradient penalty and the number of
    critic steps are settings of the objective. The moving average is one of the training.

    Raises
    ------
    ConfigError
        A kind of remedy is given twice.
    """

    members: tuple[Remedy, ...] = ()

    def __post_init__(self) -> None:
        kinds, order = [member.kind for member in self.members], list(REMEDIES)
        if twice := sorted({kind for kind in kinds if kinds.count(kind) > 1}):
            raise ConfigError("recipe", "remedies", ", ".join(twice), "given once each")
        active = sorted(
            (member for member in self.members if member.is_active),
            key=lambda member: order.index(member.kind),
        )
        object.__setattr__(self, "members", tuple(active))

    def __iter__(self) -> Iterator[Remedy]:
        return iter(self.members)

    @classmethod
    def parse(cls, table: Mapping[str, object]) -> Remedies:
        """Read the flat mapping of all settings. Values may be text.

        Raises
        ------
        UnknownNameError
            No remedy has such a setting.
        ConfigError
            A value cannot be read or is out of bounds.
        """
        owners = {name: kind for kind in REMEDIES for name in _names(kind)}
        asked: dict[str, dict[str, object]] = {}
        for key, value in table.items():
            if key not in owners:
                raise UnknownNameError("setting of remedies", key, owners)
            asked.setdefault(owners[key], {})[key] = value
        return cls(tuple(REMEDIES.build(kind, settings) for kind, settings in asked.items()))

    def record(self) -> dict[str, object]:
        """Return the flat mapping of all settings, those of remedies that are off included."""
        members = {kind: REMEDIES.build(kind) for kind in REMEDIES} | {m.kind: m for m in self}
        return {
            name: value
            for member in members.values()
            for name, value in record(member).items()
            if name != "kind"
        }

    @staticmethod
    def schema() -> dict[str, object]:
        """Return the JSON schema of the flat mapping."""
        kinds = [properties(REMEDIES.load(kind)) for kind in REMEDIES]
        merged = {name: value for of_kind in kinds for name, value in of_kind.items()}
        return {"type": "object", "properties": merged, "additionalProperties": False}

    def expect_fit(self, objective: Objective) -> None:
        """Refuse remedies that make no sense with an objective.

        Raises
        ------
        ConfigError
            Names the setting and the reason.
        """
        for member in self:
            member.expect_fit(objective)

    @property
    def batch_statistics(self) -> tuple[BatchStatistic, ...]:
        """The remedies by which the critic sees the other members of a batch."""
        return tuple(member for member in self if isinstance(member, BatchStatistic))


NONE = Remedies()


def _names(kind: str) -> list[str]:
    return [field.name for field in fields(REMEDIES.load(kind))]
