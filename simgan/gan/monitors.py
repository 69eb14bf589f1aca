"""Divergence is told and stops training; a diverged generator is never saved as a model."""

from __future__ import annotations

import math
from collections.abc import Sequence

from simgan.arrays import Float32Array
from simgan.errors import TrainingDiverged

_REMEDY = "no model was saved; try another --seed, a smaller --set rate=… or another --objective"
_LARGEST_LOSS = 1e4
_SPREADS = (0.1, 10.0)  # standard deviation of generated returns, in units of the sample's


def refuse_bad_losses(
    phase: str, step: int, losses: Sequence[float], last_finite: Sequence[float]
) -> None:
    """Stop at a loss that is not a number or that has exploded.

    Raises
    ------
    TrainingDiverged
        With the step and the last finite losses.
    """
    if all(math.isfinite(loss) and abs(loss) < _LARGEST_LOSS for loss in losses):
        return
    before = ", ".join(f"{loss:.4g}" for loss in last_finite) or "none"
    raise TrainingDiverged(
        f"{phase}: the losses became {', '.join(f'{x:.4g}' for x in losses)} at step {step} (before: {before}); {_REMEDY}"
    )


def refuse_bad_paths(phase: str, step: int, paths: Float32Array) -> None:
    """Stop when generated returns are not finite, collapse to a point or explode.

    Raises
    ------
    TrainingDiverged
        With the step and the spread of the paths.
    """
    spread = float(paths.std(dtype=float))
    if _SPREADS[0] < spread < _SPREADS[1]:  # NaN fails both
        return
    what = "collapsed" if spread <= _SPREADS[0] else "exploded"
    raise TrainingDiverged(
        f"{phase}: generated returns {what} at step {step} (their standard deviation is {spread:.3g} times the history's); {_REMEDY}"
    )
