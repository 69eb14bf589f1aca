"""The objectives that a GAN can be trained by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simgan.registry import Entry, Registry

if TYPE_CHECKING:
    from simgan.gan.objectives.base import Objective

OBJECTIVES: Registry[Objective] = Registry(
    "objective",
    {
        "relativistic": Entry("simgan.gan.objectives.relativistic:Relativistic"),
        "non-saturating": Entry("simgan.gan.objectives.non_saturating:NonSaturating"),
        "minimax": Entry("simgan.gan.objectives.minimax:Minimax"),
        "wgan-gp": Entry("simgan.gan.objectives.wgan_gp:WassersteinGP"),
    },
)
