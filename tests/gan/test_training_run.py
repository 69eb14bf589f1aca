"""Training on made-up returns: direction, not beauty; interruption, resumption, divergence."""

from __future__ import annotations

import errno
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from heard_steps import StopsAt
from made_bundle import made_history

from simgan.arrays import FloatArray
from simgan.errors import Interrupted, TrainingDiverged, TrainingError, WriteError
from simgan.progress import Silent, Step, Stop
from simgan.recipe.blueprints.state_space import StateSpace
from simgan.seeds import Seed

pytest.importorskip("tensorflow")
pytestmark = [
    pytest.mark.tensorflow,
    pytest.mark.slow,
    pytest.mark.usefixtures("shorter_calibration"),
]

from event_scalars import scalars  # noqa: E402
from quick_graphs import quick_graphs  # noqa: E402

from simgan import files  # noqa: E402
from simgan.gan import calibration, records, training  # noqa: E402
from simgan.gan.monitors import (  # noqa: E402  # noqa: E402
    Candidate,
    WindowMonitor,
    choose,
    refuse_bad_losses,
    refuse_bad_paths,
)
from simgan.gan.records import (  # noqa: E402
    Checkpoint,
    TrainingState,
    with_event_files,
)
from simgan.gan.series import Lesson, TrainingSeries  # noqa: E402
from simgan.gan.training import Trained, Trainer, Training  # noqa: E402
from simgan.gan.warm_start import WarmStart  # noqa: E402
from simgan.recipe.objectives import OBJECTIVES  # noqa: E402
from simgan.recipe.training import GameRules, TrainingSettings  # noqa: E402

BLUEPRINT = StateSpace()
SETTINGS = TrainingSettings(
    warm_steps=20, steps=8, batch=16, past=32, ahead=16, check_every=4, average=0.9
)
HISTORY = made_history()
LOG_RETURNS = HISTORY.log_returns
REQUEST = {"seed": 1}


@pytest.fixture(scope="module")
def trainer(short_calibration: None) -> Trainer:
    """Traced once for all tests of this file, as for the refits of a backtest."""
    return Trainer(BLUEPRINT, GameRules(OBJECTIVES.build("relativistic")), SETTINGS)


def train(
    trainer: Trainer,
    folder: Path,
    *,
    resume: bool = False,
    stop_at: tuple[str, int] | None = None,
    log_returns: FloatArray = LOG_RETURNS,
    events: Path | None = None,
) -> Trained:
    """Train on 800 days; `stop_at` asks for a stop in a stage at a step."""
    training = Training(trainer, TrainingSeries.of(log_returns, BLUEPRINT, SETTINGS), Seed(1), {})
    stop = Stop()
    with with_event_files(StopsAt(stop, stop_at), events, SETTINGS.check_every) as progress:
        return training.run(Checkpoint(folder, REQUEST), progress, stop, resume=resume)


@pytest.fixture(scope="module", autouse=True)
def short_calibration() -> Iterator[None]:
    """Calibrate on fewer days: enough to be exercised. Compile nothing.

    The last candidate is chosen, because after no step there would be no adversarial stage to see.
    """
    with quick_graphs(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            calibration,
            "OF_MEMORY",
            calibration.OF_MEMORY._replace(paths=64, settling=2, run_in=1, measured=2, rounds=2),
        )
        patch.setattr(training, "choose", lambda candidates: candidates[-1])
        yield


@pytest.fixture(scope="module")
def uninterrupted(trainer: Trainer, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return train(trainer, tmp_path_factory.mktemp("whole") / ".model.training")


def test_the_warm_start_raises_the_likelihood(uninterrupted: Trained) -> None:
    curve = uninterrupted.history.of_stage("warm start, selection")["negative log-likelihood"]
    assert curve[-1][1] < curve[0][1]


def test_weights_of_the_days_before_know_no_later_day(trainer: Trainer) -> None:
    """The later days in reverse order have the same scale. All days see the difference."""
    reversed_later = np.concatenate([LOG_RETURNS[:600], LOG_RETURNS[:599:-1]])
    own, other = (
        Training(trainer, TrainingSeries.of(returns, BLUEPRINT, SETTINGS), Seed(1), {})
        for returns in (LOG_RETURNS, reversed_later)
    )
    name = "volatility_out"
    first, same = (each.before(600, Stop())[name] for each in (own, other))
    assert first == pytest.approx(same, abs=1e-4)
    assert np.abs(first - own.start[name]).max() > 0.05  # it has learned
    assert np.abs(own.before(800, Stop())[name] - other.before(800, Stop())[name]).max() > 1e-3
    stop = Stop()
    stop.ask()
    with pytest.raises(Interrupted):
        own.before(600, stop)


def test_every_stage_leaves_its_curves(uninterrupted: Trained) -> None:
    stages = uninterrupted.history.stages
    assert {"warm start, selection", "adversarial, selection", "warm start"} <= set(stages)


def test_every_check_tells_what_the_paths_were_like_and_every_step_its_losses(
    uninterrupted: Trained,
) -> None:
    for stage in ("adversarial, selection", "adversarial"):
        curves = uninterrupted.history.of_stage(stage)
        told = {
            name: [value for _, value in curves[name]]
            for name in (*WindowMonitor.names, "critic loss")
        }
        assert len(told["KL"]) < len(
            told["critic loss"]
        )  # eight steps are fewer than a hundred records
        assert all(
            low < value < high
            for low, value, high in zip(told["low KL"], told["KL"], told["high KL"], strict=True)
        )
        assert all(0 < value < 1 for value in told["real D"] + told["fake D"])
    assert uninterrupted.history.of_stage("adversarial, selection")["rise"][0][0] == 4


def test_a_look_at_free_paths_leaves_no_trace(trainer: Trainer, uninterrupted: Trained) -> None:
    players = trainer.adversarial
    before = [np.array(variable.numpy()) for variable in players.variables()]
    windows = players.free_windows(4)
    assert windows.shape[1:] == (SETTINGS.past + SETTINGS.ahead, 1) and np.isfinite(windows).all()
    for kept, variable in zip(before, players.variables(), strict=True):
        np.testing.assert_array_equal(kept, variable.numpy())
    np.testing.assert_array_equal(windows, players.free_windows(4))
    assert not np.array_equal(windows, players.free_windows(8))
    assert players.score(windows).shape == (len(windows), 1)


def test_weights_are_finite_and_of_the_shapes_of_the_blueprint(uninterrupted: Trained) -> None:
    assert {
        name: weight.shape for name, weight in uninterrupted.weights.items()
    } == BLUEPRINT.shapes()
    assert all(np.isfinite(weight).all() for weight in uninterrupted.weights.values())


def test_a_training_interrupted_three_times_goes_on_to_the_same_result(
    tmp_path: Path, trainer: Trainer, uninterrupted: Trained
) -> None:
    folder = tmp_path / ".model.training"
    with pytest.raises(
        Interrupted, match=r"stopped at step 5 \(adversarial, selection\); .*--resume"
    ):
        train(trainer, folder, stop_at=("adversarial, selection", 5))
    with pytest.raises(Interrupted, match=r"stopped at step 3 \(warm start\)"):
        train(trainer, folder, resume=True, stop_at=("warm start", 3))
    with pytest.raises(Interrupted, match=r"stopped in the calibration; .*--resume"):
        train(trainer, folder, resume=True, stop_at=("calibration", 1))
    resumed = train(trainer, folder, resume=True)
    for name, weight in uninterrupted.weights.items():
        np.testing.assert_array_equal(weight, resumed.weights[name], err_msg=name)
    np.testing.assert_array_equal(uninterrupted.pool, resumed.pool)
    assert resumed.history == uninterrupted.history
    assert resumed.chosen.step == uninterrupted.chosen.step
    for name, weight in uninterrupted.chosen.weights.items():
        np.testing.assert_array_equal(weight, resumed.chosen.weights[name], err_msg=name)


def test_a_training_in_a_thread_is_stopped_from_outside_and_goes_on_to_the_same_result(
    tmp_path: Path, trainer: Trainer, uninterrupted: Trained
) -> None:
    """The main thread asks after the first adversarial step; the token reaches the thread."""
    folder, stop, asked = tmp_path / ".model.training", Stop(), threading.Event()
    ended: list[BaseException] = []
    places: list[tuple[str, str, int]] = []

    class Rendezvous(Silent):
        def step(self, step: Step) -> None:
            places.append((step.task, step.place, step.done))
            if (step.task, step.done) == ("adversarial, selection", 1):
                reached.set()
                assert asked.wait(60)

    def work() -> None:
        series = TrainingSeries.of(LOG_RETURNS, BLUEPRINT, SETTINGS)
        training = Training(trainer, series, Seed(1), {})
        try:
            training.run(Checkpoint(folder, REQUEST), Rendezvous(), stop, resume=False)
        except BaseException as error:  # a thread must not swallow it
            ended.append(error)

    reached, thread = threading.Event(), threading.Thread(target=work)
    thread.start()
    assert reached.wait(60)
    stop.ask()
    asked.set()
    thread.join(60)
    assert not thread.is_alive()
    assert isinstance(ended[0], Interrupted)
    assert str(ended[0]).startswith("stopped at step 1 (adversarial, selection)")
    assert Checkpoint(folder, REQUEST).load().step == 1
    # A stage is told before its first step, which may take a minute.
    assert places[:2] == [("warm start, selection", "stage 1 of 5", done) for done in (0, 1)]
    assert places[-2:] == [("adversarial, selection", "stage 2 of 5", done) for done in (0, 1)]
    resumed = train(trainer, folder, resume=True)
    for name, weight in uninterrupted.weights.items():
        np.testing.assert_array_equal(weight, resumed.weights[name], err_msg=name)


def test_a_checkpoint_that_cannot_be_written_leaves_the_one_before(
    tmp_path: Path, trainer: Trainer, uninterrupted: Trained, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full at the second check of the selection; training goes on from the first."""
    folder, written = tmp_path / ".model.training", []

    def write_arrays(path: Path, arrays: object) -> None:
        written.append(path)
        if len(written) == 7:  # five checks of the warm start, one of the adversary
            raise OSError(errno.ENOSPC, "No space left on device")
        files.write_arrays(path, arrays)  # type: ignore[arg-type]

    monkeypatch.setattr(records, "write_arrays", write_arrays)
    with pytest.raises(WriteError, match=r"cannot write \S+\.model\.training: no space left"):
        train(trainer, folder)
    assert (Checkpoint(folder, REQUEST).load().stage, len(written)) == (1, 7)
    assert Checkpoint(folder, REQUEST).load().step == 4
    resumed = train(trainer, folder, resume=True)
    for name, weight in uninterrupted.weights.items():
        np.testing.assert_array_equal(weight, resumed.weights[name], err_msg=name)


def test_event_files_of_an_interrupted_and_resumed_training_hold_its_history(
    tmp_path: Path, trainer: Trainer, uninterrupted: Trained
) -> None:
    folder, events = tmp_path / ".model.training", tmp_path / "events"
    with pytest.raises(Interrupted):
        train(trainer, folder, stop_at=("adversarial, selection", 5), events=events)
    train(trainer, folder, resume=True, events=events)
    for stage, curves in uninterrupted.history.stages.items():
        found = scalars(events / stage.replace(", ", "-").replace(" ", "-"))
        for name, curve in curves.items():
            events_of = dict(found[name])
            assert [events_of[step] for step, _ in curve] == pytest.approx(
                [value for _, value in curve], rel=1e-6
            ), name  # events are float32


def test_a_trainer_that_was_used_trains_as_a_new_one(
    tmp_path: Path, trainer: Trainer, uninterrupted: Trained
) -> None:
    """What another series left behind in the generator, critic, optimisers and averages changes
    nothing.
    """
    train(trainer, tmp_path / ".other.training", log_returns=-LOG_RETURNS[100:700])
    again = train(trainer, tmp_path / ".model.training")
    for name, weight in uninterrupted.weights.items():
        np.testing.assert_array_equal(weight, again.weights[name], err_msg=name)
    np.testing.assert_array_equal(uninterrupted.pool, again.pool)


@pytest.mark.parametrize(("steps", "windows"), [(0, 0), (8, 8)])
def test_free_paths_run_in_only_where_steps_follow(
    trainer: Trainer, monkeypatch: pytest.MonkeyPatch, steps: int, windows: int
) -> None:
    """A training by likelihood alone compiled and ran them, and looked at none."""
    players, keys = trainer.adversarial, []
    monkeypatch.setattr(players, "settings", replace(SETTINGS, steps=steps))
    monkeypatch.setattr(players, "_run_in", keys.append)
    series = TrainingSeries.of(LOG_RETURNS, BLUEPRINT, SETTINGS)
    players.begin(Lesson(series, len(LOG_RETURNS), Seed(1), 1, {}))
    assert len(keys) == windows


def test_a_model_begins_with_what_is_trained_of_an_earlier_one(
    trainer: Trainer, uninterrupted: Trained
) -> None:
    series = TrainingSeries.of(LOG_RETURNS, BLUEPRINT, SETTINGS)
    start = Training(trainer, series, Seed(1), uninterrupted.weights).start
    np.testing.assert_array_equal(start["mix"], uninterrupted.weights["mix"])
    np.testing.assert_array_equal(start["long_run"], 1.0)  # estimated anew


def test_another_request_does_not_go_on(tmp_path: Path) -> None:
    Checkpoint(tmp_path / ".model.training", {"seed": 2, "data": "a"}).save(_empty())
    with pytest.raises(
        TrainingError, match="interrupted fit of model was started with another data and seed"
    ):
        Checkpoint(tmp_path / ".model.training", {"seed": 1, "data": "b"}).load()


def test_there_may_be_nothing_to_go_on_with(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="no interrupted fit of model"):
        Checkpoint(tmp_path / ".model.training", REQUEST).load()


def test_a_damaged_checkpoint_is_told(tmp_path: Path) -> None:
    kept = Checkpoint(tmp_path / ".model.training", REQUEST)
    kept.save(_empty())
    (kept.folder / "arrays.safetensors").write_bytes(b"rubbish")
    with pytest.raises(TrainingError, match="is damaged"):
        kept.load()


def test_a_loss_that_is_not_a_number_stops_training(
    tmp_path: Path, trainer: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        WarmStart, "step", lambda self, number: {"loss": float("nan") if number == 3 else 0.6}
    )
    with pytest.raises(
        TrainingDiverged,
        match=r"losses became nan at step 3 \(before: 0.6\); no model was saved; try another --seed",  # noqa: E501
    ):
        train(trainer, tmp_path / ".model.training")


@pytest.mark.parametrize("losses", [(float("nan"),), (0.7, float("inf")), (1e6,)])
def test_bad_losses_stop_training(losses: tuple[float, ...]) -> None:
    with pytest.raises(TrainingDiverged, match="step 12"):
        refuse_bad_losses("adversarial", 12, dict(zip("ab", losses, strict=False)), {"a": 0.69})


def test_good_losses_do_not() -> None:
    refuse_bad_losses("adversarial", 12, {"critic loss": 0.69, "generator loss": -3.0}, {})


@pytest.mark.parametrize(
    ("spread", "word"), [(0.01, "collapsed"), (50.0, "exploded"), (float("nan"), "exploded")]
)
def test_bad_paths_stop_training(spread: float, word: str) -> None:
    noise = Seed(0).stream("latent").standard_normal((64, 64), dtype=np.float32)
    refuse_bad_paths("adversarial", 12, noise)
    with pytest.raises(TrainingDiverged, match=f"{word} at step 12"):
        refuse_bad_paths("adversarial", 12, np.float32(spread) * noise)


def test_the_last_step_within_one_standard_error_is_chosen() -> None:
    """Differences to the best:
    step 300 worse by .01 ± .0001 on every day, step 200 worse by .001 ± .01.
    """
    noise = Seed(0).stream("baseline").standard_normal(100)
    best = np.ones(100)
    candidates = [
        Candidate(0, best + 0.02),
        Candidate(100, best),
        Candidate(200, best + 0.001 + 0.1 * (noise - noise.mean())),
        Candidate(300, best + 0.01 + 0.0001 * noise),
    ]
    assert choose(candidates).step == 200


def _empty() -> TrainingState:
    return TrainingState(arrays={"x": np.zeros(1)})
