"""TensorBoard event files, read back by TensorFlow's own reader."""

from __future__ import annotations

from pathlib import Path

import pytest

from simgan.errors import TrainingDiverged, WriteError
from simgan.progress import Progress, Silent, Step

tf = pytest.importorskip("tensorflow")
pytestmark = [pytest.mark.tensorflow, pytest.mark.slow]

from event_scalars import scalars  # noqa: E402
from heard_steps import Heard  # noqa: E402

from simgan.gan.records import with_event_files  # noqa: E402


def at(done: int, task: str = "adversarial, selection", total: int = 33, **metrics: float) -> Step:
    return Step(task, done, total, metrics or {"loss": done / 4})  # quarters are exact in float32


def test_steps_of_the_history_every_hundredth_part_and_the_last_are_recorded(
    tmp_path: Path,
) -> None:
    with with_event_files(Silent(), tmp_path, check_every=700) as progress:
        for step in range(1, 1004):
            progress.step(at(step, total=1003))
    found = scalars(tmp_path / "adversarial-selection")
    assert found == {"loss": [(step, step / 4) for step in [*range(10, 1001, 10), 1003]]}
    with with_event_files(Silent(), tmp_path / "short", check_every=7) as progress:
        for step in range(1, 1004):
            progress.step(at(step, total=1003))
    found = scalars(tmp_path / "short" / "adversarial-selection")
    assert [step for step, _ in found["loss"]] == sorted(
        {*range(10, 1001, 10), *range(7, 1004, 7), 1003}
    )


def test_each_stage_is_a_run_and_each_number_a_tag(tmp_path: Path) -> None:
    with with_event_files(Silent(), tmp_path, check_every=5) as progress:
        progress.step(at(5, "warm start, selection", **{"negative log-likelihood": 1.5}))
        progress.step(at(5, **{"critic loss": 0.75, "validation CRPS": 0.5}))
        progress.step(at(10, "adversarial", **{"critic loss": 0.25}))
    assert sorted(run.name for run in tmp_path.iterdir()) == [
        "adversarial",
        "adversarial-selection",
        "warm-start-selection",
    ]
    assert scalars(tmp_path / "adversarial-selection") == {
        "critic loss": [(5, 0.75)],
        "validation CRPS": [(5, 0.5)],
    }
    assert scalars(tmp_path / "warm-start-selection") == {"negative log-likelihood": [(5, 1.5)]}


@pytest.mark.parametrize("end", [KeyboardInterrupt, TrainingDiverged])
def test_what_was_recorded_before_training_ended_early_is_on_disk(
    end: type[BaseException], tmp_path: Path
) -> None:
    with pytest.raises(end), with_event_files(Silent(), tmp_path, check_every=1000) as progress:
        progress.step(at(10))
        raise end
    assert scalars(tmp_path / "adversarial-selection") == {"loss": [(10, 2.5)]}


def test_numbers_can_be_seen_at_every_check_while_training_goes_on(tmp_path: Path) -> None:
    with with_event_files(Silent(), tmp_path, check_every=5) as progress:
        progress.step(at(5))
        assert scalars(tmp_path / "adversarial-selection") == {"loss": [(5, 1.25)]}


def test_the_wrapped_progress_hears_every_step_and_sentence(tmp_path: Path) -> None:
    heard = Heard()
    steps = [at(step) for step in range(1, 34)]
    with with_event_files(heard, tmp_path, check_every=7) as progress:
        progress.say("begins")
        for one in steps:
            progress.step(one)
    assert (heard.steps, heard.sentences) == (steps, ["begins"])


def test_without_a_folder_the_progress_stays_what_it_is() -> None:
    progress: Progress = Silent()
    with with_event_files(progress, None, check_every=7) as same:
        assert same is progress


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "adversarial-selection").write_text("a file where a run should be")
    told = (
        r"cannot write event files to \S+: not a directory; free some space or choose another place"
    )
    with (
        pytest.raises(WriteError, match=told),
        with_event_files(Silent(), tmp_path, check_every=7) as progress,
    ):
        progress.step(at(7))
