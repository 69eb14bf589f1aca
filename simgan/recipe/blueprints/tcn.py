"""The blueprint of the temporal convolutional generator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from simgan.errors import ConfigError
from simgan.recipe.blueprints import Blueprint
from simgan.settings import setting

TAPS = 2  # days that a convolution reads: today, and the day one dilation before
LAYERS = 2  # convolutions of a block


@dataclass(frozen=True, kw_only=True)
class Tcn(Blueprint):
    r"""Dilated causal convolutions of noise, as in Quant GANs.

    A pointwise layer comes first, then blocks of two convolutions with skip connections:

    .. math::
        x^0_t &= ψ(W z_t + b), \qquad y^i = ψ(\mathrm{conv}_{d_i}(ψ(\mathrm{conv}_{d_i}(x^{i-1})))),
                 \qquad x^i = x^{i-1} + y^i \\
        r_t &= a + b\; (w · (x^0_t + \sum_i y^i_t) + b_r)

    where ψ is a PReLU with one learned slope per channel. A return depends on the noise of the last
    1 + 2 Σ d days, 127 by default. Returns further apart are independent, and the generator reads
    no history: its memory is that noise.

    The generator makes gaussianised returns (`simgan.market.scalings.lambert_w`). Shift a and gain
    b set their mean and variance, so that the inverse of that map gets the input that it was
    fitted for.

    References
    ----------
    Wiese, Knobloch, Korn & Kretschmer (2020), "Quant GANs: deep generation of financial time
    series", sections 3 and 5, appendix B (80 channels, 3 numbers of noise, and a critic of the
    same kind).
    """

    kind: ClassVar[str] = "tcn"
    scaling: ClassVar[str] = "lambert-w"
    estimated: ClassVar[tuple[str, ...]] = ("shift", "gain")
    latent: int = setting(3, "numbers z from N(0, 1) for each day", low=1, high=64)
    channels: int = setting(32, "channels of every layer (Quant GANs: 80)", low=1, high=128)
    dilations: tuple[int, ...] = setting(
        (1, 2, 4, 8, 16, 32), "dilation of each block, in days", low=1, high=256
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.regimes:
            raise ConfigError(
                "architecture",
                "regimes",
                self.regimes,
                "0: a tcn makes whole windows, on no day of which a regime begins; "
                "leave regimes out, or take another --architecture",
            )
        if not self.dilations:
            raise ConfigError("architecture", "dilations", self.dilations, "at least one block")

    @property
    def run_in(self) -> int:
        return LAYERS * (TAPS - 1) * sum(self.dilations)

    @property
    def width(self) -> int:
        return self.run_in * self.latent

    def network(self) -> dict[str, tuple[int, ...]]:
        channels, layers = self.channels, (len(self.dilations), LAYERS)
        return {
            "entry": (self.latent, channels),
            "entry_bias": (channels,),
            "entry_slope": (channels,),
            "kernels": (*layers, TAPS * channels, channels),  # of the earlier day, then of today
            "biases": (*layers, channels),
            "slopes": (*layers, channels),
            "out": (channels,),
            "out_bias": (),
            "shift": (),
            "gain": (),
        }
