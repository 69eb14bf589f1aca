"""How long work reports, and how it is asked to stop."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from simgan.errors import Interrupted
from simgan.progress import STOPPING, Silent, Step, Stop


class Heard:
    """A progress that keeps the sentences."""

    def __init__(self) -> None:
        self.sentences: list[str] = []

    def say(self, sentence: str) -> None:
        self.sentences.append(sentence)

    def step(self, step: Step) -> None:
        raise AssertionError("no step was due")


def interrupt() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def test_the_first_ctrl_c_sets_the_token_and_says_so() -> None:
    stop, heard = Stop(), Heard()
    with stop.at_ctrl_c(heard):
        assert not stop.is_asked
        interrupt()
        assert stop.is_asked
    assert heard.sentences == [STOPPING]


def test_the_second_ctrl_c_interrupts_at_once() -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell ignores it in &
    try:
        with pytest.raises(KeyboardInterrupt), Stop().at_ctrl_c():
            interrupt()
            interrupt()
    finally:
        signal.signal(signal.SIGINT, before)


def test_the_handler_of_before_comes_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    with Stop().at_ctrl_c():
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before


def test_a_stream_that_is_being_written_does_not_break_the_handler() -> None:
    class Busy(Heard):
        def say(self, sentence: str) -> None:
            raise RuntimeError("reentrant call")

    stop = Stop()
    with stop.at_ctrl_c(Busy()):
        interrupt()
    assert stop.is_asked


def test_another_thread_gets_no_signal_handler() -> None:
    before, seen = signal.getsignal(signal.SIGINT), []

    def work() -> None:
        with Stop().at_ctrl_c():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]


def test_a_check_raises_only_after_the_token_was_set() -> None:
    stop = Stop()
    stop.check("never said")
    stop.ask()
    with pytest.raises(Interrupted, match="use --resume"):
        stop.check("use --resume")


def test_an_interruption_is_no_error_that_a_handler_would_swallow() -> None:
    assert issubclass(Interrupted, KeyboardInterrupt) and not issubclass(Interrupted, Exception)


def test_a_silent_progress_takes_everything() -> None:
    Silent().say("nobody hears this")
    Silent().step(Step("task", 1, 2, {"loss": 0.5}))
