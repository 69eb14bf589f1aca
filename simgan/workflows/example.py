"""Example: play a game of the GAN tutorial with several seeds and draw its figure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from simgan.files import expect_writable, whole_file
from simgan.progress import SILENT, Progress, Step, Stop
from simgan.seeds import Seed
from simgan.workflows.examples import EXAMPLES, Played


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
    chosen = EXAMPLES.build(name)
    expect_writable(figure.parent)
    played: list[Played[object]] = []
    for seed in range(first_seed, first_seed + seeds):
        if stop is not None:
            stop.check(f"stopped before seed {seed}; no figure was written")
        played.append(chosen.play(Seed(seed)))
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
