"""Small answers that are kept, the last used ones, up to a number of bytes."""

from __future__ import annotations

import pytest

from simgan.service.kept import KeptAnswers


def test_an_answer_is_made_once_while_there_is_room() -> None:
    kept, made = KeptAnswers(10), list[str]()

    def get(address: str, size: int = 4) -> bytes:
        def make() -> bytes:
            made.append(address)
            return address.encode() * size

        return kept.get(address, make)

    assert get("a") == get("a") == b"aaaa"
    get("b"), get("a"), get("c")  # b was used longest ago
    assert made == ["a", "b", "c"]
    get("a"), get("b")
    assert made == ["a", "b", "c", "b"]
    get("d", 11), get("d", 11)  # too large to keep, and nothing gives way to it
    get("a"), get("b")
    assert made == ["a", "b", "c", "b", "d", "d"]


def test_an_error_is_not_kept() -> None:
    kept = KeptAnswers(10)
    with pytest.raises(ZeroDivisionError):
        kept.get("a", lambda: b"%d" % (1 // 0))
    assert kept.get("a", lambda: b"x") == b"x"
