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
        "lsgan": Entry("simgan.gan.objectives.least_squares:LeastSquares"),
        "hinge": Entry("simgan.gan.objectives.hinge:Hinge"),
        "wgan": Entry("simgan.gan.objectives.wgan:Wasserstein"),
        "wgan-gp": Entry("simgan.gan.objectives.wgan_gp:WassersteinGP"),
        "wgan-div": Entry("simgan.gan.objectives.wgan_div:WassersteinDivergence"),
        "f-gan": Entry("simgan.gan.objectives.f_gan:FGan"),
        "ebgan": Entry("simgan.gan.objectives.ebgan:EnergyBased"),
        "began": Entry("simgan.gan.objectives.began:BoundaryEquilibrium"),
    },
)
