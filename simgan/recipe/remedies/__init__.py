"""Family of remedies against mode collapse, oscillation, and a critic too sure of itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, fields
from typing import ClassVar, Literal, NamedTuple

from simgan.errors import ConfigError, UnknownNameError
from simgan.recipe.objectives import Objective
from simgan.recipe.tensors import Tensor, keras, tf
from simgan.registry import Entry, Registry
from simgan.settings import Settings, properties, record

Player = Literal["generator", "critic"]


class Judged(NamedTuple):
    """Features (n, width) and scores (n, 1) that the critic gives to one batch."""

    features: Tensor
    scores: Tensor


@dataclass(frozen=True)
class Players:
    """The variables of a game that a remedy may read.

    Attributes
    ----------
    weights : mapping of player to variables
        The weights that each player learns.
    networks : sequence of variables
        The critic's weights without those of its classifier.
    remaining : variable
        Share of the training that remains: 1 at the first step, near 0 at the last.
    """

    weights: Mapping[Player, Sequence[tf.Variable]]
    networks: Sequence[tf.Variable]
    remaining: tf.Variable


class Effect:
    """The effect of a remedy on one game, with all that it remembers.

    A remedy overrides the hooks that it needs. By default, each hook changes nothing. The hooks
    are part of compiled steps, except for `restart`.

    Attributes
    ----------
    variables : list of variables
        The memory of the remedy. Checkpoints save it.
    """

    def __init__(self) -> None:
        self.variables: list[tf.Variable] = []

    def restart(self) -> None:
        """Forget the training so far. The players' weights have their first values already."""
        return  # AutoGraph cannot convert a body that is a docstring only

    def inputs(self, values: Tensor, normal: Callable[[], Tensor]) -> Tensor:
        """Return the values that the critic sees instead of these.

        `normal` draws standard normal numbers of their shape, the same ones for every remedy.
        """
        return values

    def judging(self) -> AbstractContextManager[object]:
        """Return the context in which the critic's networks judge."""
        return nullcontext()

    def before_step(self, player: Player) -> None:
        """Prepare for a step of a player."""
        return

    def critic_loss(self, loss: Tensor, real: Judged, fake: Judged) -> Tensor:
        """Return the critic's loss with the term of the remedy."""
        return loss

    def generator_loss(self, loss: Tensor, real: Judged, fake: Judged) -> Tensor:
        """Return the generator's loss with the term of the remedy."""
        return loss

    def regularised(self, loss: Tensor, player: Player) -> Tensor:
        """Return the loss with a term of the player's weights. The history does not show it."""
        return loss

    def may_move(self, player: Player) -> Tensor | None:
        """Return whether a player may move in this step, or None if it always may."""
        return None

    def after_step(self, player: Player, real: Judged, fake: Judged) -> None:
        """Take the features and scores of a player's step into account."""
        return

    def metrics(self) -> Mapping[str, Tensor]:
        """Return numbers of its own for the training history, by name."""
        return {}


@dataclass(frozen=True, kw_only=True)
class Remedy(Settings, ABC):
    """A change of the plain game. With its default settings, a remedy does nothing.

    The fields of all remedies are keys of one flat mapping, ``remedies.KEY`` on the command line.
    No two remedies have a field of the same name.

    Attributes
    ----------
    kind : str
        Name in the table.
    allows_dropout : bool
        Whether the units that the critic leaves out may differ from step to step.
    """

    kind: ClassVar[str]
    allows_dropout: ClassVar[bool] = True

    @classmethod
    def owner(cls) -> str:
        return "remedies"

    @property
    def is_active(self) -> bool:
        """Whether a setting differs from its default."""
        return self != type(self)()

    def expect_fit(self, objective: Objective) -> None:
        """Refuse an objective with which the remedy makes no sense.

        Raises
        ------
        ConfigError
            Names the setting and the reason.
        """
        return

    def effect(self, players: Players) -> Effect:
        """Return the effect on a game of these players."""
        return Effect()


@dataclass(frozen=True, kw_only=True)
class BatchStatistic(Remedy):
    """A remedy by which the critic's last layer also sees the other members of a batch.

    If the generator makes one sample over and over, the fakes of a batch give themselves away.
    """

    @property
    @abstractmethod
    def count(self) -> int:
        """Numbers that the last layer sees in addition to the features."""

    @abstractmethod
    def statistic(self, features: Tensor, groups: int, kernel: Tensor | None) -> Tensor:
        """Return the numbers (n, count) for features (n, width).

        The features are of `groups` batches of equal size, one after the other. No statistic
        mixes two of them: real and fake samples in one batch would hide that the fakes are alike.
        """

    def kernel(self, width: int, seed: int) -> tuple[tuple[int, ...], keras.Initializer] | None:
        """Return shape and initializer of a kernel that the critic learns, or None for none."""
        return None

    def expect_fit(self, objective: Objective) -> None:
        if objective.critic == "auto-encoder":
            name, value = next(iter(vars(self).items()))
            allowed = (
                f"left out: the critic of {objective.kind} is an auto-encoder, "
                "whose score does not depend on features"
            )
            raise ConfigError("remedies", name, value, allowed)


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
