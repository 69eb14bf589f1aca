"""Example: play one of the texts' games with several seeds, tell the numbers beside those of the text, and draw the figure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from simgan.files import expect_writable, whole_file
from simgan.seeds import Seed
from simgan.workflows.examples import EXAMPLES


@dataclass(frozen=True)
class Reading:
    """A number of an example: its values by seed, and what the text or the theory has."""

    name: str
    values: tuple[float, ...]
    expected: str

    @property
    def mean(self) -> float:
        """Mean over the seeds."""
        return float(np.mean(self.values))


@dataclass(frozen=True)
class Done:
    """What was played: the readings, what else was told of each seed, and where the figure of the first seed lies."""

    name: str
    readings: tuple[Reading, ...]
    told: tuple[tuple[str, ...], ...]
    figure: Path

    def to_json(self) -> dict[str, Any]:
        """Return the JSON of ``simgan example --json``."""
        readings = {
            reading.name: {
                "mean": reading.mean,
                "by seed": reading.values,
                "expected": reading.expected,
            }
            for reading in self.readings
        }
        told = {"told by seed": self.told} if any(self.told) else {}
        return {"example": self.name, "readings": readings, "figure": str(self.figure)} | told


def example(
    name: str,
    figure: Path,
    seeds: int = 5,
    first_seed: int = 0,
    say: Callable[[str], None] = lambda _: None,
) -> Done:
    """Play an example with seeds ``first_seed … first_seed + seeds − 1`` and write the figure of the first.

    Raises
    ------
    UnknownNameError
        There is no example of this name.
    WriteError
        The figure cannot be written.
    """
    expect_writable(figure.parent)
    chosen = EXAMPLES.build(name)
    played = []
    for seed in range(first_seed, first_seed + seeds):
        played.append(chosen.play(Seed(seed)))
        say(
            f"{name}, seed {seed}: "
            + ", ".join(f"{key} {value:.4f}" for key, value in played[-1].numbers.items())
        )
        for sentence in played[-1].told:
            say(f"  {sentence}")
    readings = tuple(
        Reading(key, tuple(one.numbers[key] for one in played), expected)
        for key, expected in chosen.expected.items()
    )
    with whole_file(figure) as path:
        chosen.draw(played[0]).savefig(path, format=figure.suffix[1:].lower() or "svg")
    return Done(name, readings, tuple(one.told for one in played), figure)
