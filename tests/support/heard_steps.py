"""A progress that keeps all it hears, and one that asks for a stop at a step."""

from __future__ import annotations

from simgan.progress import Step, Stop


class Heard:
    """Keeps sentences and steps."""

    def __init__(self) -> None:
        self.sentences: list[str] = []
        self.steps: list[Step] = []

    def say(self, sentence: str) -> None:
        self.sentences.append(sentence)

    def step(self, step: Step) -> None:
        self.steps.append(step)


class StopsAt(Heard):
    """Asks for a stop when a task has come to the step `at`."""

    def __init__(self, stop: Stop, at: tuple[str, int] | None) -> None:
        super().__init__()
        self._stop, self._at = stop, at

    def step(self, step: Step) -> None:
        super().step(step)
        if (step.task, step.done) == self._at:
            self._stop.ask()
