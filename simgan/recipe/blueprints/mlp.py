"""The blueprint of the multi-layer perceptron."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from simgan.errors import ConfigError
from simgan.market.memory import LONGEST, SHORTEST, STRONGEST, WEAKEST
from simgan.recipe.blueprints import MemoryBlueprint
from simgan.settings import setting

ACTIVATIONS = ("leaky", "relu", "sigmoid", "relu-sigmoid", "maxout")
PIECES = 2  # of a maxout unit
MEMORY_FLOOR = 0.01  # ε: keeps the logarithm of a memory near zero finite


@dataclass(frozen=True, kw_only=True)
class Mlp(MemoryBlueprint):
    r"""Dense layers from the noise of a day and the memory of the days before to the return.

    .. math::
        r_t = a + b\; f(z_t,\; \tfrac12 \log(q / b^2 + ε),\; \tfrac12 \log(n / b^2 + ε),\;
              \sinh^{-1}(m / (b c))), \qquad z_t \sim N(0, 1)^L

    The memory (q, n, m) and its scales c are those of `simgan.market.memory`, and ε is .01. Shift a
    and gain b give free-running paths the mean and the variance of the sample.

    The network reads the memory in units of b, so that free runs scale with b. It reads squares by
    their logarithm, because a network of piecewise linear units then cannot explode by feeding on
    its own returns.

    References
    ----------
    Goodfellow et al. (2014), "Generative adversarial nets", section 5: rectifier and sigmoid units
    in the generator, and maxout (Goodfellow et al. 2013) in the critic.
    """

    kind: ClassVar[str] = "mlp"
    estimated: ClassVar[tuple[str, ...]] = ("shift", "gain")
    latent: int = setting(8, "numbers z from N(0, 1) for each day", low=1, high=64)
    hidden: tuple[int, ...] = setting((32, 32), "units of each hidden layer", low=1, high=256)
    activation: str = setting("leaky", "activation of the hidden layers", choices=ACTIVATIONS)
    half_lives: tuple[float, ...] = setting(
        (5.0, 30.0, 120.0),
        "half lives of the volatility memory, in days",
        low=SHORTEST,
        high=LONGEST,
    )
    trends: tuple[float, ...] = setting(
        (3.0,), "half lives of the signed returns, in days", low=SHORTEST, high=LONGEST
    )
    guard: float = setting(
        12.0,
        "most that one day counts in the memory, in multiples of its slow variance",
        low=WEAKEST,
        high=STRONGEST,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.hidden:
            raise ConfigError("architecture", "hidden", self.hidden, "at least one layer")

    def network(self) -> dict[str, tuple[int, ...]]:
        pieces = PIECES if self.activation == "maxout" else 1
        shapes: dict[str, tuple[int, ...]] = {}
        inputs = self.latent + self.width
        for number, units in enumerate(self.hidden):
            shapes |= {
                f"kernel_{number}": (inputs, pieces * units),
                f"bias_{number}": (pieces * units,),
            }
            inputs = units
        return shapes | {"kernel_out": (inputs,), "bias_out": (), "shift": (), "gain": ()}
