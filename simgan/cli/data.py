"""simgan data."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from simgan.cli.options import (
    DATE,
    FILE,
    NAME,
    Common,
    common_options,
    iso,
    json_option,
    price_options,
    show_json,
    terminal_progress,
)
from simgan.errors import MissingExtraError, PriceError

if TYPE_CHECKING:
    from simgan.report.prices.inspection import Inspection
    from simgan.workflows.data import DataRequest


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
@price_options
@click.option("--end", type=DATE, metavar="DATE", help="Last day to look at.")
@click.option(
    "--on-bad-rows",
    type=click.Choice(["stop", "drop"]),
    default="stop",
    show_default=True,
    help="drop: leave out rows that cannot be used, and tell how many.",
)
@click.option(
    "-o",
    "--out",
    type=FILE,
    help="Page to write, which ends in .html; default: reports/NAME-data.html.",
)
@json_option
@common_options
def show(common: Common, as_json: bool, out: Path | None, **options: Any) -> None:
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
    from simgan.market.prices import Scope
    from simgan.workflows.data import DataRequest, inspect

    scope = Scope(options.pop("start"), iso(options.pop("end")), options.pop("on_bad_rows"))
    request = DataRequest(workspace=common.workspace, scope=scope, out=out, **options)
    page = request.page
    with terminal_progress(common) as progress:
        found = inspect(request, progress)
        drawn = _drawn(common, request, found) if found.assets else None
    if as_json:
        show_json(found.to_json() | {"page": drawn and str(page)})
    else:
        from simgan.report.prices.text import render_text

        click.echo(render_text(found, shutil.get_terminal_size((120, 40)).columns))
        if drawn:
            click.echo(f"written to {page}")
    if found.refusal:
        raise PriceError(found.refusal)


def _drawn(common: Common, request: DataRequest, found: Inspection) -> Path | None:
    """Write the page. An environment that only draws scenarios has no package for figures."""
    from simgan.errors import packages_for
    from simgan.workflows.data import draw

    try:
        with packages_for("the page"):
            draw(found, request.page)
    except MissingExtraError as error:
        if request.out is not None:
            raise
        common.say(f"no page is written: {error}")
        return None
    return request.page
