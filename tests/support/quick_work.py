"""Work of no time in place of a training and of a comparison, for the faults of the disk.

The commands around them stay as they are: locks, checkpoints, bundles and the pair of a report.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace

from made_bundle import made_bundle

from simgan.bundle.store import Bundle
from simgan.files import whole_file
from simgan.market.history import History
from simgan.report.verdict import Verdict
from simgan.workflows.fit import Fitted
from simgan.workflows.train import Assignment, Learned


@cache
def made() -> Bundle:
    """Return the bundle that every training gives."""
    return made_bundle("made", days=70)


def train(recipe: object, task: Assignment, *rest: object, resume: bool = False) -> Learned:
    """Write a checkpoint and give a bundle. The checkpoint is kept until the model is written."""
    with whole_file(task.checkpoint / "state.json") as file:
        file.write_text("{}")
    bundle = replace(made(), manifest=replace(made().manifest, name=task.name))
    return Learned(bundle, bundle, 0)


def judged(learned: Learned, history: History, folder: Path) -> Fitted:
    """Judge nothing."""
    nothing = SimpleNamespace(verdict=SimpleNamespace(sentence="")), (), SimpleNamespace(line="")
    return Fitted(learned.bundle, folder, *nothing)  # type: ignore[arg-type]


def judge(*rest: object) -> SimpleNamespace:
    """Compare nothing."""
    return SimpleNamespace(comparison=None, verdict=Verdict)


def rendered(*rest: object) -> str:
    """Return a page of the new generation."""
    return "new page"


def numbers(*rest: object) -> dict[str, str]:
    """Return the numbers of the new generation."""
    return {"generation": "new"}
