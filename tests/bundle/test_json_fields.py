"""JSON of others is read by type and range, or refused in a sentence that names the place."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simgan.bundle.fields import (
    Fields,
    Reader,
    Unfit,
    date,
    facts,
    matching,
    moment,
    number,
    parse,
    several,
    table_of,
    text,
    whole,
)

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=10,
)
READERS: list[Reader[Any]] = [
    text(), matching("[a-z]+", "letters"), whole(0, 9), number(above=0), date, moment,
    several(number()), table_of(whole(0)), facts,
]  # fmt: skip


@given(PLAIN)
def test_plain_data_comes_back(value: object) -> None:
    assert parse(json.dumps(value).encode(), "it") == value


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is not JSON"),
        (b"{", "is not JSON"),
        (b"\xff\xfe", "is not JSON"),
        (b"[NaN]", "NaN, which is no number"),
        (b"[-Infinity]", "-Infinity, which is no number"),
        (b"1e999", "1e999, which is too large"),
        (b"-" + b"9" * 4000, "a whole number of 4001 digits"),
        (b'{"a": 1, "a": 2}', "a key twice"),
        (b"[" * 10**6, "nested too deeply"),
        (b'{"a":' * 10**5 + b"1" + b"}" * 10**5, "nested too deeply"),
    ],
    ids=lambda value: value[:12] if isinstance(value, bytes) else "",
)
def test_other_content_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(Unfit, match=f"^its file .*{words}"):
        parse(content, "its file")


@given(st.binary(max_size=40))
def test_no_bytes_give_another_error(content: bytes) -> None:
    try:
        parse(content, "it")
    except Unfit as error:
        assert str(error).isprintable()


@given(PLAIN, st.sampled_from(READERS))
def test_no_value_gives_another_error_and_none_is_repeated_at_length(
    value: object, reader: Reader[object]
) -> None:
    try:
        reader(value, "it")
    except Unfit as error:
        assert str(error).startswith(("it", "a key of it")) and len(str(error)) < 300


@pytest.mark.parametrize(
    ("reader", "value", "expected"),
    [
        (text(), "SP500", "SP500"),
        (whole(0, 3), 3, 3),
        (number(), 2, 2.0),
        (number(low=0), 0, 0.0),
        (date, "2018-12-31", "2018-12-31"),
        (moment, "2026-01-01T00:00:00+00:00", "2026-01-01T00:00:00+00:00"),
        (several(whole(0), least=1), [1, 2], (1, 2)),
        (table_of(number()), {"a": 1}, {"a": 1.0}),
        (facts, {"a": [None, {"b": True}]}, {"a": [None, {"b": True}]}),
    ],
)
def test_right_values_are_read(reader: Reader[object], value: object, expected: object) -> None:
    found = reader(value, "it")
    assert found == expected and type(found) is type(expected)


@pytest.mark.parametrize(
    ("reader", "value"),
    [
        (text(), ""),
        (text(), 5),
        (text(), "two\nlines"),
        (text(), "\x1b[2J"),
        (text(), "\ud800"),
        (text(most=3), "four"),
        (matching("[a-z]+", "letters"), "a1"),
        (whole(0), True),
        (whole(0), 1.0),
        (whole(0), "1"),
        (whole(0), -1),
        (whole(0), 2**63),
        (number(), False),
        (number(), "1"),
        (number(above=0), 0),
        (number(low=0), -1e-9),
        (number(), math.nan),
        (date, "2018-13-01"),
        (date, "20181231"),
        (date, 20181231),
        (moment, "2026-01-01"),
        (moment, "2026-01-01T00:00:00"),
        (several(whole(0), least=1), []),
        (several(whole(0)), {"a": 1}),
        (several(whole(0)), [1, "2"]),
        (several(whole(0), most=2), [1, 2, 3]),
        (table_of(whole(0)), [1]),
        (table_of(whole(0)), {"\n": 1}),
        (facts, {"a": [[[[[[[[[1]]]]]]]]]}),
        (facts, {"a": "two\nlines"}),
        (facts, {"a": {"\x00": 1}}),
        (facts, []),
    ],
)
def test_wrong_values_are_refused(reader: Reader[object], value: object) -> None:
    with pytest.raises(Unfit, match="it"):
        reader(value, "it")


def test_a_wrong_value_is_repeated_in_short() -> None:
    with pytest.raises(Unfit, match=r"it must be a date such as 2018-12-31, not '9{59}…$"):
        date("9" * 10**6, "it")
    with pytest.raises(Unfit, match=r"not a list of 1000 items$"):
        date([0] * 1000, "it")


def test_fields_are_read_by_name_and_may_have_a_default() -> None:
    fields = Fields({"a": 1}, "it")
    assert fields.read("a", whole(0)) == 1
    assert fields.read_or("b", whole(0), 7) == 7
    with pytest.raises(Unfit, match="it has no 'b'"):
        fields.read("b", whole(0))
    with pytest.raises(Unfit, match="it: a must be a whole number from 2 to 3, not 1"):
        fields.read("a", whole(2, 3))
    with pytest.raises(Unfit, match="it must be a table, not 'a'"):
        Fields("a", "it")
