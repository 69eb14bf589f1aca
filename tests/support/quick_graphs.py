"""Steps of a training as graphs that are not compiled, for tests that play few of them.

XLA takes 5 to 10 seconds for a training, and the optimiser of graphs takes another 2. Both are
longer than some hundreds of steps. Tests of the compiled steps do without this.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import tensorflow as tf

from simgan.gan.adversarial import Adversarial
from simgan.gan.architectures.standardised import Standardised
from simgan.gan.calibration import MomentCalibration
from simgan.gan.points import PointGan
from simgan.gan.runtime import TensorflowRuntime
from simgan.gan.warm_start import WarmStart

_COMPILED: dict[type, tuple[str, ...]] = {
    Adversarial: ("_step", "_run_in"),
    MomentCalibration: ("_roll",),
    PointGan: ("_many",),
    Standardised: ("_free_run",),
    TensorflowRuntime: ("_roll",),
    WarmStart: ("_step",),
}


@contextmanager
def quick_graphs() -> Iterator[None]:
    """Trace the steps of every training within, and compile none of them."""
    with pytest.MonkeyPatch.context() as patch:
        for owner, names in _COMPILED.items():
            for name in names:
                step = getattr(owner, name).python_function
                patch.setattr(owner, name, tf.function(step, autograph=owner is PointGan))
        tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
        try:
            yield
        finally:
            tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": False})
