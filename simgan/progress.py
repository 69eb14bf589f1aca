"""Progress and stop token of long work.

Every workflow takes one `Progress` and one `Stop`. The command line draws bars from the steps and
sets the stop token at Ctrl-C. A server can do both from another thread.
"""

from __future__ import annotations

import logging
import re
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from typing import Generic, Protocol, TypeVar

from simgan.errors import Interrupted

LOGGER = logging.getLogger("simgan")
_IS_WARNING = re.compile(r"(?:[^:]{1,100}: )?warning: ", re.IGNORECASE)
GRACE = 4.0  # seconds that work has to stop by itself before it is left alone
STOPPING = "Stopping where nothing is lost. Press Ctrl-C again to stop at once."

Result = TypeVar("Result")
_POLL = 0.1  # seconds between two looks at the stop token
_STACK = 2**26  # bytes: the compiler of TensorFlow needs more than the thread of some systems has
_NAME = "simgan work"


@dataclass(frozen=True)
class Step:
    """How far a task has come.

    Attributes
    ----------
    task : str
        Name of the task, such as "warm start" or the model of a backtest.
    done, total : int
        Units of work that are done, and all of them.
    metrics : mapping of str to float
        The newest numbers by name. Empty where a task has none.
    is_check : bool
        Whether these numbers are worth a line of their own, as those of a validation are.
    stage, stages : int
        Number of the task in a work of several stages, from 1, and their number. 0 elsewhere.
    part : str
        The part of a larger work, such as "asset 3 of 12". Empty elsewhere.
    """

    task: str
    done: int
    total: int
    metrics: Mapping[str, float] = field(default_factory=dict)
    is_check: bool = False
    stage: int = 0
    stages: int = 0
    part: str = ""

    @property
    def place(self) -> str:
        """The part of the work, and the place among several stages. Empty without either."""
        stage = f"stage {self.stage} of {self.stages}" if self.stages > 1 else ""
        return ", ".join(filter(None, (self.part, stage)))


class Progress(Protocol):
    """A listener of long work. Both methods may be called from several threads."""

    def say(self, sentence: str) -> None:
        """Tell a sentence to the user."""
        ...

    def step(self, step: Step) -> None:
        """Tell how far a task has come. `Step.done` grows from call to call."""
        ...


class Silent:
    """A progress that shows nothing."""

    def say(self, sentence: str) -> None:
        """Drop the sentence."""

    def step(self, step: Step) -> None:
        """Drop the step."""


SILENT = Silent()


@dataclass(frozen=True)
class OfPart:
    """A progress that passes steps on as those of a part of the work."""

    part: str
    inner: Progress

    def say(self, sentence: str) -> None:
        """Pass the sentence on."""
        self.inner.say(sentence)

    def step(self, step: Step) -> None:
        """Pass the step on with the part."""
        self.inner.step(replace(step, part=self.part))


class Logged:
    """A progress that also logs each sentence under "simgan", warnings as such.

    Parameters
    ----------
    inner : Progress
        The listener that hears everything first.
    is_shown : bool
        True where the user sees the sentences, or wants none. Then they are logged only if the
        program has a handler for them. Otherwise Python writes a warning to stderr by itself.
    """

    def __init__(self, inner: Progress, is_shown: bool) -> None:
        self._inner, self._is_shown = inner, is_shown

    def say(self, sentence: str) -> None:
        """Pass the sentence on, and log it."""
        self._inner.say(sentence)
        if LOGGER.hasHandlers() or not self._is_shown:
            level = logging.WARNING if _IS_WARNING.match(sentence) else logging.INFO
            LOGGER.log(level, "%s", sentence)

    def step(self, step: Step) -> None:
        """Pass the step on."""
        self._inner.step(step)


class Stop:
    """A token by which work is asked to stop at the next point where nothing is lost.

    It may be set from any thread, once and for all.
    """

    def __init__(self) -> None:
        self._asked = threading.Event()

    def ask(self) -> None:
        """Ask the work to stop."""
        self._asked.set()

    @property
    def is_asked(self) -> bool:
        """Whether the work was asked to stop."""
        return self._asked.is_set()

    def check(self, message: str = "") -> None:
        """Stop here, if that was asked for.

        Raises
        ------
        Interrupted
            With `message`, which says how to continue.
        """
        if self.is_asked:
            raise Interrupted(message)

    @contextmanager
    def at_ctrl_c(self, progress: Progress | None = None) -> Iterator[None]:
        """Let the first Ctrl-C set this token and say so. A second one interrupts at once.

        Signals reach the main thread only: elsewhere this does nothing.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.getsignal(signal.SIGINT)

        def ask(number: int, frame: object) -> None:
            self.ask()
            signal.signal(signal.SIGINT, before)
            with suppress(RuntimeError):  # the signal came while the stream was being written
                (progress or Silent()).say(STOPPING)

        signal.signal(signal.SIGINT, ask)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)


def interruptible(work: Callable[[], Result], stop: Stop, message: Callable[[], str]) -> Result:
    """Do work in a thread of its own, so that the main thread hears Ctrl-C at once.

    Python handles signals in the main thread, between two of its instructions. A compilation of
    TensorFlow is one instruction of a minute. Work that does not stop `GRACE` seconds after it was
    asked to is left alone. It ends at its own next look at the token, or with the process.

    Parameters
    ----------
    work : callable
        It looks at `stop` itself.
    stop : Stop
    message : callable
        Gives the message of the interruption where work is left alone.

    Raises
    ------
    Interrupted
        The work was left alone. Errors of the work are raised as they are.
    """
    if threading.current_thread() is not threading.main_thread():
        return work()
    running = _Running(work)
    running.start()
    while not running.is_over(_POLL):
        if stop.is_asked:
            if not running.is_over(GRACE):
                raise Interrupted(message())
            break
    return running.result()


def is_work_left() -> bool:
    """Tell whether work was left alone and still runs. Only the end of the process ends it."""
    return any(thread.name == _NAME for thread in threading.enumerate())


class _Running(Generic[Result]):
    """Work in a thread that does not keep the process alive."""

    def __init__(self, work: Callable[[], Result]) -> None:
        self._work = work
        self._over = threading.Event()
        self._results: list[Result] = []
        self._error: BaseException | None = None

    def start(self) -> None:
        """Start the thread, with the context of this one."""
        context, size = copy_context(), threading.stack_size(_STACK)
        try:
            thread = threading.Thread(target=context.run, args=(self._run,), name=_NAME)
            thread.daemon = True
            thread.start()
        finally:
            threading.stack_size(size)

    def _run(self) -> None:
        try:
            self._results.append(self._work())
        except BaseException as error:
            self._error = error
        finally:
            self._over.set()

    def is_over(self, seconds: float) -> bool:
        """Wait for the end, no longer than some seconds, and tell whether it has come."""
        return self._over.wait(seconds)

    def result(self) -> Result:
        """Return the result, or raise the error of the work."""
        if self._error is not None:
            raise self._error
        return self._results[0]
