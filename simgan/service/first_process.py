"""The first process of a container, which waits for processes that nobody else awaits."""

from __future__ import annotations

import os
import signal

_PASSED_ON = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGHUP})
_AWAITED = _PASSED_ON | {signal.SIGCHLD}
_KILLED = 128  # and the number of the signal, as a shell has it


def work_beside_the_first() -> None:
    """Go on in a child, if this process is the first of a container.

    The kernel gives the first process those that jobs leave behind. Each would stay in the table of
    processes until the container ends. The first process passes signals on to the child, and ends
    with its exit code. Call this while the process has one thread.
    """
    if os.getpid() == 1:
        fork_and_wait()


def fork_and_wait() -> None:
    """Return in a child. The process that was called waits for all of its own and ends with it."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _AWAITED)
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)  # Ctrl-C in a terminal comes once, from the first process
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _AWAITED)
        return
    code = None
    while code is None:
        number = signal.sigwait(_AWAITED)
        if number == signal.SIGCHLD:
            code = _reap(child)
        else:
            os.kill(child, number)
    os._exit(code if code >= 0 else _KILLED - code)


def _reap(child: int) -> int | None:
    """Wait for all processes that have ended. Return the exit code of a child if it is one."""
    code = None
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return code
        if pid == 0:
            return code
        if pid == child:
            code = os.waitstatus_to_exitcode(status)
