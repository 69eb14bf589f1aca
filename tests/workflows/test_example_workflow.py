"""The workflow of the examples, with an example that needs no training."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import pytest

from simgan.errors import Interrupted, UnknownNameError
from simgan.progress import Step, Stop
from simgan.seeds import Seed
from simgan.workflows.examples import EXAMPLES, Example, ExampleResult, Played, example


class Figure:
    """A figure that writes the name of its format."""

    def savefig(self, path: Path, format: str) -> None:
        path.write_text(format)


@dataclass(frozen=True)
class Doubled(Example[int]):
    """Its number is twice the seed."""

    kind: ClassVar[str] = "doubled"
    expected: ClassVar[dict[str, str]] = {"twice": "2 s"}

    def play(self, seed: Seed) -> Played[int]:
        return Played({"twice": 2.0 * seed.value}, seed.value, (f"seed {seed.value}",))

    def draw(self, played: Played[int]) -> Figure:  # type: ignore[override]
        return Figure()


@dataclass
class Heard:
    """A progress that keeps all."""

    sentences: list[str] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)

    def say(self, sentence: str) -> None:
        self.sentences.append(sentence)

    def step(self, step: Step) -> None:
        self.steps.append(step)


@pytest.fixture(autouse=True)
def doubled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EXAMPLES, "build", lambda name: Doubled())


def test_readings_are_of_all_seeds_and_the_figure_of_the_first(tmp_path: Path) -> None:
    result = example("doubled", tmp_path / "figure.PNG", seeds=3, first_seed=4)
    [reading] = result.readings
    assert (reading.values, reading.mean, reading.expected) == ((8.0, 10.0, 12.0), 10.0, "2 s")
    assert (tmp_path / "figure.PNG").read_text() == "png"
    assert result.to_json() == {
        "example": "doubled",
        "readings": {"twice": {"mean": 10.0, "by seed": (8.0, 10.0, 12.0), "expected": "2 s"}},
        "figure": str(tmp_path / "figure.PNG"),
        "notes by seed": (("seed 4",), ("seed 5",), ("seed 6",)),
    }


def test_without_notes_the_json_has_none(tmp_path: Path) -> None:
    assert "notes by seed" not in ExampleResult("x", (), ((), ()), tmp_path).to_json()


def test_every_seed_is_a_step_with_its_numbers(tmp_path: Path) -> None:
    heard = Heard()
    example("doubled", tmp_path / "figure.svg", seeds=2, first_seed=1, progress=heard)
    assert heard.sentences == [
        "doubled: loading TensorFlow, then 2 games",
        "doubled, seed 1: twice 2.0000",
        "  seed 1",
        "doubled, seed 2: twice 4.0000",
        "  seed 2",
    ]
    assert [(step.task, step.done, step.total) for step in heard.steps] == [
        ("doubled", 0, 2),
        ("doubled", 1, 2),
        ("doubled", 2, 2),
    ]
    assert heard.steps[2].metrics == {"twice": 4.0}


def test_it_stops_between_two_seeds_and_writes_no_figure(tmp_path: Path) -> None:
    stop = Stop()

    class Asking(Heard):
        def step(self, step: Step) -> None:
            if step.done:
                stop.ask()

    with pytest.raises(Interrupted, match="stopped before seed 1; no figure was written"):
        example("doubled", tmp_path / "figure.svg", seeds=3, progress=Asking(), stop=stop)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_example_is_refused_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    with pytest.raises(UnknownNameError, match="optimal-critic"):
        example("optimal", tmp_path / "below" / "figure.svg")
    assert list(tmp_path.iterdir()) == []
