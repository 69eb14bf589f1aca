"""The blueprint of the multi-layer perceptron."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from simgan.errors import ConfigError
from simgan.recipe.blueprints.base import Remembering
from simgan.settings import setting

ACTIVATIONS = ("leaky", "relu", "sigmoid", "relu-sigmoid", "maxout")
PIECES = 2  # of a maxout unit


@dataclass(frozen=True, kw_only=True)
class Mlp(Remembering):
    r"""Dense layers from a day's noise and the memory of the days before to its return.

    .. math::
        r_t = a + b\; f(z_t,\; \tfrac12 \log(q / b^2 + ε),\; \tfrac12 \log(n / b^2 + ε),\; \sinh^{-1}(m / (b c))),
        \qquad z_t \sim N(0, 1)^L

    with the memory (q, n, m) of `simgan.market.memory` and its scales c, a shift a and a gain b that give free-running paths the mean and
    the variance of the sample, and ε = .01. What is remembered is read in units of b, so that free runs scale with b; it enters by its
    logarithm: a network of piecewise linear units cannot explode by feeding on itself.

    References
    ----------
    Goodfellow et al. (2014), "Generative adversarial nets", section 5: a mixture of rectifier and sigmoid units in the generator, maxout
    (Goodfellow et al. 2013) in the critic.
    """

    kind: ClassVar[str] = "mlp"
    estimated: ClassVar[tuple[str, ...]] = ("shift", "gain")
    latent: int = setting(8, "numbers z from N(0, 1) for each day", low=1, high=64)
    hidden: tuple[int, ...] = setting((32, 32), "units of each hidden layer", low=1, high=256)
    activation: str = setting("leaky", "activation of the hidden layers", choices=ACTIVATIONS)
    half_lives: tuple[float, ...] = setting(
        (5.0, 30.0, 120.0), "half lives of the volatility memory, in days", low=0.01, high=100_000
    )
    trends: tuple[float, ...] = setting(
        (3.0,), "half lives of the signed returns, in days", low=0.01, high=100_000
    )
    guard: float = setting(
        12.0,
        "most that one day counts in the memory, in multiples of its slow variance",
        low=1,
        high=1e6,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.hidden:
            raise ConfigError("architecture", "hidden", self.hidden, "at least one layer")
        _ = self.memory  # refuses half lives that are not in order

    def network(self) -> dict[str, tuple[int, ...]]:
        pieces = PIECES if self.activation == "maxout" else 1
        found: dict[str, tuple[int, ...]] = {}
        inputs = self.latent + self.width
        for number, units in enumerate(self.hidden):
            found |= {
                f"kernel_{number}": (inputs, pieces * units),
                f"bias_{number}": (pieces * units,),
            }
            inputs = units
        return found | {"kernel_out": (inputs,), "bias_out": (), "shift": (), "gain": ()}
