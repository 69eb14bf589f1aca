"""The contract of a critic."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import keras

from simgan.gan.critics.views import views
from simgan.recipe.remedies import NONE, Remedies
from simgan.seeds import Seed

Tensor = Any


class Critic(keras.Model):
    """D(x) → score, high where it takes x for real.

    Parameters
    ----------
    shape : tuple of int
        What the sizes of its networks follow from.
    remedies : Remedies
        Of which it owns those that are layers: what it sees of the other members of a batch.
    """

    def __init__(self, shape: tuple[int, ...], remedies: Remedies) -> None:
        super().__init__(name="critic")
        self.shape, self.remedies = shape, remedies
        self.nets = list(self.build_nets(Seed(0)))

    @abstractmethod
    def build_nets(self, seed: Seed) -> Sequence[keras.layers.Layer]:
        """Return the networks that it is made of, in the order that data pass them, with fresh weights."""

    @property
    @abstractmethod
    def width(self) -> int:
        """Numbers of the features."""

    @abstractmethod
    def judged(self, values: Tensor, groups: int = 1) -> tuple[Tensor, Tensor]:
        """Features, shape (paths, width), and score of each, shape (paths, 1).

        The values are of so many batches of equal size, one after the other, and no statistic of a batch has members of another: real
        and fake ones in one batch would hide that the fakes are all alike.
        """

    def call(self, values: Tensor) -> Tensor:
        """Score each, shape (paths, 1)."""
        return self.judged(values)[1]

    def restart(self, seed: Seed) -> None:
        """Set the weights to fresh ones, and the seeds of what is random."""
        for net, fresh in zip(self.nets, self.build_nets(seed), strict=True):
            for variable, value in zip(net.variables, fresh.variables, strict=True):
                variable.assign(value)


class ViewsCritic(Critic):
    """A critic for windows (paths, days) of scaled returns, which it sees in several views.

    Parameters
    ----------
    days : int
        Length of the windows.
    count : int
        It has the first so many of the views.
    remedies : Remedies
    """

    kind: ClassVar[str]

    def __init__(self, days: int, count: int, remedies: Remedies = NONE) -> None:
        super().__init__((days, count), remedies)

    def seen(self, windows: Tensor) -> Tensor:
        """The views that it has, shape (paths, days, count)."""
        return views(windows)[..., : self.shape[1]]
