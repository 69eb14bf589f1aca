"""Scenarios of the reference model stay those of the day it was made."""

from __future__ import annotations

import numpy as np
import pytest

import simgan

ROUNDING = 4e-8  # another kind of processor may change last bits by as much

# start state → the first days of scenario 0, the last days of scenario 2,999, and the spread of all
GOLDEN = {
    "latest": (
        [0.004777935799211264, -0.0014756201999261975, -0.015547101385891438],
        [-0.02264217846095562, 0.005404626484960318, -0.016132991760969162],
        0.016804267297910038,
    ),
    "stationary": (
        [0.0034916927106678486, -0.0009575182339176536, -0.01084782462567091],
        [-0.029506556689739227, 0.006816944573074579, -0.02112065628170967],
        0.011609264449666791,
    ),
}


@pytest.mark.parametrize("start", GOLDEN)
def test_the_reference_model_gives_the_scenarios_of_before(start: str) -> None:
    """`benchmarks/golden.py` compares SHA-256 of ten times as many, and of other architectures."""
    first, last, spread = GOLDEN[start]
    drawn = simgan.load("reference").sample(3000, 21, seed=3, as_of=start).log_returns
    assert drawn.shape == (3000, 21, 1)
    assert np.allclose(drawn[0, :3, 0], first, rtol=0.0, atol=ROUNDING)
    assert np.allclose(drawn[-1, -3:, 0], last, rtol=0.0, atol=ROUNDING)
    assert drawn.std(dtype=np.float64) == pytest.approx(spread, abs=ROUNDING)


def test_another_seed_does_not_pass_for_golden() -> None:
    drawn = simgan.load("reference").sample(3000, 21, seed=4).log_returns
    assert not np.allclose(drawn[0, :3, 0], GOLDEN["latest"][0], rtol=0.0, atol=ROUNDING)
