"""TensorFlow, loaded when one of its names is used first.

Objectives, conditions and remedies hold their settings and their formulas in one class. Reading the
settings must be quick, so this module stands in for TensorFlow until a formula is computed.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

__all__ = ["Tensor", "keras", "silent_stderr", "tf"]

Tensor = Any  # TensorFlow has no types


@contextmanager
def silent_stderr() -> Iterator[None]:
    """Send file descriptor 2 to the null device for a moment. Exceptions still come through."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


class _OnFirstUse:
    """A package that is imported when an attribute of it is read.

    The C++ libraries of TensorFlow print notes before any logging can be configured. They are
    silenced here, in the one place that imports it first.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
        with silent_stderr():
            package = importlib.import_module(self._name)
        self.__dict__.update(vars(package))  # later reads do not come here
        return getattr(package, attribute)


if TYPE_CHECKING:
    import keras
    import tensorflow as tf
else:
    tf, keras = _OnFirstUse("tensorflow"), _OnFirstUse("keras")
