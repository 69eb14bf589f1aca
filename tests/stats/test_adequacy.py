"""Adequacy p-values against cases that are known."""

from __future__ import annotations

import numpy as np
import pytest

from simgan.errors import ConfigError
from simgan.stats.adequacy import _holm, adequacy, statistics


def garch(paths: int, days: int, seed: int) -> np.ndarray:
    """GARCH(1,1) with normal innovations, .1 and .85, after 200 days of run-in."""
    noise = np.random.default_rng(seed).standard_normal((paths, days + 200))
    returns, variance = np.empty_like(noise), np.full(paths, 1e-4)
    for day in range(days + 200):
        returns[:, day] = np.sqrt(variance) * noise[:, day]
        variance = 5e-6 + 0.1 * returns[:, day] ** 2 + 0.85 * variance
    return returns[:, 200:]


def test_a_right_model_passes_all_seventeen() -> None:
    """Holm rejects anything of a right model with probability 5 %;
    this seed is not one of those.
    """
    found = adequacy(garch(1, 1000, 1)[0], garch(1000, 1000, 2))
    assert len(found.p_values) == 17
    assert found.passed == 17


def test_a_model_without_memory_fails_on_memory() -> None:
    real = garch(1, 3000, 1)[0]
    shuffled = np.random.default_rng(0).permuted(np.tile(real, (1000, 1)), axis=1)
    assert "ACF of |r|, sum 1-100" in adequacy(real, shuffled).rejected


def test_a_p_value_by_hand() -> None:
    """The largest of 999 has 1 at or above it:
    2 · (1 + 0)/1000; a value in the middle has p = 1.
    """
    real = garch(1, 500, 3)[0]
    fake = np.outer(np.linspace(0.1, 0.9, 999), real)
    found = adequacy(real, fake).p_values
    assert found["standard deviation"] == pytest.approx(2 / 1000)
    assert found["skewness"] == pytest.approx(1, abs=0.9)


def test_drawdown_by_hand() -> None:
    path = np.concatenate(
        [[0.1, -0.3, 0.05, -0.2, 0.4], np.random.default_rng(0).standard_normal(300) * 1e-4]
    )
    assert statistics(path)["maximum drawdown"] == pytest.approx(0.45, abs=0.01)


@pytest.mark.parametrize(("paths", "days"), [(50, 300), (200, 299)])
def test_wrong_shapes_are_refused(paths: int, days: int) -> None:
    with pytest.raises(ConfigError, match="100 paths or more of the length"):
        adequacy(np.ones(300), np.ones((paths, days)))


def test_holm_steps_down_by_hand() -> None:
    """At 5 %: .01 ≤ .05/4, .015 ≤ .05/3, .03 > .05/2 ends the steps, and .04 is not looked at."""
    assert _holm({"a": 0.04, "b": 0.01, "c": 0.03, "d": 0.015}, 0.05) == ("b", "d")
    assert _holm({"a": 0.013, "b": 0.9, "c": 0.9, "d": 0.9}, 0.05) == ()


@pytest.mark.parametrize("seed", range(5))
def test_holm_rejects_the_same_names_as_the_steps_written_out(seed: int) -> None:
    p = {str(i): float(x) for i, x in enumerate(np.random.default_rng(seed).random(17) ** 4)}
    steps = []
    for rank, name in enumerate(sorted(p, key=lambda one: p[one])):
        if p[name] > 0.05 / (17 - rank):
            break
        steps.append(name)
    assert _holm(p, 0.05) == tuple(steps)
