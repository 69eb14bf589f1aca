"""Training settings and the presets that bundle them."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

from simgan.errors import ConfigError, UnknownNameError

_RANGES: dict[str, tuple[float, float]] = {
    "warm_steps": (0, 100_000),
    "steps": (0, 1_000_000),
    "batch": (8, 4096),
    "past": (32, 512),
    "ahead": (16, 512),
    "warm_rate": (1e-6, 0.1),
    "rate": (1e-7, 0.1),
    "critic_ratio": (0.01, 100.0),
    "views": (1, 5),
    "average": (0.0, 0.99999),
    "weight_decay": (0.0, 1.0),
    "trend_ridge": (0.0, 1000.0),
    "check_every": (1, 100_000),
    "validation_share": (0.05, 0.5),
    "tail_share": (0.01, 0.15),
}


def _setting(default: float, meaning: str, name: str) -> float:
    low, high = _RANGES[name]
    return field(default=default, metadata={"help": f"{meaning}; {low:g} to {high:g}"})


@dataclass(frozen=True, kw_only=True)
class TrainingSettings:
    """How a generator is trained; days count returns, rates are Adam's."""

    warm_steps: int = _setting(300, "steps of the warm start by likelihood", "warm_steps")  # type: ignore[assignment]
    steps: int = _setting(1000, "most adversarial steps; validation chooses how many", "steps")  # type: ignore[assignment]
    batch: int = _setting(128, "windows per adversarial step", "batch")  # type: ignore[assignment]
    past: int = _setting(64, "days of a window before the generated ones", "past")  # type: ignore[assignment]
    ahead: int = _setting(64, "days generated per window", "ahead")  # type: ignore[assignment]
    warm_rate: float = _setting(
        1e-2, "learning rate at the beginning of the warm start", "warm_rate"
    )
    rate: float = _setting(5e-4, "learning rate of the generator", "rate")
    critic_ratio: float = _setting(
        2.0, "learning rate of the critic, in multiples of the generator's", "critic_ratio"
    )
    views: int = _setting(  # type: ignore[assignment]
        5,
        "views the critic has: returns, their size, sums over 5 and 20 days, 20-day mean size",
        "views",
    )
    average: float = _setting(0.999, "decay of the moving average of the generator", "average")
    weight_decay: float = _setting(
        1e-3, "weight of the squared network weights in the warm start", "weight_decay"
    )
    trend_ridge: float = _setting(
        1.0, "weight of the squared trend weights in the warm start", "trend_ridge"
    )
    check_every: int = _setting(100, "steps between two validations", "check_every")  # type: ignore[assignment]
    validation_share: float = _setting(
        0.15, "share of the history, at its end, that chooses the step", "validation_share"
    )
    tail_share: float = _setting(
        0.06, "share of the innovations on each side that the tail model is fitted to", "tail_share"
    )

    def __post_init__(self) -> None:
        for name, (low, high) in _RANGES.items():
            if not low <= getattr(self, name) <= high:  # also refuses NaN
                raise ConfigError(
                    "training", name, getattr(self, name), f"from {low:g} to {high:g}"
                )

    def paths_of_each(self, replicas: int) -> int:
        """Windows of either kind, continuing real history or free running, that one of the replicas makes in a step.

        Raises
        ------
        ConfigError
            The batch cannot be divided among them.
        """
        if self.batch % (2 * replicas):
            raise ConfigError(
                "training",
                "batch",
                self.batch,
                f"a multiple of {2 * replicas}: two kinds of fakes from each replica",
            )
        return self.batch // (2 * replicas)

    @property
    def least_days(self) -> int:
        """Shortest history that can be trained and validated on."""
        return max(250, int(1.5 * (self.past + self.ahead) / (1 - self.validation_share)))


PRESETS: dict[str, dict[str, int]] = {
    "quick": {"steps": 100, "check_every": 50},
    "standard": {"steps": 1000},
    "thorough": {"steps": 5000},
}


def preset(name: str) -> dict[str, int]:
    """Return the settings that a preset changes.

    Raises
    ------
    UnknownNameError
        There is no preset of this name.
    """
    if name not in PRESETS:
        raise UnknownNameError("preset", name, PRESETS)
    return PRESETS[name]


def training_fields() -> list[str]:
    """Names of all training settings."""
    return [f.name for f in fields(TrainingSettings)]
