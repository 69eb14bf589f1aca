"""Generators as Keras models, one file per blueprint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simgan.registry import Entry, Registry

if TYPE_CHECKING:
    from simgan.gan.architectures.base import Generator

ARCHITECTURES: Registry[Generator] = Registry(
    "architecture",
    {
        "state-space": Entry("simgan.gan.architectures.state_space:StateSpaceGenerator"),
        "mlp": Entry("simgan.gan.architectures.mlp:MlpGenerator"),
        "recurrent": Entry("simgan.gan.architectures.recurrent:RecurrentGenerator"),
        "tcn": Entry("simgan.gan.architectures.tcn:TcnGenerator"),
    },
)
