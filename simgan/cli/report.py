"""simgan report."""

from __future__ import annotations

import shutil
from typing import Any

import click

from simgan.cli.options import (
    FILE,
    MODEL,
    PRICE_FILE,
    Common,
    common_options,
    json_option,
    show_json,
    terminal_progress,
)
from simgan.cli.price_options import column_option, on_bad_rows_option
from simgan.cli.terminal import tell


@click.command(context_settings={"max_content_width": 100})
@click.argument("name", type=MODEL, required=False)
@click.option(
    "-o",
    "--out",
    type=FILE,
    help="Page to write, which ends in .html; default: reports/NAME.html. "
    "The numbers go beside it as .json.",
)
@click.option(
    "--n",
    type=click.IntRange(20, 10_000),
    default=100,
    show_default=True,
    help="Paths per model, each as long as the real history.",
)
@click.option(
    "--against",
    type=PRICE_FILE,
    metavar="FILE",
    help="Price file to judge on instead, for example of later years.",
)
@column_option("--against")
@on_bad_rows_option
@json_option
@common_options
def report(common: Common, as_json: bool, **options: Any) -> None:
    """Compare the paths of the model NAME with real returns, beside those of the baselines.

    Writes one self-contained page and the same numbers as JSON, and prints the table.

    \b
    Example:
      simgan report SP500
      simgan report SP500 --against later-years.csv -o later.html
    """
    from simgan.workflows.report import ReportRequest
    from simgan.workflows.report import report as make

    request = ReportRequest(workspace=common.workspace, **options)
    with terminal_progress(common) as progress:
        done = make(request, progress)
    if as_json:
        show_json(done.to_json())
        return
    from simgan.report.renderers import render_text

    columns = shutil.get_terminal_size((120, 40)).columns
    click.echo(render_text(done.judgement.comparison, done.judgement.verdict, columns))
    tell(done.training.line)
    tell(f"written to {done.page} and {done.numbers}")
