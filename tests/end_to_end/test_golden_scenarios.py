"""Scenarios of the reference model stay those of the commit 3319a22, before the asset axis."""

from __future__ import annotations

import numpy as np
import pytest

import simgan

ROUNDING = 4e-8  # another kind of processor may change last bits by as much

# start state → the first days of scenario 0, the last days of scenario 2,999, and the spread of all
GOLDEN = {
    "latest": (
        [0.004590164870023727, -0.005089945625513792, -0.001097718602977693],
        [0.0032824003137648106, 0.005834145005792379, -0.0012620864436030388],
        0.016323768425324854,
    ),
    "stationary": (
        [0.0075263772159814835, -0.007163915783166885, -0.0013804433401674032],
        [0.0030617632437497377, 0.005431642755866051, -0.0011558332480490208],
        0.011524422427377382,
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
