"""What a generator is made of, without saying how it is computed: settings, and names and shapes of its weights.

Training (Keras) and sampling (NumPy) both build from a blueprint, and a bundle is checked against it before use.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from simgan.errors import ConfigError
from simgan.market.memory import Memory
from simgan.registry import Entry, Registry

TAIL_ROW = ("threshold", "shape_from", "scale_from", "shape_to", "scale_to")


@dataclass(frozen=True, kw_only=True)
class StateSpace:
    r"""The variance-targeted state-space generator.

    .. math::
        σ_t^2 &= w_0 v + \sum_k w_k q_k + \sum_k w'_k n_k, \qquad (w, w') = \mathrm{softmax} \\
        s_t &= σ_t\, e^{s + C \tanh f(ρ_t)}, \qquad \tilde s_t^2 = s_t^2 / \sqrt{1 + (s_t^2 / M v)^2} \\
        r_t &= μ + \tilde s_t\; T\big(τ(z_1) + B \tanh g(ρ_t, z)\big)

    with the memory (q, n) of `simgan.market.memory`, the soft minimum of the spread and √(M v), which tempers the tail where
    volatility feeds on itself, ratios ρ = ½ log((q, n)/σ²), so that the law scales with the returns; τ is a
    two-sided Tukey h with moments 0 and 1, and T maps the two tails to generalised Pareto tails estimated by likelihood. The weights of
    the long-run variance v and of the memory sum to one: the variance of the paths is that of the sample by construction.
    """

    kind: ClassVar[str] = "state-space"
    half_lives: tuple[float, ...] = field(
        default=(1.5, 5.0, 12.0, 30.0, 80.0, 250.0), metadata={"help": "half lives of the volatility memory, in days"}
    )
    guard: float = field(default=12.0, metadata={"help": "most that one day counts in the memory, in multiples of its slow variance; ≥ 1"})
    ceiling: float = field(default=40.0, metadata={"help": "soft bound M of the variance, in multiples of its long run; 10 to 10000"})
    hidden: int = field(default=24, metadata={"help": "units of each hidden layer; 4 to 256"})
    latent: int = field(default=4, metadata={"help": "normal variables per day; 2 to 32"})
    correction: float = field(default=0.3, metadata={"help": "bound C of the neural correction to log σ; 0 to 1"})
    bend: float = field(default=0.4, metadata={"help": "bound B of the neural bend of the innovation; 0 to 1"})

    def __post_init__(self) -> None:
        for name, low, high in (("ceiling", 10, 10_000), ("hidden", 4, 256), ("latent", 2, 32), ("correction", 0, 1), ("bend", 0, 1)):
            if not low <= getattr(self, name) <= high:
                raise ConfigError("architecture", name, getattr(self, name), f"between {low} and {high}")
        _ = self.memory  # refuses bad half lives

    @property
    def memory(self) -> Memory:
        """The volatility memory that is the state of this generator."""
        return Memory(self.half_lives, self.guard)

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape of each weight by name."""
        ratios, hidden = self.memory.width, self.hidden
        return {
            "mix": (1 + ratios,),
            "drift": (),
            "log_scale": (),
            "tukey": (2,),
            "volatility_in": (ratios, hidden),
            "volatility_in_bias": (hidden,),
            "volatility_out": (hidden, 1),
            "volatility_out_bias": (1,),
            "bend_in": (ratios + self.latent, hidden),
            "bend_in_bias": (hidden,),
            "bend_mid": (hidden, hidden),
            "bend_mid_bias": (hidden,),
            "bend_out": (hidden, 1),
            "bend_out_bias": (1,),
            "long_run": (),
            "tails": (2, len(TAIL_ROW)),
        }


BLUEPRINTS: Registry[StateSpace] = Registry("architecture", {"state-space": Entry("simgan.bundle.blueprints:StateSpace")})
