"""simgan sample."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from simgan.cli.options import (
    MODEL,
    NAME,
    PLACE,
    Common,
    common_options,
    expect_as_of,
    joined_by_commas,
    shares_options,
    terminal_progress,
)
from simgan.cli.price_options import start_options
from simgan.progress import Stop
from simgan.scenarios.formats import FORMATS


class _Price(click.ParamType[float | str]):
    """A number, or text with numbers by asset."""

    name = "price"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float | str:
        if isinstance(value, str) and "=" in value:
            return value
        try:
            return float(str(value))
        except ValueError:
            self.fail(f"{value!r} is no price, nor prices such as A=100,B=50", param, ctx)


COUNT = click.IntRange(min=1)
STDOUT = Path("-")


@click.command(context_settings={"max_content_width": 100})
@click.argument("name", required=False, type=MODEL)
@click.option(
    "-n",
    "--n",
    type=COUNT,
    default=1000,
    show_default=True,
    help="Number of scenarios; memory does not grow with it.",
)
@click.option("--horizon", type=COUNT, default=21, show_default=True, help="Days per scenario.")
@start_options
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Stream of scenarios."
)
@click.option(
    "--first",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Number of the first scenario.",
)
@click.option(
    "-o",
    "--out",
    type=PLACE,
    help="File: .csv, .csv.gz, .csv.zst, .parquet, .arrow, .arrows, .jsonl, .npy; - is stdout.",
)
@click.option(
    "--format",
    "kind",
    type=click.Choice(list(FORMATS)),
    help="Format on stdout; default: csv.",
)
@click.option(
    "--layout",
    type=click.Choice(["wide", "long"]),
    help="A row per scenario, or per value; default: wide, and long for bars, which have no other.",
)
@click.option(
    "--values",
    type=click.Choice(["log-returns", "returns", "prices", "bars"]),
    default="log-returns",
    show_default=True,
    help="What to write. Prices begin with the price at the start. Bars have open, high, low and "
    "close of the days 1 to H, where the model has learned from such prices.",
)
@click.option(
    "--assets",
    metavar="A,B",
    help="Of a model of several assets: these only, with the same numbers as in the whole.",
)
@click.option(
    "--given",
    multiple=True,
    callback=joined_by_commas,
    metavar="CONDITION",
    help="Only scenarios that meet it: cumulative, min-cumulative, max-cumulative, max-drawdown "
    "or realized-volatility (a year), < or >, a number. Of several assets it is "
    "about the book, or about one: SPY:cumulative<-0.2. Several, with commas or with the "
    "option again, are met at once.",
)
@shares_options
@click.option(
    "--regime",
    type=NAME,
    metavar="NAME",
    help="Scenarios of one regime, such as turbulent. The model needs --regimes or --labels.",
)
@click.option(
    "--shard-rows",
    type=COUNT,
    metavar="N",
    help="With -o FOLDER.parquet: a folder of files of N scenarios each.",
)
@click.option(
    "--initial-price",
    type=_Price(),
    metavar="PRICE|A=100,B=50",
    help="Price at the start, of several assets by name; default: the last price.",
)
@click.option("--resume", is_flag=True, help="Go on with an interrupted file.")
@click.option("--force", is_flag=True, help="Overwrite an existing file.")
@click.option(
    "--engine",
    default="cpu",
    show_default=True,
    help="cpu is the fastest, tensorflow is for a GPU, numpy is slow and simple.",
)
@click.option(
    "--workers",
    type=COUNT,
    default=1,
    show_default=True,
    help="Processes; never changes the scenarios.",
)
@click.option(
    "--scheduler",
    default="",
    metavar="ADDRESS",
    help="With --shard-rows: a Dask cluster writes the files, with the same bytes. Its workers "
    "must see the folder. Needs simgan[dask].",
)
@common_options
def sample(
    common: Common,
    out: Path | None,
    kind: str | None,
    resume: bool,
    force: bool,
    **options: Any,
) -> None:
    """Draw scenarios from the model NAME.

    NAME is by default the most recently fitted model, or else the reference model that ships with
    simgan. Without -o the scenarios go to stdout if that is a file or a pipe, else to
    NAME-scenarios.csv.

    \b
    Example:
      simgan sample SP500 --n 100000 --horizon 10 -o scenarios.csv
      simgan sample --as-of 2008-09-12 --values prices -o crisis.parquet
      simgan sample KO --values bars -o bars.csv
      simgan sample --as-of 2008-09-01..2009-03-31 -o inside-the-crisis.csv
      simgan sample --given "max-drawdown>0.15" -o bad-months.csv
      simgan sample BOOK --assets SPY,TLT --given "SPY:cumulative<-0.05" -o falls.csv
      simgan sample BOOK --given "cumulative<-0.1" --weights SPY=.6,TLT=.4 -o losses.csv
      simgan sample SP500 --regime turbulent -o storms.csv
      simgan sample --n 1000000 --first 1000000 | gzip > second-million.csv.gz
      simgan sample --n 100000 -o - --format npy > scenarios.npy
      simgan sample --n 10000000 --shard-rows 204800 -o all.parquet --scheduler tcp://10.0.0.5:8786
    """
    _check_usage(out, kind, options["shard_rows"], resume, force)
    if options["scheduler"] and options["shard_rows"] is None:
        raise click.UsageError("--scheduler needs --shard-rows: each worker writes whole files.")
    _expect_condition(options)
    expect_as_of(options["as_of"])
    from simgan.workflows.sample import SampleRequest, order

    with terminal_progress(common) as progress:
        ordered = order(SampleRequest(workspace=common.workspace, **options), progress)
    name = ordered.model.name
    _say_if_any(common, ordered.as_default)
    _say_if_any(common, ordered.note)
    if out is None:
        out = Path(f"{name}-scenarios.{kind or 'csv'}") if sys.stdout.isatty() else STDOUT
    if out == STDOUT:
        shown = replace(common, verbosity=-1) if sys.stdout.isatty() else common
        with terminal_progress(shown) as progress:
            ordered.to_stream(sys.stdout.buffer, kind or "csv", progress)
        _say_if_any(common, ordered.outcome)
        return
    stop = Stop()
    with terminal_progress(common) as progress, stop.at_ctrl_c(progress):
        written = ordered.to_file(
            out, "replace" if force else "resume" if resume else "refuse", progress, stop
        )
    _say_if_any(common, ordered.outcome)
    scenarios, days = _many(options["n"], "scenario"), _many(options["horizon"], "day")
    common.say(written.note or f"wrote {scenarios} of {days} to {written.path}")


def _check_usage(
    out: Path | None, kind: str | None, shard_rows: int | None, resume: bool, force: bool
) -> None:
    """Refuse options that contradict each other."""
    if resume and force:
        raise click.UsageError(
            "--resume and --force exclude each other; "
            "--resume alone goes on with an interrupted --force."
        )
    if resume and out == STDOUT:
        raise click.UsageError("--resume needs a file to go on with; -o - is a stream.")
    if shard_rows is not None and (out is None or out == STDOUT):
        raise click.UsageError("--shard-rows needs the name of a folder: -o FOLDER.parquet.")
    if kind is not None and out not in (None, STDOUT):
        raise click.UsageError("--format is for -o -; the ending of a file chooses its format.")
    if out == STDOUT and kind not in (None, "csv") and sys.stdout.isatty():
        raise click.UsageError(f"a terminal cannot show .{kind}; send it to a file or a pipe.")


def _expect_condition(options: dict[str, object]) -> None:
    """Refuse the shares of a book that no condition is about."""
    has_shares = options["weights"] != "equal" or options["rebalance"] != "none"
    if has_shares and options["given"] is None:
        raise click.UsageError(
            "--weights and --rebalance need --given: they say which book a condition is about."
        )


def _say_if_any(common: Common, sentence: str) -> None:
    if sentence:
        common.say(sentence)


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
