"""Basel's tables, as printed."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom
from tail_forecasts import with_hits

from simgan.errors import ConfigError
from simgan.risk.backtests import TestResult as Result
from simgan.risk.backtests.traffic_light import TrafficLight, zone

# Exceptions, zone, multiplier of 1996 (Basel 1996, table 2), of today (MAR99, table 2), cumulative
# probability in percent
TABLE = [
    (0, "green", 3.00, 1.50, 8.11),
    (1, "green", 3.00, 1.50, 28.58),
    (2, "green", 3.00, 1.50, 54.32),
    (3, "green", 3.00, 1.50, 75.81),
    (4, "green", 3.00, 1.50, 89.22),
    (5, "amber", 3.40, 1.70, 95.88),
    (6, "amber", 3.50, 1.76, 98.63),
    (7, "amber", 3.65, 1.83, 99.60),
    (8, "amber", 3.75, 1.88, 99.89),
    (9, "amber", 3.85, 1.92, 99.97),
    (10, "red", 4.00, 2.00, 99.99),
    (30, "red", 4.00, 2.00, 100.00),
]


def light(hits: np.ndarray, level: float = 0.99) -> Result:
    return TrafficLight().test(with_hits(hits, level))


@pytest.mark.parametrize(("count", "colour", "old", "new", "percent"), TABLE)
def test_the_table_of_basel(
    count: int, colour: str, old: float, new: float, percent: float
) -> None:
    result = light(np.arange(250) < count)
    assert (result.statistic, result.details["zone"]) == (count, colour)
    assert (result.details["multiplier of 1996"], result.details["multiplier"]) == (old, new)
    assert 100 * result.details["probability"] == pytest.approx(percent, abs=0.0051)
    assert result.p == pytest.approx(binom.sf(count - 1, 250, 0.01), rel=1e-12)


@pytest.mark.parametrize(
    ("level", "count", "verdict"),
    [(0.99, 12, "pass"), (0.99, 13, "fail"), (0.975, 30, "pass"), (0.975, 31, "fail")],
)
def test_a_desk_may_have_twelve_at_99_and_thirty_at_97_and_a_half(
    level: float, count: int, verdict: str
) -> None:
    """MAR32:
    a desk is out with more than 12 exceptions at 99 % or more than 30 at 97.5 % in the latest 12
    months.
    """
    assert light(np.arange(250) < count, level).details["desk"] == verdict


def test_the_latest_250_days_count_and_earlier_windows_are_told() -> None:
    """600 days: the latest 250, the 250 before, and 100 that fill no window."""
    hits = np.zeros(600, bool)
    hits[:90] = True
    hits[100:107] = True
    hits[350:352] = True
    result = light(hits)
    assert result.statistic == 2.0 and result.days == 250
    assert result.details["windows from the latest"] == [2, 7]


def test_short_histories_have_a_zone_and_no_multiplier() -> None:
    """MAR99's zones are cumulative probabilities;
    three of 60 days are beyond 95 %: P(X ≤ 3) = 99.77 %.
    """
    result = light(np.arange(60) < 3)
    assert result.details["zone"] == "amber"
    assert "multiplier" not in result.details and "desk" not in result.details


def test_another_level_has_a_zone_and_a_horizon_of_ten_days_no_multiplier() -> None:
    assert "multiplier" not in light(np.arange(250) < 20, 0.95).details
    assert (
        zone(17, 250, 0.05) == "green"
        and zone(18, 250, 0.05) == "amber"
        and zone(27, 250, 0.05) == "red"
    )


def test_a_window_of_no_days_is_refused() -> None:
    with pytest.raises(ConfigError, match="window"):
        TrafficLight(window=0)
