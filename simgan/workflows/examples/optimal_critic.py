"""The theory behind the game: the best critic is D* = p / (p + q) with value −log 4 + 2 JSD."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from scipy.stats import norm

from simgan.arrays import FloatArray
from simgan.gan.points import PointSettings, critic_alone
from simgan.recipe.objectives.minimax import Minimax
from simgan.report.figures.canvas import JUDGED, REAL, WIDTH, drawing
from simgan.seeds import Seed
from simgan.workflows.examples import Example, Played

if TYPE_CHECKING:
    from matplotlib.figure import Figure

REAL_LAW, FAKE_LAW = norm(0, 1), norm(1, 1.5)
GRID = np.linspace(-4, 5, 181)
POINTS = 100_000


@dataclass(frozen=True)
class OptimalCritic(Example[FloatArray]):
    """Real points are N(0, 1), and fakes are N(1, 1.5²). Only the critic learns."""

    kind: ClassVar[str] = "optimal-critic"
    expected: ClassVar[dict[str, str]] = {
        "mean |D − D*|": "0",
        "largest |D − D*|, -2 to 3": "0",
        "V(D)": "the next line",
        "−log 4 + 2 JSD": "by integration",
    }
    settings: ClassVar[PointSettings] = PointSettings(
        critic=(32, 32), steps=5000, batch=500, rate=3e-3, cooling=0.01
    )

    def play(self, seed: Seed) -> Played[FloatArray]:
        rng = seed.stream("baseline")
        real, fake = (law.rvs((POINTS, 1), random_state=rng) for law in (REAL_LAW, FAKE_LAW))
        probability = critic_alone(real, fake, Minimax(penalty_weight=0.0), self.settings, seed)
        fresh, fakes = (law.rvs((POINTS, 1), random_state=rng) for law in (REAL_LAW, FAKE_LAW))
        value = float(np.log(probability(fresh)).mean() + np.log1p(-probability(fakes)).mean())
        learned, best = probability(GRID[:, None]), best_critic(GRID)
        gap, middle = np.abs(learned - best), (GRID >= -2) & (GRID <= 3)
        weight = REAL_LAW.pdf(GRID) + FAKE_LAW.pdf(GRID)
        numbers = {
            "mean |D − D*|": float(gap @ weight / weight.sum()),
            "largest |D − D*|, -2 to 3": float(gap[middle].max()),
            "V(D)": value,
            "−log 4 + 2 JSD": -np.log(4) + 2 * jensen_shannon(),
        }
        return Played(numbers, learned.astype(np.float64))

    def draw(self, played: Played[FloatArray]) -> Figure:
        from matplotlib.figure import Figure

        with drawing():
            figure = Figure(figsize=(1.5 * WIDTH, 3.6), layout="constrained")
            ax: Any = figure.subplots()
            ax.plot(GRID, best_critic(GRID), label="D* = p / (p + q)", **REAL.line)
            ax.plot(GRID, played.shown, label="D, learned", **JUDGED.line)
            ax.set(title="the best critic", xlabel="x", ylim=(0, 1))
            ax.legend()
        return figure


def best_critic(x: FloatArray) -> FloatArray:
    """Return D*(x) of Goodfellow et al. (2014), proposition 1."""
    return np.asarray(REAL_LAW.pdf(x) / (REAL_LAW.pdf(x) + FAKE_LAW.pdf(x)))


def jensen_shannon() -> float:
    """Return ½ KL(p ‖ m) + ½ KL(q ‖ m) with m = (p + q) / 2, by the trapezoidal rule."""
    x = np.linspace(-15, 20, 200_001)
    p, q = REAL_LAW.pdf(x), FAKE_LAW.pdf(x)
    middle = (p + q) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(p > 0, p * np.log(p / middle), 0) + np.where(
            q > 0, q * np.log(q / middle), 0
        )
    return float(np.trapezoid(terms, x) / 2)
