"""The blueprint of the recurrent generator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from simgan.recipe.blueprints import Blueprint
from simgan.settings import setting

SEEN = 2  # numbers of a day that the recurrent unit reads: the return and its size


@dataclass(frozen=True, kw_only=True)
class Recurrent(Blueprint):
    r"""A gated recurrent unit that reads the returns, and dense layers that make the next one.

    .. math::
        u, v &= σ(W_g [x_t, h_t] + b_g), \qquad
                x_t = (\sinh^{-1} (r_t / b), \sinh^{-1} |r_t / b|) \\
        h_{t+1} &= (1 - u) ∘ h_t + u ∘ \tanh(W_c [x_t, v ∘ h_t] + b_c) \\
        r_{t+1} &= a + b\; (w · \mathrm{leaky}(W_o [h_{t+1}, z_{t+1}] + b_o) + b_r),
                   \qquad z_t \sim N(0, 1)^L

    Shift a and gain b give free-running paths the mean and the variance of the sample. The unit
    reads returns in units of b, so that free runs scale with b. The state h is the memory. It is 0
    before the first day of a history and lies within (−1, 1), so that free-running paths cannot
    explode.

    References
    ----------
    Cho et al. (2014), "Learning phrase representations using RNN encoder-decoder", equations 5
    to 8. Esteban, Hyland & Rätsch (2017), "Real-valued (medical) time series generation with
    recurrent conditional GANs".
    """

    kind: ClassVar[str] = "recurrent"
    estimated: ClassVar[tuple[str, ...]] = ("shift", "gain")
    latent: int = setting(4, "numbers z from N(0, 1) for each day", low=1, high=64)
    units: int = setting(24, "units of the recurrent layer", low=1, high=256)
    hidden: int = setting(24, "units of the layer between state and return", low=1, high=256)

    @property
    def width(self) -> int:
        return self.units

    def network(self) -> dict[str, tuple[int, ...]]:
        seen = SEEN + self.units
        return {
            "gates": (seen, 2 * self.units),  # u, then v
            "gates_bias": (2 * self.units,),
            "candidate": (seen, self.units),
            "candidate_bias": (self.units,),
            "head": (self.units + self.latent, self.hidden),
            "head_bias": (self.hidden,),
            "out": (self.hidden,),
            "out_bias": (),
            "shift": (),
            "gain": (),
        }
