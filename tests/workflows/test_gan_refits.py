"""The GAN in a walk-forward:
each fit begins with the weights of the one before, is kept by what decides it, and is never made
twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_bundle import made_bundle, made_history

from simgan.progress import Progress
from simgan.recipe.recipe import Recipe
from simgan.workflows.backtest import contenders
from simgan.workflows.backtest.contenders import Gan, Refit
from simgan.workflows.train import Assignment, Learned, train
from simgan.workspace import Workspace

pytest.importorskip("tensorflow")
pytestmark = [pytest.mark.tensorflow, pytest.mark.usefixtures("shorter_calibration")]

RECIPE = Recipe.parse(
    {
        "preset": "quick",
        "seed": 1,
        "training": {"average": 0.9, "batch": 16, "check_every": 2, "steps": 4, "warm_steps": 20},
    }
)
HISTORY = made_history()
FIRST, SECOND = HISTORY.rows(slice(700)), HISTORY.rows(slice(750))


def weights(refit: Refit) -> dict[str, np.ndarray]:
    return refit.model.bundle.weights  # type: ignore[attr-defined, no-any-return]


@pytest.fixture
def gan(tmp_path: Path) -> Gan:
    return Gan(Workspace(tmp_path), RECIPE)


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[Assignment]:
    """What was given to training, which is replaced by a quick one:
    the drift tells the number of the training.
    """
    tasks: list[Assignment] = []

    def quickly(recipe: Recipe, task: Assignment, progress: Progress, *, resume: bool) -> Learned:
        tasks.append(task)
        task.checkpoint.mkdir(parents=True)
        made = made_bundle(task.name)
        made = replace(made, weights=made.weights | {"drift": np.full(4, len(tasks), np.float32)})
        return Learned(made, made, 600)

    monkeypatch.setattr(contenders, "train", quickly)
    return tasks


def test_a_refit_goes_on_from_the_weights_before(gan: Gan, trained: list[Assignment]) -> None:
    first = gan.refit(FIRST, None)
    second = gan.refit(SECOND, first.key)
    assert trained[0].start == {}
    assert {name: values.tolist() for name, values in trained[1].start.items()} == {
        n: v.tolist() for n, v in weights(first).items()
    }
    assert [len(task.history) for task in trained] == [700, 750]
    assert gan.refit(SECOND, None).key != second.key


def test_what_was_fitted_is_not_fitted_again(gan: Gan, trained: list[Assignment]) -> None:
    first = gan.refit(FIRST, None)
    again, other = gan.refit(FIRST, None), gan.again(FIRST, first.key)
    assert len(trained) == 1
    assert {float(weights(refit)["drift"][0]) for refit in (again, other, first)} == {1.0}
    assert gan.refit(HISTORY.rows(slice(1, 700)), None).key != first.key
    assert replace(gan, recipe=replace(RECIPE, seed=2)).refit(FIRST, None).key != first.key
    assert len(trained) == 3


def test_only_finished_models_are_left_and_none_is_listed(
    gan: Gan, trained: list[Assignment]
) -> None:
    keys = {gan.refit(history, None).key for history in (FIRST, SECOND)}
    assert {path.name for path in (gan.workspace.models / ".refits").iterdir()} == keys
    assert gan.workspace.model_names() == []


def test_a_damaged_refit_is_made_again(gan: Gan, trained: list[Assignment]) -> None:
    (gan.workspace.refit(gan.refit(FIRST, None).key) / "generator.safetensors").write_bytes(
        b"rubbish"
    )
    assert weights(gan.refit(FIRST, None))["drift"][0] == 2.0


def test_a_name_of_a_refit_follows_the_recipe(gan: Gan, trained: list[Assignment]) -> None:
    """Other settings that give the same recipe give the same refit;
    another recipe gives another.
    """
    key = gan.refit(FIRST, None).key
    same = Recipe.parse(RECIPE.to_json())
    assert replace(gan, recipe=same).refit(FIRST, None).key == key
    other = Recipe.parse(RECIPE.to_json() | {"objective": "hinge"})
    assert replace(gan, recipe=other).refit(FIRST, None).key != key


@pytest.fixture
def briefly() -> Iterator[None]:
    """Compile nothing, and calibrate on few days, where no moment is looked at."""
    from quick_graphs import quick_graphs

    from simgan.gan import calibration

    with quick_graphs(), pytest.MonkeyPatch.context() as patch:
        shorter = calibration.OF_MEMORY._replace(settling=2, run_in=2, measured=4, rounds=2)
        patch.setattr(calibration, "OF_MEMORY", shorter)
        yield


@pytest.mark.slow
@pytest.mark.usefixtures("briefly")
def test_training_from_earlier_weights_ends_near_them_and_elsewhere_than_from_fresh_ones(
    gan: Gan, tmp_path: Path
) -> None:
    """20 steps at a rate of at most .01 move a weight by .2 at the most;
    the weights of the made bundle are further from fresh ones.
    """
    start = made_bundle().weights
    task = Assignment(
        name="refit",
        history=FIRST,
        source={"kind": "made"},
        checkpoint=tmp_path / "checkpoint",
        start=start,
        holds_out=False,
    )
    learned = train(gan.recipe, task, resume=False)
    assert learned.selected is not None  # validation has chosen among adversarial steps
    moved = max(
        float(np.abs(learned.bundle.weights[name] - start[name]).max())
        for name in ("volatility_in", "volatility_out", "mix")
    )
    assert 0.0 < moved < 0.2


@pytest.mark.slow
@pytest.mark.usefixtures("briefly")
def test_a_refit_leaves_out_a_selection_that_chooses_nothing_and_loses_no_bit(
    tmp_path: Path,
) -> None:
    recipe = Recipe.parse({"preset": "quick", "training": {"warm_steps": 5}})
    task = Assignment(name="fit", history=FIRST, source={}, checkpoint=tmp_path / "checkpoint")
    whole, refit = (
        train(recipe, replace(task, holds_out=holds_out), resume=False)
        for holds_out in (True, False)
    )
    assert whole.selected is not None and whole.bundle.manifest.validation is not None
    assert refit.selected is None and refit.bundle.manifest.validation is None
    assert "warm start, selection" not in refit.bundle.training.stages
    for name, weight in whole.bundle.weights.items():
        np.testing.assert_array_equal(weight, refit.bundle.weights[name], err_msg=name)
