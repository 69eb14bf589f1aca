"""The critics that an objective can ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simgan.registry import Entry, Registry

if TYPE_CHECKING:
    from simgan.gan.critics.base import ViewsCritic

CRITICS: Registry[ViewsCritic] = Registry(
    "critic",
    {
        "windows": Entry("simgan.gan.critics.windows:WindowCritic"),
        "auto-encoder": Entry("simgan.gan.critics.auto_encoder:AutoEncoderCritic"),
    },
)
