"""Scenarios that meet a condition, by rejection or by tilted noise.

Rejection picks them from all scenarios. Where too few meet the condition, tilted noise makes them
likely, and weights correct for the tilt.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np

from simgan.arrays import FloatArray
from simgan.errors import SamplingError
from simgan.progress import Stop
from simgan.risk.returns import effective_sample_size
from simgan.sampling.latent import NO_TILT, Drawing, Tilt
from simgan.sampling.runtimes.joint import JointRuntime
from simgan.sampling.start import Start
from simgan.scenarios.assets import chosen_assets
from simgan.scenarios.conditions import Conditions
from simgan.scenarios.product import Scenarios

if TYPE_CHECKING:
    from simgan.sampling.model import Model

PILOTS = 4096  # scenarios of a stream of their own, which choose between rejection and tilts
_HOPELESS = 1e-3  # a smaller share is too rare for rejection
_FEW, _MOST = 10, 64 * PILOTS  # pilots that meet the condition, of at most, where no tilt helps
_FEWEST = 40  # pilots that meet the condition; the spread of fewer weights is not known
# Directions of (θ, s − 1) per unit of strength, and whether blocks of days are wild or calm
_DIRECTIONS = (
    (-1.0, 0.0, 1.0),
    (1.0, 0.0, 1.0),
    (0.0, 1.0, 1.0),
    (-1.0, 1.0, 1.0),
    (1.0, 1.0, 1.0),
    (0.0, -0.2, -1.0),
)
_DECLINED = 4  # a direction is left once its effective sizes are so many times below its largest
_STRENGTHS = (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.55, 0.75, 1.0, 1.4, 2.0, 3.0)
# Effective size from which on scenarios and the error of their probability can be relied on. With
# log-normal weights a probability is off by 1.3 stated errors at a size of 126, by 1.8 at 72, by
# 2.9 at 12 and by 23 at 4 (root mean square). The test of this module measures the first and last.
RELIABLE = 100
_RELIABLE_OF_EQUAL = 10  # equal weights need no estimate of their spread
_CERTAIN = 0.9  # of a number of scenarios, because chance and the last group may need more
_ENDLESS = 10**15


@dataclass
class WeightSums:
    """Count of weights, their sum and the sum of their squares."""

    count: int = 0
    total: float = 0.0
    squares: float = 0.0

    @property
    def effective_size(self) -> float:
        """Number of equal weights of the same precision."""
        return self.total**2 / self.squares if self.squares else 0.0

    def add(self, weights: FloatArray) -> None:
        """Add weights (paths,)."""
        self.count += len(weights)
        self.total += float(weights.sum())
        self.squares += float(np.square(weights).sum())


@dataclass
class Acceptance:
    """Counts of scenarios that were drawn, met the condition, and are handed on.

    The estimates are those of the probability that a scenario of the untilted law meets the
    condition.
    """

    drawn: int = 0
    meeting: WeightSums = field(default_factory=WeightSums)
    handed_on: WeightSums = field(default_factory=WeightSums)

    def add(self, holds: np.ndarray, weights: FloatArray) -> None:
        """Count scenarios: whether each meets the condition (paths,), and its weight (paths,)."""
        self.drawn += len(holds)
        self.meeting.add(weights[holds])

    def keep(self, weights: FloatArray) -> None:
        """Count the weights (paths,) of scenarios that are handed on."""
        self.handed_on.add(weights)

    def within(self, most: int) -> int:
        """Return how many scenarios can be handed on where `most` may be drawn."""
        return int(_CERTAIN * most * self.handed_on.count / max(self.drawn, 1))

    @property
    def met(self) -> int:
        return self.meeting.count

    @property
    def probability(self) -> float:
        return self.meeting.total / self.drawn

    @property
    def standard_error(self) -> float | None:
        """Monte Carlo error of the probability. None where too few weights carry it.

        An error estimated from few large weights is far too small, because the largest ones that
        may come are missing.
        """
        is_equal = self.meeting.squares == self.meeting.total == self.meeting.count
        if self.meeting.effective_size < (_RELIABLE_OF_EQUAL if is_equal else RELIABLE):
            return None
        variance = max(self.meeting.squares / self.drawn - self.probability**2, 0.0)
        return float(np.sqrt(variance / self.drawn))

    @property
    def effective_size(self) -> float:
        """Effective sample size of the scenarios that are handed on."""
        return self.handed_on.effective_size


@dataclass(frozen=True)
class Given:
    """A condition, and the tilt of the noise from which its scenarios are picked.

    Scenario i is a function of (model, start, seed, i) like any other. Those that do not meet the
    condition are left out.
    """

    condition: Conditions
    tilt: Tilt = NO_TILT

    @classmethod
    def plan(
        cls,
        condition: Conditions,
        model: Model,
        drawing: Drawing,
        start: Start,
        stop: Stop | None = None,
    ) -> Given:
        """Choose rejection or a tilt by pilot scenarios.

        Rejection is chosen while one pilot in a thousand meets the condition. Otherwise the mean,
        the spread or both of the scores are tilted. The chosen tilt is the one whose weights have
        the largest effective sample size. Of several assets the tilt is that of the days and blocks
        that move the assets of the condition. Where no tilt makes 4,096 pilots worth ten of equal
        weight, more plain pilots are drawn, 262,144 at most. Rejection is chosen if ten of them
        meet the condition before there are so many that the tilt finds ten, too.

        Raises
        ------
        SamplingError
            No tilt meets the condition, and too few pilots do.
        Interrupted
            `stop` was asked for. It is asked before each tilt, and each 4,096 pilots.
        """

        def measured(tilt: Tilt, first: int = 0) -> tuple[int, float]:
            if stop is not None:
                stop.check()
            pilots = replace(drawing, n=PILOTS, first=first, tilt=tilt, stream="pilot", bars=False)
            parts = list(model.draw(pilots, start))
            holds = np.concatenate([part.meet(condition) for part in parts])
            weights = np.concatenate([part.probable for part in parts])
            return int(holds.sum()), effective_sample_size(weights[holds])

        plain, _ = measured(NO_TILT)
        if plain >= _HOPELESS * PILOTS:
            return cls(condition)
        best, size = _best(_tilts(model, condition), measured)
        # Plain scenarios must find ten among no more pilots than the tilt needs
        most = min(_MOST, int(PILOTS * _FEW / size)) if size else _MOST
        counts = (measured(NO_TILT, first)[0] for first in range(PILOTS, most, PILOTS))
        if size < _FEW and any(met >= _FEW for met in accumulate(counts, initial=plain)):
            return cls(condition)
        if best == NO_TILT:
            raise SamplingError(
                f"fewer than {_FEW} of {_MOST:,} scenarios over {drawing.horizon} "
                f"step{'s' * (drawing.horizon != 1)} meet "
                f"{condition}, and fewer than {_FEWEST} of {PILOTS:,} however the noise is tilted; "
                "it may be impossible: give a weaker condition or a longer horizon"
            )
        return cls(condition, best)

    def draw(
        self,
        model: Model,
        drawing: Drawing,
        start: Start,
        acceptance: Acceptance,
        workers: int = 1,
        stop: Stop | None = None,
    ) -> Iterator[Scenarios]:
        """Yield the first `drawing.n` scenarios from number `drawing.first` on that meet it.

        Each keeps its own number. `acceptance` counts every scenario that was drawn. `stop` is
        asked after each group, because rare scenarios take long to find.
        """
        wanted, rank = drawing.n, 0
        for group in model.draw(replace(drawing, n=_ENDLESS, tilt=self.tilt), start, workers):
            if stop is not None:
                stop.check()
            holds = group.meet(self.condition)
            acceptance.add(holds, group.probable)
            rows = np.flatnonzero(holds)[: wanted - rank]
            acceptance.keep(group.probable[rows])
            if len(rows):
                yield replace(group.picked(rows), first=rank, numbers=group.first + rows)
                rank += len(rows)
            if rank == wanted:
                return

    def message(self, acceptance: Acceptance, most: int | None = None) -> str:
        """Say how many scenarios were drawn, and how precise the probability is.

        A remedy asks for no more scenarios than are found among `most`.
        """
        found = acceptance.standard_error
        error = "standard error " + (
            f"not known: it would rest on {acceptance.meeting.effective_size:.0f} scenarios"
            if found is None
            else f"{100 * found:.1g} %"
        )
        probability = f"{100 * acceptance.probability:.3g} % ({error})"
        counts = f"{acceptance.met:,} of {acceptance.drawn:,}"
        if self.tilt == NO_TILT:
            return f"{self.condition} was met by {counts} scenarios, {probability}"
        size = acceptance.effective_size
        kept = acceptance.handed_on.count
        those = "the one scenario is" if kept == 1 else f"the {kept:,} scenarios are"
        worth = f"{those} worth {size:,.0f} of equal weight"
        if 0 < size < RELIABLE:
            more = math.ceil(kept * RELIABLE / size / 100) * 100
            remedy = (
                f"ask for more, such as --n {more}"
                if most is None or more <= acceptance.within(most)
                else "give a weaker condition or a longer horizon"
            )
            worth += f", too few to rely on: {remedy} (.npy holds no weights)"
        return (
            f"{self.condition} is too rare for rejection: the noise was tilted "
            f"(mean {self.tilt.shift:.3g}, spread {self.tilt.spread:.3g}), and the scenarios have "
            f"weights; {counts} met it; {worth}; "
            f"its probability without the tilt is {probability}"
        )


def _best(
    directions: Iterable[list[Tilt]], measured: Callable[[Tilt], tuple[int, float]]
) -> tuple[Tilt, float]:
    """Return the tilt of the largest effective size, and this size.

    There is no tilt, and a size of 0, if too few pilots meet any.
    """
    best, size = NO_TILT, 0.0
    for tilts in directions:
        largest = 0.0
        for tilt in tilts:
            met, effective = measured(tilt)
            if met < _FEWEST:
                continue
            if effective > size:
                best, size = tilt, effective
            largest = max(largest, effective)
            if effective < largest / _DECLINED:
                break
    return best, size


def _tilts(model: Model, condition: Conditions) -> Iterator[list[Tilt]]:
    """Yield the tilts of each direction, the weaker ones first."""
    columns, runtime = model.bundle.manifest.blueprint.tilted, model.runtime
    blocks = None
    if isinstance(runtime, JointRuntime):
        blocks = runtime.tilt_of_blocks(_moved(model, condition), 1.0)
    for shift, spread, wildness in _DIRECTIONS:
        turned = blocks and replace(blocks, wildness=wildness)
        yield [
            Tilt(shift * strength, 1.0 + spread * strength, columns, turned)
            for strength in _STRENGTHS
        ]


def _moved(model: Model, condition: Conditions) -> FloatArray:
    """Return weights (assets,) of the scores by whose fall, or rise, the condition is met."""
    assets = model.bundle.manifest.assets
    sizes = model.unscaled(np.ones((1, 1, len(assets)), np.float32), np.float64)[0, 0]
    falls = condition.falls(assets, sizes)
    return -falls if falls.sum() < 0 else falls


def asked(
    model: Model,
    drawing: Drawing,
    start: Start,
    condition: str | Sequence[str] | None,
    assets: str | Sequence[str] | None,
) -> Iterator[Scenarios]:
    """Return the scenarios of a drawing, or as many that meet a condition, of all assets or some.

    Raises
    ------
    ConfigError, UnknownNameError
        The condition cannot be read, or there is no such asset.
    SamplingError
        No tilt of the noise meets the condition.
    """
    chosen = chosen_assets(assets, model.bundle.manifest.assets)
    blocks = model.draw(drawing, start)
    if condition is not None:
        given = Given.plan(Conditions.parse(condition), model, drawing, start)
        blocks = given.draw(model, drawing, start, Acceptance())
    return (block.of_assets(chosen) for block in blocks)
