"""simgan report."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import click

from simgan.cli.options import (
    FILE,
    MODEL,
    PRICE_FILE,
    Common,
    Function,
    common_options,
    json_option,
    shares_options,
    show_json,
    terminal_progress,
)
from simgan.cli.price_options import column_option, on_bad_rows_option
from simgan.cli.terminal import conclude, tell

if TYPE_CHECKING:
    from simgan.workflows.report import Reported


paths_option = click.option(
    "--n",
    type=click.IntRange(20, 10_000),
    default=100,
    show_default=True,
    help="Paths of each model and baseline, each as long as the real history.",
)


def scenario_options(function: Function) -> Function:
    """Add the options about files of scenarios."""
    kind = click.option(
        "--values",
        type=click.Choice(["log-returns", "returns", "prices", "bars"]),
        callback=lambda context, parameter, value: value or "",
        help="Kind of the values of a file of scenarios; default: as the file says, or else log "
        "returns of a day.",
    )
    which = click.option(
        "--asset", default="", metavar="NAME", help="Asset of a file that holds several."
    )
    return kind(which(function))


@click.command(context_settings={"max_content_width": 100})
@click.argument("name", type=MODEL, required=False)
@click.option(
    "-o",
    "--out",
    type=FILE,
    help="Page to write, which ends in .html, or in .md for Markdown; default: "
    "reports/NAME.html. The numbers go beside it as .json.",
)
@click.option(
    "--scenarios",
    type=PRICE_FILE,
    metavar="FILE",
    help="Judge the scenarios of this file, anyone's, in place of the model's paths. NAME then "
    "says whose history to judge on, unless --against does.",
)
@scenario_options
@paths_option
@click.option(
    "--against",
    type=PRICE_FILE,
    metavar="FILE",
    help="Price file to judge on instead, for example of later years.",
)
@column_option("--against")
@on_bad_rows_option
@shares_options
@json_option
@common_options
def report(common: Common, as_json: bool, **options: Any) -> None:
    """Compare the paths of the model NAME with real returns, beside those of the baselines.

    Writes one self-contained page and the same numbers as JSON, and prints the table. Several
    assets are judged together, and each by itself.

    \b
    Example:
      simgan report SP500
      simgan report SP500 --against later-years.csv -o later.html
      simgan report BOOK --weights SPY=.6,TLT=.4
      simgan report --scenarios theirs.parquet --against prices.csv
    """
    from simgan.workflows.report import ReportRequest
    from simgan.workflows.report_of_book import report_asked as make

    request = ReportRequest(workspace=common.workspace, **options)
    with terminal_progress(common) as progress:
        done = make(request, progress)
    show_report(done, as_json)


def show_report(done: Reported, as_json: bool) -> None:
    """Print a report as JSON, or as tables with the places of its files."""
    if as_json:
        show_json(done.to_json())
        return
    click.echo(done.to_text(shutil.get_terminal_size((120, 40)).columns))
    if done.facts.leaning:
        conclude(done.facts.leaning)
    if done.training is not None:
        conclude(done.training.line)
    tell(f"written to {done.page} and {done.numbers}")
