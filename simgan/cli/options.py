"""Options that several commands share."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click
from click.core import ParameterSource
from click.shell_completion import CompletionItem

from simgan.cli.completion import complete_models, complete_settings, members_of

# Commands take both of these from here.
from simgan.cli.terminal import Common as Common
from simgan.cli.terminal import terminal_progress as terminal_progress
from simgan.workspace import Workspace

if TYPE_CHECKING:
    from simgan.recipe.options import RecipeOptions

Function = TypeVar("Function", bound=Callable[..., Any])

DATE = click.DateTime(["%Y-%m-%d"])


class _Name(click.ParamType[str]):
    """A name of a model, a ticker or a report. An empty one is wrong usage, not the default.

    A shell script with an unset variable passes an empty name. Nothing may happen to the newest
    model then.
    """

    name = "name"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not value.strip():
            self.fail("the name is empty.", param, ctx)
        return value


class _Place(click.Path):
    """A path that is not empty, where `click.Path` takes an empty one for the current folder."""

    def convert(
        self,
        value: str | os.PathLike[str],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> str | bytes | os.PathLike[str]:
        if not os.fspath(value).strip():
            self.fail("the path is empty.", param, ctx)
        return super().convert(value, param, ctx)


class _ModelName(_Name):
    """A name of a model, which a shell completes."""

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        return complete_models(ctx, param, incomplete)


NAME = _Name()
MODEL = _ModelName()
PLACE = _Place(path_type=Path)
FILE = _Place(dir_okay=False, path_type=Path)
PRICE_FILE = PLACE


def common_options(function: Function) -> Function:
    """Add ``--workspace``, ``--verbose`` and ``--quiet``.

    The command gets one `Common` as its argument `common`.
    """

    @click.option(
        "--workspace", type=_Place(file_okay=False, path_type=Path), default=".",
        envvar="SIMGAN_WORKSPACE",
        show_default=True, show_envvar=True,
        help="Folder that holds data/, models/ and reports/.",
    )  # fmt: skip
    @click.option("-v", "--verbose", is_flag=True, help="Say more on stderr.")
    @click.option("--quiet", is_flag=True, help="Say nothing on stderr but errors.")
    def command(*args: Any, workspace: Path, verbose: bool, quiet: bool, **options: Any) -> Any:
        return function(
            *args, common=Common(Workspace(workspace), -1 if quiet else int(verbose)), **options
        )

    return with_options_of(function, command)


def recipe_options(preset: str) -> Callable[[Function], Function]:
    """Add the options of a training; `preset` is the default of ``--preset``.

    The command gets one `RecipeOptions` as its argument `asked`, with those options only that the
    user gave. So a recipe file is overridden by given options, and not by defaults.
    """

    def decorate(function: Function) -> Function:
        @click.option(
            "--recipe",
            type=PRICE_FILE,
            metavar="FILE",
            help="TOML or JSON file with settings of the training, as `simgan models show NAME "
            "--recipe` prints them. The options below override it.",
        )
        @click.option(
            "--architecture",
            shell_complete=members_of("recipe.blueprints:BLUEPRINTS"),
            default="state-space",
            show_default=True,
            help="Generator: state-space, mlp, recurrent or tcn.",
        )
        @click.option(
            "--objective",
            shell_complete=members_of("recipe.objectives:OBJECTIVES"),
            default="relativistic",
            show_default=True,
            help=(
                "Losses of both players: relativistic, hinge, wgan-gp, …; an unknown name lists "
                "all."
            ),
        )
        @click.option(
            "--preset",
            default=preset,
            show_default=True,
            type=click.Choice(["quick", "standard", "thorough"]),
            help="Budget of the adversarial stage. A state-space generator has one with thorough "
            "only, or if you name a part of it. A preset replaces the settings of a --recipe that "
            "presets choose.",
        )
        @click.option(
            "--prior",
            default="default",
            show_default=True,
            metavar="NAME",
            help="Support of the fit. default: a fit to many series, for histories of up to 2,500 "
            "days. NAME: a model of the workspace, for every history. none: no support.",
        )
        @click.option(
            "--set",
            "settings",
            shell_complete=complete_settings,
            metavar="KEY=VALUE",
            multiple=True,
            help="Any setting of the training, repeatable; `simgan fit --list-settings` shows all.",
        )
        def command(*args: Any, **options: Any) -> Any:
            from simgan.recipe.options import RecipeOptions

            names = set(RecipeOptions.__annotations__)
            others = {name: value for name, value in options.items() if name not in names}
            return function(*args, asked=_given(names), **others)

        return with_options_of(function, command)

    return decorate


def _given(names: set[str]) -> RecipeOptions:
    """Return those of some options that stand on the command line."""
    asked = {name: value for name, value in given_options().items() if name in names}
    if "settings" in asked:
        asked["settings"] = pairs(asked["settings"])
    return cast("RecipeOptions", asked)


def given_options() -> dict[str, Any]:
    """Return the options of the command line, by name, without defaults and variables."""
    context = click.get_current_context()
    return {
        name: value
        for name, value in context.params.items()
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    }


json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print the result as JSON on stdout."
)


def pairs(settings: tuple[str, ...]) -> dict[str, str]:
    """Read the values of ``--set KEY=VALUE``."""
    found = [item.partition("=") for item in settings]
    for key, equals, _ in found:
        if not equals or not key:
            raise click.BadParameter(f"'{key}' is not of the form KEY=VALUE.", param_hint="--set")
    return {key.strip(): value.strip() for key, _, value in found}


def shares_options(function: Function) -> Function:
    """Add ``--weights`` and ``--rebalance`` for a model of several assets."""
    weights = click.option(
        "--weights",
        default="equal",
        show_default=True,
        metavar="equal|FILE|A=.6,B=.4",
        help="Shares of the assets of a model of several, of sum 1: in the option, or in a CSV "
        "file of lines asset,weight. They are numbers or percentages, such as A=60%,B=40%. "
        "CASH is a share without return.",
    )
    rebalance = click.option(
        "--rebalance",
        type=click.Choice(["none", "daily"]),
        default="none",
        show_default=True,
        help="Buy the assets and hold them, or restore the shares every day.",
    )
    return weights(rebalance(function))


def joined_by_commas(
    context: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> str | None:
    """Return the values of a repeated option as one text, or None where it is not given."""
    return ",".join(values) if values else None


def show_json(data: object) -> None:
    """Print one JSON value on stdout."""
    click.echo(json.dumps(data, indent=1))


def expect_in_order(**dates: datetime | None) -> None:
    """Refuse dates that are not in the order of time. The names are those of their options."""
    given = [(f"--{name}", day.date()) for name, day in dates.items() if day is not None]
    for (first, early), (last, late) in pairwise(given):
        if early > late:
            raise click.UsageError(f"{first} {early} is later than {last} {late}.")


def expect_as_of(text: str) -> None:
    """Refuse a start state of a wrong form, and two dates in the wrong order."""
    if text in ("latest", "stationary"):
        return
    try:
        dates = [date.fromisoformat(part) for part in text.split("..", 1)]
    except ValueError:
        forms = "latest, stationary, a date such as 2008-09-12, or 2008-09-01..2009-03-31"
        raise click.BadParameter(f"'{text}' is none of {forms}.", param_hint="--as-of") from None
    if dates != sorted(dates):
        raise click.BadParameter(f"'{text}' has the later date first.", param_hint="--as-of")


def iso(day: datetime | None) -> str | None:
    """Turn a click date into ISO text."""
    return None if day is None else day.date().isoformat()


def with_options_of(function: Function, command: Any) -> Function:
    """Give a command that wraps `function` its name and text, and its options last."""
    command.__name__, command.__doc__ = function.__name__, function.__doc__
    command.__click_params__ = getattr(function, "__click_params__", []) + command.__click_params__
    wrapped: Function = command
    return wrapped
