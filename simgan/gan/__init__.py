"""Learning: generator, critic and the one train step, in TensorFlow.

Importing this package loads TensorFlow.
"""

from __future__ import annotations

from simgan.recipe.tensors import silent_stderr, tf

__all__ = ["silent_stderr"]

_ = tf.__version__
