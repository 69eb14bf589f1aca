"""Diebold–Mariano by its formula, by its size;
the model confidence set by what it must and may contain.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import t as student

from simgan.errors import ConfigError
from simgan.risk.comparison import diebold_mariano, mean_by_date, model_confidence_set
from simgan.seeds import Seed


def newey_west(series: np.ndarray, lags: int) -> float:
    """Standard error of the mean from the definition (Newey & West 1987):
    γ₀ + 2 Σ (1 − k/(L + 1)) γ_k.
    """
    centred, n = series - series.mean(), series.size
    long_run = centred @ centred / n
    for lag in range(1, lags + 1):
        long_run += 2 * (1 - lag / (lags + 1)) * (centred[lag:] @ centred[:-lag]) / n
    return float(np.sqrt(long_run / n))


@pytest.mark.parametrize(("days", "horizon", "lags"), [(200, 1, 4), (1500, 1, 7), (300, 10, 27)])
def test_diebold_mariano_is_its_formula(days: int, horizon: int, lags: int) -> None:
    rng = np.random.default_rng(1)
    a, b = rng.exponential(1.0, days), rng.exponential(1.1, days)
    found = diebold_mariano(a, b, horizon)
    error = newey_west(a - b, lags)
    correction = np.sqrt((days + 1 - 2 * horizon + horizon * (horizon - 1) / days) / days)
    statistic = correction * (a - b).mean() / error
    assert (found.lags, found.days) == (lags, days)
    assert found.standard_error == pytest.approx(error, rel=1e-9)
    assert found.statistic == pytest.approx(statistic, rel=1e-9)
    freedom = min(days - 1, 1.5 * days / (lags + 1))
    assert found.p_value == pytest.approx(2 * student.cdf(-abs(statistic), freedom), rel=1e-9)


def test_few_overlapping_losses_reject_hardly_more_than_five_percent() -> None:
    """Of 600 pairs of 51 sums over ten days: with 50 degrees of freedom, more than a fifth."""
    rng, rejected = np.random.default_rng(0), []
    for _ in range(600):
        sums = np.convolve(rng.standard_normal(60), np.ones(10), "valid")
        found = diebold_mariano(sums, np.zeros(51), 10)
        naive = 2 * student.sf(abs(found.statistic), 50)
        rejected.append((found.p_value < 0.05, naive < 0.05, found.p_value < 1e-4))
    shares = np.mean(rejected, axis=0)
    assert shares[0] < 0.11 and shares[1] > 0.16 and shares[2] == 0


def test_a_negative_difference_means_that_the_first_is_better() -> None:
    rng = np.random.default_rng(2)
    good, bad = rng.random(500), rng.random(500) + 0.2
    forth, back = diebold_mariano(good, bad), diebold_mariano(bad, good)
    assert forth.mean_difference < 0 and forth.statistic < -5 and forth.p_value < 0.001
    assert back.statistic == pytest.approx(-forth.statistic) and back.p_value == pytest.approx(
        forth.p_value
    )


@pytest.mark.parametrize(("horizon", "highest"), [(1, 0.075), (10, 0.10)])
def test_the_size_is_near_five_percent(horizon: int, highest: float) -> None:
    """800 histories of 500 overlapping sums with equal losses;
    h = 10 leaves 50 separate sums, and rejects 6 to 8 %.
    """
    rng = Seed(1).stream("validation")
    shocks = rng.standard_normal((800, 500 + horizon - 1))
    sums = np.lib.stride_tricks.sliding_window_view(shocks, horizon, axis=1).sum(axis=2)
    rejected = np.mean([diebold_mariano(d, np.zeros(500), horizon).p_value < 0.05 for d in sums])
    assert 0.03 < rejected < highest


def test_identical_forecasts_are_equal() -> None:
    losses = np.random.default_rng(3).random(50)
    found = diebold_mariano(losses, losses)
    assert (found.mean_difference, found.statistic, found.p_value) == (0.0, 0.0, 1.0)


@pytest.mark.parametrize(
    "call",
    [
        lambda: diebold_mariano(np.ones(50), np.ones(49)),
        lambda: diebold_mariano(np.ones(50) * 1.5, np.ones(50)),
        lambda: diebold_mariano(np.arange(9.0), np.ones(9)),
        lambda: diebold_mariano(np.arange(39.0), np.ones(39), 10),
        lambda: diebold_mariano(np.arange(50.0), np.ones(50), 0),
        lambda: diebold_mariano(np.full(50, np.nan), np.ones(50)),
        lambda: model_confidence_set({"one": np.arange(50.0)}, Seed(1)),
        lambda: model_confidence_set({"a": np.arange(50.0), "b": np.arange(50.0) + 1}, Seed(1)),
        lambda: model_confidence_set({"a": np.arange(50.0), "b": np.ones(50)}, Seed(1), size=1.0),
        lambda: mean_by_date(np.ones(3), np.arange(4)),
    ],
)
def test_losses_that_cannot_be_compared_are_refused(call: object) -> None:
    with pytest.raises(ConfigError):
        call()  # type: ignore[operator]


def test_assets_are_averaged_by_date() -> None:
    dates = np.array(["2020-01-02", "2020-01-01", "2020-01-02", "2020-01-03"], "datetime64[D]")
    np.testing.assert_allclose(mean_by_date(np.array([1.0, 5.0, 3.0, 7.0]), dates), [5.0, 2.0, 7.0])


def test_averaging_by_date_keeps_the_dependence_of_assets() -> None:
    """Ten assets that move together:
    as one long series they would seem to be ten times as many days, and reject half of the time.
    """
    rng = Seed(2).stream("validation")
    common = rng.standard_normal((300, 250))
    losses = np.repeat(common, 10, axis=1) + 0.3 * rng.standard_normal((300, 2500))
    dates = np.repeat(np.arange(250), 10)
    by_date = np.mean(
        [diebold_mariano(mean_by_date(row, dates), np.zeros(250)).p_value < 0.05 for row in losses]
    )
    assert 0.01 < by_date < 0.10
    shuffled = rng.permutation(2500)
    stacked = np.mean(
        [diebold_mariano(row[shuffled], np.zeros(2500)).p_value < 0.05 for row in losses]
    )
    assert stacked > 0.3


def models(gap: float) -> dict[str, np.ndarray]:
    rng = Seed(4).stream("validation")
    common = rng.standard_normal(800)
    return {
        name: common + 0.5 * rng.standard_normal(800) + loss
        for name, loss in (("good", 0.0), ("like it", 0.0), ("bad", gap))
    }


def test_the_confidence_set_leaves_out_what_is_worse() -> None:
    found = model_confidence_set(models(0.3), Seed(1))
    assert found.members == ("good", "like it")
    assert list(found.p_values) == ["good", "like it", "bad"]
    assert found.p_values["bad"] < 0.01 and max(found.p_values.values()) == 1.0


def test_the_confidence_set_keeps_what_cannot_be_told_apart() -> None:
    assert set(model_confidence_set(models(0.0), Seed(1)).members) == {"good", "like it", "bad"}


def test_the_seed_makes_the_confidence_set_and_blocks_span_the_horizon() -> None:
    losses = models(0.03)
    assert model_confidence_set(losses, Seed(1)) == model_confidence_set(losses, Seed(1))
    assert (
        model_confidence_set(losses, Seed(1)).p_values
        != model_confidence_set(losses, Seed(2)).p_values
    )
    assert model_confidence_set(losses, Seed(1), horizon=20).block_length >= 20
