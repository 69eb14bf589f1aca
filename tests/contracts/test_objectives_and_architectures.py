"""Objectives and architectures train: forty steps, interrupted, resumed, kept, read again, and
sampled.

An objective meets an architecture only through windows of days. So one architecture trains with
critics of both kinds, with and without a penalty, and every other architecture trains once. In
`tests/gan/test_points.py` every objective plays the same game for points, and
`benchmarks/objectives.py returns` trains all pairs, for three hundred steps.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from heard_steps import StopsAt
from made_bundle import made_history

from simgan.bundle.store import read_bundle, write_bundle
from simgan.errors import Interrupted
from simgan.progress import Stop
from simgan.recipe.blueprints import BLUEPRINTS
from simgan.sampling.model import Model

pytest.importorskip("tensorflow")
pytestmark = [
    pytest.mark.tensorflow,
    pytest.mark.slow,
    pytest.mark.usefixtures("shorter_calibration"),
]

from quick_graphs import quick_graphs  # noqa: E402

from simgan.gan import calibration, training  # noqa: E402
from simgan.gan.architectures import standardised  # noqa: E402
from simgan.recipe.objectives import OBJECTIVES  # noqa: E402
from simgan.recipe.recipe import Recipe, nested, overlaid  # noqa: E402
from simgan.workflows.train import Assignment, train  # noqa: E402

HISTORY = made_history(400)
SMALL = {
    "state-space": {"replicas": "1", "half_lives": "5,30", "trends": "3", "hidden": "4"},
    "mlp": {"hidden": "4", "latent": "2", "half_lives": "5,30"},
    "recurrent": {"units": "3", "hidden": "3", "latent": "1"},
    "tcn": {"channels": "3", "latent": "1", "dilations": "1,2"},
}
PAIRS = [
    ("state-space", "relativistic"),  # the default
    ("recurrent", "began"),
    ("tcn", "relativistic"),
    ("mlp", "f-gan"),
    ("mlp", "wgan"),
    ("mlp", "wgan-gp"),
    ("mlp", "wgan-div"),
    ("mlp", "ebgan"),
    ("mlp", "began"),
]
SETTINGS = {
    "warm_steps": "5",
    "steps": "40",
    "batch": "8",
    "past": "32",
    "ahead": "16",
    "views": "1",
    "check_every": "20",
    "rate": "1e-4",
}


@pytest.fixture(autouse=True)
def quickly_traced() -> Iterator[None]:
    """Trace the steps alone, and train once: the model of the selection run has learned."""
    with quick_graphs(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(training, "choose", lambda candidates: replace(candidates[-1], step=0))
        for name in ("OF_MEMORY", "OF_NOISE"):
            patch.setattr(
                calibration,
                name,
                getattr(calibration, name)._replace(paths=64, run_in=1, measured=2),
            )
        for name, days in (("_MEASURED", 50), ("_RUN_IN", 20), ("_PATHS", 64)):
            patch.setattr(standardised, name, days)
        yield


def test_every_architecture_and_every_critic_with_and_without_a_penalty_is_examined() -> None:
    assert list(SMALL) == list(BLUEPRINTS)
    architectures, objectives = zip(*PAIRS, strict=True)
    assert set(architectures) == set(BLUEPRINTS)
    assert parts_of(objectives) == parts_of(OBJECTIVES)


def parts_of(objectives: Iterable[str]) -> set[tuple[str, bool]]:
    """Kinds of critics, each with whether a penalty is a part of the loss."""
    built = map(OBJECTIVES.build, objectives)
    return {(one.critic, one.penalty_weight > 0) for one in built}


@pytest.mark.parametrize(("architecture", "objective"), PAIRS)
def test_it_trains_goes_on_is_kept_and_sampled(
    architecture: str, objective: str, tmp_path: Path
) -> None:
    settings = (
        SETTINGS
        | {f"architecture.{key}": value for key, value in SMALL[architecture].items()}
        | {"objective.critic_steps": "1"}
    )
    recipe = Recipe.parse(
        overlaid(
            {"architecture": architecture, "objective": objective, "preset": "quick", "seed": 3},
            nested(settings),
        )
    )
    task = Assignment(
        name="small",
        history=HISTORY,
        source={"kind": "made"},
        checkpoint=tmp_path / ".small.training",
    )

    stop = Stop()
    with pytest.raises(Interrupted, match="stopped at step 24"):
        train(recipe, task, StopsAt(stop, ("adversarial, selection", 24)), stop)
    learned = train(recipe, task, resume=True)
    bundle = learned.selected
    losses = [
        value
        for curves in bundle.training.stages.values()
        for name, curve in curves.items()
        if "loss" in name
        for _, value in curve
    ]
    assert losses and np.isfinite(losses).all()
    write_bundle(bundle, tmp_path / "small")
    read = read_bundle(tmp_path / "small")
    drawn = Model(read).sample(300, 5).log_returns
    np.testing.assert_array_equal(drawn, Model(bundle).sample(300, 5).log_returns)
    assert np.isfinite(drawn).all()
    assert not np.array_equal(
        drawn, Model(learned.bundle).sample(300, 5).log_returns
    )  # which has not met the critic
    for model in (read, learned.bundle):
        assert _spread(Model(model).sample(300, 5).log_returns) == pytest.approx(
            _spread(HISTORY.log_returns), rel=0.5
        )


def _spread(log_returns: Any) -> float:
    return float(np.std(log_returns))
