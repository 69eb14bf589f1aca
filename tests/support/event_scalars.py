"""Event files, read by TensorFlow's own reader: the package tensorboard is not needed."""

from __future__ import annotations

from pathlib import Path

import tensorflow as tf


def scalars(run: Path) -> dict[str, list[tuple[int, float]]]:
    """Return (step, value) by tag, in the order of the files and of what is in them."""
    found: dict[str, list[tuple[int, float]]] = {}
    for record in tf.data.TFRecordDataset([str(file) for file in sorted(run.iterdir())]):
        event = tf.compat.v1.Event.FromString(record.numpy())
        for value in event.summary.value:
            assert value.metadata.plugin_data.plugin_name == "scalars"
            found.setdefault(value.tag, []).append(
                (event.step, float(tf.make_ndarray(value.tensor)))
            )
    return found
