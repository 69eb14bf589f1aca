"""The balance of power: a player that is too strong rests until the other has caught up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from simgan.errors import ConfigError
from simgan.recipe.remedies import Effect, Judged, Player, Players, Remedy
from simgan.recipe.tensors import Tensor, tf
from simgan.settings import setting

DECAY = 0.9  # of the running mean: ten steps


@dataclass(frozen=True, kw_only=True)
class PowerBalance(Remedy):
    """The critic rests while it is stronger than the ceiling, the generator while below the floor.

    The strength is the running mean of a share: that of all pairs of a batch in which the critic
    scores the real sample above the fake. It is the area under the ROC curve, whatever the
    objective: ½ for a critic that cannot tell them apart, and 1 for one that always can.

    References
    ----------
    Goodfellow (2016), "NIPS 2016 tutorial: generative adversarial networks", section 4.4, which
    asks the question. The rule is simgan's.
    Fawcett (2006), "An introduction to ROC analysis", section 7.
    """

    kind: ClassVar[str] = "power-balance"
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

    def effect(self, players: Players) -> Effect:
        return RunningStrength(self.critic_ceiling, self.critic_floor)


class RunningStrength(Effect):
    """The strength of a critic, and the rests that follow from it."""

    def __init__(self, ceiling: float, floor: float) -> None:
        super().__init__()
        self._ceiling, self._floor = ceiling, floor
        self.strength = tf.Variable(0.5, trainable=False)
        self.variables = [self.strength]

    def restart(self) -> None:
        self.strength.assign(0.5)

    def may_move(self, player: Player) -> Tensor:
        if player == "generator":
            return self.strength >= self._floor
        return self.strength <= self._ceiling

    def after_step(self, player: Player, real: Judged, fake: Judged) -> None:
        share = share_ranked_rightly(real.scores, fake.scores)
        self.strength.assign(DECAY * self.strength + (1.0 - DECAY) * share)

    def metrics(self) -> Mapping[str, Tensor]:
        return {"critic strength": tf.identity(self.strength)}


def share_ranked_rightly(real: Tensor, fake: Tensor) -> Tensor:
    """Return the share of pairs of scores (n, 1) and (m, 1) with the real one above the fake.

    Ties count half.
    """
    return tf.reduce_mean(0.5 * (1.0 + tf.sign(real - tf.transpose(fake))))
