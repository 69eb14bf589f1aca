"""The budget of a training, and the rules of its game."""

from __future__ import annotations

from dataclasses import dataclass

from simgan.errors import ConfigError
from simgan.recipe.conditions import Conditioning
from simgan.recipe.objectives import Objective
from simgan.recipe.remedies import NONE, Remedies
from simgan.settings import Settings, setting


@dataclass(frozen=True, kw_only=True)
class TrainingSettings(Settings):
    """How a generator is trained. Days count returns, and rates are those of Adam."""

    warm_steps: int = setting(300, "steps of the warm start by likelihood", low=0, high=100_000)
    steps: int = setting(
        1000, "most adversarial steps; validation chooses how many", low=0, high=1_000_000
    )
    batch: int = setting(128, "windows per adversarial step", low=8, high=4096)
    past: int = setting(64, "days of a window before the generated ones", low=32, high=512)
    ahead: int = setting(64, "days generated per window", low=16, high=512)
    warm_rate: float = setting(
        1e-2, "learning rate at the beginning of the warm start", low=1e-6, high=0.1
    )
    rate: float = setting(5e-4, "learning rate of the generator", low=1e-7, high=0.1)
    critic_ratio: float = setting(
        2.0, "learning rate of the critic, in multiples of the generator's", low=0.01, high=100
    )
    views: int = setting(
        5,
        "views the critic has: returns, their size, sums over 5 and 20 days, 20-day mean size",
        low=1,
        high=5,
    )
    average: float = setting(
        0.999, "decay of the moving average of the generator", low=0, high=0.99999
    )
    weight_decay: float = setting(
        1e-3, "weight of the squared network weights in the warm start", low=0, high=1
    )
    trend_ridge: float = setting(
        1.0, "weight of the squared trend weights in the warm start", low=0, high=1000
    )
    check_every: int = setting(100, "steps between two validations", low=1, high=100_000)
    validation_share: float = setting(
        0.15, "share of the history, at its end, that chooses the step", low=0.05, high=0.5
    )
    tail_share: float = setting(
        0.06,
        "share of the innovations on each side that the tail model is fitted to",
        low=0.01,
        high=0.15,
    )

    prior_pull: float = setting(
        5.0,
        "strength of the prior on the volatility: its precision, in units of its usual deviations",
        low=0,
        high=1e6,
    )
    prior_days: int = setting(
        250, "days of the prior beside the residuals of the history", low=0, high=100_000
    )
    ranges: int = setting(
        1, "whether open, high and low are learned from, where the history has them", choices=(0, 1)
    )
    overlap: int = setting(
        1,
        "days in which several assets move together: 2 where markets close at other hours",
        choices=(1, 2),
    )

    @classmethod
    def owner(cls) -> str:
        return "training"

    def paths_of_each(self, replicas: int) -> int:
        """Return how many windows of either kind one of the replicas makes in a step.

        One kind continues real history, the other runs freely.

        Raises
        ------
        ConfigError
            The batch cannot be divided among the replicas.
        """
        if self.batch % (2 * replicas):
            allowed = f"a multiple of {2 * replicas}: two kinds of fakes from each replica"
            raise ConfigError("training", "batch", self.batch, allowed)
        return self.batch // (2 * replicas)

    @property
    def least_days(self) -> int:
        """Shortest history that can be trained and validated on."""
        return max(250, int(1.5 * (self.past + self.ahead) / (1 - self.validation_share)))

    def days_of_selection(self, days: int) -> int:
        """Return how many of the days of a history come before those that are held out."""
        return round(days * (1 - self.validation_share))


PRESETS: dict[str, dict[str, object]] = {
    "quick": {"steps": 300, "check_every": 100},
    "standard": {"steps": 1000},
    "thorough": {"steps": 5000},
}

# Settings that mean nothing without a critic.
OF_ADVERSARIAL_STAGE = frozenset(
    ("steps", "batch", "rate", "critic_ratio", "views", "average", "check_every")
)
PRESET_SETTINGS = frozenset(name for settings in PRESETS.values() for name in settings)


@dataclass(frozen=True)
class GameRules:
    """The rules of a game.

    Attributes
    ----------
    objective : Objective
    remedies : Remedies
    condition : Conditioning, optional
        None where there are no labels.
    regimes : int
        Number of different labels.

    Raises
    ------
    ConfigError
        A remedy or a condition makes no sense with the objective.
    """

    objective: Objective
    remedies: Remedies = NONE
    condition: Conditioning | None = None
    regimes: int = 0

    def __post_init__(self) -> None:
        self.remedies.expect_fit(self.objective)
        if self.condition is not None and self.objective.critic == "auto-encoder":
            allowed = (
                f"left out: the critic of {self.objective.kind} is an auto-encoder, "
                "whose score does not depend on features"
            )
            raise ConfigError("fit", "condition", self.condition.kind, allowed)
