"""TensorBoard event files: the metrics of a training as scalars, written while it runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import tensorflow as tf

from simgan.errors import WriteError
from simgan.progress import Progress, Step
from simgan.recipe.tensors import Tensor
from simgan.stats.training.history import is_recorded

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
