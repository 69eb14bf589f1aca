"""The tail CRPS of a law: against closed forms, and against the same number from draws."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from simgan.errors import ConfigError
from simgan.risk.law import GRID, QuantileLaw, law_tail_crps
from simgan.risk.scores import tail_crps
from simgan.seeds import Seed

UNIFORM = QuantileLaw(np.array([0.0, 1.0]), np.array([[0.0, 1.0]] * 5))


def test_the_whole_crps_of_a_uniform_law_is_its_closed_form() -> None:
    """∫₀^y z² dz + ∫_y^1 (1 − z)² dz = (y³ + (1 − y)³)/3, and the distance to the law for outcomes
    outside.
    """
    y = np.array([0.0, 0.3, 1.0, -0.5, 1.5])
    expected = [1 / 3, (0.3**3 + 0.7**3) / 3, 1 / 3, 0.5 + 1 / 3, 0.5 + 1 / 3]
    assert law_tail_crps(UNIFORM, y, np.full(5, np.inf)) == pytest.approx(expected, abs=1e-12)


def test_the_tail_of_a_uniform_law_is_its_closed_form() -> None:
    """Up to r = 0.4:
    ∫₀^0.4 z² dz where y lies beyond; ∫₀^y z² + ∫_y^0.4 (1 − z)² where it does not; r below law and
    outcome: 0.
    """
    y, r = np.array([0.9, 0.3, -0.5, 1.5, 1.5]), np.array([0.4, 0.4, 0.4, 0.4, -1.0])
    expected = [0.4**3 / 3, (0.3**3 + 0.7**3 - 0.6**3) / 3, 0.5 + (1 - 0.6**3) / 3, 0.4**3 / 3, 0.0]
    assert law_tail_crps(UNIFORM, y, r) == pytest.approx(expected, abs=1e-12)


def test_the_crps_of_a_normal_law_is_its_closed_form() -> None:
    """Gneiting & Raftery (2007), section 4.2:
    σ(x(2Φ(x) − 1) + 2φ(x) − 1/√π); the grid costs less than 1 in 1,000.
    """
    x = np.linspace(-3, 3, 13)
    law = QuantileLaw(GRID, np.tile(norm.ppf(np.clip(GRID, 1e-7, 1 - 1e-7)), (13, 1)))
    expected = x * (2 * norm.cdf(x) - 1) + 2 * norm.pdf(x) - 1 / np.sqrt(np.pi)
    np.testing.assert_allclose(law_tail_crps(law, x, np.full(13, np.inf)), expected, rtol=1e-3)


def test_draws_from_the_law_give_the_same_tail_score() -> None:
    """Standard error of 200,000 draws: below 0.002 of scores near 0.1."""
    rng = Seed(1).stream("validation")
    law = QuantileLaw.of(rng.standard_t(4, (3, 5000)))
    draws = law.quantile(rng.random((200_000, 3))).T
    realized, threshold = np.array([-2.5, -1.2, 0.3]), np.array([-1.5, -1.0, -0.8])
    np.testing.assert_allclose(
        law_tail_crps(law, realized, threshold), tail_crps(draws, realized, threshold), atol=0.002
    )


def test_days_that_disagree_are_refused() -> None:
    with pytest.raises(ConfigError, match="days"):
        law_tail_crps(UNIFORM, np.zeros(4), np.zeros(5))
    with pytest.raises(ConfigError, match="NaN"):
        law_tail_crps(UNIFORM, np.zeros(5), np.full(5, np.nan))
