"""Scores of joint forecasts by portfolios, against their definitions."""

from __future__ import annotations

import numpy as np
import pytest

from simgan.risk.portfolio_scores import (
    GROUPS,
    RECENT,
    fixed_portfolios,
    minimum_variance,
    portfolio_scores,
    portfolios_on,
)

RNG = np.random.default_rng(3)
DRAWS, REALIZED = 0.02 * RNG.standard_normal((400, 3)), np.array([-0.045, 0.01, 0.02])
WEIGHTS = np.array([[0.5, 0.3, 0.2], [0.6, -0.4, 0.0]])
TAILS = (0.05, 0.01)


def test_the_fixed_portfolios_are_the_same_always_and_of_their_kinds() -> None:
    found = fixed_portfolios(5)
    np.testing.assert_array_equal(found, fixed_portfolios(5))
    assert found.shape == (41, 5)
    equal, long_only, long_short = found[:1], found[1:21], found[21:]
    np.testing.assert_allclose(equal, 0.2)
    np.testing.assert_allclose(long_only.sum(axis=1), 1)
    assert (long_only >= 0).all() and (long_short < 0).any(axis=1).sum() > 15
    np.testing.assert_allclose(np.abs(long_short).sum(axis=1), 1)


def test_the_kinds_are_all_rows_each_once() -> None:
    rows = np.arange(42)
    found = np.concatenate([rows[part] for part in GROUPS.values()])
    assert sorted(found) == rows.tolist()


def test_minimum_variance_of_two_independent_assets_is_by_their_precision() -> None:
    """Weights are as 1/σ², by the last 250 days only."""
    known = RNG.standard_normal((RECENT, 2)) * [1.0, 2.0]
    centred = known - known.mean(axis=0)
    known = centred @ np.linalg.inv(np.linalg.cholesky(np.cov(centred.T)).T) * [1.0, 2.0]
    earlier = 5 * RNG.standard_normal((300, 2))
    np.testing.assert_allclose(minimum_variance(np.vstack([earlier, known])), [0.8, 0.2])


def test_minimum_variance_has_no_short_position() -> None:
    common = RNG.standard_normal(RECENT)
    known = np.stack([common, 2 * common + 0.1 * RNG.standard_normal(RECENT)], axis=1)
    np.testing.assert_array_equal(minimum_variance(known), [1.0, 0.0])


def test_days_on_which_an_asset_did_not_trade_and_twins_do_no_harm() -> None:
    known = RNG.standard_normal((RECENT, 3))
    holes = known.copy()
    holes[10:40, 1] = np.nan
    kept = np.delete(known, range(10, 40), axis=0)
    np.testing.assert_array_equal(minimum_variance(holes), minimum_variance(kept))
    twins = np.repeat(known[:, :1], 2, axis=1)
    assert minimum_variance(twins) == pytest.approx([0.5, 0.5])


def test_portfolios_know_nothing_but_the_days_that_they_are_given() -> None:
    known = RNG.standard_normal((300, 3))
    found = portfolios_on(known[:280])
    np.testing.assert_array_equal(found[:-1], fixed_portfolios(3))
    np.testing.assert_array_equal(found[-1], minimum_variance(known[:280]))


def test_scores_are_those_of_simple_returns() -> None:
    """VaR, ES, FZ0 and CRPS written again, portfolio by portfolio."""
    found = portfolio_scores(DRAWS, REALIZED, WEIGHTS, TAILS)
    for row, weights in enumerate(WEIGHTS):
        simple, outcome = np.expm1(DRAWS) @ weights, float(np.expm1(REALIZED) @ weights)
        distances = np.abs(simple[:, None] - simple)
        spread = distances.sum() / (len(simple) * (len(simple) - 1))
        assert found.crps[row] == pytest.approx(np.abs(simple - outcome).mean() - spread / 2)
        for column, tail in enumerate(TAILS):
            v = 100 * np.quantile(simple, tail)
            e = 100 * simple[100 * simple <= v].mean()
            hit = float(100 * outcome < v)
            fz0 = -hit * (v - 100 * outcome) / (tail * e) + v / e + np.log(-e) - 1
            assert found.fz0[row, column] == pytest.approx(fz0)
            assert found.hits[row, column] == hit
    assert found.hits.any() and not found.hits.all()


def test_an_expected_gain_in_the_tail_has_no_fz0_and_all_other_scores() -> None:
    found = portfolio_scores(np.abs(DRAWS) + 0.01, REALIZED, WEIGHTS, TAILS)
    assert np.isnan(found.fz0[0]).all()
    assert np.isfinite(found.crps).all() and np.isfinite(found.hits).all()
