"""Family of examples of a GAN tutorial, each with the numbers of the tutorial or the theory.

`example` plays one with several seeds and draws its figure.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

import numpy as np

from simgan.files import expect_writable, whole_file
from simgan.progress import SILENT, Progress, Step, Stop, interruptible
from simgan.registry import Entry, Registry
from simgan.seeds import Seed

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Shown = TypeVar("Shown")
_UNWRITTEN = "no figure was written"


@dataclass(frozen=True)
class Played(Generic[Shown]):
    """The outcome of an example with one seed.

    Attributes
    ----------
    numbers : dict of float
    shown : object
        Data of the figure.
    notes : tuple of str
        Further findings, in sentences.
    """

    numbers: dict[str, float]
    shown: Shown = field(repr=False)
    notes: tuple[str, ...] = ()


class Example(ABC, Generic[Shown]):
    """A small game with a known outcome.

    Attributes
    ----------
    kind : str
        Name on the command line.
    expected : dict of str
        For each number, the value of the GAN tutorial or of the theory.
    """

    kind: ClassVar[str]
    expected: ClassVar[dict[str, str]]

    @abstractmethod
    def play(self, seed: Seed) -> Played[Shown]:
        """Play the example once."""

    @abstractmethod
    def draw(self, played: Played[Shown]) -> Figure:
        """Return the figure of an outcome."""


EXAMPLES: Registry[Example[object]] = Registry(
    "example",
    {
        "normal": Entry("simgan.workflows.examples.normal:NormalExample"),
        "mixture": Entry("simgan.workflows.examples.mixture:Mixture"),
        "monitors": Entry("simgan.workflows.examples.monitors:Monitors"),
        "optimal-critic": Entry("simgan.workflows.examples.optimal_critic:OptimalCritic"),
    },
)


@dataclass(frozen=True)
class Reading:
    """A number of an example: its values by seed, and the value of the tutorial or the theory."""

    name: str
    values: tuple[float, ...]
    expected: str

    @property
    def mean(self) -> float:
        """Mean over the seeds."""
        return float(np.mean(self.values))


@dataclass(frozen=True)
class ExampleResult:
    """The outcome of an example.

    Attributes
    ----------
    name : str
    readings : tuple of Reading
    notes : tuple of tuples of str
        Further findings of each seed, in sentences.
    figure : Path
        The figure of the first seed.
    """

    name: str
    readings: tuple[Reading, ...]
    notes: tuple[tuple[str, ...], ...]
    figure: Path

    def to_json(self) -> dict[str, object]:
        """Return the JSON of ``simgan example --json``."""
        readings = {
            reading.name: {
                "mean": reading.mean,
                "by seed": reading.values,
                "expected": reading.expected,
            }
            for reading in self.readings
        }
        result: dict[str, object] = {
            "example": self.name,
            "readings": readings,
            "figure": str(self.figure),
        }
        return result | ({"notes by seed": self.notes} if any(self.notes) else {})


def example(
    name: str,
    figure: Path,
    seeds: int = 5,
    first_seed: int = 0,
    progress: Progress = SILENT,
    stop: Stop | None = None,
) -> ExampleResult:
    """Play an example with seeds ``first_seed … first_seed + seeds − 1``.

    Parameters
    ----------
    figure : Path
        File for the figure of the first seed, .svg or .png.

    Raises
    ------
    UnknownNameError
        There is no example of this name.
    WriteError
        The figure cannot be written.
    Interrupted
        `stop` asked for it. The figure is not written.
    """
    stop = stop or Stop()
    expect_writable(figure.parent)
    progress.say(f"{name}: loading TensorFlow, then {seeds} game{'' if seeds == 1 else 's'}")
    progress.step(Step(name, 0, seeds))
    chosen = EXAMPLES.build(name)  # Ctrl-C ends the import at once
    played: list[Played[object]] = []
    for seed in range(first_seed, first_seed + seeds):
        stop.check(f"stopped before seed {seed}; {_UNWRITTEN}")
        with stop.at_ctrl_c(progress):
            play = partial(chosen.play, Seed(seed))
            played.append(interruptible(play, stop, lambda: _UNWRITTEN))
        numbers = played[-1].numbers
        shown = ", ".join(f"{key} {value:.4f}" for key, value in numbers.items())
        progress.say(f"{name}, seed {seed}: {shown}")
        for sentence in played[-1].notes:
            progress.say(f"  {sentence}")
        progress.step(Step(name, len(played), seeds, numbers))
    readings = tuple(
        Reading(key, tuple(one.numbers[key] for one in played), expected)
        for key, expected in chosen.expected.items()
    )
    with whole_file(figure) as path:
        chosen.draw(played[0]).savefig(path, format=figure.suffix[1:].lower() or "svg")
    return ExampleResult(name, readings, tuple(one.notes for one in played), figure)
