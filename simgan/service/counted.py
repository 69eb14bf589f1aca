"""Models whose values are counted for one request, and limited."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus

from simgan.bundle import Runtime
from simgan.recipe.blueprints import Blueprint
from simgan.sampling.latent import Drawing
from simgan.sampling.model import Model
from simgan.sampling.start import Start
from simgan.scenarios.product import Scenarios
from simgan.service.problems import Problem

_PILOT = "pilot"  # stream of the scenarios that choose how a condition is met


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class CountedModel(Model):
    """A model for one request, whose scenarios are counted, also those that a search leaves out.

    Attributes
    ----------
    source : Model
        Draws the scenarios.
    count : callable
        Is called with the number of values of each group.
    most : int, optional
        Values of one drawing.
    most_pilots : int
        Values of all pilots of a condition.
    drawn : Counter
        Values of the last drawing of each stream, and of all pilots.
    """

    source: Model
    count: Callable[[int], object]
    most: int | None
    most_pilots: int
    drawn: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(
        cls, source: Model, count: Callable[[int], object], most: int | None, most_pilots: int
    ) -> CountedModel:
        """Count the scenarios of a model."""
        return cls(
            source.bundle,
            source.engine,
            source=source,
            count=count,
            most=most,
            most_pilots=most_pilots,
        )

    @property
    def runtime(self) -> Runtime[Blueprint]:
        return self.source.runtime

    def draw(self, drawing: Drawing, start: Start, workers: int = 1) -> Iterator[Scenarios]:
        """Yield the scenarios of `source`.

        Raises
        ------
        Problem
            There were more values than `most`, or than `most_pilots`.
        """
        stream = drawing.stream
        most = self.most_pilots if stream == _PILOT else self.most
        if stream != _PILOT:
            self.drawn[stream] = 0
        for group in self.source.draw(drawing, start, workers):
            self.count(group.log_returns.size)
            self.drawn[stream] += group.log_returns.size
            if most is not None and self.drawn[stream] > most:
                raise _too_long(self.drawn[stream], most)
            yield group


def _too_long(drawn: int, most: int) -> Problem:
    detail = (
        f"the search for scenarios that meet the condition has drawn {drawn:,} values, and the "
        f"limit is {most:,}; give a weaker condition or a shorter horizon, or ask for fewer "
        "scenarios"
    )
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, {"asked": drawn, "limit": most})
