"""Completion of models and settings in a shell: ``simgan sample SP<TAB>``, ``--set ra<TAB>``."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click
from click.shell_completion import CompletionItem

from simgan.errors import SimganError
from simgan.workspace import Workspace

if TYPE_CHECKING:
    from simgan.recipe.options import RecipeOptions

Completer = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]
REFERENCE = "reference"
_MEMBERS = ("architecture", "objective", "condition")  # with settings of their own


def complete_models(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Complete the name of a model of the workspace that the command line names."""
    root = context.params.get("workspace") or os.environ.get("SIMGAN_WORKSPACE") or "."
    with suppress(OSError, SimganError):
        return _beginning([*Workspace(Path(root)).model_names(), REFERENCE], incomplete)
    return []


def complete_settings(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Complete the key of ``--set KEY=VALUE``, with the meaning of each setting."""
    if "=" in incomplete:
        return []
    asked = {name: context.params[name] for name in _MEMBERS if context.params.get(name)}
    with suppress(SimganError):
        return [
            CompletionItem(f"{name}=", help=f"{meaning}; default {default}")
            for name, default, meaning in settings_of(cast("RecipeOptions", asked))
            if name.startswith(incomplete)
        ]
    return []


def members_of(family: str) -> Completer:
    """Return the completion of the members of a family, such as ``recipe.objectives:OBJECTIVES``.

    Its table is loaded when somebody presses the key.
    """

    def complete(
        context: click.Context, parameter: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        from importlib import import_module

        module, table = family.split(":")
        return _beginning(getattr(import_module(f"simgan.{module}"), table), incomplete)

    return complete


def settings_of(asked: RecipeOptions) -> Iterator[tuple[str, str, str]]:
    """Yield name, default and meaning of each setting for the members that are asked for."""
    from simgan.recipe.conditions import CONDITIONS
    from simgan.recipe.options import recipe_of
    from simgan.recipe.recipe import OF_THE_DATA
    from simgan.recipe.remedies import REMEDIES
    from simgan.settings import describe

    condition = str(asked.get("condition", "cgan"))
    others = {name: value for name, value in asked.items() if name != "condition"}
    recipe = recipe_of(cast("RecipeOptions", others))
    rooms: tuple[tuple[str, type], ...] = (
        ("", type(recipe.training)),
        ("architecture.", type(recipe.architecture)),
        ("objective.", type(recipe.objective)),
        *(("remedies.", REMEDIES.load(remedy)) for remedy in REMEDIES),
        ("condition.", CONDITIONS.load(condition)),
    )
    for prefix, cls in rooms:
        for name, _, default, meaning in describe(cls):
            if meaning and prefix + name not in OF_THE_DATA:
                yield prefix + name, default, meaning


def _beginning(names: Iterable[str], incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]
