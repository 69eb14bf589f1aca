"""The cache: the last used values, up to a number of bytes, each made by one thread."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from served_here import until

from simgan.service.cache import Cache


def test_an_answer_is_made_once_while_there_is_room() -> None:
    cache, made = Cache[bytes](10, len), list[str]()

    def get(address: str, size: int = 4) -> bytes:
        def make() -> bytes:
            made.append(address)
            return address.encode() * size

        return cache.get(address, make)

    assert get("a") == get("a") == b"aaaa"
    get("b"), get("a"), get("c")  # b was used longest ago
    assert made == ["a", "b", "c"]
    get("a"), get("b")
    assert made == ["a", "b", "c", "b"]
    get("d", 11), get("d", 11)  # too large to keep, and nothing gives way to it
    get("a"), get("b")
    assert made == ["a", "b", "c", "b", "d", "d"]


def test_an_error_is_not_cached() -> None:
    cache = Cache[bytes](10, len)
    with pytest.raises(ZeroDivisionError):
        cache.get("a", lambda: b"%d" % (1 // 0))
    assert cache.get("a", lambda: b"x") == b"x"


def test_those_who_ask_meanwhile_wait_and_the_next_tries_where_one_fails() -> None:
    cache, go, made = Cache[bytes](10, len), threading.Event(), list[str]()

    def make() -> bytes:
        made.append("")
        go.wait(20)
        if len(made) == 1:
            raise ZeroDivisionError
        return b"x"

    with ThreadPoolExecutor(4) as threads:
        answers = [threads.submit(cache.get, "a", make) for _ in range(4)]
        until(lambda: len(made) == 1)
        go.set()
        failed = [answer for answer in answers if answer.exception()]
    assert (len(failed), len(made)) == (1, 2)
    assert {answer.result() for answer in answers if answer not in failed} == {b"x"}
