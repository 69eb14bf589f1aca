"""Work in several processes: the order stays, and memory bounds the number of processes."""

from __future__ import annotations

import os
import signal

import pytest
from dying_worker import half_sent

from simgan.errors import SamplingError
from simgan.sampling.parallel import free_memory, in_order


def killed(number: int) -> int:
    """Die in a worker, and work on in the process of the test."""
    import multiprocessing

    if multiprocessing.parent_process() is not None:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def test_more_workers_than_memory_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simgan.sampling.parallel.free_memory", lambda: 2**30)
    with pytest.raises(SamplingError, match=r"40 workers need about 2.5 GiB .* and 1.0 GiB are"):
        next(in_order(abs, range(100), 40))


def test_there_are_no_more_workers_than_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simgan.sampling.parallel.process_pool", None)  # must not be made
    assert list(in_order(abs, range(7, 8), 40)) == [7]


def test_the_free_memory_is_a_number_or_nothing() -> None:
    free = free_memory()
    assert free is None or free > 2**20


def test_a_killed_worker_is_a_sentence() -> None:
    with pytest.raises(SamplingError, match="a worker process was killed"):
        list(in_order(killed, range(10**9), 2))


def test_a_worker_that_is_killed_while_it_sends_a_result_is_a_sentence() -> None:
    """The pool waited for ever for the other half."""
    with pytest.raises(SamplingError, match="a worker process was killed"):
        list(in_order(half_sent, range(10**9), 2))
