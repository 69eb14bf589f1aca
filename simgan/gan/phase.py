"""The contract of a phase of training, and the one in which nothing is learned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from simgan.gan.series import Lesson

if TYPE_CHECKING:
    from simgan.gan.architectures.base import Generator


class Phase(Protocol):
    """A kind of step that changes variables."""

    name: str

    @property
    def steps(self) -> int:
        """The most steps that the settings ask for."""
        ...

    @property
    def series_names(self) -> tuple[str, ...]:
        """Names of what a step returns."""
        ...

    def begin(self, lesson: Lesson) -> None:
        """Start afresh on the days of the lesson."""
        ...

    def variables(self) -> list[Any]:
        """Everything that a step changes, in a fixed order."""
        ...

    def step(self, number: int) -> tuple[float, ...]:
        """Learn; return losses."""
        ...

    def finish(self) -> None:
        """Leave what was learned in the generator."""
        ...


class NoWarmStart:
    """The critic begins with a fresh generator."""

    name = "warm start"
    series_names: tuple[str, ...] = ()
    steps = 0

    def __init__(self, generator: Generator) -> None:
        self._generator = generator

    def begin(self, lesson: Lesson) -> None:
        self._generator.assign(lesson.start)

    def variables(self) -> list[Any]:
        return []

    def step(self, number: int) -> tuple[float, ...]:
        return ()

    def finish(self) -> None:
        return
