"""Remedies against mode collapse, oscillation and a critic that is too sure of itself: settings that go with any objective."""

from __future__ import annotations

from dataclasses import dataclass, field

from simgan.errors import ConfigError
from simgan.gan.objectives.base import Objective

_RANGES: dict[str, tuple[float, float]] = {
    "feature_matching": (0, 1),
    "minibatch_kernels": (0, 100),
    "historical_averaging": (0, 1000),
    "label_smoothing": (0, 0.5),
    "spectral_norm": (0, 100),
    "noise": (0, 10),
    "critic_ceiling": (0.5, 1),
    "critic_floor": (0, 0.99),
}


def _remedy(default: float, meaning: str, name: str) -> float:
    low, high = _RANGES[name]
    return field(default=default, metadata={"help": f"{meaning}; {low:g} to {high:g}"})


@dataclass(frozen=True, kw_only=True)
class Remedies:
    """What is added to the plain game, by default nothing; they may be combined.

    One class and not a family: a family's members exclude each other, and these do not. The gradient penalty and the number of critic
    steps are settings of the objective, the moving average of the generator is one of the training.

    Raises
    ------
    ConfigError
        A number is out of range.

    References
    ----------
    Salimans, Goodfellow, Zaremba, Cheung, Radford & Chen (2016), "Improved techniques for training GANs", sections 3.1 to 3.4.
    Karras, Aila, Laine & Lehtinen (2018), "Progressive growing of GANs for improved quality, stability, and variation", section 3.
    Miyato, Kataoka, Koyama & Yoshida (2018), "Spectral normalization for generative adversarial networks".
    Sønderby, Caballero, Theis, Shi & Huszár (2017), "Amortised MAP inference for image super-resolution" (instance noise).
    """

    feature_matching: float = _remedy(
        0.0,
        "share of feature matching in the generator's loss, 1 for nothing but the critic's mean features",
        "feature_matching",
    )
    minibatch_kernels: int = _remedy(  # type: ignore[assignment]
        0,
        "closeness of a window to the others of its batch that the critic sees: number of kernels",
        "minibatch_kernels",
    )
    minibatch_std: bool = field(
        default=False,
        metadata={"help": "the critic sees the mean standard deviation of features in the batch"},
    )
    historical_averaging: float = _remedy(
        0.0,
        "weight, in both losses, of the squared distance of a player's weights to their past mean",
        "historical_averaging",
    )
    label_smoothing: float = _remedy(
        0.0,
        "the label of real ones is 1 minus this; minimax and non-saturating only",
        "label_smoothing",
    )
    spectral_norm: float = _remedy(
        0.0, "largest singular value of every kernel of the critic; 0 leaves them", "spectral_norm"
    )
    noise: float = _remedy(
        0.0,
        "standard deviation of noise on all that the critic sees, falling to 0 with the last step",
        "noise",
    )
    critic_ceiling: float = _remedy(
        1.0,
        "the critic rests while it ranks more than this share of pairs of real and fake rightly",
        "critic_ceiling",
    )
    critic_floor: float = _remedy(
        0.0,
        "the generator rests while the critic ranks less than this share of pairs rightly",
        "critic_floor",
    )

    def __post_init__(self) -> None:
        for name, (low, high) in _RANGES.items():
            if not low <= getattr(self, name) <= high:  # also refuses NaN
                raise ConfigError(
                    "remedies", name, getattr(self, name), f"from {low:g} to {high:g}"
                )
        if not self.critic_floor < self.critic_ceiling:
            raise ConfigError(
                "remedies",
                "critic_floor",
                self.critic_floor,
                f"below critic_ceiling = {self.critic_ceiling:g}",
            )

    @property
    def balances_power(self) -> bool:
        """Whether one of the players may have to rest."""
        return self.critic_ceiling < 1 or self.critic_floor > 0

    def expect_fit(self, objective: Objective) -> None:
        """Refuse what makes no sense with an objective.

        Raises
        ------
        ConfigError
            It has no labels to smooth, or its critic has no place for what it should see of a batch.
        """
        if self.label_smoothing and not objective.has_labels:
            allowed = (
                f"0: {objective.kind} has no label of 1 to smooth; minimax and non-saturating have"
            )
            raise ConfigError("remedies", "label_smoothing", self.label_smoothing, allowed)
        for name in ("minibatch_kernels", "minibatch_std"):
            if getattr(self, name) and objective.critic == "auto-encoder":
                allowed = f"left out: the critic of {objective.kind} is an auto-encoder, whose score is no function of features"
                raise ConfigError("remedies", name, getattr(self, name), allowed)


NONE = Remedies()
