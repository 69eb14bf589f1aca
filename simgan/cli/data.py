"""simgan data."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from simgan.cli.options import (
    FILE,
    NAME,
    Common,
    common_options,
    given_options,
    json_option,
    show_json,
    terminal_progress,
)
from simgan.cli.price_options import (
    column_option,
    download_of,
    download_options,
    scope_options,
    source_option,
)
from simgan.errors import MissingExtraError, PriceError, SimganError, WriteError

if TYPE_CHECKING:
    from simgan.report.prices.inspection import Inspection


@click.group(context_settings={"max_content_width": 100})
def data() -> None:
    """List, show, add and remove prices.

    \b
    Example:
      simgan data show prices.csv
      simgan data add AAPL MSFT
      simgan data list
    """


@data.command()
@click.argument("prices", metavar="FILE|TICKER", type=NAME)
@click.option("--ticker", type=NAME, help="One of several tickers in the file.")
@column_option("FILE")
@scope_options("to look at")
@source_option
@download_options
@click.option(
    "-o",
    "--out",
    type=FILE,
    help="Page to write, which ends in .html; default: reports/NAME-data.html.",
)
@json_option
@common_options
def show(common: Common, as_json: bool, **options: Any) -> None:
    """Show how prices are understood, before a model learns from them.

    Prints the layout, the column, the notation of dates and numbers, repairs, warnings, the first
    and last rows and a sparkline. Writes one self-contained page with figures. A file that is
    refused is shown as far as it was understood.

    \b
    Example:
      simgan data show prices.csv
      simgan data show panel.csv --ticker MSFT --start 2010-01-01
      simgan data show AAPL
    """
    from simgan.workflows.data import DataRequest, inspect

    request = DataRequest(workspace=common.workspace, **options)
    page = request.page
    with terminal_progress(common) as progress:
        found = inspect(request, progress)
        failure = _failure_to_draw(found, page)
    if as_json:
        show_json(found.to_json() | {"page": None if failure else str(page)})
    else:
        from simgan.report.prices.text import render_text

        click.echo(render_text(found, shutil.get_terminal_size((120, 40)).columns))
        if not failure:
            click.echo(f"written to {page}")
    if failure:
        if request.out is not None:
            raise failure
        common.say(f"no page is written: {failure}")
    if found.refusal:
        raise PriceError(found.refusal)


def _failure_to_draw(found: Inspection, page: Path) -> SimganError | None:
    """Write the page, or return why it cannot be written.

    An environment that only draws scenarios has no package for figures.
    """
    from simgan.errors import packages_for
    from simgan.workflows.data import draw

    try:
        with packages_for("the page"):
            draw(found, page)
    except (MissingExtraError, WriteError) as error:
        return error
    return None


@data.command("list")
@json_option
@common_options
def list_data(common: Common, as_json: bool) -> None:
    """List the prices in data/, and name files that are damaged or not written by simgan.

    \b
    Example:
      simgan data list
      simgan data list --json
    """
    from simgan.workflows.data import list_data as find_all

    found = find_all(common.workspace)
    if as_json:
        show_json([entry.to_json() for entry in found])
    elif found:
        from simgan.report.prices.kept import render_list

        click.echo(render_list(found, shutil.get_terminal_size((120, 40)).columns))
    else:
        click.echo(
            f"no prices in {common.workspace.data}/ yet; `simgan data add AAPL` downloads some"
        )


@data.command()
@click.argument("names", metavar="TICKER...|FILE", type=NAME, nargs=-1, required=True)
@click.option("--name", type=NAME, help="Name under which the prices of a FILE are kept.")
@click.option("--ticker", type=NAME, help="One of several tickers in the FILE.")
@column_option("FILE")
@scope_options("of the FILE to keep")
@click.option("--refresh", is_flag=True, help="Download tickers again that are there already.")
@click.option(
    "--force",
    is_flag=True,
    help="Replace the prices of the same --name, or with --refresh those that new ones contradict.",
)
@json_option
@common_options
def add(
    common: Common,
    names: tuple[str, ...],
    name: str | None,
    refresh: bool,
    force: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Keep prices in data/: download tickers, or take the prices of a file under a name.

    `simgan fit NAME` then uses them without a download and without --prices.

    \b
    Example:
      simgan data add AAPL MSFT ^GSPC
      simgan data add prices.xlsx --name KO
      simgan data add panel.csv --ticker MSFT --name MSFT
    """
    from simgan.workflows.data import DataRequest, add_file, add_tickers, names_a_file

    files = [given for given in names if names_a_file(given)]
    _expect_one_kind(names, files, name, refresh)
    with terminal_progress(common) as progress:
        if files:
            request = DataRequest(workspace=common.workspace, prices=files[0], **options)
            added = [add_file(request, str(name), force=force, progress=progress)]
        else:
            download = download_of(refresh, force)
            added = add_tickers(common.workspace, "yahoo", names, download, progress)
    if as_json:
        show_json([entry.to_json() for entry in added])
        return
    for entry in added:
        click.echo(f"{entry.path}: {entry.days:,} days, {entry.first} to {entry.last}")


def _expect_one_kind(
    names: tuple[str, ...], files: list[str], name: str | None, refresh: bool
) -> None:
    """Refuse files among tickers, and options of the other kind."""
    if not files:
        of_files = ("name", "ticker", "column", "start", "end", "on_bad_rows")
        if given := [option for option in of_files if option in given_options()]:
            option = given[0].replace("_", "-")
            raise click.UsageError(f"--{option} needs a FILE, and {names[0]} is none.")
        return
    if len(names) > 1:
        raise click.UsageError(f"{files[0]} is a file; add one file at a time.")
    if refresh:
        raise click.UsageError("--refresh needs tickers; --force replaces the prices of a file.")
    if name is None:
        stands = "is a file" if Path(files[0]).exists() else "would be a file, and there is none"
        raise click.UsageError(f"{files[0]} {stands}; give a --name for its prices.")


@data.command()
@click.argument("names", metavar="NAME...", type=NAME, nargs=-1, required=True)
@json_option
@common_options
def remove(common: Common, names: tuple[str, ...], as_json: bool) -> None:
    """Remove prices from data/. Models and reports stay.

    \b
    Example:
      simgan data remove AAPL MSFT
    """
    from simgan.workflows.data import remove_data

    with terminal_progress(common) as progress:
        removed = remove_data(common.workspace, names, progress)
    if as_json:
        show_json([entry.to_json() for entry in removed])
        return
    for entry in removed:
        span = f" ({entry.days:,} days, {entry.first} to {entry.last})" if entry.days else ""
        click.echo(f"removed {entry.path}{span}")
