"""Options that several commands share, and what they mean."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from simgan.workspace import Workspace

Function = TypeVar("Function", bound=Callable[..., Any])

DATE = click.DateTime(["%Y-%m-%d"])
PRICE_FILE = click.Path(path_type=Path)


@dataclass(frozen=True)
class Common:
    """What every command knows: the workspace and how much to say."""

    workspace: Workspace
    verbosity: int  # −1 quiet, 0 normal, 1 verbose

    def say(self, sentence: str) -> None:
        """Tell the user something on stderr."""
        if self.verbosity >= 0:
            click.echo(sentence, err=True)

    def detail(self, sentence: str) -> None:
        """Tell something on stderr that only ``--verbose`` asks for."""
        if self.verbosity > 0:
            click.echo(sentence, err=True)

    @property
    def shows_progress(self) -> bool:
        """Progress bars appear on a terminal only."""
        return self.verbosity >= 0 and sys.stderr.isatty()


def common_options(function: Function) -> Function:
    """Add ``--workspace``, ``--verbose`` and ``--quiet``; the command gets one `Common` as its argument `common`."""

    @click.option(
        "--workspace", type=click.Path(file_okay=False, path_type=Path), default=Path(), envvar="SIMGAN_WORKSPACE",
        show_default=True, show_envvar=True,
        help="Folder that holds data/, models/ and reports/.",
    )  # fmt: skip
    @click.option("-v", "--verbose", is_flag=True, help="Say more on stderr.")
    @click.option("--quiet", is_flag=True, help="Say nothing on stderr but errors.")
    def command(*args: Any, workspace: Path, verbose: bool, quiet: bool, **options: Any) -> Any:
        return function(*args, common=Common(Workspace(workspace), -1 if quiet else int(verbose)), **options)

    command.__name__, command.__doc__ = function.__name__, function.__doc__
    inherited = getattr(function, "__click_params__", [])
    command.__click_params__ = [*command.__click_params__, *inherited]  # type: ignore[attr-defined]
    return command  # type: ignore[return-value]


json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on stdout.")


def show_json(data: Any) -> None:
    """Print one JSON value on stdout."""
    click.echo(json.dumps(data, indent=1))


def iso(date: Any) -> str | None:
    """Turn a click date into ISO text."""
    return None if date is None else date.date().isoformat()
