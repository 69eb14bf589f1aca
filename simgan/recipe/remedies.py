"""Remedies against mode collapse, oscillation and a critic that is too sure of itself: settings that go with any objective."""

from __future__ import annotations

from dataclasses import dataclass

from simgan.errors import ConfigError
from simgan.recipe.objectives.base import Objective
from simgan.settings import Settings, setting


@dataclass(frozen=True, kw_only=True)
class Remedies(Settings):
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

    feature_matching: float = setting(
        0.0,
        "share of feature matching in the generator's loss, 1 for the critic's mean features alone",
        low=0,
        high=1,
    )
    minibatch_kernels: int = setting(
        0,
        "kernels by which the critic sees how close a window is to the others of its batch",
        low=0,
        high=100,
    )
    minibatch_std: bool = setting(
        False, "the critic sees the mean standard deviation of features in the batch"
    )
    historical_averaging: float = setting(
        0.0,
        "weight, in both losses, of the squared distance of a player's weights to their past mean",
        low=0,
        high=1000,
    )
    label_smoothing: float = setting(
        0.0,
        "the label of real windows is 1 minus this (minimax and non-saturating only)",
        low=0,
        high=0.5,
    )
    spectral_norm: float = setting(
        0.0, "largest singular value of every kernel of the critic; 0 for no bound", low=0, high=100
    )
    noise: float = setting(
        0.0,
        "standard deviation of noise on all that the critic sees, falling to 0 with the last step",
        low=0,
        high=10,
    )
    critic_ceiling: float = setting(
        1.0,
        "the critic rests while it ranks more than this share of pairs of real and fake rightly",
        low=0.5,
        high=1,
    )
    critic_floor: float = setting(
        0.0,
        "the generator rests while the critic ranks less than this share of pairs rightly",
        low=0,
        high=0.99,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.critic_floor < self.critic_ceiling:
            allowed = f"below critic_ceiling = {self.critic_ceiling:g}"
            raise ConfigError("remedies", "critic_floor", self.critic_floor, allowed)

    @classmethod
    def owner(cls) -> str:
        return "remedies"

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
