"""Parsers of text that others write: a long text takes time in proportion to its length.

Regular expressions of Python go back, step by step. Two repeats that can share the same letters
take quadratic time. Meanwhile no other thread of the process runs.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import pytest

from simgan.errors import SimganError
from simgan.market.files.names import field_of, parts_of
from simgan.market.files.reading import read_quotes
from simgan.recipe.options import recipe_of
from simgan.scenarios.conditions import Condition, Conditions
from simgan.service.spelling import over_http
from simgan.workflows.weights import prices_in, weights_in
from simgan.workspace import safe_name

ASSETS = ("SP500", "NASDAQ")
PARSERS: Mapping[str, Callable[[str], object]] = {
    "weight": lambda text: weights_in(f"SP500={text}", ASSETS),
    "weights": lambda text: weights_in(f"{text}=1", ASSETS),
    "price": lambda text: prices_in(f"SP500={text}", ASSETS),
    "bound": lambda text: Conditions.parse(f"cumulative<{text}"),
    "conditions": lambda text: Conditions.parse(f"{text}<0"),
    "condition": Condition.parse,
    "setting": lambda text: recipe_of({"settings": {text: text}}),
    "sentence": over_http,
    "name": safe_name,
    "field": field_of,
    "parts": parts_of,
}
REPEATED = (
    *("1", "1.", "1,", "1e", ".", ",", "-", "=", "<", ":", ";", "(", "[", "`", "'", " ", "\t"),
    *("a", "a ", "a-", "a:", "a=", "a=1,", "<1,", "--a", "cumulative<0,"),
)
SHORT, LONG = 4_000, 16_000  # characters
GROWTH = 8.0  # of the time. In proportion it is 4, and of a quadratic expression 16.
NOISE = 0.1  # seconds


@pytest.mark.parametrize("name", PARSERS)
def test_a_parser_takes_time_in_proportion_to_the_text(name: str) -> None:
    for sign in REPEATED:
        _expect_proportion(PARSERS[name], sign)


@pytest.mark.parametrize(
    "content",
    [
        "Date,Close {}\n2020-01-02,1.5\n2020-01-03,1.6\n",
        'Date,Close\n2020-01-02,"{}"\n2020-01-03,1.6\n',
        'Date,Close\n"{}",1.5\n2020-01-03,1.6\n',
        '2020-01-02,"{}"\n2020-01-03,1.6\n',
        "{}\nDate,Close\n2020-01-02,1.5\n",
    ],
    ids=["header", "price", "date", "no header", "line above"],
)
def test_a_price_file_takes_time_in_proportion_to_a_cell(content: str, tmp_path: Path) -> None:
    def read(text: str) -> None:
        file = tmp_path / "prices.csv"
        file.write_text(content.format(text), encoding="utf-8")
        read_quotes(file, "prices")

    for sign in ("1", "1.", "1,", "(", "[", "a "):
        _expect_proportion(read, sign)


def _expect_proportion(parse: Callable[[str], object], sign: str) -> None:
    """Expect it of a text that ends with a sign which stands nowhere else."""
    short, long = (_seconds(parse, (sign * n)[:n] + "%x") for n in (SHORT, LONG))
    assert long < GROWTH * short + NOISE, (sign, short, long)


def _seconds(parse: Callable[[str], object], text: str) -> float:
    """Return the seconds of this thread alone, because a busy machine changes others."""
    started = time.thread_time()
    with suppress(SimganError):
        parse(text)
    return time.thread_time() - started
