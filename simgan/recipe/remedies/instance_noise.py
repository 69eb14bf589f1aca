"""Instance noise: real and fake samples overlap at first, and less and less later on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from simgan.recipe.remedies import Effect, Players, Remedy
from simgan.recipe.tensors import Tensor, tf
from simgan.settings import setting


@dataclass(frozen=True, kw_only=True)
class InstanceNoise(Remedy):
    """Noise on real and fake samples, whose standard deviation falls linearly to 0.

    References
    ----------
    Sønderby, Caballero, Theis, Shi & Huszár (2017), "Amortised MAP inference for image
    super-resolution".
    """

    kind: ClassVar[str] = "instance-noise"
    noise: float = setting(
        0.0,
        "standard deviation of noise on all that the critic sees, falling to 0 with the last step",
        low=0,
        high=10,
    )

    def effect(self, players: Players) -> Effect:
        return _FadingNoise(self.noise, players.remaining)


class _FadingNoise(Effect):
    def __init__(self, deviation: float, remaining: tf.Variable) -> None:
        super().__init__()
        self._deviation, self._remaining = deviation, remaining

    def inputs(self, values: Tensor, normal: Callable[[], Tensor]) -> Tensor:
        return values + self._deviation * self._remaining * normal()
