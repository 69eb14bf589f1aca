"""Critics for points: dense layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import keras
from keras import layers, ops

from simgan.gan.critics import Critic, head, scored
from simgan.recipe.remedies import NONE, Remedies
from simgan.recipe.tensors import Tensor
from simgan.seeds import Seed

_NUMBER = 2  # number of the critic's weights among the streams; the generator's is 1
PIECES = 2  # of a maxout unit
UNITS = ("relu", "sigmoid", "relu-sigmoid", "maxout")


class PointCritic(Critic):
    """D(point) → score, for points (n, dimensions). The last hidden layer gives the features.

    Parameters
    ----------
    sizes : tuple of int
        Dimensions of a point and sizes of the hidden layers.
    seed : Seed
        Of the weights.
    remedies : Remedies
    units : str
        One of `UNITS`.
    dropout : float
        Share of the hidden units that are left out. Each call leaves out others.
    """

    def __init__(
        self,
        sizes: tuple[int, ...],
        seed: Seed,
        remedies: Remedies = NONE,
        *,
        units: str = "relu",
        dropout: float = 0.0,
    ) -> None:
        self.units, self.dropout = units, dropout
        super().__init__(sizes, remedies)
        self.restart(seed)

    def build_nets(self, seed: Seed) -> Sequence[layers.Layer]:
        body = dense(self.shape, seed, _NUMBER, self.units, self.dropout)
        count = len(self.shape)
        of_statistics = seed.integer("weights", _NUMBER, count)
        kernel = he_normal(seed, _NUMBER, count - 1)
        return body, *head(self.remedies, self.width, of_statistics, kernel)

    @property
    def width(self) -> int:
        return self.shape[-1]

    def judged(self, values: Tensor, groups: int = 1) -> tuple[Tensor, Tensor]:
        body, *last = self.nets
        features = body(values)
        return features, scored(features, last, groups)


class EnergyOfPoints(PointCritic):
    """An auto-encoder with a code of one number.

    The score of a point is minus the squared distance of its reconstruction.
    """

    def build_nets(self, seed: Seed) -> Sequence[layers.Layer]:
        count = len(self.shape)
        there = dense(self.shape, seed, _NUMBER, self.units, self.dropout)
        code = layers.Dense(1, kernel_initializer=he_normal(seed, _NUMBER, count))
        back = dense((1, *self.shape[:0:-1]), seed, _NUMBER + 1, self.units, self.dropout)
        last = layers.Dense(self.shape[0], kernel_initializer=he_normal(seed, _NUMBER + 1, count))
        coded = keras.Model(there.inputs[0], code(there.outputs[0]))
        return coded, keras.Model(back.inputs[0], last(back.outputs[0]))

    @property
    def width(self) -> int:
        return 1

    def judged(self, values: Tensor, groups: int = 1) -> tuple[Tensor, Tensor]:
        there, back = self.nets
        code = there(values)
        return code, -ops.sum(ops.square(values - back(code)), axis=1, keepdims=True)


POINT_CRITICS: dict[str, type[PointCritic]] = {
    "windows": PointCritic,
    "auto-encoder": EnergyOfPoints,
}


def dense(
    sizes: tuple[int, ...], seed: Seed, number: int, units: str = "relu", dropout: float = 0.0
) -> keras.Model:
    """Return hidden layers: points of the first size → numbers of the last."""
    seen = hidden = layers.Input((sizes[0],))
    for layer, size in enumerate(sizes[1:]):
        wide = size * PIECES if units == "maxout" else size
        hidden = _ACTIVATIONS[units](
            layers.Dense(wide, kernel_initializer=he_normal(seed, number, layer))(hidden)
        )
        if dropout:
            hidden = layers.Dropout(dropout, seed=seed.integer("weights", number, layer, 1))(
                hidden, training=True
            )
    return keras.Model(seen, hidden)


def _mixed(values: Tensor) -> Tensor:
    half = values.shape[-1] // 2
    return ops.concatenate([ops.relu(values[:, :half]), ops.sigmoid(values[:, half:])], axis=1)


def _maxout(values: Tensor) -> Tensor:
    return ops.max(ops.reshape(values, (-1, values.shape[-1] // PIECES, PIECES)), axis=2)


_ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": ops.relu,
    "sigmoid": ops.sigmoid,
    "relu-sigmoid": _mixed,
    "maxout": _maxout,
}


def he_normal(seed: Seed, number: int, layer: int) -> keras.Initializer:
    """Return the initializer of a layer of a network."""
    return keras.initializers.HeNormal(seed.integer("weights", number, layer))
