"""Returns of portfolios of a book, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from simgan.report.book.portfolios import LEAST_WORTH, LONG_SHORT, Portfolios

DAYS = 0.02 * np.random.default_rng(1).standard_normal((60, 3))
SHARES = np.array([0.5, 0.8, -0.3])


def test_assets_are_bought_and_held_or_restored() -> None:
    held = Portfolios(3, "own", SHARES).returns(DAYS, 10)
    assert held.shape == (2 + LONG_SHORT, 51)
    added = DAYS[7:17].sum(axis=0)
    assert held[0, 7] == pytest.approx(np.log(np.exp(added).mean()))
    assert held[1, 7] == pytest.approx(np.log(np.exp(added) @ SHARES))
    restored = Portfolios(3, "own", SHARES, is_rebalanced=True).returns(DAYS, 10)
    assert restored[1, 7] == pytest.approx(np.log(np.exp(DAYS[7:17]) @ SHARES).sum())
    assert Portfolios(3).returns(DAYS, 1)[0] == pytest.approx(np.log(np.exp(DAYS).mean(axis=1)))


def test_a_long_short_portfolio_is_one_side_minus_the_other() -> None:
    portfolios = Portfolios(3)
    long, short = portfolios.weights[:LONG_SHORT], portfolios.weights[LONG_SHORT : 2 * LONG_SHORT]
    assert long.sum(axis=1) == pytest.approx(1) and short.sum(axis=1) == pytest.approx(1)
    assert (long * short == 0).all() and (long >= 0).all() and (short >= 0).all()
    expected = np.log(np.exp(DAYS) @ long[3]) - np.log(np.exp(DAYS) @ short[3])
    assert portfolios.returns(DAYS, 1)[1 + 3] == pytest.approx(expected)
    assert (Portfolios(3).weights == portfolios.weights).all()


def test_a_short_that_loses_all_has_the_least_worth() -> None:
    crash = np.array([[0.0, 0.0, 2.0]])
    found = Portfolios(3, "own", np.array([1.0, 1.0, -1.0])).returns(crash, 1)
    assert found[1, 0] == pytest.approx(np.log(LEAST_WORTH))
