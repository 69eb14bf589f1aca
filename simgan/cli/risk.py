"""simgan risk."""

from __future__ import annotations

import shutil
from typing import Any

import click

from simgan.cli.backtest import Numbers
from simgan.cli.options import (
    FILE,
    MODEL,
    Common,
    common_options,
    expect_as_of,
    joined_by_commas,
    json_option,
    shares_options,
    show_json,
    terminal_progress,
)
from simgan.cli.price_options import start_options
from simgan.cli.terminal import tell


@click.command(context_settings={"max_content_width": 100})
@click.argument("name", required=False, type=MODEL)
@click.option(
    "--level",
    "levels",
    type=Numbers(float),
    default="0.99,0.975",
    show_default=True,
    help="Coverages of VaR and ES.",
)
@click.option(
    "--horizon",
    "horizons",
    type=Numbers(int),
    default="1,10",
    show_default=True,
    help="Horizons, in days.",
)
@click.option(
    "--position",
    type=float,
    default=1_000_000,
    show_default=True,
    metavar="MONEY",
    help="Value of the position in the currency of the prices; negative: short.",
)
@shares_options
@start_options
@click.option(
    "--given",
    multiple=True,
    callback=joined_by_commas,
    metavar="CONDITION",
    help="Only scenarios that meet it over the longest horizon, such as 'cumulative<-0.1'. Of "
    "several assets it is about the book, or about one: 'SPY:cumulative<-0.2'. Several, with "
    "commas or with the option again, are met at once.",
)
@click.option(
    "-n",
    "--n",
    type=click.IntRange(min=1),
    default=100_000,
    show_default=True,
    help="Number of scenarios.",
)
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Stream of scenarios."
)
@click.option(
    "--frtb",
    is_flag=True,
    help="Add the ES at 97.5 % over the liquidity horizons of the Basel rules, 10 to 120 days.",
)
@click.option(
    "-o",
    "--out",
    type=FILE,
    help="Page to write, which ends in .html; default: reports/NAME-risk.html. "
    "The numbers go beside it as .json.",
)
@json_option
@common_options
def risk(common: Common, as_json: bool, **options: Any) -> None:
    """Print VaR and ES of a position over the coming days, beside those of GJR-FHS.

    Losses are simple and positive, in money and in percent of the position. ± MC is the Monte Carlo
    error, which more scenarios make smaller. Ten days are paths of ten days, not √10 times one day.
    NAME is by default the most recently fitted model, or else the reference model.

    \b
    Example:
      simgan risk SP500 --position 250000
      simgan risk SP500 --level .99,.975 --horizon 1,10 --frtb
      simgan risk SP500 --as-of 2008-09-12 --position -1000000
      simgan risk BOOK --weights SPY=.6,TLT=.4 --rebalance daily
      simgan risk SP500 --given "realized-volatility>0.40"
    """
    expect_as_of(options["as_of"])
    from simgan.report.risk.text import render_text
    from simgan.workflows.risk import RiskRequest
    from simgan.workflows.risk import risk as make

    request = RiskRequest(workspace=common.workspace, **options)
    with terminal_progress(common) as progress:
        done = make(request, progress)
    if as_json:
        show_json(done.to_json())
        return
    columns = shutil.get_terminal_size((100, 40)).columns
    click.echo(render_text(done.results, columns))
    tell(f"written to {done.page} and {done.page.with_suffix('.json')}")
