"""The outlook of a position: simple losses, horizons with paths of their own, fans of quantiles."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from simgan.errors import ConfigError
from simgan.risk.outlook import FAN, fewest, outlook, worth_of

N, SIGMA = 50_000, 0.02


def sums(days: int = 10, slope: float = 0.0) -> np.ndarray:
    """Return sums (paths, days) of normal returns, each with `slope` of the one before."""
    rng = np.random.Generator(np.random.Philox(5))
    daily = SIGMA * rng.standard_normal((N, days))
    for day in range(1, days):
        daily[:, day] += slope * daily[:, day - 1]
    return daily.cumsum(axis=1)


@pytest.mark.parametrize("horizon", [1, 10])
@pytest.mark.parametrize("is_short", [False, True])
def test_losses_of_lognormal_prices_are_those_of_the_formulas(horizon: int, is_short: bool) -> None:
    """Within 4.5 Monte Carlo errors. A log return for a simple one is found over 10 days."""
    found = outlook(sums(), (horizon,), (0.99,), is_short=is_short).of(horizon, 0.99)
    deviation, z = SIGMA * np.sqrt(horizon), norm.ppf(0.99)
    side = 1.0 if is_short else -1.0
    value_at_risk = side * np.expm1(side * z * deviation)
    beyond = norm.cdf(side * deviation - z) if is_short else norm.cdf(-z - deviation)
    growth = np.exp(deviation**2 / 2) * beyond / 0.01
    shortfall = growth - 1 if is_short else 1 - growth
    assert abs(found.value_at_risk - value_at_risk) < 4.5 * found.value_at_risk_error
    assert abs(found.expected_shortfall - shortfall) < 4.5 * found.expected_shortfall_error
    if horizon == 10:
        assert abs(found.value_at_risk - z * deviation) > 4.5 * found.value_at_risk_error


@pytest.mark.parametrize(("slope", "more"), [(0.4, True), (-0.4, False)])
def test_ten_days_are_paths_and_no_root_of_time(slope: float, more: bool) -> None:
    """Returns that follow each other make more than the root says, and reversals less."""
    found = outlook(sums(slope=slope), (1, 10), (0.975,))
    by_root = np.sqrt(10) * found.of(1, 0.975).value_at_risk
    assert (found.of(10, 0.975).value_at_risk > 1.1 * by_root) == more
    assert (found.of(10, 0.975).value_at_risk < 0.9 * by_root) != more


def test_rows_stand_by_horizon_then_level() -> None:
    found = outlook(sums(), (10, 1), (0.975, 0.99))
    cells = [(one.horizon, one.estimate.level) for one in found.risks]
    assert cells == [(10, 0.975), (10, 0.99), (1, 0.975), (1, 0.99)]
    assert set(found.tails) == {1, 10}


def test_a_fan_holds_the_quantiles_of_each_day() -> None:
    paths = sums(5)
    fan = outlook(paths, (1,), (0.99,), fan_days=5).fan
    assert fan.probabilities == FAN and fan.changes.shape == (len(FAN), 5)
    shares = (np.expm1(paths)[None] <= fan.changes[:, None]).mean(axis=1)  # (FAN, days)
    np.testing.assert_allclose(shares, np.tile(FAN, (5, 1)).T, atol=1 / N)


def test_a_tail_ends_where_five_scenarios_are_left() -> None:
    tail = outlook(sums(1), (1,), (0.99,)).tails[1]
    assert tail.probabilities[0] == 0.5 and tail.probabilities[-1] == pytest.approx(5 / N)
    assert (np.diff(tail.losses) >= 0).all()
    beyond = (-np.expm1(sums(1)[:, 0]) > tail.losses[-1]).sum()
    assert beyond in (4, 5)


def test_probabilities_stand_for_repeated_scenarios() -> None:
    """A scenario of weight 3 counts like three. Errors differ: they are less worth."""
    few = sums(3)[:5000]
    weights = np.tile([1.0, 3.0], 2500)
    found = outlook(few, (3,), (0.95,), fan_days=3, probabilities=weights / weights.sum())
    repeated = outlook(np.repeat(few, weights.astype(int), axis=0), (3,), (0.95,), fan_days=3)
    one, other = found.of(3, 0.95), repeated.of(3, 0.95)
    assert one.value_at_risk == pytest.approx(other.value_at_risk)
    assert one.expected_shortfall == pytest.approx(other.expected_shortfall)
    assert one.expected_shortfall_error > other.expected_shortfall_error
    np.testing.assert_allclose(found.fan.changes, repeated.fan.changes)
    assert worth_of(5000, weights / weights.sum()) == pytest.approx(5000 * 0.8)


def test_a_level_needs_twenty_scenarios_beyond_it() -> None:
    assert fewest((0.975, 0.99)) == 2000
    outlook(sums(1)[:2000], (1,), (0.99,))
    with pytest.raises(ConfigError, match=r"at least 2,000 for the level 0\.99, which needs 20"):
        outlook(sums(1)[:1999], (1,), (0.99,))
    with pytest.raises(ConfigError, match="n = 1600"):  # few that carry all weight are few
        weights = np.where(np.arange(4000) < 1600, 1 / 1600, 0.0)
        outlook(sums(1)[:4000], (1,), (0.99,), probabilities=weights)


@pytest.mark.parametrize("level", [0.0, 1.0, 99.0, float("nan")])
def test_an_impossible_level_is_refused(level: float) -> None:
    with pytest.raises(ConfigError, match="a coverage inside"):
        fewest((0.9, level))


@pytest.mark.parametrize(("horizons", "fan"), [((11,), 1), ((0,), 1), ((1,), 11)])
def test_a_horizon_that_the_paths_do_not_have_is_refused(
    horizons: tuple[int, ...], fan: int
) -> None:
    with pytest.raises(ConfigError, match="from 1 to 10 days"):
        outlook(sums(), horizons, (0.99,), fan_days=fan)
