"""Work of no time in place of a training and of a comparison, for the faults of the disk.

The commands around them stay as they are: locks, checkpoints, bundles and the pair of a report.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from made_bundle import made_bundle

from simgan.bundle.store import Bundle
from simgan.files import whole_file
from simgan.market.history import History
from simgan.report.verdict import Comparison, verdict
from simgan.workflows.fit import Fitted
from simgan.workflows.judging import Judgement
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


def judged(learned: Learned, history: History, *rest: object) -> Fitted:
    """Judge nothing."""
    [folder] = [one for one in rest if isinstance(one, Path)]
    line = SimpleNamespace(line="", word="converged")
    return Fitted(learned.bundle, folder, judge(), line)  # type: ignore[arg-type]


def judge(*rest: object, **named: object) -> Judgement:
    """Compare nothing."""
    nothing = Comparison((), ("simgan",), in_sample=True)
    return Judgement(np.zeros(0), {}, nothing, verdict(nothing))


def assess(*rest: object) -> None:
    """Draw no scenarios of the risks of today."""


def rendered(*rest: object) -> str:
    """Return a page of the new generation."""
    return "new page"


def numbers(*rest: object) -> dict[str, str]:
    """Return the numbers of the new generation."""
    return {"generation": "new"}
