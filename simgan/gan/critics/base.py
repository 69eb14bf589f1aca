"""The contract of a critic."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

import keras

from simgan.gan.critics.views import views
from simgan.seeds import Seed

Tensor = Any


class Critic(keras.Model):
    """D(window) → score, for windows (paths, days) of scaled returns; high where it takes a window for real.

    Parameters
    ----------
    days : int
        Length of the windows.
    count : int
        It has the first so many of the views.
    """

    kind: ClassVar[str]

    def __init__(self, days: int, count: int) -> None:
        super().__init__(name="critic")
        self.shape = days, count
        self.net = self.build_net(Seed(0))

    @abstractmethod
    def build_net(self, seed: Seed) -> keras.Model:
        """Return a network for views (paths, days, count), with fresh weights."""

    @abstractmethod
    def call(self, windows: Tensor) -> Tensor:
        """Score each window, shape (paths, 1)."""

    def restart(self, seed: Seed) -> None:
        """Set the weights to fresh ones."""
        self.net.set_weights(self.build_net(seed).get_weights())

    def seen(self, windows: Tensor) -> Tensor:
        """The views that it has, shape (paths, days, count)."""
        return views(windows)[..., : self.shape[1]]
