"""Files of many vendors are read to the last digit, refused, or read and doubted aloud."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from price_cases import Case, Kind
from price_cases_east import eastern_cases
from price_cases_investing import investing_cases
from price_cases_markets import market_cases
from price_cases_more import more_cases
from price_cases_traps import trap_cases
from price_cases_vendors import vendor_cases
from price_cases_written import written_cases

from simgan.errors import SimganError
from simgan.market.prices import NoteKind, Prices
from simgan.market.sources.price_file import PriceFile

TABLE = [
    *investing_cases(),
    *vendor_cases(),
    *market_cases(),
    *eastern_cases(),
    *written_cases(),
    *trap_cases(),
    *more_cases(),
]
CASES = {case.file: case for case in TABLE}
NAMES = {"o": "open", "h": "high", "l": "low", "v": "volume"}


def read(case: Case, folder: Path) -> Prices:
    path = folder / case.file
    path.write_bytes(case.data)
    return PriceFile(path=str(path), column=case.column).fetch(case.asset)


def check(case: Case, prices: Prices) -> None:
    """Compare dates and prices to the last digit, and bars as far as a factor is exact."""
    bars = sorted(case.bars, key=lambda bar: bar.day)
    assert [str(day) for day in prices.dates] == [bar.day.isoformat() for bar in bars]
    right = np.array([getattr(bar, case.price) for bar in bars])
    np.testing.assert_array_equal(prices.values[:, 0], right)
    factor = right / np.array([bar.close for bar in bars])
    for name in (NAMES[letter] for letter in case.holds):
        there = np.array([getattr(bar, name) for bar in bars], float)
        expected = there if name == "volume" else there * factor
        assert prices.bars is not None
        read_values = getattr(prices.bars, name)[:, 0]
        np.testing.assert_allclose(read_values, expected, rtol=1e-12, err_msg=name)


def test_each_of_many_files_has_its_own_name() -> None:
    assert len(CASES) == len(TABLE) >= 300


@pytest.mark.parametrize("file", CASES)
def test_a_file_as_people_have_it_is_read_right_or_refused(file: str, tmp_path: Path) -> None:
    case = CASES[file]
    try:
        prices = read(case, tmp_path)
    except SimganError as error:
        assert case.kind is not Kind.READ, f"refused: {error}"
        if case.kind is Kind.REFUSE:
            assert re.search(case.word, str(error), re.IGNORECASE)
        return
    assert case.kind is not Kind.REFUSE, f"read: {[str(note) for note in prices.notes]}"
    check(case, prices)
    warnings = [note.text for note in prices.notes if note.kind is NoteKind.WARNING]
    if case.kind is Kind.READ:
        assert warnings == []  # a doubt without a reason
    texts = warnings if case.kind is Kind.TELL else [note.text for note in prices.notes]
    assert any(re.search(case.word, text, re.IGNORECASE) for text in texts)
