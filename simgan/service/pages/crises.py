"""Last days before markets fell far: scenarios that start there go on from the calm of the time."""

from __future__ import annotations

from typing import NamedTuple


class Crisis(NamedTuple):
    """A name in the files of texts, and the last day before the fall."""

    name: str
    day: str


CRISES = (
    Crisis("black-monday", "1987-10-16"),
    Crisis("asia", "1997-10-24"),
    Crisis("russia", "1998-08-14"),
    Crisis("dot-com", "2000-03-24"),
    Crisis("september-11", "2001-09-10"),
    Crisis("lehman", "2008-09-12"),
    Crisis("flash-crash", "2010-05-05"),
    Crisis("downgrade", "2011-08-03"),
    Crisis("china", "2015-08-19"),
    Crisis("brexit", "2016-06-23"),
    Crisis("volatility", "2018-02-01"),
    Crisis("covid", "2020-02-19"),
    Crisis("ukraine", "2022-02-23"),
    Crisis("banks", "2023-03-08"),
    Crisis("carry", "2024-07-31"),
    Crisis("tariffs", "2025-04-02"),
)


def crises_between(first: str, last: str) -> list[Crisis]:
    """Return the crises that begin within a history of ISO dates, the latest first."""
    return [crisis for crisis in reversed(CRISES) if first < crisis.day < last]
