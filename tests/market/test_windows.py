"""Windows are all stretches of consecutive days."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simgan.errors import ConfigError, PriceError
from simgan.market import windows


@given(days=st.integers(1, 30), assets=st.integers(1, 3), data=st.data())
def test_window_i_is_the_stretch_that_begins_at_day_i(
    days: int, assets: int, data: st.DataObject
) -> None:
    horizon = data.draw(st.integers(1, days))
    log_returns = np.arange(days * assets, dtype=float).reshape(days, assets)
    found = windows(log_returns, horizon)
    assert found.shape == (days - horizon + 1, horizon, assets)
    for i, window in enumerate(found):
        assert np.array_equal(window, log_returns[i : i + horizon])


def test_windows_share_memory_with_the_history_and_cannot_change_it() -> None:
    log_returns = np.zeros((100, 1))
    found = windows(log_returns, 10)
    assert np.shares_memory(found, log_returns)
    assert not found.flags.writeable


def test_a_history_shorter_than_one_window_is_refused() -> None:
    with pytest.raises(PriceError, match="hold no window of 11 days"):
        windows(np.zeros((10, 1)), 11)


def test_a_horizon_below_one_is_refused() -> None:
    with pytest.raises(ConfigError, match="at least 1"):
        windows(np.zeros((10, 1)), 0)


def test_a_flat_array_is_refused() -> None:
    with pytest.raises(ConfigError, match="days, assets"):
        windows(np.zeros(10), 2)
