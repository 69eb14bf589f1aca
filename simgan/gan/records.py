"""Records of a training while it runs: the checkpoint and the event files of TensorBoard."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import tensorflow as tf
from safetensors import SafetensorError
from safetensors.numpy import load_file

from simgan.arrays import AnyFloatArray
from simgan.errors import TrainingError, WriteError
from simgan.files import whole_folder, write_arrays
from simgan.progress import Progress, Step
from simgan.recipe.tensors import Tensor
from simgan.stats.training import TrainingHistory, is_recorded


@dataclass
class TrainingState:
    """Where a training stands: stage, steps taken in it, history so far, and all arrays by name."""

    stage: int = 0
    step: int = 0
    seconds: float = 0.0
    history: TrainingHistory = field(default_factory=TrainingHistory)
    arrays: dict[str, AnyFloatArray] = field(default_factory=dict)


@dataclass(frozen=True)
class Checkpoint:
    """A folder that holds at most one interrupted training, and the request that it belongs to."""

    folder: Path
    request: dict[str, object]

    def save(self, state: TrainingState) -> None:
        """Replace the content of the folder whole, or leave it."""
        facts = {
            "request": self.request,
            "stage": state.stage,
            "step": state.step,
            "seconds": state.seconds,
        }
        with whole_folder(self.folder) as folder:
            write_arrays(folder / "arrays.safetensors", state.arrays)
            (folder / "progress.json").write_text(
                json.dumps(facts | {"history": state.history.to_json()})
            )

    def load(self) -> TrainingState:
        """Read an interrupted training.

        Raises
        ------
        TrainingError
            There is none, it is damaged, or it was started with another request.
        """
        name = self.folder.name.removeprefix(".").removesuffix(".training")
        if not self.folder.is_dir():
            raise TrainingError(
                f"there is no interrupted fit of {name} to go on with; "
                "leave out --resume to start one"
            )
        try:
            facts = json.loads((self.folder / "progress.json").read_text())
            arrays = load_file(self.folder / "arrays.safetensors")
            history = TrainingHistory.from_json(facts["history"])
            state = TrainingState(
                int(facts["stage"]), int(facts["step"]), float(facts["seconds"]), history, arrays
            )
            request = dict(facts["request"])
        except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
            raise TrainingError(
                f"the interrupted fit of {name} in {self.folder} is damaged ({error}); "
                "start again without --resume"
            ) from error
        self._refuse_other_request(name, request)
        return state

    def _refuse_other_request(self, name: str, saved: dict[str, object]) -> None:
        asked = json.loads(json.dumps(self.request))
        changed = sorted(
            key for key in saved.keys() | asked.keys() if saved.get(key) != asked.get(key)
        )
        if changed:
            raise TrainingError(
                f"the interrupted fit of {name} was started with another {' and '.join(changed)}; "
                "give the same options as then, or leave out --resume to start again"
            )


_LONGEST_WAIT = 10_000  # milliseconds until recorded numbers are on disk
# tf.summary.scalar needs the package tensorboard; it adds only this to a number
_SCALAR = tf.compat.v1.SummaryMetadata(plugin_data={"plugin_name": "scalars"}, data_class=1)


@contextmanager
def with_event_files(
    progress: Progress, folder: Path | None, check_every: int
) -> Iterator[Progress]:
    """Give a progress that also writes event files. Without a folder, give `progress` itself.

    The files are closed however training ends.

    Parameters
    ----------
    progress : Progress
        Hears everything that the new one hears.
    folder : Path or None
        Each stage is a run in it: ``warm-start-selection``, ``adversarial-selection``,
        ``warm-start``, ``adversarial``. Existing files stay, so a resumed training continues the
        same runs. Steps between the last checkpoint and a kill appear twice, with equal numbers.
    check_every : int
        Steps between two checks. Their numbers are recorded, and also those of the last step of a
        stage and of every hundredth part of it.

    Raises
    ------
    WriteError
        The folder cannot be written.
    """
    if folder is None:
        yield progress
        return
    files = EventFiles(progress, folder, check_every)
    try:
        yield files
    finally:
        files.close()


class EventFiles:
    """A progress that writes event files and passes everything on. Each stage has one writer."""

    def __init__(self, progress: Progress, folder: Path, check_every: int) -> None:
        self.folder, self.check_every = folder, check_every
        self._next = progress
        self._writers: dict[str, Tensor] = {}

    def say(self, sentence: str) -> None:
        """Pass the sentence on."""
        self._next.say(sentence)

    def step(self, step: Step) -> None:
        """Write the metrics of a step, if it is recorded, and pass the step on.

        Raises
        ------
        WriteError
            The system refused.
        """
        if not step.metrics:  # the beginning of a stage, or the calibration
            self._next.step(step)
            return
        is_checked = step.done % self.check_every == 0 or step.done == step.total
        if is_checked or is_recorded(step.done, step.total):
            self._write(step, flush=is_checked)
        self._next.step(step)

    def close(self) -> None:
        """Close all files. It never fails, so that the user sees why training ended."""
        for writer in self._writers.values():
            with suppress(tf.errors.OpError):
                writer.close()

    def _write(self, step: Step, *, flush: bool) -> None:
        try:
            writer = self._writer(step.task)
            with writer.as_default(step.done):
                for name, value in step.metrics.items():
                    tf.summary.write(name, tf.constant(value, tf.float32), metadata=_SCALAR)
            if flush:
                writer.flush()
        except tf.errors.OpError as error:
            reason = re.sub(r"\{\{.*?\}\}|\[Op:.*", "", error.message)  # names of TensorFlow's
            raise WriteError(
                f"cannot write event files to {self.folder}: {reason.strip().lower()}; "
                "free some space or choose another place"
            ) from error

    def _writer(self, stage: str) -> Tensor:
        if stage not in self._writers:
            run = stage.replace(",", "").replace(" ", "-")
            self._writers[stage] = tf.summary.create_file_writer(
                str(self.folder / run), flush_millis=_LONGEST_WAIT
            )
        return self._writers[stage]
