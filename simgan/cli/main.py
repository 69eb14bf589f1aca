"""The command group, which loads a command when it is called.

Errors become words and exit codes here.
"""

from __future__ import annotations

import errno
import importlib
import os
import signal
import sys
import traceback
from io import TextIOWrapper
from types import FrameType
from typing import NoReturn

import click

from simgan.cli.terminal import tell
from simgan.errors import SimganError, packages_for
from simgan.progress import is_work_left

# name → (module:command, what `simgan --help` says of it)
COMMANDS = {
    "fit": ("simgan.cli.fit:fit", "Learn the return distribution of a stock."),
    "sample": ("simgan.cli.sample:sample", "Draw scenarios from a model."),
    "risk": ("simgan.cli.risk:risk", "Print VaR and ES of a position over the coming days."),
    "report": ("simgan.cli.report:report", "Compare a model's paths with real returns."),
    "compare": (
        "simgan.cli.compare:compare",
        "Judge models and files of scenarios side by side.",
    ),
    "backtest": (
        "simgan.cli.backtest:backtest",
        "Forecast VaR and ES day by day, and compare with the outcomes.",
    ),
    "example": (
        "simgan.cli.example:example",
        "Play a GAN tutorial's examples: a normal, four normals, the optimal critic.",
    ),
    "data": ("simgan.cli.data:data", "Show how prices are understood; list, add, remove them."),
    "models": ("simgan.cli.models:models", "List, show, remove, export and import models."),
    "serve": ("simgan.cli.serve:serve", "Serve models over HTTP, with pages for a browser."),
}
# Matrices of the statistics are small. On a busy machine the threads of one product wait for each
# other for longer than they compute.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
BUG, INTERRUPTED = 70, 130  # EX_SOFTWARE; 128 + SIGINT
# `eval "$(_SIMGAN_COMPLETE=bash_source simgan)"` completes names and options
COMPLETION = "_SIMGAN_COMPLETE"


class LazyGroup(click.Group):
    """Imports a command's module when the command is called, so that `simgan --help` is quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, attribute = COMMANDS[cmd_name][0].split(":")
        return getattr(importlib.import_module(module), attribute)  # type: ignore[no-any-return]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="simgan")
def cli() -> None:
    """Learn how the returns of a stock behave, and draw as many scenarios as you like.

    \b
    Example:
      simgan fit SP500 --source sample
      simgan sample SP500 --n 100000 -o scenarios.csv
      simgan report SP500

    \b
    Names, options and settings complete themselves in a shell:
      eval "$(_SIMGAN_COMPLETE=bash_source simgan)"    (or zsh_source)
      _SIMGAN_COMPLETE=fish_source simgan | source
    """


def main() -> NoReturn:
    """Run the command line and exit.

    The exit code is 0 for success, 1 for an error in one line, 2 for wrong usage, 70 for a bug and
    130 for an interruption.
    """
    _open_closed_streams()
    _end_as_at_ctrl_c()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that has no ✓ shows a question mark
    code = run(sys.argv[1:])
    if is_work_left():  # Python would wait for it, or fail at its end
        _discard_stdout()
        os._exit(code)
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run the command line and return its exit code."""
    try:
        _invoke(arguments)
        sys.stdout.flush()  # here, where it can still be told that it failed
        return 0
    except click.exceptions.Exit as wanted:  # --help, --version
        return wanted.exit_code
    except click.exceptions.Abort:
        return _told("Interrupted.", INTERRUPTED)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except KeyboardInterrupt as interrupt:
        return _told(f"Interrupted: {interrupt}" if str(interrupt) else "Interrupted.", INTERRUPTED)
    except Exception as error:
        return _failed(error)


def _invoke(arguments: list[str]) -> None:
    """Do what `cli.main` does, but let its errors through as they are."""
    if instruction := os.environ.get(COMPLETION):
        from click.shell_completion import shell_complete

        raise click.exceptions.Exit(shell_complete(cli, {}, "simgan", COMPLETION, instruction))
    feature = " ".join(["simgan", *arguments[:1]])
    with packages_for(feature), cli.make_context("simgan", list(arguments)) as context:
        cli.invoke(context)


def _failed(error: Exception) -> int:
    """Tell an error in a line if it is one of the user's world, and with its traceback if it is a
    bug.
    """
    if isinstance(error, BrokenPipeError):  # the reader has gone, as in `simgan sample | head`
        _discard_stdout()
        return 0
    notes = "".join(f"; {note}" for note in getattr(error, "__notes__", ()))
    if isinstance(error, SimganError):
        _discard_stdout()
        return _told(f"Error: {' '.join(str(error).split())}{notes}", 1)
    if isinstance(error, MemoryError):
        return _told(
            "Error: out of memory; ask for fewer days, paths or workers, or use a machine with "
            f"more of it{notes}",
            1,
        )
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EBADF):
        _discard_stdout()
        reason = "no space left on device" if error.errno == errno.ENOSPC else "it is closed"
        return _told(
            f"Error: cannot write standard output: {reason}; free some space or write elsewhere", 1
        )
    traceback.print_exception(error)
    return _told("This is a bug in simgan; please report it with the lines above.", BUG)


def _open_closed_streams() -> None:
    """Open standard streams that are closed, so that no data file gets their number.

    The output is opened for reading only: a write to it fails, as it should.
    """
    for number, flags in ((0, os.O_RDONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, flags)  # gets the lowest free number
    if sys.stdin is None:
        sys.stdin = os.fdopen(0, closefd=False)
    if sys.stdout is None:
        sys.stdout = os.fdopen(1, "w", closefd=False)
    if sys.stderr is None:
        sys.stderr = os.fdopen(2, "w", closefd=False)


def _discard_stdout() -> None:
    """Discard the buffered output if it cannot be written, because Python flushes it at exit."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _end_as_at_ctrl_c() -> None:
    """Let SIGTERM, which other programs send, end the work as Ctrl-C does."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        handler = signal.getsignal(signal.SIGINT)
        if not callable(handler):  # a shell lets work in the background ignore Ctrl-C
            raise KeyboardInterrupt
        handler(signal.SIGINT, frame)

    signal.signal(signal.SIGTERM, interrupt)


def _told(sentence: str, code: int) -> int:
    tell(sentence, err=True)
    return code
