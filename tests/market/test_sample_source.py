"""The sample series are the real ones, and work without a network."""

from __future__ import annotations

import numpy as np
import pytest

from simgan.errors import UnknownNameError
from simgan.market import SOURCES
from simgan.market.sources.sample import SERIES, Sample

KNOWN_CLOSES = {  # of the public record, as in ../shared/data/PROVENANCE.md
    "SP500": ("2008-09-15", 1192.70),
    "NASDAQ": ("2000-03-10", 5048.62),
    "VIX": ("2018-02-05", 37.32),
    "WTI": ("2008-07-03", 145.31),
}


@pytest.mark.parametrize("name", SERIES)
def test_a_known_close_is_met(name: str) -> None:
    day, close = KNOWN_CLOSES[name]
    prices = Sample().fetch(name)
    assert prices.assets == (name,)
    assert prices.values[prices.dates == np.datetime64(day), 0] == pytest.approx([close], abs=0.006)


def test_the_sample_sp500_has_5031_days_from_1999_to_2018() -> None:
    prices = Sample().fetch("SP500")
    assert (len(prices.dates), str(prices.dates[0]), str(prices.dates[-1])) == (
        5031,
        "1999-01-04",
        "2018-12-31",
    )
    assert prices.dates.dtype == np.dtype("datetime64[D]")


def test_days_without_a_price_are_left_out_and_told() -> None:
    assert "290 days without a price were left out" in map(str, Sample().fetch("WTI").notes)


def test_an_unknown_sample_lists_the_known_ones() -> None:
    with pytest.raises(UnknownNameError, match="SP500, NASDAQ, VIX, WTI"):
        Sample().fetch("DAX")


def test_every_source_carries_the_name_of_its_row() -> None:
    assert [SOURCES.load(name).kind for name in SOURCES] == list(SOURCES)
