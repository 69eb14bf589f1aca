"""simgan models."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simgan.cli.options import (
    FILE,
    MODEL,
    NAME,
    Common,
    common_options,
    json_option,
    show_json,
    terminal_progress,
)
from simgan.cli.terminal import columns_of_terminal

if TYPE_CHECKING:
    from simgan.bundle.manifest import Manifest
    from simgan.bundle.store import Bundle
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
        default = common.workspace.latest_model()
        show_json([_row(model) | {"default": model.name == default} for model in found])
        return
    if not found:
        click.echo("no model here yet; `simgan fit SP500 --source sample` makes one")
    default = common.workspace.latest_model()
    width = max((len(model.name) for model in found), default=0)
    for model in found:
        mark = "*" if model.name == default else " "
        click.echo(f"{mark} {model.name:<{width}}  {_summary(model.manifest) or model.damage}")
    if default is not None:
        common.say("* is the default, which commands take without a NAME")


@models.command()
@click.argument("name", type=MODEL)
@click.option("--recipe", is_flag=True, help="Print the recipe that refits the model, as TOML.")
@json_option
@common_options
def show(common: Common, name: str, recipe: bool, as_json: bool) -> None:
    """Show the data sheet of a model: its risk, verdict, data and settings. Or show its recipe.

    \b
    Example:
      simgan models show SP500
      simgan models show SP500 --recipe > recipe.toml
    """
    from simgan.workflows.models import load_bundle
    from simgan.workflows.origins import loss_of_added

    bundle = load_bundle(common.workspace, name)
    manifest = bundle.manifest
    if as_json:
        show_json(manifest.recipe.to_json() if recipe else manifest.to_json() | _risk_json(bundle))
    elif recipe:
        if loss := loss_of_added(manifest.data.source, common.workspace):
            common.say(f"warning: {loss}")
        from simgan.workflows.again import fit_again

        click.echo(f"# {fit_again(manifest)}")
        click.echo(manifest.recipe.to_toml(), nl=False)
    else:
        from simgan.cli.data_sheet import data_sheet
        from simgan.workflows.data_sheet import dependence_of, risk_of_bundle

        risks, dependence = risk_of_bundle(bundle), dependence_of(bundle)
        click.echo(data_sheet(manifest, risks, columns_of_terminal(), dependence))


@models.command()
@click.argument("name", type=MODEL)
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
@click.argument("name", type=MODEL)
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


def _risk_json(bundle: Bundle) -> dict[str, object]:
    from simgan.workflows.data_sheet import dependence_of, risk_of_bundle

    found: dict[str, object] = {"risk": [risk.to_json() for risk in risk_of_bundle(bundle)]}
    if dependence := dependence_of(bundle):
        found["dependence"] = dependence.to_json()
    return found


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
