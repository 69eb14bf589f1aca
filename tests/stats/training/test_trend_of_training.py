"""A drift is found where there is one, and rarely where there is none;
the line is that of statsmodels.
"""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.signal import lfilter

from simgan.errors import ConfigError
from simgan.seeds import Seed
from simgan.stats.training.signs import autocorrelation, trend


def red(count: int, records: int, r: float) -> np.ndarray:
    noise = Seed(5).stream("baseline", records).standard_normal((count, records + 300))
    return lfilter([1.0], [1.0, -r], noise, axis=1)[:, 300:]


def test_line_and_scatter_are_those_of_least_squares() -> None:
    """Beside statsmodels; the drift is the slope per record times the number of records."""
    values = red(1, 80, 0.0)[0] + 0.02 * np.arange(80)
    found, fit = trend(values), sm.OLS(values[40:], sm.add_constant(np.arange(40))).fit()
    assert found.drift == pytest.approx(40 * fit.params[1])
    assert found.scatter == pytest.approx(np.sqrt(fit.scale))
    assert found.level == pytest.approx(values[40:].mean())
    assert found.low < found.drift < found.high and found.records == 40


def test_the_error_is_that_of_least_squares_where_nothing_is_autocorrelated() -> None:
    """Residuals that change sign at every record have r < 0, which is taken for 0."""
    values = np.arange(40) / 40 + 0.1 * (-1.0) ** np.arange(40)
    found, fit = trend(values, last=1.0), sm.OLS(values, sm.add_constant(np.arange(40))).fit()
    low, high = 40 * fit.conf_int()[1]
    assert (found.low, found.high) == pytest.approx((low, high))


def test_autocorrelation_by_hand() -> None:
    """1, 1, −1, −1:
    products 1 − 1 + 1 = 1 over squares 4, then (1 + 4 · 0.25) / 4 is added: 0.75.
    """
    assert autocorrelation(np.array([1.0, 1.0, -1.0, -1.0])) == pytest.approx(0.75)
    assert autocorrelation(np.zeros(4)) == pytest.approx(0.25)


@pytest.mark.parametrize(("r", "most"), [(0.0, 0.03), (0.5, 0.04), (0.8, 0.07)])
def test_noise_drifts_rarely(r: float, most: float) -> None:
    """Of 400 series of 100 records, half of which are judged, at a size of 1 %;
    binomial 99.9 % limits about what was measured.
    """
    assert np.mean([trend(values).is_moving(0.0) for values in red(400, 100, r)]) <= most


def test_a_drift_of_three_times_the_noise_is_found() -> None:
    ramp = np.linspace(0, 6, 100)  # 3 over the last half
    assert np.mean([trend(values + ramp).is_moving(0.0) for values in red(200, 100, 0.0)]) > 0.99


def test_what_does_not_matter_is_no_drift_and_what_cannot_be_excluded_is_not_settled() -> None:
    small = 0.001 * red(1, 100, 0.0)[0] + np.linspace(0, 0.02, 100)
    assert trend(small).is_moving(0.005) and not trend(small).is_moving(0.02)
    walk = np.cumsum(red(1, 100, 0.0)[0])
    assert not trend(walk).is_settled(0.02)
    assert trend(red(1, 100, 0.0)[0]).is_settled(0.02)


def test_a_constant_is_settled() -> None:
    assert trend(np.full(60, 0.693)).is_settled(1e-9)


@pytest.mark.parametrize("values", [np.ones(38), np.full(60, np.nan), np.ones((60, 2))])
def test_what_cannot_be_judged_is_refused(values: np.ndarray) -> None:
    with pytest.raises(ConfigError):
        trend(values)
