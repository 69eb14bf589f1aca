"""Random files in every notation come back equal, or are refused as ambiguous.

``python benchmarks/price_files.py random`` reads ten thousand of them.
"""

from __future__ import annotations

import pytest
from random_files import outcome_of, random_file

RIGHT = ("read right", "refused as ambiguous", "read with a warning about the decimal point")


@pytest.mark.parametrize("first", range(0, 200, 50))
def test_a_random_file_comes_back_equal_or_is_ambiguous(first: int) -> None:
    outcomes = [outcome_of(random_file(seed)) for seed in range(first, first + 50)]
    assert [outcome for outcome in outcomes if outcome not in RIGHT] == []
    assert outcomes.count("read right") > 35


def test_a_wrong_reading_would_be_seen() -> None:
    file = random_file(1)
    other = random_file(2)
    assert outcome_of(file) == "read right"
    mixed = type(file)(file.data, file.suffix, other.dates, other.closes, file.manner)
    assert outcome_of(mixed).startswith("WRONG")
