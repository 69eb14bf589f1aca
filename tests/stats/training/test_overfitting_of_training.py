"""Over-fitting: what is learned by heart is told, what is not is told in one case of a hundred."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import mannwhitneyu, ttest_ind

from simgan.errors import ConfigError
from simgan.seeds import Seed
from simgan.stats.training.signs import gap, rise


def test_the_interval_is_that_of_welch_and_the_auc_that_of_mann_and_whitney() -> None:
    """Beside scipy."""
    rng = Seed(10).stream("baseline")
    a, b = rng.normal(0.6, 0.1, 30), rng.normal(0.5, 0.2, 100)
    found, interval = gap(a, b), ttest_ind(a, b, equal_var=False).confidence_interval(0.98)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high))
    assert found.auc == pytest.approx(mannwhitneyu(a, b).statistic / 3000)
    assert found.is_over_fitted


def test_a_critic_that_has_learned_nothing_by_heart_is_rarely_accused() -> None:
    """1,000 pairs of samples of one law, at a size of 1 %;
    P(more than 20 of Bin(1000, .01)) = .002.
    """
    rng = Seed(11).stream("baseline")
    assert (
        sum(gap(rng.beta(2, 2, 50), rng.beta(2, 2, 200)).is_over_fitted for _ in range(1000)) <= 20
    )


def test_constant_scores_are_no_gap() -> None:
    assert not gap(np.full(9, 0.5), np.full(9, 0.5)).is_over_fitted


def test_a_rise_of_the_last_look_is_found_and_a_last_look_that_is_best_has_none() -> None:
    rng = Seed(12).stream("baseline")
    day = rng.gamma(2, 0.2, 500)
    looks = [day + shift + 0.01 * rng.standard_normal(500) for shift in (0.02, 0.0, 0.005, 0.01)]
    found = rise(looks)
    assert found.best == 1 and found.is_over_fitted
    assert found.value == pytest.approx(0.01, abs=0.002)
    assert rise(looks[:2]) == rise([day]) or not rise(looks[:2]).is_over_fitted


@pytest.mark.parametrize("r", [0.0, 0.5])
def test_looks_that_differ_by_chance_are_rarely_a_rise(r: float) -> None:
    """400 trainings of 10 looks at 300 days;
    at a size of 1 % for the picked best; P(more than 11 of Bin(400, .01)) = .001.
    """
    rng = Seed(13).stream("baseline")
    alarms = 0
    for _ in range(400):
        noise = rng.standard_normal((10, 301))
        alarms += rise(list(noise[:, 1:] + r * noise[:, :-1])).is_over_fitted
    assert alarms <= 11


def test_few_scores_are_refused() -> None:
    with pytest.raises(ConfigError, match="at least 5"):
        gap(np.ones(4), np.ones(9))
