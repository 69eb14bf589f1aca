"""CRPS, FZ0 and pinball loss from closed forms, by hand, and by propriety."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from simgan.errors import ConfigError
from simgan.risk import scores
from simgan.risk.scores import crps, fz0, pinball, quantile_crps
from simgan.seeds import Seed


def test_crps_by_its_double_sum() -> None:
    rng = np.random.default_rng(2)
    draws, realized = rng.standard_normal((6, 9)), rng.standard_normal(6)
    pairs = np.abs(draws[:, :, None] - draws[:, None, :]).sum(axis=(1, 2)) / (2 * 9 * 8)
    expected = np.abs(draws - realized[:, None]).mean(axis=1) - pairs
    np.testing.assert_allclose(crps(draws, realized), expected, atol=1e-12)


@pytest.mark.parametrize("y", [-2.0, 0.0, 0.7])
def test_crps_of_the_normal_is_the_closed_form_even_with_few_draws(y: float) -> None:
    """σ[z(2Φ(z) − 1) + 2φ(z) − 1/√π] (Gneiting & Raftery 2007);
    100,000 sets of 4 draws, five standard errors.
    """
    draws = Seed(1).stream("validation").standard_normal((100_000, 4))
    values = crps(draws, np.full(100_000, y))
    expected = y * (2 * norm.cdf(y) - 1) + 2 * norm.pdf(y) - 1 / np.sqrt(np.pi)
    margin = 5 * values.std() / np.sqrt(values.size)
    assert abs(values.mean() - expected) < margin
    pairs = np.abs(draws[:, :, None] - draws[:, None, :]).sum(axis=(1, 2))
    unfair = values + pairs / 2 * (1 / 12 - 1 / 16)
    assert abs(unfair.mean() - expected) > margin


def test_crps_of_quantiles_by_its_double_sum_and_by_quantile_scores() -> None:
    rng = np.random.default_rng(2)
    quantiles, realized = np.sort(rng.standard_normal((6, 9)), axis=1), rng.standard_normal(6)
    found = quantile_crps(quantiles, realized)
    pairs = np.abs(quantiles[:, :, None] - quantiles[:, None, :]).sum(axis=(1, 2)) / (2 * 9**2)
    by_sum = np.abs(quantiles - realized[:, None]).mean(axis=1) - pairs
    np.testing.assert_allclose(found, by_sum, atol=1e-12)
    each = [pinball(q, realized, (i + 0.5) / 9) for i, q in enumerate(quantiles.T)]
    np.testing.assert_allclose(found, 2 * np.mean(each, axis=0), atol=1e-12)


def test_quantiles_of_the_right_law_score_best_and_the_fair_form_prefers_wide_ones() -> None:
    probabilities = (np.arange(32) + 0.5) / 32
    realized = norm.ppf((np.arange(4000) + 0.5) / 4000)
    mean = {
        (score, scale): score(np.tile(scale * norm.ppf(probabilities), (4000, 1)), realized).mean()
        for score in (quantile_crps, crps)
        for scale in (0.95, 1.0, 1.05)
    }
    assert mean[quantile_crps, 1.0] < min(mean[quantile_crps, 0.95], mean[quantile_crps, 1.05])
    assert mean[crps, 1.05] < mean[crps, 1.0] < mean[crps, 0.95]


def test_chunks_of_days_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    draws, realized = rng.standard_normal((50, 20)), rng.standard_normal(50)
    whole = crps(draws, realized)
    monkeypatch.setattr(scores, "CHUNK", 100)
    np.testing.assert_allclose(crps(draws, realized), whole, atol=1e-14)


def test_fz0_by_hand() -> None:
    """Quiet day: 2/3 + log 3 − 1. A fall of 5 % adds (5 − 2)/(.05 · 3) = 20."""
    quiet = 2 / 3 + np.log(3) - 1
    values = fz0(np.full(2, 2.0), np.full(2, 3.0), np.array([1.0, -5.0]), 0.05)
    np.testing.assert_allclose(values, [quiet, quiet + 20.0])


def test_fz0_is_the_formula_in_returns() -> None:
    rng = np.random.default_rng(4)
    y, v, a = rng.standard_normal(100), -1.6 - 0.1 * rng.random(100), 0.05
    e = v - 0.4
    expected = -1.0 * (y <= v) * (v - y) / (a * e) + v / e + np.log(-e) - 1
    np.testing.assert_allclose(fz0(-v, -e, y, a), expected, atol=1e-12)


def test_scores_are_best_at_the_truth() -> None:
    """Normal law, 5 %: VaR 1.645, ES 2.063; every other forecast tried costs more."""
    y = norm.ppf((np.arange(100_000) + 0.5) / 100_000)
    var, es = norm.ppf(0.95), norm.pdf(norm.ppf(0.95)) / 0.05

    def mean_fz0(v: float, e: float) -> float:
        return float(fz0(np.full(y.size, v), np.full(y.size, e), y, 0.05).mean())

    def mean_pinball(v: float) -> float:
        return float(pinball(np.full(y.size, -v), y, 0.05).mean())

    assert all(
        mean_fz0(var, es) < mean_fz0(var * a, es * b)
        for a, b in [(0.9, 1), (1.1, 1), (1, 0.9), (1, 1.1)]
    )
    assert all(mean_pinball(var) < mean_pinball(var * a) for a in (0.9, 1.1))


def test_pinball_by_hand() -> None:
    np.testing.assert_allclose(
        pinball(np.array([-2.0, -2.0]), np.array([-5.0, 1.0]), 0.05), [0.95 * 3.0, 0.05 * 3.0]
    )


@pytest.mark.parametrize(
    "call",
    [
        lambda: fz0(np.ones(3), np.ones(3) * 2, np.ones(3), 0.95),
        lambda: fz0(np.ones(3), np.ones(3) * 0.5, np.ones(3), 0.05),
        lambda: fz0(np.ones(3), np.ones(3) * 2, np.ones(4), 0.05),
        lambda: fz0(-np.ones(3), -np.ones(3) * 0.5, np.ones(3), 0.05),
        lambda: pinball(np.ones(3), np.ones(3), 5.0),
        lambda: crps(np.ones((3, 1)), np.ones(3)),
        lambda: crps(np.ones((3, 5)), np.ones(4)),
        lambda: crps(np.full((3, 5), np.nan), np.ones(3)),
    ],
)
def test_forecasts_that_make_no_sense_are_refused(call: object) -> None:
    with pytest.raises(ConfigError):
        call()
