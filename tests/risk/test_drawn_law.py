"""A law known by its draws gives the numbers of the measures and scores, which have tests of their
own.
"""

from __future__ import annotations

import numpy as np
import pytest

from simgan.errors import ConfigError
from simgan.risk.law import GRID, DrawnLaw, QuantileLaw
from simgan.risk.measures import expected_shortfall, value_at_risk
from simgan.risk.returns import fewest
from simgan.risk.scores import crps
from simgan.seeds import Seed

LEVELS = (0.51, 0.9, 0.95, 0.975, 0.99, 0.999)


def draws(count: int, number: int = 0) -> np.ndarray:
    return 0.01 * Seed(5).stream("validation", number).standard_t(4, count)


@pytest.mark.parametrize("count", [2, 3, 100, 101, 999, 1000, 10_000])
def test_var_and_es_are_those_of_the_measures(count: int) -> None:
    values = draws(count)
    law = DrawnLaw.of(values)
    for level in LEVELS:
        if count < fewest(level):  # refused by the measures, too
            with pytest.raises(ConfigError, match="beyond the level"):
                law.value_at_risk(level)
            continue
        assert law.value_at_risk(level) == value_at_risk(values, level)
        assert law.expected_shortfall(level) == pytest.approx(
            float(expected_shortfall(values, level)), rel=1e-10, abs=1e-14
        )


def test_ties_change_nothing() -> None:
    values = np.round(draws(1000), 2)
    law = DrawnLaw.of(values)
    assert len(np.unique(values)) < 50
    for level in LEVELS:
        assert law.value_at_risk(level) == value_at_risk(values, level)
        assert law.expected_shortfall(level) == pytest.approx(
            float(expected_shortfall(values, level)), rel=1e-10
        )
    assert law.crps(0.01) == pytest.approx(
        float(crps(values[None, :], np.array([0.01]))[0]), rel=1e-10
    )


def test_es_is_never_below_var() -> None:
    """Many draws of one value: the sum of equal numbers is not their multiple, to the last bit."""
    for number in range(200):
        law = DrawnLaw.of(
            draws(5, number)[Seed(1).stream("validation", number).integers(0, 5, 3000)]
        )
        assert all(law.expected_shortfall(level) >= law.value_at_risk(level) for level in LEVELS)


@pytest.mark.parametrize("realized", [-1.0, -0.01, 0.0, 0.003, 1.0])
def test_crps_is_that_of_the_scores(realized: float) -> None:
    values = draws(2000)
    expected = float(crps(values[None, :], np.array([realized]))[0])
    assert DrawnLaw.of(values).crps(realized) == pytest.approx(expected, rel=1e-9)


def test_pit_is_the_share_of_draws_below_and_never_certain() -> None:
    law = DrawnLaw.of(np.array([3.0, 1.0, 2.0, 2.0]))
    assert [law.pit(y) for y in (0.0, 1.0, 1.5, 2.0, 9.0)] == [
        0.5 / 5,
        1.0 / 5,
        1.5 / 5,
        2.5 / 5,
        4.5 / 5,
    ]


def test_quantiles_are_those_of_a_known_law() -> None:
    """1,001 draws at the quantiles of the uniform law:
    i/1000 at probability (i + ½)/1001, so within 1/1000 of the grid.
    """
    np.testing.assert_allclose(DrawnLaw.of(np.arange(1001) / 1000).quantiles(), GRID, atol=1e-3)


@pytest.mark.parametrize("count", [2, 100, 5000])
def test_quantiles_are_those_of_the_law_that_backtests_use(count: int) -> None:
    values = draws(count)
    np.testing.assert_allclose(
        DrawnLaw.of(values).quantiles(),
        QuantileLaw.of(values[None, :]).quantiles[0],
        rtol=1e-6,
        atol=1e-9,
    )


@pytest.mark.parametrize(
    "bad", [np.array([1.0]), np.array([1.0, np.nan]), np.zeros((2, 2)), np.zeros(0)]
)
def test_what_is_no_law_is_refused(bad: np.ndarray) -> None:
    with pytest.raises(ConfigError):
        DrawnLaw.of(bad)


@pytest.mark.parametrize("level", [0.0, 1.0, -1.0, float("nan")])
def test_a_level_outside_the_unit_interval_is_refused(level: float) -> None:
    with pytest.raises(ConfigError, match="level"):
        DrawnLaw.of(draws(10)).value_at_risk(level)
