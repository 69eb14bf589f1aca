"""Training on made-up returns: direction, not beauty; interruption, resumption, divergence."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_bundle import made_history

from simgan.bundle.blueprints import StateSpace
from simgan.errors import TrainingDiverged, TrainingError
from simgan.seeds import Seed

pytest.importorskip("tensorflow")
pytestmark = [pytest.mark.tensorflow, pytest.mark.slow]

from simgan.gan.architectures.state_space import StateSpaceGenerator  # noqa: E402
from simgan.gan.checkpoint import Checkpoint  # noqa: E402
from simgan.gan.monitors import refuse_bad_losses, refuse_bad_paths  # noqa: E402
from simgan.gan.objectives import OBJECTIVES  # noqa: E402
from simgan.gan.series import TrainingSeries  # noqa: E402
from simgan.gan.settings import TrainingSettings  # noqa: E402
from simgan.gan.training import Tick, Trained, Training, TrainingInterrupted  # noqa: E402
from simgan.gan.validation import Candidate, choose  # noqa: E402

BLUEPRINT = StateSpace()
SETTINGS = TrainingSettings(warm_steps=40, steps=8, batch=16, past=32, ahead=16, check_every=4, average=0.9)
HISTORY = made_history()
SCALED = (HISTORY.log_returns[:, 0] / HISTORY.log_returns.std()).astype(np.float32)
REQUEST = {"seed": 1}


def train(folder: Path, *, resume: bool = False, stop_at: tuple[str, int] | None = None, settings: TrainingSettings = SETTINGS) -> Trained:
    """Train on 800 days; `stop_at` presses Ctrl-C in a phase at a step."""

    def listen(tick: Tick) -> None:
        if stop_at == (tick.phase, tick.step):
            os.kill(os.getpid(), signal.SIGINT)

    series = TrainingSeries(SCALED, BLUEPRINT.memory, settings)
    training = Training(StateSpaceGenerator(BLUEPRINT, Seed(1)), OBJECTIVES.build("relativistic"), series, Seed(1))
    return training.run(Checkpoint(folder, REQUEST), listen, resume=resume)


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return train(tmp_path_factory.mktemp("whole") / ".model.training")


def assert_same(expected: Trained, actual: Trained) -> None:
    for name, weight in expected.weights.items():
        np.testing.assert_array_equal(weight, actual.weights[name], err_msg=name)
    np.testing.assert_array_equal(expected.pool, actual.pool)
    assert expected.history == {name: [tuple(point) for point in points] for name, points in actual.history.items()}
    assert expected.chosen_step == actual.chosen_step


def test_the_warm_start_lowers_the_score(uninterrupted: Trained) -> None:
    curve = [value for _, value in uninterrupted.history["warm start, selection: validation CRPS"]]
    assert curve[-1] < curve[0]


def test_every_stage_leaves_its_curves(uninterrupted: Trained) -> None:
    stages = {name.split(":")[0] for name in uninterrupted.history}
    assert {"warm start, selection", "adversarial, selection", "warm start"} <= stages


def test_weights_are_finite_and_the_long_run_is_calibrated(uninterrupted: Trained) -> None:
    """The mean of the memories of 1,024 paths after 2,000 days is the sample's variance, up to their common sampling error."""
    assert all(np.isfinite(weight).all() for weight in uninterrupted.weights.values())
    assert uninterrupted.pool[:, -7].mean() == pytest.approx(1.0, abs=0.25)  # the slowest mean of squares


@pytest.mark.parametrize("stop_at", [("warm start, selection", 7), ("adversarial, selection", 5), ("warm start", 3)])
def test_an_interrupted_training_goes_on_to_the_same_result(tmp_path: Path, uninterrupted: Trained, stop_at: tuple[str, int]) -> None:
    folder = tmp_path / ".model.training"
    with pytest.raises(TrainingInterrupted, match=f"stopped at step {stop_at[1]} .*--resume"):
        train(folder, stop_at=stop_at)
    assert_same(uninterrupted, train(folder, resume=True))


def test_another_request_does_not_go_on(tmp_path: Path) -> None:
    Checkpoint(tmp_path / ".model.training", {"seed": 2, "data": "a"}).save(_empty())
    with pytest.raises(TrainingError, match="interrupted fit of model was started with another data and seed"):
        Checkpoint(tmp_path / ".model.training", {"seed": 1, "data": "b"}).load()


def test_there_may_be_nothing_to_go_on_with(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="no interrupted fit of model"):
        Checkpoint(tmp_path / ".model.training", REQUEST).load()


def test_a_damaged_checkpoint_is_told(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path / ".model.training", REQUEST)
    checkpoint.save(_empty())
    (checkpoint.folder / "arrays.safetensors").write_bytes(b"rubbish")
    with pytest.raises(TrainingError, match="is damaged"):
        checkpoint.load()


def test_a_training_that_explodes_is_told_and_gives_no_model(tmp_path: Path) -> None:
    with pytest.raises(TrainingDiverged, match="no model was saved; try another --seed"):
        train(
            tmp_path / ".model.training",
            settings=replace(SETTINGS, warm_rate=0.1, warm_steps=300, weight_decay=1.0, long_run_weight=10.0, rate=0.1),
        )


@pytest.mark.parametrize("losses", [(float("nan"),), (0.7, float("inf")), (1e6,)])
def test_bad_losses_stop_training(losses: tuple[float, ...]) -> None:
    with pytest.raises(TrainingDiverged, match="step 12"):
        refuse_bad_losses("adversarial", 12, losses, (0.69,))


def test_good_losses_do_not() -> None:
    refuse_bad_losses("adversarial", 12, (0.69, -3.0), ())


@pytest.mark.parametrize(("spread", "word"), [(0.01, "collapsed"), (50.0, "exploded"), (float("nan"), "exploded")])
def test_bad_paths_stop_training(spread: float, word: str) -> None:
    noise = Seed(0).stream("latent").standard_normal((64, 64), dtype=np.float32)
    refuse_bad_paths("adversarial", 12, noise)
    with pytest.raises(TrainingDiverged, match=f"{word} at step 12"):
        refuse_bad_paths("adversarial", 12, np.float32(spread) * noise)


def test_the_last_step_within_one_standard_error_is_chosen() -> None:
    """Differences to the best: step 300 worse by .01 ± .0001 on every day, step 200 worse by .001 ± .01."""
    noise = Seed(0).stream("baseline").standard_normal(100)
    best = np.ones(100)
    candidates = [
        Candidate(0, best + 0.02),
        Candidate(100, best),
        Candidate(200, best + 0.001 + 0.1 * (noise - noise.mean())),
        Candidate(300, best + 0.01 + 0.0001 * noise),
    ]
    assert choose(candidates).step == 200


def _empty() -> object:
    from simgan.gan.checkpoint import Progress

    return Progress(arrays={"x": np.zeros(1)})
