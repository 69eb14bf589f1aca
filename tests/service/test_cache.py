"""The cache: the last used values, up to a number of bytes."""

from __future__ import annotations

from simgan.service.cache import Cache


def filled(room: int, *values: tuple[str, int]) -> Cache[bytes]:
    cache = Cache[bytes](room, len)
    for name, size in values:
        cache.keep(name, name.encode() * size)
    return cache


def held(cache: Cache[bytes]) -> str:
    return "".join(name for name in "abcd" if cache.found(name) is not None)


def test_the_value_that_was_used_longest_ago_gives_way() -> None:
    cache = filled(10, ("a", 4), ("b", 4))
    assert cache.found("a") == b"aaaa"
    cache.keep("c", b"cccc")
    assert held(cache) == "ac"


def test_a_value_without_room_is_not_kept_and_nothing_gives_way_to_it() -> None:
    assert held(filled(10, ("a", 4), ("b", 4), ("d", 11))) == "ab"


def test_a_value_that_is_kept_twice_takes_its_room_once() -> None:
    cache = filled(10, ("a", 4), ("a", 4), ("a", 2), ("b", 8))
    assert held(cache) == "ab"
    assert cache.found("a") == b"aa"
