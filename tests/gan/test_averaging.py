"""The moving average of the generator."""

from __future__ import annotations

import pytest

tf = pytest.importorskip("tensorflow")
pytestmark = pytest.mark.tensorflow

from simgan.gan.game import WeightAverage  # noqa: E402


def followed(steps: int, *, forgets_start: bool) -> float:
    """An average that begins at 0 and follows a weight of 1, with a decay of .999."""
    weight = tf.Variable(0.0)
    average = WeightAverage([weight], 0.999, forgets_start=forgets_start)
    weight.assign(1.0)
    for _ in range(steps):
        average.follow()
    average.copy_to_weights()
    return float(weight)


def test_an_average_remembers_where_it_began() -> None:
    assert followed(300, forgets_start=False) == pytest.approx(1 - 0.999**300, abs=1e-4)


def test_one_of_random_weights_forgets_it() -> None:
    """After t steps, the start has the share ∏ (1 + s) / (10 + s), with s from 1 to t."""
    left = 1.0
    for step in range(1, 11):
        left *= (1 + step) / (10 + step)
    assert followed(10, forgets_start=True) == pytest.approx(1 - left, abs=1e-5)
    assert followed(300, forgets_start=True) > 0.999


def test_it_begins_anew() -> None:
    weight = tf.Variable(0.0)
    average = WeightAverage([weight], 0.999, forgets_start=True)
    for _ in range(2):
        weight.assign(0.0)
        average.restart()
        weight.assign(1.0)
        average.follow()
        assert float(average.variables[0]) == pytest.approx(1 - 2 / 11)
