"""The balance of power: whichever player is too strong rests until the other has caught up."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

Tensor = Any
DECAY = 0.9  # of the running mean: ten turns


class PowerBalance:
    """The critic's strength, the share of all pairs of a batch in which it scores the real one above the fake, as a running mean.

    ½ is a critic that cannot tell, 1 one that always can, whatever the objective makes of scores (the area under the ROC curve; Fawcett
    2006, "An introduction to ROC analysis", section 7). The critic rests while its strength is above the ceiling; the generator rests,
    and the critic takes further steps, while it is below the floor. Goodfellow (2016), "NIPS 2016 tutorial: generative adversarial
    networks", section 4.4, has the question; the rule is simgan's.
    """

    def __init__(self, ceiling: float, floor: float) -> None:
        self._ceiling, self._floor = ceiling, floor
        self.strength = tf.Variable(0.5, trainable=False)
        self.variables = [self.strength]

    def restart(self) -> None:
        """Nothing is known of the critic."""
        self.strength.assign(0.5)

    def follow(self, real: Tensor, fake: Tensor) -> None:
        """Take the scores (batch, 1) of a turn into account."""
        self.strength.assign(
            DECAY * self.strength + (1.0 - DECAY) * share_ranked_rightly(real, fake)
        )

    def may_move(self) -> tuple[Tensor, Tensor]:
        """Whether the generator may move, and whether the critic may."""
        return self.strength >= self._floor, self.strength <= self._ceiling


def share_ranked_rightly(real: Tensor, fake: Tensor) -> Tensor:
    """Share of pairs of scores (n, 1) and (m, 1) with the real one above the fake; ties count half."""
    return tf.reduce_mean(0.5 * (1.0 + tf.sign(real - tf.transpose(fake))))
