"""Historical averaging: each player is held near the mean of its past weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from simgan.recipe.remedies import Effect, Judged, Player, Players, Remedy
from simgan.recipe.tensors import Tensor, tf
from simgan.settings import setting


@dataclass(frozen=True, kw_only=True)
class HistoricalAveraging(Remedy):
    """Both losses have w ‖θ − (1/t) Σ θ[i]‖², with i from 1 to t and θ the player's weights.

    References
    ----------
    Salimans et al. (2016), "Improved techniques for training GANs", section 3.3.
    """

    kind: ClassVar[str] = "historical-averaging"
    historical_averaging: float = setting(
        0.0,
        "weight, in both losses, of the squared distance of a player's weights to their past mean",
        low=0,
        high=1000,
    )

    def effect(self, players: Players) -> Effect:
        return _HeldPlayers(self.historical_averaging, players)


class _HeldPlayers(Effect):
    def __init__(self, weight: float, players: Players) -> None:
        super().__init__()
        self._weight = weight
        self._past = {player: PastMean(weights) for player, weights in players.weights.items()}
        self.variables = [v for past in self._past.values() for v in past.variables]

    def restart(self) -> None:
        for past in self._past.values():
            past.restart()

    def regularised(self, loss: Tensor, player: Player) -> Tensor:
        return loss + self._weight * self._past[player].distance()

    def after_step(self, player: Player, real: Judged, fake: Judged) -> None:
        self._past[player].follow()


class PastMean:
    """Mean of all weights that a player had so far, its first weights included."""

    def __init__(self, weights: Sequence[tf.Variable]) -> None:
        self._weights = list(weights)
        self._means = [tf.Variable(w, trainable=False) for w in weights]
        self._count = tf.Variable(1.0, trainable=False)  # t
        self.variables = [*self._means, self._count]

    def distance(self) -> Tensor:
        """Return the squared distance of the weights to the mean, which has no gradient."""
        pairs = zip(self._weights, self._means, strict=True)
        return tf.add_n([tf.reduce_sum((w - mean) ** 2) for w, mean in pairs])

    def follow(self) -> None:
        """Take the present weights into the mean."""
        self._count.assign_add(1.0)
        for mean, weight in zip(self._means, self._weights, strict=True):
            mean.assign(mean + (weight - mean) / self._count)

    def restart(self) -> None:
        """Begin with the present weights."""
        self._count.assign(1.0)
        for mean, weight in zip(self._means, self._weights, strict=True):
            mean.assign(weight)
