"""Family of critics that an objective can ask for: contract, table, and shared layers."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import ClassVar

import keras
from keras import layers, ops

from simgan.recipe.remedies import NONE, BatchStatistic, Remedies
from simgan.recipe.tensors import Tensor
from simgan.registry import Entry, Registry
from simgan.seeds import Seed

VIEWS = 5


class Critic(keras.Model):
    """D(x) → score, high for samples that the critic takes for real.

    Parameters
    ----------
    shape : tuple of int
        Numbers from which the sizes of the networks follow.
    remedies : Remedies
        Of these, a critic has the batch statistics, which are layers.
    """

    def __init__(self, shape: tuple[int, ...], remedies: Remedies) -> None:
        super().__init__(name="critic")
        self.shape, self.remedies = shape, remedies
        self.nets = list(self.build_nets(Seed(0)))

    @abstractmethod
    def build_nets(self, seed: Seed) -> Sequence[layers.Layer]:
        """Return the networks with fresh weights, in the order in which data pass them."""

    @property
    @abstractmethod
    def width(self) -> int:
        """Number of features."""

    @abstractmethod
    def judged(self, values: Tensor, groups: int = 1) -> tuple[Tensor, Tensor]:
        """Return features, shape (samples, width), and scores, shape (samples, 1).

        The values are of `groups` batches of equal size, one after the other. No statistic mixes
        two batches: real and fake samples in one batch would hide that the fakes are alike.
        """

    def call(self, values: Tensor) -> Tensor:
        """Return the score of each sample, shape (samples, 1)."""
        return self.judged(values)[1]

    def restart(self, seed: Seed) -> None:
        """Set the weights to fresh ones, and the seeds of random layers."""
        for net, fresh in zip(self.nets, self.build_nets(seed), strict=True):
            for variable, value in zip(net.variables, fresh.variables, strict=True):
                variable.assign(value)


class ViewsCritic(Critic):
    """A critic for windows (paths, days, assets) of scaled returns, which it sees in several views.

    Parameters
    ----------
    days : int
        Length of the windows.
    count : int
        Number of views of each asset: the first ones of `views`.
    remedies : Remedies
    assets : int
    """

    kind: ClassVar[str]

    def __init__(
        self, days: int, count: int, remedies: Remedies = NONE, *, assets: int = 1
    ) -> None:
        self.count = count
        super().__init__((days, count * assets), remedies)

    def seen(self, windows: Tensor) -> Tensor:
        """Return the views of the critic, shape (paths, days, assets · count)."""
        return views(windows, self.count)


def views(windows: Tensor, count: int = VIEWS) -> Tensor:
    """Return the first views of windows (paths, days, assets), those of an asset side by side.

    The views are returns, their size, sums over 5 and 20 days, and the log of the 20-day mean of
    |r|. Without the longer scales a critic cannot see wrong aggregated returns or wrong clusters
    of volatility. One asset may come without its axis.
    """
    if len(windows.shape) == 2:
        windows = windows[..., None]
    size = ops.absolute(windows)
    every = ops.stack(
        [
            ops.arcsinh(windows),
            ops.arcsinh(2.0 * size) - 1.0,
            ops.arcsinh(5.0**0.5 * _trailing_mean(windows, 5)),
            ops.arcsinh(20.0**0.5 * _trailing_mean(windows, 20)),
            2.0 * ops.log(_trailing_mean(size, 20) + 0.05) + 1.0,
        ],
        axis=-1,
    )  # (paths, days, assets, 5)
    _, days, assets, _ = every.shape
    return ops.reshape(every[..., :count], (-1, days, assets * count))


def _trailing_mean(values: Tensor, days: int) -> Tensor:
    padded = ops.pad(values, [[0, 0], [days - 1, 0], [0, 0]])
    return ops.average_pool(padded, days, 1, "valid")


class BatchLayer(layers.Layer):
    """A statistic of a batch as a layer: features (n, width) → numbers (n, count)."""

    def __init__(self, statistic: BatchStatistic, width: int, seed: int) -> None:
        super().__init__()
        self._statistic, self._seed, self._kernel = statistic, seed, None
        self.build((None, width))

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Make the kernel, if the statistic has one."""
        width = shape[-1]
        assert width is not None
        if asked := self._statistic.kernel(width, self._seed):
            self._kernel = self.add_weight(shape=asked[0], initializer=asked[1])

    def call(self, features: Tensor, groups: int) -> Tensor:
        """Return the statistic of each batch, for every member of it."""
        return self._statistic.statistic(features, groups, self._kernel)


def head(
    remedies: Remedies, width: int, seed: int, kernel: keras.Initializer
) -> list[layers.Layer]:
    """Return the statistics of the batch, and the dense layer that makes a score of all numbers."""
    statistics = remedies.batch_statistics
    last = layers.Dense(1, kernel_initializer=kernel)
    last.build((None, width + sum(statistic.count for statistic in statistics)))
    return [*(BatchLayer(statistic, width, seed) for statistic in statistics), last]


def scored(features: Tensor, ends: Sequence[layers.Layer], groups: int) -> Tensor:
    """Return the scores (n, 1) of features (n, width) by the layers of `head`."""
    *beside, last = ends
    if not beside:
        return last(features)
    seen = [layer(features, groups=groups) for layer in beside]
    return last(ops.concatenate([features, *seen], axis=1))


def he_normals(seed: Seed, first: int) -> Callable[[], keras.Initializer]:
    """Return a maker of He-normal initializers, one stream each from number `first` on."""
    numbers = iter(range(first, first + 100))
    return lambda: keras.initializers.HeNormal(seed.integer("weights", next(numbers)))


def leaky(tensor: Tensor) -> Tensor:
    """Leaky ReLU of slope .2."""
    return layers.LeakyReLU(negative_slope=0.2)(tensor)


CRITICS: Registry[ViewsCritic] = Registry(
    "critic",
    {
        "windows": Entry("simgan.gan.critics.windows:WindowCritic"),
        "auto-encoder": Entry("simgan.gan.critics.auto_encoder:AutoEncoderCritic"),
    },
)
