"""Options that were given, and the progress that fits the surroundings."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

from simgan.arguments import path_of
from simgan.errors import ConfigError
from simgan.progress import SILENT, Logged, Progress
from simgan.workspace import Workspace

if TYPE_CHECKING:
    from simgan.recipe.options import RecipeOptions


def given_training(**options: object) -> RecipeOptions:
    """Return those options of a training that were given. A recipe gives the others."""
    return cast(
        "RecipeOptions", {name: value for name, value in options.items() if value is not None}
    )


def workspace_at(folder: str | Path, owner: str) -> Workspace:
    """Return the workspace in a folder, as text or as a path.

    Raises
    ------
    ConfigError
        It is neither.
    """
    return Workspace(path_of(folder, owner, "workspace"))


@contextmanager
def heard_by(progress: Progress | None) -> Iterator[Progress]:
    """Give the progress of a function: the user's own, or the one that fits the surroundings."""
    from simgan.notebook import NotebookProgress, is_notebook

    if progress is not None:
        if not (hasattr(progress, "say") and hasattr(progress, "step")):
            raise ConfigError("simgan", "progress", progress, "an object with say and step")
        yield Logged(progress, is_shown=True)
    elif is_notebook():
        shown = NotebookProgress()
        try:
            yield Logged(shown, is_shown=True)
        finally:
            shown.close()
    elif sys.stderr is not None and sys.stderr.isatty():
        from simgan.cli.options import Common, terminal_progress

        with terminal_progress(Common(Workspace(Path()), 0)) as bars:
            yield Logged(bars, is_shown=True)
    else:
        yield Logged(SILENT, is_shown=False)
