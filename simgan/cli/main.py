"""The command group: commands are loaded when they are called, and errors become words and exit codes."""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from typing import NoReturn

import click

from simgan.errors import SimganError

# name → (module:command, what `simgan --help` says of it)
COMMANDS = {
    "fit": ("simgan.cli.fit:fit", "Learn the return distribution of a stock."),
    "sample": ("simgan.cli.sample:sample", "Draw scenarios from a model."),
    "report": ("simgan.cli.report:report", "Compare a model's paths with real returns."),
    "models": ("simgan.cli.models:models", "List, show, remove, export and import models."),
}
BUG = 70  # EX_SOFTWARE


class LazyGroup(click.Group):
    """Imports a command's module when the command is called, so that `simgan --help` is quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, attribute = COMMANDS[cmd_name][0].split(":")
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="simgan")
def cli() -> None:
    """Learn how the returns of a stock behave, and draw as many scenarios as you like.

    \b
    Example:
      simgan fit SP500 --source sample
      simgan sample SP500 --n 100000 -o scenarios.csv
      simgan report SP500
    """


def main() -> NoReturn:
    """Run the command line and exit: 0 done, 1 an error told in a line, 2 wrong usage, 70 a bug, 130 interrupted."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run the command line and return its exit code."""
    try:
        result = cli.main(arguments, prog_name="simgan", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except SimganError as error:
        return _told(f"Error: {' '.join(str(error).split())}", 1)
    except click.exceptions.Abort:
        return _told("Interrupted.", 130)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except KeyboardInterrupt as interrupt:
        return _told(f"Interrupted: {interrupt}" if str(interrupt) else "Interrupted.", 130)
    except BrokenPipeError:  # the reader has gone, as in `simgan sample | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception:
        traceback.print_exc()
        return _told("This is a bug in simgan; please report it with the lines above.", BUG)


def _told(sentence: str, code: int) -> int:
    click.echo(sentence, err=True)
    return code
