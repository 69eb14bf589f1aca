"""An asset that follows another by a day is named, and no other."""

from __future__ import annotations

import numpy as np
import pytest

from simgan.market.asynchrony import followers
from simgan.market.history import History


def made(returns: np.ndarray, *assets: str) -> History:
    dates = np.datetime64("2001-01-01") + np.arange(len(returns))
    return History(dates, returns, np.ones(len(assets)), assets)


def noise(days: int, assets: int) -> np.ndarray:
    return np.asarray(np.random.default_rng(3).standard_normal((days, assets)))


def test_an_asset_of_a_later_market_is_named() -> None:
    """Seoul moves by .4 of New York's day before: a correlation of .4/√1.16 = .37, and 0 else."""
    news = noise(4_000, 3)
    seoul = 0.4 * np.roll(news[:, 0], 1) + news[:, 1]
    said = followers(made(np.stack([news[:, 0], seoul, news[:, 2]], axis=1), "US", "KS", "XX"))
    assert said.startswith("KS follows US (rank correlation ") and "more pairs" not in said
    assert said.partition("day, ")[2].startswith((".35", ".36", ".37", ".34"))
    assert "XX" not in said and said.endswith("or from weekly prices")


def test_only_two_of_many_pairs_are_named() -> None:
    news = noise(4_000, 5)
    late = np.roll(news[:, :1], 1, axis=0) + news[:, 1:]
    said = followers(made(np.hstack([news[:, :1], late]), *"ABCDE"))
    assert said.count("follows A") == 2 and ", and 2 more pairs:" in said


@pytest.mark.parametrize(("days", "size"), [(4_000, 0.05), (100, 0.2)])
def test_small_and_uncertain_correlations_are_not_told(days: int, size: float) -> None:
    news = noise(days, 2)
    assert not followers(made(size * np.roll(news, 1, axis=0)[:, ::-1] + news, "A", "B"))


def test_assets_of_one_market_and_gaps_are_not_told() -> None:
    """They move together on the same day. One wild day makes no correlation of ranks."""
    news = noise(3_000, 1) + 0.5 * noise(3_000, 3)
    news[100, 0], news[101, 1] = 80.0, -90.0
    news[:1_000, 2] = np.nan
    assert not followers(made(news, "A", "B", "C"))
