"""Scenarios that meet a condition: picked from all by rejection, or, where that is hopeless, from tilted ones with weights."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from simgan.errors import SamplingError
from simgan.market.history import History
from simgan.sampling.model import Drawing, Model
from simgan.sampling.start import Start
from simgan.sampling.tilting import NO_TILT, Tilt, effective_sample_size
from simgan.scenarios.block import joined
from simgan.scenarios.conditions import Condition
from simgan.scenarios.product import Scenarios
from simgan.seeds import Seed

PILOTS = 4096  # scenarios of a stream of their own that choose the way
_HOPELESS = 1e-3  # share below which rejection is left
_FEWEST = (
    40  # pilots that met the condition under a tilt, or the spread of their weights is not known
)
_DIRECTIONS = (
    (-1.0, 0.0),
    (1.0, 0.0),
    (0.0, 1.0),
    (-1.0, 1.0),
    (1.0, 1.0),
    (0.0, -0.2),
)  # of (θ, s − 1), per unit of strength
_STRENGTHS = (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.55, 0.75, 1.0, 1.4, 2.0, 3.0)
_RELIABLE = 100
_ENDLESS = 10**15


@dataclass
class Tally:
    """How many scenarios were drawn and met the condition, with the sums of their weights.

    The estimates are those of the probability that a scenario of the untilted law meets the condition.
    """

    drawn: int = 0
    met: int = 0
    total: float = 0.0
    squares: float = 0.0

    def add(self, holds: np.ndarray, weights: np.ndarray) -> None:
        """Count a run of scenarios (paths,)."""
        self.drawn += len(holds)
        self.met += int(holds.sum())
        self.total += float(weights[holds].sum())
        self.squares += float(np.square(weights[holds]).sum())

    @property
    def probability(self) -> float:
        return self.total / self.drawn

    @property
    def standard_error(self) -> float:
        return float(
            np.sqrt(max(self.squares / self.drawn - self.probability**2, 0.0) / self.drawn)
        )

    @property
    def effective_size(self) -> float:
        """Effective sample size of the scenarios that met the condition."""
        return self.total**2 / self.squares if self.squares else 0.0


@dataclass(frozen=True)
class Given:
    """A condition and the way to meet it.

    Scenario i of the way is a function of (model, start, seed, i) like any other; those that do not meet the condition are left out.
    """

    condition: Condition
    tilt: Tilt = NO_TILT

    @classmethod
    def plan(cls, condition: Condition, model: Model, drawing: Drawing, start: Start) -> Given:
        """Choose the way by pilot scenarios: rejection while one in a thousand meets the condition, else a tilt.

        Of tilts of the mean or the spread of the scores, or of both, that is taken whose weights have the largest effective sample size
        among as many pilots.

        Raises
        ------
        SamplingError
            The condition is not met however the noise is tilted.
        """

        def found(tilt: Tilt) -> tuple[int, float]:
            pilots = replace(drawing, n=PILOTS, first=0, tilt=tilt, stream="pilot")
            parts = list(model.draw(pilots, start))
            holds = np.concatenate([condition.holds(part.log_returns) for part in parts])
            weights = np.concatenate([part.probable for part in parts])
            return int(holds.sum()), effective_sample_size(weights[holds])

        if found(NO_TILT)[0] >= _HOPELESS * PILOTS:
            return cls(condition)
        best, size = NO_TILT, 0.0
        for shift, spread in _DIRECTIONS:
            for strength in _STRENGTHS:
                tilt = Tilt(shift * strength, 1.0 + spread * strength)
                met, effective = found(tilt)
                if met >= _FEWEST and effective > size:
                    best, size = tilt, effective
        if best == NO_TILT:
            raise SamplingError(
                f"fewer than {_FEWEST} of {PILOTS:,} scenarios over {drawing.horizon} steps meet {condition}, however the noise is tilted; "
                "it may be impossible: give a weaker condition or a longer horizon"
            )
        return cls(condition, best)

    def draw(
        self, model: Model, drawing: Drawing, start: Start, tally: Tally, workers: int = 1
    ) -> Iterator[Scenarios]:
        """Yield the first `drawing.n` scenarios from number `drawing.first` on that meet the condition, each under its own number.

        `tally` is told of every scenario drawn.
        """
        wanted, rank = drawing.n, 0
        for group in model.draw(replace(drawing, n=_ENDLESS, tilt=self.tilt), start, workers):
            holds = self.condition.holds(group.log_returns)
            tally.add(holds, group.probable)
            rows = np.flatnonzero(holds)[: wanted - rank]
            if len(rows):
                yield replace(
                    group,
                    log_returns=group.log_returns[rows],
                    first=rank,
                    numbers=group.first + rows,
                    weights=None if self.tilt == NO_TILT else group.probable[rows],
                )
                rank += len(rows)
            if rank == wanted:
                return

    def told(self, tally: Tally) -> str:
        """Say what was drawn and how certain that is."""
        probability = (
            f"{100 * tally.probability:.3g} % (standard error {100 * tally.standard_error:.1g} %)"
        )
        if self.tilt == NO_TILT:
            return f"{self.condition} was met by {tally.met:,} of {tally.drawn:,} scenarios, {probability}"
        few = " (too few to rely on: ask for more)" if tally.effective_size < _RELIABLE else ""
        return (
            f"{self.condition} is too rare for rejection: the noise was tilted (mean {self.tilt.shift:.3g}, "
            f"spread {self.tilt.spread:.3g}), and the scenarios have weights; {tally.met:,} of {tally.drawn:,} met it, "
            f"of effective size {tally.effective_size:,.0f}{few}; its probability without the tilt is {probability}"
        )


@dataclass(frozen=True)
class Conditional:
    """Scenarios that meet a condition.

    Attributes
    ----------
    scenarios : Scenarios
        With numbers of their own, and with weights where they come from tilted noise.
    probability, standard_error : float
        Of the condition under the model, estimated from all scenarios that were drawn.
    effective_size : float
        As many equally weighted scenarios would be as certain.
    """

    scenarios: Scenarios
    probability: float
    standard_error: float
    effective_size: float


def sample_given(
    model: Model,
    condition: str,
    n: int = 1000,
    horizon: int = 21,
    *,
    seed: int = 0,
    as_of: str | History = "latest",
) -> Conditional:
    """Draw scenarios that meet a condition, such as ``"max-drawdown>0.30"``, into memory.

    Parameters
    ----------
    model : Model
    condition : str
        A measure of `simgan.scenarios.conditions`, < or >, and a number.
    n, horizon, seed, as_of
        As for `Model.sample`.

    Raises
    ------
    ConfigError, UnknownNameError
        The condition cannot be read, or a number is out of range.
    SamplingError
        The condition is not met however the noise is tilted.
    """
    drawing, start, tally = Drawing(n, horizon, Seed(seed)), model.start(as_of), Tally()
    given = Given.plan(Condition.parse(condition), model, drawing, start)
    scenarios = joined(list(given.draw(model, drawing, start, tally)))
    return Conditional(
        scenarios,
        tally.probability,
        tally.standard_error,
        effective_sample_size(scenarios.probable),
    )
