"""TensorBoard event files: the numbers of a training as scalars, written while it runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import tensorflow as tf

from simgan.errors import WriteError
from simgan.gan.training import Listener, Tick, is_recorded

_LONGEST_WAIT = 10_000  # milliseconds until what was recorded can be seen
# tf.summary.scalar would need the package tensorboard; this is all that it adds to a number
_SCALAR = tf.compat.v1.SummaryMetadata(plugin_data={"plugin_name": "scalars"}, data_class=1)


@contextmanager
def with_event_files(
    listener: Listener, folder: Path | None, check_every: int
) -> Iterator[Listener]:
    """Give a listener that also writes event files, which are closed however training ends; without a folder the same listener.

    Parameters
    ----------
    listener : callable
    folder : Path or None
        Each stage is a run of its own in it: ``warm-start-selection``, ``adversarial-selection``, ``warm-start``, ``adversarial``. What
        is there stays: a training that is resumed goes on in the same runs. Steps after the last checkpoint of one that was killed
        come twice, with the same numbers.
    check_every : int
        Steps between two entries of the training's history; these, the last step of a stage and every hundredth part of it are recorded.

    Raises
    ------
    WriteError
        The folder cannot be written.
    """
    if folder is None:
        yield listener
        return
    files = EventFiles(folder, check_every)

    def listen(tick: Tick) -> None:
        files.record(tick)
        listener(tick)

    try:
        yield listen
    finally:
        files.close()


class EventFiles:
    """A writer for each stage that has begun."""

    def __init__(self, folder: Path, check_every: int) -> None:
        self.folder, self.check_every = folder, check_every
        self._writers: dict[str, Any] = {}

    def record(self, tick: Tick) -> None:
        """Write the numbers of a tick, if it is one of those that are recorded.

        Raises
        ------
        WriteError
            The system refused.
        """
        in_history = tick.step % self.check_every == 0 or tick.step == tick.total
        if not in_history and not is_recorded(tick.step, tick.total):
            return
        try:
            writer = self._writer(tick.phase)
            with writer.as_default(tick.step):
                for name, value in tick.numbers.items():
                    tf.summary.write(name, tf.constant(value, tf.float32), metadata=_SCALAR)
            if in_history:
                writer.flush()
        except tf.errors.OpError as error:
            reason = (
                re.sub(r"\{\{.*?\}\}|\[Op:.*", "", error.message).strip().lower()
            )  # without the names of TensorFlow's operations
            raise WriteError(
                f"cannot write event files to {self.folder}: {reason}; free some space or choose another place"
            ) from error

    def close(self) -> None:
        """Close all files; it never fails, for what ended training is to be told and not this."""
        for writer in self._writers.values():
            with suppress(tf.errors.OpError):
                writer.close()

    def _writer(self, phase: str) -> Any:
        if phase not in self._writers:
            run = phase.replace(",", "").replace(" ", "-")
            self._writers[phase] = tf.summary.create_file_writer(
                str(self.folder / run), flush_millis=_LONGEST_WAIT
            )
        return self._writers[phase]
