"""The blueprint of the variance-targeted state-space generator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from simgan.arrays import Float32Array, FloatArray
from simgan.errors import ConfigError
from simgan.market.memory import LONGEST, SHORTEST, STRONGEST, WEAKEST
from simgan.recipe.blueprints import MemoryBlueprint
from simgan.settings import setting

KNOTS = 33  # of the body of the innovations
LEAST_JUMP = 5.0  # of a setting, in multiples of the scale of the innovations
SIZES = 5  # of the quantile function of jumps
DAYS = 512  # of a law, whose shapes are kept
SHAPE = 4  # return of such a day over its spread; gap, upper and lower over their size
LIKENESS = 0.05  # part that chance has in the score of the day that lends its shape
CORE = 3.0  # return, in spreads, up to which the size of a lent shape is nearly that of the day
_NEEDS = (  # a setting, and one without which it has no effect
    ("pull", "factor"),
    ("doubt", "factor"),
    ("doubt_half_life", "doubt"),
    ("doubt_half_life", "factor"),
)
_FARTHEST = 6.0  # score that bounds days without a move
RATIO_FLOOR = 0.01  # keeps the logarithm of a ratio near zero finite


@dataclass(frozen=True, kw_only=True)
class StateSpace(MemoryBlueprint):
    r"""The variance-targeted state-space generator: a mixture of R replicas with own weights.

    .. math::
        σ_t^2 &= w_0 v + \sum_k w_k q_k + \sum_k w'_k n_k, \qquad (w, w') = \mathrm{softmax} \\
        s_t &= σ_t\, e^{s + C \tanh f(ρ_t)}, \qquad
               \tilde s_t^2 = s_t^2 / \sqrt{1 + (s_t^2 / M v)^2} \\
        y_t &= μ + \sum_j φ_j m_j / c_j + e^{g_t + χ_t}\, \tilde s_t\; Q_t(z_t) + J(z_t), \qquad
               r_t = y_t\, 1\{z_t ∉ (l_t, u_t)\} \\
        Q_t &= (1 - ω_t)\, Q_c + ω_t\, Q_w, \qquad
               ω_t = \min(1, \max(0, \log(\tilde s_t / b_c) / \log(b_w / b_c))) \\
        g_{t+1} &= a\, g_t - (1 - a)\, p\, [\log(\tilde s_t / h)]_+ - τ \sqrt{1 - a^2}\; u_t,
               \qquad χ_{t+1} = b\, χ_t, \qquad z_t, u_t \sim N(0, 1)

    The memory (q, n, m) is that of `simgan.market.memory`, and c_j is the standard deviation of m_j
    for independent returns. The network f has one hidden layer and reads the ratios
    ρ = ½ log((q, n)/σ² + .01), so that the law scales with the returns. The soft minimum of the
    spread and √(M v) tempers the tail where volatility feeds on itself. The weights of the long-run
    variance v and of the memory sum to one: the recursion targets the variance by construction.

    The factor g of stochastic volatility moves the spread without any return (Taylor 1982,
    "Financial returns modelled by the product of two stochastic processes"). Its half life gives a.
    Above a high spread h the factor is drawn down. So a crisis that feeds on itself ends, and no
    forecast of a real crisis gets smaller.

    The volatility of a real history is known only to about a deviation d of its logarithm. So each
    scenario that continues a history starts at χ = d u − d², which keeps the variance of the next
    day. Within weeks the memory learns the truth, and from then on that is in σ. So the doubt χ
    fades by a half life of its own. With the long life of g it would count twice.

    Each Q turns a normal score into an innovation. Residuals of calm days have heavier tails than
    those of wild days. So Q_c is the law of the calmer half of the history, and Q_w that of the
    wilder half. They are blended by the spread, between the typical spreads b of the halves, and so
    are the bounds l and u of still days. A single law is Q on all days.

    Between the outermost knots κ a law is linear from knot to knot through its values. Beyond them
    it is a generalised Pareto tail of shape ξ and scale β, by the exponential excess e of the
    score:

    .. math:: Q(z) = Q(κ_B) + β\,(e^{ξ e} - 1)/ξ, \qquad
              e = \log Φ(-κ_B) - \log Φ(-z) \qquad (z > κ_B),

    and the same, mirrored, for losses. Where a history has jumps that no volatility explains, J
    adds them to the most extreme scores. On each side they have their share λ of all days. A
    quantile function at evenly spaced probabilities gives their sizes (Merton 1976, "Option pricing
    when underlying stock returns are discontinuous"). A day whose score is between l and u has no
    move, which gives as many returns of exactly 0 as the history has.

    With ranges the memory is (q, n, p, p', m), and σ² has p and p' beside q and n. Every day has a
    shape: gap γ, upper υ and lower δ (`simgan.market.shapes`). It gives the range variance that the
    memory takes in. A day of the history lends its shape. The days of a law stand in the order of
    their return over their spread, x, and that day is drawn whose place π fits a score near z:

    .. math:: π_t = N\, Φ(\sqrt{1 - η^2}\, z_t + η\, ζ_t), \qquad k = \lfloor π_t \rfloor, \qquad
              (γ, υ, δ)_t = e^{g_t + χ_t}\, \tilde m_t\, \frac{3 + |r_t| / \hat s_t}{3 + |x_k|}\,
              (γ, υ, δ)_k, \qquad ζ_t \sim N(0, 1)

    where :math:`\hat s_t = e^{g_t + χ_t} \tilde s_t`. The day is one of the wild days if
    π − k < ω_t. This is a smoothed bootstrap of pairs of return and range. The score of k is normal
    as z is, so all days of a law are drawn equally often. The size m of shapes has weights c of its
    own:

    .. math:: m_t^2 = c_0 + \sum_k c_k q_k + c'_k n_k + e_k p_k + e'_k p'_k, \qquad
              \tilde m_t^2 = m_t^2 / \sqrt{1 + (m_t^2 / M \textstyle\sum c)^2}

    The sum in the bound is that of all weights. A kept day has its shape over its own m. Ranges
    persist more than the volatility of returns, and grow less on wild days. Over the spread they
    would vary too much from day to day, and wild days would feed on them. Range and return make the
    next volatility together, each with an equation (Shephard & Sheppard 2010, "Realising the
    future: forecasting with high-frequency-based volatility (HEAVY) models"; Hansen, Huang & Shek
    2012, "Realized GARCH: a joint model for returns and realized measures of volatility").

    Scenario i runs under replica i mod R, so that the scenarios are a sample of the mixture.
    """

    kind: ClassVar[str] = "state-space"
    has_likelihood: ClassVar[bool] = True
    estimated: ClassVar[tuple[str, ...]] = (
        *("drift", "long_run", "knots", "body", "tails"),
        *("between", "factor", "high", "jumps", "rest", "days", "range_mean", "shape_mix"),
    )
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
    factor: float = setting(
        120.0,
        "half life of the stochastic volatility factor, in days; 0 leaves it out",
        low=0,
        high=1000,
    )
    pull: float = setting(
        0.3, "strength p that draws the factor down where the spread is high", low=0, high=1
    )
    doubt: float = setting(
        0.15,
        "deviation d of the log of the spread after a real history; it needs a factor",
        low=0,
        high=1,
    )
    doubt_half_life: float = setting(
        40.0, "half life of this doubt, in days; 0 gives it that of the factor", low=0, high=1000
    )
    laws: int = setting(
        2, "laws of the innovations: 2, of calm and of wild days, or 1", choices=(1, 2)
    )
    jump: float = setting(
        20.0,
        "size from which an innovation is a jump, in multiples of their scale; 0 leaves jumps out",
        low=0,
        high=1000,
    )
    still: float = setting(
        0.0,
        "smallest share of days without a move that is kept; 1 leaves such days out",
        low=0,
        high=1,
    )
    replicas: int = setting(4, "models of the mixture", choices=(1, 2, 4, 8, 16))
    ranges: int = setting(
        0, "whether the memory holds ranges of days; a fit decides by the history", choices=(0, 1)
    )

    @property
    def has_ranges(self) -> bool:
        return bool(self.ranges)

    def with_ranges(self, are_known: bool) -> StateSpace:
        return replace(self, ranges=int(are_known))

    @property
    def latent(self) -> int:
        return 1 + self.factors + self.ranges  # z, u and ζ

    @property
    def tilted(self) -> int:
        return 1  # u hardly moves the volatility within weeks

    @property
    def factors(self) -> int:
        """Count of stochastic volatility factors, 0 or 1."""
        return int(self.factor > 0)

    @property
    def unseen(self) -> int:
        return self.factors if self.doubt else 0

    @property
    def has_own_doubt(self) -> bool:
        """Tell whether the doubt χ is a number of the memory, beside the factor g."""
        return bool(self.unseen and self.doubt_half_life)

    def with_unseen(self, memory: Float32Array, normals: Float32Array) -> Float32Array:
        if not self.unseen:
            return memory
        drawn = memory.copy()
        drawn[..., -1:] = self.doubt * normals - self.doubt**2
        return drawn

    @property
    def width(self) -> int:
        return self.memory.width + self.logs

    @property
    def logs(self) -> int:
        """Count of the numbers g and χ that end the memory, whose sum moves the spread."""
        return self.factors + self.has_own_doubt

    @property
    def log_decays(self) -> FloatArray:
        """Decays a and b (logs,) of these numbers."""
        half_lives = [self.factor, self.doubt_half_life][: self.logs]
        return np.asarray([0.5 ** (1.0 / each) for each in half_lives], np.float64)

    def along(self, scaled: Float32Array, ranges: Float32Array | None = None) -> Float32Array:
        known = super().along(scaled, ranges)
        return np.pad(known, ((0, 0), (0, 0), (0, self.logs)))

    def levels(self, memory: Float32Array, scaled: Float32Array) -> Float32Array:
        return super().levels(memory[..., : self.memory.width], scaled)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._expect_effects()
        if 0 < self.jump < LEAST_JUMP:
            allowed = f"0, or from {LEAST_JUMP:g} on: usual moves are no jumps"
            raise ConfigError("architecture", "jump", self.jump, allowed)

    def _expect_effects(self) -> None:
        """Refuse a setting without effect that has another value than 0 and its default."""
        for name, needed in _NEEDS:
            if not getattr(self, needed) and getattr(self, name) not in (0.0, _default_of(name)):
                allowed = f"left out with {needed} = 0, where it has no effect"
                raise ConfigError("architecture", name, getattr(self, name), allowed)

    def fault_of(self, weights: Mapping[str, Float32Array]) -> str:
        return next((fault for fault, is_found in self._faults(weights) if is_found), "")

    def _faults(self, weights: Mapping[str, Float32Array]) -> Iterator[tuple[str, bool]]:
        knots, tails = weights["knots"], weights["tails"]
        yield "its knots do not increase", not _is_rising(knots)
        fault = "its knots are not evenly spaced about 0"
        yield fault, not np.allclose(knots, np.linspace(-knots[-1], knots[-1], KNOTS), atol=1e-4)
        yield "its innovations decrease", not (np.diff(weights["body"]) >= 0).all()
        fault = "a shape of its tails is not between 0 and 1"
        yield fault, not ((tails[..., 0] > 0) & (tails[..., 0] < 1)).all()
        yield "a scale of its tails is not above 0", not (tails[..., 1] > 0).all()
        yield "its long-run variance is not above 0", not (weights["long_run"] > 0).all()
        if self.laws > 1:
            between = weights["between"]
            is_usable = _is_rising(between) and (between > 0).all()
            fault = "the spreads between which its laws are blended do not increase from above 0"
            yield fault, not is_usable
        if self.factors:
            fault = "the spread that draws its factor down is not above 0"
            yield fault, not (weights["high"] > 0).all()
            yield "the deviation of its factor is below 0", not (weights["factor"] >= 0).all()
        if self.jump:
            shares = weights["jumps"][:, 0]
            fault = "the share of its jumps is not from 0 to a half"
            yield fault, not ((shares >= 0) & (shares <= 0.5)).all()
            yield "the size of a jump is below 0", not (weights["jumps"][:, 1:] >= 0).all()
        if self.ranges:
            days = weights["days"]
            fault = "the days that lend their shapes are not in the order of their returns"
            yield fault, not (np.diff(days[..., 0], axis=-1) >= 0).all()
            yield "a high is below its open or close", not (days[..., 2:] >= 0).all()
            mix = weights["shape_mix"]
            fault = "a weight of the size of its shapes is below 0, or that without memory is 0"
            yield fault, not ((mix >= 0).all() and mix[0] > 0)
            fault = "the mean of its ranges is not above 0"
            yield fault, not (weights["range_mean"] > 0).all()
        if self.still < 1:
            fault = "the scores of its days without a move end before they begin"
            yield fault, not (np.diff(weights["rest"]) >= 0).all()
            fault = "hardly a day of it has a move"
            yield fault, not (np.abs(weights["rest"]) < _FARTHEST).all()

    def network(self) -> dict[str, tuple[int, ...]]:
        replicas, ratios, hidden = self.replicas, self.memory.squares, self.hidden
        laws = replicas, self.laws
        between = {"between": laws} if self.laws > 1 else {}  # b
        factors = {"factor": (replicas,), "high": (replicas,)} if self.factors else {}  # τ, h
        jumps = {"jumps": (2, 1 + SIZES)} if self.jump else {}  # λ and sizes of losses and gains
        rest = {"rest": (*laws, 2)} if self.still < 1 else {}  # l and u
        shapes = (
            {"days": (*laws, DAYS, SHAPE), "range_mean": (1,), "shape_mix": (1 + ratios,)}  # c
            if self.ranges
            else {}
        )
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
            "body": (*laws, KNOTS),
            "tails": (*laws, 2, 2),  # shape and scale, of losses and of gains
            **between,
            **factors,
            **jumps,
            **rest,
            **shapes,
        }


def _default_of(name: str) -> object:
    return StateSpace.__dataclass_fields__[name].default


def _is_rising(values: Float32Array) -> bool:
    """Tell whether the rows of values (…, n) increase."""
    return bool((np.diff(values) > 0).all())
