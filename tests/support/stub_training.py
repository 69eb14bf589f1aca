"""A training of no time for tests of the doors: the model knows the history that it was given."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from made_bundle import made_bundle

from simgan.bundle.facts import DataFacts
from simgan.market.history import History
from simgan.report.verdict import Comparison, Verdict, verdict
from simgan.sampling.model import Model
from simgan.workflows.fit import Fitted
from simgan.workflows.judging import Judgement
from simgan.workflows.train import Assignment, Learned

VERDICT = "In sample, simgan is as near as can be."


def train(recipe: object, task: Assignment, *rest: object, resume: bool = False) -> Learned:
    """Return a bundle of the history that the task holds."""
    history, made = task.history, made_bundle(task.name, days=80)
    data = DataFacts(
        first=history.day(0),
        last=history.day(-1),
        days=len(history),
        sha256=history.sha256,
        source=dict(task.source),  # type: ignore[arg-type]
    )
    manifest = replace(
        made.manifest,
        assets=history.assets,
        data=data,
        last_price=tuple(history.last_price.tolist()),
    )
    plain = replace(history, bars=None)
    bundle = replace(made, manifest=manifest, history=plain)
    latest = Model(bundle).memory_after(history.log_returns)
    bundle = replace(bundle, latest=np.asarray(latest))
    return Learned(bundle, bundle, 0)


class _Told(Verdict):
    """A verdict with a fixed sentence."""

    sentence = VERDICT  # type: ignore[assignment]


def judged(learned: Learned, history: History, folder: Path, *rest: object) -> Fitted:
    """Judge by a fixed sentence."""
    nothing = Comparison((), ("simgan",), in_sample=True)
    told = _Told(**vars(verdict(nothing)))
    training = SimpleNamespace(line="Training: converged.", word="converged")
    judgement = Judgement(np.zeros(0), {}, nothing, told)
    return Fitted(learned.bundle, folder, judgement, training)  # type: ignore[arg-type]


@pytest.fixture
def stub_training(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace training and judgement."""
    monkeypatch.setattr("simgan.workflows.fit.train", train)
    monkeypatch.setattr("simgan.workflows.fit._judged", judged)
