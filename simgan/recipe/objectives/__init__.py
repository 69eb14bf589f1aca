"""The objectives of a GAN training."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simgan.registry import Entry, Registry

if TYPE_CHECKING:
    from simgan.recipe.objectives.base import Objective

OBJECTIVES: Registry[Objective] = Registry(
    "objective",
    {
        "relativistic": Entry("simgan.recipe.objectives.relativistic:Relativistic"),
        "non-saturating": Entry("simgan.recipe.objectives.non_saturating:NonSaturating"),
        "minimax": Entry("simgan.recipe.objectives.minimax:Minimax"),
        "lsgan": Entry("simgan.recipe.objectives.least_squares:LeastSquares"),
        "hinge": Entry("simgan.recipe.objectives.hinge:Hinge"),
        "ra-hinge": Entry("simgan.recipe.objectives.relativistic_hinge:RelativisticHinge"),
        "wgan": Entry("simgan.recipe.objectives.wgan:Wasserstein"),
        "wgan-gp": Entry("simgan.recipe.objectives.wgan_gp:WassersteinGP"),
        "wgan-div": Entry("simgan.recipe.objectives.wgan_div:WassersteinDivergence"),
        "f-gan": Entry("simgan.recipe.objectives.f_gan:FGan"),
        "ebgan": Entry("simgan.recipe.objectives.ebgan:EnergyBased"),
        "began": Entry("simgan.recipe.objectives.began:BoundaryEquilibrium"),
    },
)
