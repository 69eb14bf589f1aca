"""simgan compare."""

from __future__ import annotations

from typing import Any

import click

from simgan.cli.options import (
    FILE,
    NAME,
    PRICE_FILE,
    Common,
    common_options,
    json_option,
    shares_options,
    terminal_progress,
)
from simgan.cli.price_options import column_option, on_bad_rows_option
from simgan.cli.report import paths_option, scenario_options, show_report


@click.command(context_settings={"max_content_width": 100})
@click.argument("names", metavar="A B...", type=NAME, nargs=-1, required=True)
@click.option(
    "-o",
    "--out",
    type=FILE,
    help="Page to write, which ends in .html, or in .md for Markdown; default: "
    "reports/A-B-compared.html. The numbers go beside it as .json.",
)
@paths_option
@click.option(
    "--against",
    type=PRICE_FILE,
    metavar="FILE",
    help="Price file to judge on; default: the history of the first model.",
)
@column_option("--against")
@on_bad_rows_option
@scenario_options
@shares_options
@json_option
@common_options
def compare(common: Common, as_json: bool, names: tuple[str, ...], **options: Any) -> None:
    """Judge models and files of scenarios side by side, on one history.

    A and B are names of models, or files of anyone's scenarios that end in .csv, .csv.gz,
    .csv.zst, .parquet, .arrow or .npy. Models of several assets stand beside the joint baselines,
    and must have the same assets.

    \b
    Example:
      simgan compare SP500 reference
      simgan compare SP500 theirs.parquet --against later-years.csv -o both.md
      simgan compare BOOK OTHER-SETTINGS --weights SPY=.6,TLT=.4
    """
    from simgan.workflows.comparing import CompareRequest
    from simgan.workflows.comparing_books import comparison_asked

    request = CompareRequest(workspace=common.workspace, names=names, **options)
    with terminal_progress(common) as progress:
        done = comparison_asked(request, progress)
    show_report(done, as_json)
