"""Remedies for conditions that are too rare: each of them works, or none is named."""

from __future__ import annotations

import re

import numpy as np
import pytest

from simgan.errors import SamplingError
from simgan.workflows.rare import expect_worth


def probabilities(n: int, worth: int) -> np.ndarray:
    """Return n probabilities, of which `worth` are equal and the others 0."""
    return np.repeat([1 / worth, 0.0], [worth, n - worth])


def refusal(n: int, worth: int, most: int) -> str:
    with pytest.raises(SamplingError) as raised:
        expect_worth(probabilities(n, worth), (0.95, 0.99), "max-drawdown>0.3", most)
    return str(raised.value)


def test_enough_are_not_refused() -> None:
    expect_worth(probabilities(3000, 2000), (0.95, 0.99), "max-drawdown>0.3", 3000)


def test_more_scenarios_are_the_remedy_where_they_may_be_asked_for() -> None:
    told = refusal(10_000, 400, most=50_000)
    assert told.startswith("the 10,000 scenarios that meet max-drawdown>0.3 are worth 400 of equal")
    assert told.endswith("ask for more, such as --n 50000, or lower the --level")


def test_beyond_the_most_a_lower_level_is_the_remedy() -> None:
    """49,999 are worth 1,999.96, and 20 of them are 1.00002 % of these."""
    told = refusal(10_000, 400, most=49_999)
    assert "ask for --level 0.98 with --n 49999, or a weaker condition or a longer horizon" in told
    expect_worth(probabilities(49_999, 1999), (0.98,), "max-drawdown>0.3", 49_999)


def test_no_number_stands_where_the_worth_is_not_reliable() -> None:
    """More scenarios have larger weights among them, and are worth less than their share."""
    told = refusal(10_000, 99, most=1_666_666)
    assert told.endswith(
        "give a weaker condition or a longer horizon, because so few do not show how many more "
        "are enough"
    )
    assert "--n 160000" in refusal(10_000, 125, most=1_666_666)


def test_no_number_stands_where_none_helps() -> None:
    """1,666,666 of them are worth 17, which are too few for any level."""
    told = refusal(100_000, 1, most=1_666_666)
    assert told.endswith(
        "1,666,666 scenarios are the most, so the condition is too rare: "
        "give a weaker condition or a longer horizon"
    )
    assert not re.search("--(n|level)", told)
