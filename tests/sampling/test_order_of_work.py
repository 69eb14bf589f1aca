"""Shared-out work and work ahead: the same items in the same order, and bounds that hold."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgan.errors import SamplingError
from simgan.sampling import parallel
from simgan.sampling.parallel import ahead, free_memory, in_order


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let threads stand in for processes, which take a second to start."""
    monkeypatch.setattr(parallel, "process_pool", ThreadPoolExecutor)


def square(number: int) -> int:
    return number * number


@pytest.mark.usefixtures("threads")
@pytest.mark.parametrize("workers", [1, 2, 5, 40])
def test_results_stand_in_the_order_of_the_numbers(workers: int) -> None:
    assert list(in_order(square, range(3, 30), workers)) == [n * n for n in range(3, 30)]
    assert list(in_order(square, [5, 2, 5], workers)) == [25, 4, 25]
    assert list(in_order(square, range(4, 4), workers)) == []


@pytest.mark.usefixtures("threads")
def test_no_more_numbers_are_taken_than_the_workers_have_room_for() -> None:
    """Two a worker, one that is being read, and one that this process works on at the start."""
    taken: list[int] = []

    def numbers() -> Iterator[int]:
        for number in range(1000):
            taken.append(number)
            yield number

    results = in_order(square, numbers(), 3)
    for read in range(1, 60):
        next(results)
        assert len(taken) <= read + 2 * 3
    results.close()  # type: ignore[attr-defined]


@pytest.mark.usefixtures("threads")
@pytest.mark.parametrize("workers", [1, 3])
def test_an_error_comes_in_its_place_after_the_results_before_it(workers: int) -> None:
    def fails(number: int) -> int:
        if number == 7:
            raise ZeroDivisionError("seven")
        return number

    results, found = in_order(fails, range(20), workers), []
    with pytest.raises(ZeroDivisionError, match="seven"):
        found.extend(results)  # extend keeps the items before an error
    assert found == list(range(7))


def test_a_pool_that_breaks_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(workers: int) -> ThreadPoolExecutor:
        raise BrokenProcessPool("a child process terminated abruptly")

    monkeypatch.setattr(parallel, "process_pool", broken)
    with pytest.raises(SamplingError, match="a worker process was killed, perhaps because memory"):
        list(in_order(square, range(9), 2))


@pytest.mark.parametrize(
    ("text", "free"),
    [("MemTotal: 9 kB\nMemAvailable:  2048 kB\n", 2048 * 1024), ("MemTotal: 9 kB\n", 7 * 4096)],
)
def test_free_memory_is_that_of_linux_or_else_of_the_system(
    text: str, free: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "read_text", lambda self: text)
    pages = {"SC_AVPHYS_PAGES": 7, "SC_PAGE_SIZE": 4096, "SC_PAGESIZE": 4096}
    monkeypatch.setattr(parallel.os, "sysconf", pages.__getitem__)
    assert free_memory() == free


def test_a_system_that_tells_no_free_memory_refuses_no_worker(
    monkeypatch: pytest.MonkeyPatch, threads: None
) -> None:
    def refuse(*rest: object) -> str:
        raise OSError("no such file")

    monkeypatch.setattr(Path, "read_text", refuse)
    monkeypatch.setattr(parallel.os, "sysconf", refuse)
    assert free_memory() is None
    assert list(in_order(square, range(3), 2)) == [0, 1, 4]


@settings(max_examples=20, deadline=None)
@given(items=st.lists(st.none() | st.integers(), max_size=12), count=st.integers(1, 4))
def test_items_ahead_are_the_same_items(items: list[int | None], count: int) -> None:
    """None is an item like any other."""
    assert list(ahead(items, count)) == items


def test_a_thread_computes_so_many_items_ahead_and_no_more() -> None:
    computed: list[int] = []

    def source() -> Iterator[int]:
        for number in range(50):
            computed.append(number)
            yield number

    for used, number in enumerate(ahead(source(), 3), 1):
        assert number == used - 1
        assert len(computed) <= used + 3


def test_an_error_of_the_source_comes_after_the_items_before_it() -> None:
    def source() -> Iterator[int]:
        yield from (1, 2)
        raise KeyError("third")

    found: list[int] = []
    with pytest.raises(KeyError, match="third"):
        found.extend(ahead(source()))
    assert found == [1, 2]


def test_a_reader_who_leaves_early_leaves_no_thread_behind() -> None:
    before = threading.active_count()
    items = ahead(iter(range(1000)))
    assert next(items) == 0
    items.close()  # type: ignore[attr-defined]
    assert threading.active_count() == before
