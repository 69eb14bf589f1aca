"""Synchronised scores: the common moves of markets that close at other hours, on one day."""

from __future__ import annotations

import numpy as np
import pytest

from simgan.seeds import Seed
from simgan.stats import synchrony
from simgan.stats.synchrony import leads, synchronised

LED, SAME = 0.6, 0.3  # coefficient of the day before, correlation of the news of a day
FOLLOWS = np.array([[False, True, False], [False, False, False], [False, False, False]])


def made(days: int = 40_000) -> tuple[np.ndarray, np.ndarray]:
    """Scores of which the first follows the second by a day, and their news."""
    rng = Seed(5).stream("baseline")
    covariance = np.array([[1.0, SAME, 0.0], [SAME, 1.0, 0.5], [0.0, 0.5, 1.0]])
    news = rng.standard_normal((days, 3)) @ np.linalg.cholesky(covariance).T
    scores = news.copy()
    scores[1:, 0] += LED * news[:-1, 1]
    return scores, news


def test_the_coefficient_is_found_and_others_are_0() -> None:
    """Chance of a false alarm: 4 standard errors of .006 each."""
    found, _ = leads(made()[0], FOLLOWS)
    assert found[0, 1] == pytest.approx(LED, abs=0.025)
    assert np.count_nonzero(found) == 1


def test_the_coefficients_of_three_markets_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first follows both others, and the second the third. Standard errors are .006.

    A regression on scores takes the news of two days before for those of the second market.
    """
    rng = Seed(6).stream("baseline")
    correlations = np.array([[1.0, 0.3, 0.2], [0.3, 1.0, 0.3], [0.2, 0.3, 1.0]])
    news = rng.standard_normal((40_000, 3)) @ np.linalg.cholesky(correlations).T
    true = np.array([[0.0, 0.35, 0.35], [0.0, 0.0, 0.4], [0.0, 0.0, 0.0]])
    scores = news.copy()
    scores[1:] += news[:-1] @ true.T
    found, _ = leads(scores, true > 0)
    assert found == pytest.approx(true, abs=0.024)
    monkeypatch.setattr(synchrony, "_ROUNDS", 1)
    assert leads(scores, true > 0)[0][0, 1] < 0.35 - 0.03


def test_synchronised_scores_hold_all_news_of_a_day() -> None:
    """In closed form: z̃ = (I + A) ε / d has correlation (.3 + .6)/√(1 + .36 + 2 · .6 · .3)."""
    scores, news = made()
    found, sizes = leads(scores, FOLLOWS)
    together = synchronised(scores, found, sizes)
    assert together.std(axis=0) == pytest.approx(1.0, abs=1e-3)
    same = np.corrcoef(together.T)[0, 1]
    assert same == pytest.approx(0.9 / np.sqrt(1.72), abs=0.02)
    assert np.corrcoef(scores.T)[0, 1] < 0.3  # the twin: scores of a day
    later = np.corrcoef(together[1:, 0], together[:-1, 1])[0, 1]
    assert abs(later) < 0.02
    exact = (news[:, 0] + found[0, 1] * news[:, 1]) / sizes[0]
    assert together[100:, 0] == pytest.approx(exact[100:], abs=0.15)
    assert (together[:, 2] == scores[:, 2] / sizes[2]).all()


def test_the_weeks_of_free_news_have_the_correlation_of_real_weeks() -> None:
    """Sums over 20 days of days without memory, beside those of the scores."""
    scores, _ = made()
    together = synchronised(scores, *leads(scores, FOLLOWS))
    months = scores[: len(scores) // 20 * 20].reshape(-1, 20, 3).sum(axis=1)
    assert np.corrcoef(months.T)[0, 1] == pytest.approx(np.corrcoef(together.T)[0, 1], abs=0.05)


def test_the_news_of_markets_that_follow_each_other_do_not_grow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each is .95 of the other a day before, with variance 1. Without the bound A is above 1."""
    rng, scores = Seed(7).stream("baseline"), np.zeros((2_000, 2))
    for day in range(1, len(scores)):
        scores[day] = 0.95 * scores[day - 1, ::-1] + np.sqrt(0.0975) * rng.standard_normal(2)
    each_other = ~np.eye(2, dtype=bool)
    found, sizes = leads(scores, each_other)
    assert np.abs(np.linalg.eigvals(found)).max() == pytest.approx(0.9)
    assert sizes == pytest.approx(np.ones(2), abs=0.2)
    assert np.abs(synchronised(scores, found, sizes)).max() < 6
    monkeypatch.setattr(synchrony, "_bounded", lambda found: found)  # the twin
    with np.errstate(over="ignore"):
        found, sizes = leads(scores, each_other)
    assert np.abs(np.linalg.eigvals(found)).max() > 1 and (sizes > 1e6).all()


def test_a_bound_that_is_not_reached_changes_no_bit() -> None:
    """By hand: the radius is 0 where no asset follows itself over others, and √.8 = .894."""
    one_way = np.array([[0.0, 3.0], [0.0, 0.0]])
    below = np.array([[0.0, 0.8], [1.0, 0.0]])
    assert (synchrony._bounded(one_way) == one_way).all()
    assert (synchrony._bounded(below) == below).all()
    assert synchrony._bounded(2 * below) == pytest.approx(below * 0.9 / np.sqrt(0.8))


def test_the_news_do_not_grow_where_an_asset_stops_to_trade() -> None:
    """By hand: the news of ONE over TWO and THREE cancel, and without THREE they do not."""
    cancelled = np.array([[0.0, 1.2, -1.2], [1.2, 0.0, 0.0], [1.2, 0.0, 0.0]])
    bounded = synchrony._bounded(cancelled)
    assert bounded == pytest.approx(cancelled * 0.9 / (1.2 * np.sqrt(2)))
    scores = Seed(8).stream("baseline").standard_normal((2_000, 3))
    scores[:, 2] = np.nan
    assert np.nanmax(np.abs(synchronised(scores, bounded, np.ones(3)))) < 8
    assert np.nanmax(np.abs(synchronised(scores, cancelled, np.ones(3)))) > 1e6


def test_nothing_changes_where_no_asset_follows() -> None:
    scores, _ = made(1_000)
    found, sizes = leads(scores, np.zeros((3, 3), bool))
    assert not found.any()
    assert synchronised(scores, found, np.ones(3)) == pytest.approx(scores, abs=0)
    assert sizes == pytest.approx(np.sqrt(np.square(scores).mean(axis=0)))


def test_days_on_which_an_asset_does_not_trade_stay_missing() -> None:
    """By hand: without news of the leader on days 1 and 2, the follower has its own alone."""
    scores = np.array([[1.0, 2.0], [1.0, np.nan], [1.0, np.nan], [np.nan, 1.0], [0.0, 0.0]])
    led = np.array([[0.0, 0.5], [0.0, 0.0]])
    together = synchronised(scores, led, np.array([2.0, 1.0]))
    expected = [[1.0, 2.0], [0.0, np.nan], [0.5, np.nan], [np.nan, 1.0], [-0.25, 0.0]]
    assert together == pytest.approx(np.array(expected), nan_ok=True)


def test_a_history_with_holes_gives_the_coefficient() -> None:
    scores, _ = made()
    scores[::7, 1] = np.nan
    scores[::11, 0] = np.nan
    assert leads(scores, FOLLOWS)[0][0, 1] == pytest.approx(LED, abs=0.03)
