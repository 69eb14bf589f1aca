"""simgan models."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import click

from simgan.cli.options import FILE, NAME, Common, common_options, json_option, show_json


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
    """List the models of the workspace.

    \b
    Example:
      simgan models list --json
    """
    from simgan.bundle.store import read_manifest
    from simgan.errors import BundleError

    rows: list[dict[str, Any]] = []
    for name in common.workspace.model_names():
        try:
            rows.append(_summary(read_manifest(common.workspace.model(name))))
        except BundleError as error:
            common.say(f"Warning: {error}")
    if as_json:
        show_json(rows)
        return
    if not rows:
        click.echo("no model here yet; `simgan fit SP500 --source sample` makes one")
    for row in rows:
        click.echo(
            f"{row['name']:<20} {row['first']} to {row['last']}  {row['days']:>6} days  seed {row['seed']}  {row['created']}"
        )


@models.command()
@click.argument("name", type=NAME)
@json_option
@common_options
def show(common: Common, name: str, as_json: bool) -> None:
    """Show the facts of a model.

    \b
    Example:
      simgan models show SP500
    """
    from simgan.workflows.models import load_bundle

    facts = load_bundle(common.workspace, name).manifest.to_json()
    if as_json:
        show_json(facts)
        return
    for key, value in facts.items():
        click.echo(f"{key:<14} {_shown(value)}")


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
    from simgan.errors import ConfigError
    from simgan.files import told_as_write_error
    from simgan.workflows.models import find_model

    found = find_model(common.workspace, name)
    if found.is_reference:
        raise ConfigError(
            "models remove",
            "name",
            name,
            "a model of the workspace: the reference model is part of simgan",
        )
    if not yes and not _confirmed(f"Remove {found.folder}?"):
        common.say(f"kept {found.folder}")
        return
    with told_as_write_error(found.folder):
        shutil.rmtree(found.folder)
    common.say(f"removed {found.folder}")


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
    from simgan.workflows.exchange import export_model

    export_model(common.workspace, name, file, force=force)
    common.say(f"wrote {file}")


@models.command("import")
@click.argument("file", type=FILE)
@click.option("--name", type=NAME, help="Name in this workspace; default: the model's own.")
@click.option("--force", is_flag=True, help="Replace a model of the same name.")
@common_options
def import_(common: Common, file: Path, name: str | None, force: bool) -> None:
    """Take in a model that was exported; it is checked in full first.

    \b
    Example:
      simgan models import sp500.zip --name SP500-of-a-friend
    """
    from simgan.workflows.exchange import import_model

    folder = import_model(common.workspace, file, name, force=force)
    common.say(f"imported to {folder}")


def _confirmed(question: str) -> bool:
    if not sys.stdin.isatty():
        raise click.UsageError("nobody is here to be asked: give --yes.")
    return click.confirm(question, err=True)


def _summary(manifest: Any) -> dict[str, Any]:
    data = manifest.data
    return {
        "name": manifest.name, "first": data.first, "last": data.last, "days": data.days,
        "seed": manifest.recipe.seed, "created": manifest.created, "verdict": manifest.verdict.get("sentence", ""),
    }  # fmt: skip


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(
            f"{key} {_shown(item)}"
            for key, item in value.items()
            if not isinstance(item, dict | list)
        )
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
