"""Prices become log returns; a history knows its identity."""

from __future__ import annotations

import numpy as np
import pytest

from simgan.errors import PriceError
from simgan.market import Prices, history_of

PRICES = Prices(
    dates=np.array(["2020-01-02", "2020-01-03", "2020-01-06"], "datetime64[D]"),
    values=np.array([[100.0], [110.0], [99.0]]),
    assets=("X",),
)


def test_log_returns_stand_at_the_day_on_which_they_were_realised() -> None:
    """ln 1.1 and ln 0.9, by hand."""
    history = history_of(PRICES)
    assert history.log_returns[:, 0] == pytest.approx([0.09531017980432493, -0.10536051565782628])
    assert [str(day) for day in history.dates] == ["2020-01-03", "2020-01-06"]
    assert history.last_price.tolist() == [99.0]
    assert len(history) == 2


@pytest.mark.parametrize(
    ("start", "end", "kept"),
    [
        (None, None, 3),
        ("2020-01-03", None, 2),
        (None, "2020-01-03", 2),
        ("2020-01-03", "2020-01-05", 1),
        ("2021-01-01", None, 0),
    ],
)
def test_both_ends_of_a_range_of_dates_are_included(
    start: str | None, end: str | None, kept: int
) -> None:
    part = PRICES.between(start, end)
    assert len(part.dates) == len(part.values) == kept


def test_too_few_returns_are_told_with_the_number_that_is_needed() -> None:
    with pytest.raises(
        PriceError, match="X: 3 prices give 2 log returns, but at least 250 are needed"
    ):
        history_of(PRICES, least_days=250)
    with pytest.raises(PriceError, match="0 prices give 0 log returns"):
        history_of(PRICES.between("2021-01-01", None))


def test_the_identity_of_a_history_changes_with_the_last_bits() -> None:
    other = Prices(PRICES.dates, PRICES.values * np.array([[1.0], [1.0 + 1e-15], [1.0]]), ("X",))
    assert history_of(PRICES).sha256 == history_of(PRICES).sha256
    assert history_of(PRICES).sha256 != history_of(other).sha256
