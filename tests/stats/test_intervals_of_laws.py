"""Intervals and floors from histories of laws, by hand and by closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from simgan.errors import ConfigError
from simgan.stats.intervals import (
    distances_in_laws,
    geometric_interval,
    memory_interval,
    pivotal_interval,
    ratio_interval,
    wider,
)


def test_the_interval_turns_the_deviations_round() -> None:
    """By hand: means 2 and 20, deviations −1 0 1 and −2 0 2, times √(3/2)."""
    drawn = np.array([[1.0, 2.0, 3.0], [18.0, 20.0, 22.0]])
    apart = np.sqrt(1.5) * np.array([-1.0, 0.0, 1.0, -2.0, 0.0, 2.0])
    low, high = np.quantile(apart, [0.05, 0.95])
    assert pivotal_interval(7.0, drawn, level=0.9) == pytest.approx((7 - high, 7 - low))


def test_ratios_make_the_interval_proportional_to_the_value_and_keep_its_sign() -> None:
    drawn = np.array([[1.5, 2.0, 2.5], [15.0, 20.0, 26.0]])
    low, high = ratio_interval(5.0, drawn)
    assert ratio_interval(10.0, drawn) == pytest.approx((2 * low, 2 * high))
    assert ratio_interval(-5.0, -drawn) == pytest.approx((-high, -low))
    assert 0.0 < low < 5.0 < high


@pytest.mark.parametrize("value", [0.0, -3.0])
def test_without_a_common_sign_differences_take_the_place_of_ratios(value: float) -> None:
    drawn = np.array([[1.0, 2.0, 4.0]])
    assert ratio_interval(value, drawn) == pivotal_interval(value, drawn)


def test_the_interval_covers_as_it_says_where_laws_differ_in_scale() -> None:
    """The twin: laws of deviation 1 and 3 times σ; a spread of 30 normal days has a χ law.

    One standard error of the coverage is 1.5 %.
    """
    rng = np.random.default_rng(0)
    drawn = rng.standard_normal((20, 10, 30)).std(axis=2) * np.array([[1.0], [3.0]] * 10)
    truth = np.mean(rng.standard_normal((2000, 30)).std(axis=1))
    own = rng.standard_normal((200, 30)).std(axis=1)
    ratios = np.mean(
        [low <= truth <= high for low, high in (ratio_interval(v, drawn) for v in own)]
    )
    assert 0.90 <= ratios <= 0.99
    differences = [pivotal_interval(v, drawn) for v in own]
    assert np.mean([high - low for low, high in differences]) > 1.5 * np.mean(
        [high - low for low, high in (ratio_interval(v, drawn) for v in own)]
    )


def test_a_history_that_explodes_does_not_widen_the_interval_by_geometric_means() -> None:
    """Log-normal numbers of deviation .2, of which one history in 48 is 20 times as large.

    By closed form 95 % of the values are in a factor of e^±.39 of the mean. One standard error of
    the coverage is 1.5 %.
    """
    rng = np.random.default_rng(0)
    drawn = np.exp(0.2 * rng.standard_normal((24, 8))) * np.linspace(1, 3, 24)[:, None]
    drawn[::6, 0] *= 20
    own = np.exp(0.2 * rng.standard_normal(200))
    found = np.array([geometric_interval(value, drawn) for value in own])
    assert 0.90 <= np.mean((found[:, 0] <= 1.0) & (found[:, 1] >= 1.0)) <= 0.99
    assert (found[:, 1] / found[:, 0]).max() < 3.0
    assert ratio_interval(1.0, drawn)[1] > 3.0


def test_the_geometric_interval_keeps_signs_and_is_by_differences_without_one() -> None:
    drawn = np.array([[1.0, 2.0, 4.0], [3.0, 6.0, 12.0]])
    low, high = geometric_interval(2.0, drawn)
    assert low * high == pytest.approx(2.0**2)  # deviations of logs are symmetric here
    assert geometric_interval(-2.0, -drawn) == pytest.approx((-high, -low))
    assert geometric_interval(-2.0, drawn) == pivotal_interval(-2.0, drawn)


def test_the_interval_of_a_memory_by_ratios_leaves_out_no_memory() -> None:
    """A value low for its laws: differences of .2 and more would hold 0, ratios cannot."""
    drawn = np.array([[0.1, 0.2, 0.3, 0.4], [0.2, 0.3, 0.4, 0.5]])
    assert pivotal_interval(0.12, drawn)[0] < 0.0 < ratio_interval(0.12, drawn)[0]


def test_a_memory_takes_the_nearer_end_of_ratios_and_differences() -> None:
    """A weak value: differences reach below 0. A strong one: ratios reach far up."""
    rng = np.random.default_rng(1)
    drawn = 0.1 + 0.05 * rng.standard_normal((24, 8))
    for value in (0.12, 0.02):
        low, high = memory_interval(value, drawn)
        apart, ratios = pivotal_interval(value, drawn), ratio_interval(value, drawn)
        assert low == max(apart[0], ratios[0]) and high == min(apart[1], ratios[1])
        assert memory_interval(-value, -drawn) == pytest.approx((-high, -low))

    assert apart[0] < 0.0 < low
    assert memory_interval(0.12, drawn)[1] < ratio_interval(0.12, drawn)[1]


def test_the_interval_of_a_memory_covers_as_it_says() -> None:
    """Lag 1 of 300 days of an autoregression of .3, for laws of .1 to .5.

    One standard error of the coverage is 1.5 %. An interval of half the width covers less.
    """

    def memories(weights: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        shocks = rng.standard_normal((310, *weights.shape))
        for day in range(1, len(shocks)):
            shocks[day] += weights * shocks[day - 1]
        series = shocks[10:] - shocks[10:].mean(axis=0)
        return np.asarray((series[1:] * series[:-1]).sum(axis=0) / (series**2).sum(axis=0))

    rng = np.random.default_rng(3)
    drawn = memories(np.repeat(np.linspace(0.1, 0.5, 24)[:, None], 8, axis=1), rng)
    truth = memories(np.full(4000, 0.3), rng).mean()
    found = np.array([memory_interval(v, drawn) for v in memories(np.full(200, 0.3), rng)])
    middle, half = found.mean(axis=1), np.diff(found, axis=1)[:, 0] / 2
    assert 0.90 <= np.mean((found[:, 0] <= truth) & (truth <= found[:, 1])) <= 0.99
    assert np.mean(np.abs(truth - middle) <= half / 2) < 0.80


def test_a_memory_that_most_laws_lack_has_differences_only() -> None:
    drawn = np.array([[-0.02, -0.01], [-0.01, -0.02], [0.03, 0.05]])
    assert memory_interval(0.04, drawn) == pivotal_interval(0.04, drawn)
    with_one_less = memory_interval(0.04, drawn[1:])
    assert with_one_less == pivotal_interval(0.04, drawn[1:])


def test_a_ratio_without_a_lower_quantile_has_no_upper_end() -> None:
    """By hand: ratios of 0 and 2 give no upper end, and differences do."""
    drawn = np.array([[0.0, 0.2], [0.0, 0.2], [0.0, 0.2]])
    low, high = memory_interval(0.1, drawn)
    assert high == pivotal_interval(0.1, drawn)[1]
    assert 0.0 < low < 0.1


def test_one_history_of_a_law_says_nothing() -> None:
    with pytest.raises(ConfigError, match="2 of each law or more"):
        pivotal_interval(1.0, np.ones((5, 1)))


def test_the_wider_interval_holds_all_of_them() -> None:
    assert wider((1.0, 3.0), (0.5, 2.0), (2.0, 2.5)) == (0.5, 3.0)


def test_distances_set_single_histories_against_the_others_of_their_law() -> None:
    """By hand: of law 1 the singles are 1 and 2 against mean 6; of law 2 they are 0 and 9."""
    histories = np.array([[[1.0], [2.0], [5.0], [7.0]], [[0.0], [9.0], [4.0], [4.0]]])
    found = distances_in_laws(lambda a, b: abs(float(a.mean() - b.mean())), histories, singles=2)
    assert found.tolist() == [5.0, 4.0, 4.0, 5.0]
