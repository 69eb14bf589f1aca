"""The blueprint of the variance-targeted state-space generator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simgan.arrays import Float32Array
from simgan.market.memory import LONGEST, SHORTEST, STRONGEST, WEAKEST
from simgan.recipe.blueprints import MemoryBlueprint
from simgan.settings import setting

KNOTS = 33  # of the body of the innovations
RATIO_FLOOR = 0.01  # keeps the logarithm of a ratio near zero finite


@dataclass(frozen=True, kw_only=True)
class StateSpace(MemoryBlueprint):
    r"""The variance-targeted state-space generator: a mixture of R replicas with own weights.

    .. math::
        σ_t^2 &= w_0 v + \sum_k w_k q_k + \sum_k w'_k n_k, \qquad (w, w') = \mathrm{softmax} \\
        s_t &= σ_t\, e^{s + C \tanh f(ρ_t)}, \qquad
               \tilde s_t^2 = s_t^2 / \sqrt{1 + (s_t^2 / M v)^2} \\
        r_t &= μ + \sum_j φ_j m_j / c_j + \tilde s_t\; Q(z_t), \qquad z_t \sim N(0, 1)

    The memory (q, n, m) is that of `simgan.market.memory`, and c_j is the standard deviation of m_j
    for independent returns. The network f has one hidden layer and reads the ratios
    ρ = ½ log((q, n)/σ² + .01), so that the law scales with the returns. The soft minimum of the
    spread and √(M v) tempers the tail where volatility feeds on itself. The weights of the long-run
    variance v and of the memory sum to one: the recursion targets the variance by construction.

    Q turns a normal score into an innovation. Between the outermost knots κ it is linear from knot
    to knot through the values b. Beyond them it is a generalised Pareto tail of shape ξ and scale
    β, by the exponential excess e of the score:

    .. math:: Q(z) = b_B + β\,(e^{ξ e} - 1)/ξ, \qquad
              e = \log Φ(-κ_B) - \log Φ(-z) \qquad (z > κ_B),

    and the same, mirrored, for losses. Scenario i runs under replica i mod R, so that the scenarios
    are a sample of the mixture.
    """

    kind: ClassVar[str] = "state-space"
    estimated: ClassVar[tuple[str, ...]] = ("drift", "long_run", "knots", "body", "tails")
    half_lives: tuple[float, ...] = setting(
        (1.5, 5.0, 12.0, 30.0, 80.0, 250.0),
        "half lives of the volatility memory, in days",
        low=SHORTEST,
        high=LONGEST,
    )
    trends: tuple[float, ...] = setting(
        (0.4, 3.0, 15.0), "half lives of the signed returns, in days", low=SHORTEST, high=LONGEST
    )
    guard: float = setting(
        12.0,
        "most that one day counts in the memory, in multiples of its slow variance",
        low=WEAKEST,
        high=STRONGEST,
    )
    ceiling: float = setting(
        40.0, "soft bound M of the variance, in multiples of its long run", low=10, high=10_000
    )
    hidden: int = setting(24, "units of the hidden layer", low=4, high=256)
    correction: float = setting(0.3, "bound C of the neural correction to log σ", low=0, high=1)
    replicas: int = setting(4, "models of the mixture", choices=(1, 2, 4, 8, 16))

    @property
    def latent(self) -> int:
        return 1

    def fault_of(self, weights: Mapping[str, Float32Array]) -> str:
        if not (np.diff(weights["knots"]) > 0).all():
            return "its knots do not increase"
        return "" if (weights["long_run"] > 0).all() else "its long-run variance is not above 0"

    def network(self) -> dict[str, tuple[int, ...]]:
        replicas, ratios, hidden = self.replicas, self.memory.squares, self.hidden
        return {
            "mix": (replicas, 1 + ratios),
            "drift": (replicas,),
            "trend": (replicas, len(self.trends)),  # φ
            "log_scale": (replicas,),
            "volatility_in": (replicas, ratios, hidden),
            "volatility_in_bias": (replicas, hidden),
            "volatility_out": (replicas, hidden),
            "volatility_out_bias": (replicas,),
            "long_run": (replicas,),
            "knots": (KNOTS,),  # normal scores, evenly spaced
            "body": (replicas, KNOTS),
            "tails": (replicas, 2, 2),  # shape and scale, of losses and of gains
        }
