"""simgan models."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simgan.cli.options import (
    FILE,
    NAME,
    Common,
    common_options,
    json_option,
    show_json,
    terminal_progress,
)

if TYPE_CHECKING:
    from simgan.bundle.manifest import Manifest
    from simgan.workflows.models import Listed


@click.group(context_settings={"max_content_width": 100})
def models() -> None:
    """List, show, remove, export and import models.

    \b
    Example:
      simgan models list
      simgan models export SP500 sp500.zip
    """


@models.command("list")
@json_option
@common_options
def list_models(common: Common, as_json: bool) -> None:
    """List the models of the workspace, and name those that are damaged.

    \b
    Example:
      simgan models list --json
    """
    from simgan.workflows.models import list_models as find_all

    found = find_all(common.workspace)
    if as_json:
        show_json([_row(model) for model in found])
        return
    if not found:
        click.echo("no model here yet; `simgan fit SP500 --source sample` makes one")
    for model in found:
        click.echo(f"{model.name:<20} {_summary(model.manifest) or model.damage}")


@models.command()
@click.argument("name", type=NAME)
@click.option("--recipe", is_flag=True, help="Print the recipe that refits the model, as TOML.")
@json_option
@common_options
def show(common: Common, name: str, recipe: bool, as_json: bool) -> None:
    """Show the facts of a model, or its recipe.

    \b
    Example:
      simgan models show SP500
      simgan models show SP500 --recipe > recipe.toml
    """
    from simgan.workflows.models import load_bundle
    from simgan.workflows.options import loss_of_added

    manifest = load_bundle(common.workspace, name).manifest
    if as_json:
        show_json(manifest.recipe.to_json() if recipe else manifest.to_json())
    elif recipe:
        if loss := loss_of_added(manifest.data.source, common.workspace):
            common.say(f"warning: {loss}")
        from simgan.workflows.again import fit_again

        click.echo(f"# {fit_again(manifest)}")
        click.echo(manifest.recipe.to_toml(), nl=False)
    else:
        for key, value in _facts(manifest):
            click.echo(f"{key:<14} {value}")


@models.command()
@click.argument("name", type=NAME)
@click.option("--yes", is_flag=True, help="Do not ask.")
@common_options
def remove(common: Common, name: str, yes: bool) -> None:
    """Remove a model.

    \b
    Example:
      simgan models remove SP500 --yes
    """
    from simgan.workflows.models import expect_removable, remove_model

    folder = expect_removable(common.workspace, name).folder
    if not yes and not _confirmed(f"Remove {folder}?"):
        common.say(f"kept {folder}")
        return
    with terminal_progress(common) as progress:
        remove_model(common.workspace, name, progress)
    common.say(f"removed {folder}")


@models.command()
@click.argument("name", type=NAME)
@click.argument("file", type=FILE)
@click.option("--force", is_flag=True, help="Overwrite an existing file.")
@common_options
def export(common: Common, name: str, file: Path, force: bool) -> None:
    """Write a model to one zip file, to give to others.

    \b
    Example:
      simgan models export SP500 sp500.zip
    """
    from simgan.workflows.models import export_model

    with terminal_progress(common) as progress:
        export_model(common.workspace, name, file, force=force, progress=progress)
    common.say(f"wrote {file}")


@models.command("import")
@click.argument("file", type=FILE)
@click.option("--name", type=NAME, help="Name in this workspace; default: the model's own.")
@click.option("--force", is_flag=True, help="Replace a model of the same name.")
@common_options
def import_(common: Common, file: Path, name: str | None, force: bool) -> None:
    """Check an exported model and add it to the workspace.

    \b
    Example:
      simgan models import sp500.zip --name SP500-of-a-friend
    """
    from simgan.workflows.models import import_model

    with terminal_progress(common) as progress:
        folder = import_model(common.workspace, file, name, force=force, progress=progress)
    common.say(f"imported to {folder}")


def _confirmed(question: str) -> bool:
    if not sys.stdin.isatty():
        raise click.UsageError("standard input is not a terminal; give --yes to confirm.")
    return click.confirm(question, err=True)


def _row(model: Listed) -> dict[str, object]:
    """Return the JSON of one model of the list. A damaged one has a reason instead of facts."""
    if model.manifest is None:
        names = ("first", "last", "days", "seed", "created", "verdict")
        return {"name": model.name} | dict.fromkeys(names) | {"damaged": model.damage}
    manifest, data = model.manifest, model.manifest.data
    return {
        "name": model.name,
        "first": data.first,
        "last": data.last,
        "days": data.days,
        "seed": manifest.recipe.seed,
        "created": manifest.created,
        "verdict": manifest.verdict.get("sentence", ""),
        "damaged": None,
    }


def _summary(manifest: Manifest | None) -> str:
    if manifest is None:
        return ""
    data = manifest.data
    days = f"{data.first} to {data.last}  {data.days:>6} days"
    return f"{days}  seed {manifest.recipe.seed}  {manifest.created}"


def _facts(manifest: Manifest) -> Iterator[tuple[str, str]]:
    """Give the facts of a model line by line, for people."""
    from simgan.settings import record

    data, recipe = manifest.data, manifest.recipe
    yield "name", manifest.name
    yield "assets", ", ".join(manifest.assets)
    yield "history", f"{data.first} to {data.last}, {data.days:,} daily log returns"
    yield "source", _settings(data.source)
    yield "last price", ", ".join(f"{price:,.6g}" for price in manifest.last_price)
    yield "created", manifest.created
    yield "architecture", _settings(record(recipe.architecture))
    if recipe.training.steps:
        yield "objective", _settings(record(recipe.objective))
    if remedies := {key: value for key, value in record(recipe.remedies).items() if value}:
        yield "remedies", _settings(remedies)
    if recipe.condition is not None:
        yield "condition", _settings(record(recipe.condition))
    if names := manifest.regimes.get("names"):
        yield "regimes", f"{', '.join(names)}, over {manifest.regimes['days']} days each"
    yield "budget", f"preset {recipe.preset}, seed {recipe.seed}"
    yield "training", _settings(record(recipe.training))
    yield "trained", f"{manifest.seconds:,.0f} seconds on {manifest.device}"
    if recipe.training.steps:
        yield "chosen", f"step {manifest.chosen_step:,} of {recipe.training.steps:,}"
    if manifest.validation is not None:
        yield "validation", f"CRPS {manifest.validation:.6f}"
    for side, fits in manifest.tails.items():
        shapes = [f"{fit['shape']:.3f}" for fit in fits if "shape" in fit]
        yield f"tail, {side}", f"shape {', '.join(shapes)}" if shapes else "not estimated"
    yield "libraries", _settings(manifest.libraries)
    yield "noise", f"version {manifest.noise}"
    yield "verdict", str(manifest.verdict.get("sentence", "")) or "none"


def _settings(values: object) -> str:
    """Return settings on one line: the kind first, then each name with its value."""
    if not isinstance(values, dict):
        return str(values)
    kind = [str(values["kind"])] if "kind" in values else []
    return ", ".join(
        kind + [f"{key} {_value(value)}" for key, value in values.items() if key != "kind"]
    )


def _value(value: object) -> str:
    if isinstance(value, list):
        return " ".join(map(_value, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
