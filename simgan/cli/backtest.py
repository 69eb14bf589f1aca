"""simgan backtest."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import click

from simgan.cli.options import (
    DATE,
    NAME,
    PRICE_FILE,
    Common,
    common_options,
    iso,
    json_option,
    recipe_options,
    show_json,
    terminal_progress,
)
from simgan.cli.price_options import price_options
from simgan.cli.terminal import tell

if TYPE_CHECKING:
    from simgan.recipe.options import RecipeOptions

COUNT = click.IntRange(min=1)


class Numbers(click.ParamType[tuple[float, ...]]):
    """Numbers with commas between them."""

    name = "numbers"

    def __init__(self, kind: type[int] | type[float]) -> None:
        self.kind = kind

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[float, ...]:
        try:
            return tuple(self.kind(part) for part in str(value).split(","))
        except ValueError:
            example = "1,10" if self.kind is int else "0.95,0.99"
            self.fail(f"'{value}' is not a list of numbers such as {example}.", param, ctx)


@click.command(context_settings={"max_content_width": 100})
@click.argument("tickers", metavar="TICKER...", nargs=-1, required=True, type=NAME)
@click.option(
    "--prices",
    type=PRICE_FILE,
    metavar="FILE",
    multiple=True,
    help="Price file instead of a download: one per TICKER, or one that holds all of them.",
)
@price_options
@click.option(
    "--from",
    "first",
    type=DATE,
    metavar="DATE",
    help="First day forecast. Default: the last 40 % of the history is tested.",
)
@click.option("--to", "last", type=DATE, metavar="DATE", help="Last day of the test.")
@click.option(
    "--refit",
    type=click.Choice(["yearly", "quarterly", "never"]),
    default="yearly",
    show_default=True,
    help="When models are fitted again.",
)
@click.option(
    "--levels",
    type=Numbers(float),
    default="0.95,0.975,0.99",
    show_default=True,
    help="Coverages of VaR and ES.",
)
@click.option(
    "--horizons",
    type=Numbers(int),
    default="1,10",
    show_default=True,
    help="Horizons of the forecasts, in days.",
)
@click.option(
    "--weights",
    metavar="equal|FILE|A=.6,B=.4",
    help="Backtest one book of all TICKERs: shares of sum 1 in the option, or in a CSV file of "
    "lines asset,weight. They are numbers or percentages, such as A=60%,B=40%.",
)
@click.option(
    "--rebalance",
    type=click.Choice(["none", "daily"]),
    default="none",
    show_default=True,
    help="Buy the book and hold it over the horizon, or restore its shares every day.",
)
@click.option(
    "--models",
    metavar="A,B",
    help="Models that take part. simgan, or else the first, is judged. Default: "
    "simgan,gjr-fhs,ewma-fhs,historical-250, against gjr-fhs. Of a book: simgan,gjr-dcc-fhs,"
    "gjr-fhs-vectors,gjr-fhs,historical-250, against gjr-dcc-fhs.",
)
@click.option(
    "--scenarios", type=COUNT, default=10_000, show_default=True, help="Scenarios per day."
)
@click.option(
    "--window",
    default="expanding",
    show_default=True,
    metavar="expanding|DAYS",
    help="History that a fit sees.",
)
@recipe_options(preset="quick")
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Seed of training and scenarios.",
)
@click.option(
    "--device",
    type=click.Choice(["auto", "cpu", "gpu"]),
    default="auto",
    show_default=True,
    help="Where TensorFlow computes.",
)
@click.option(
    "--jobs",
    type=COUNT,
    help="Processes. Default: one per core. Their number never changes the result.",
)
@click.option(
    "--scheduler",
    default="",
    metavar="ADDRESS",
    help="A Dask cluster works in place of these processes, to the same result. Its workers must "
    "see the workspace. Needs simgan[dask].",
)
@click.option("--name", type=NAME, help="Name of the files, and of a book. Default: the tickers.")
@click.option("--resume", is_flag=True, help="Continue an interrupted backtest of the same name.")
@json_option
@common_options
def backtest(
    common: Common,
    asked: RecipeOptions,
    tickers: tuple[str, ...],
    as_json: bool,
    window: str,
    models: str | None,
    **options: Any,
) -> None:
    """Forecast VaR and ES of TICKER day after day from earlier days only, and compare with the
    outcomes.

    Models are fitted again every year. Coverage tests and proper scores judge them. The command
    writes a page, its numbers as JSON, and every forecast as Parquet to reports/.

    The model is simgan, with any --architecture and --objective. Those beside it may be
    historical-N (the last N days), iid-bootstrap, stationary-bootstrap, ewma-normal, ewma-fhs,
    garch-normal, garch-t, gjr-t, gjr-skew-t, gjr-fhs, egarch-fhs and garch-average. The last is the
    equal-weight mixture of the two before it, and fhs stands for filtered historical simulation.

    With --weights the TICKERs are one book. simgan, ewma-fhs-vectors, gjr-fhs-vectors,
    gjr-fhs-independent, gjr-t-copula, gjr-dcc-fhs, historical-N and the bootstraps forecast its
    assets together, and are also scored as such. The others see the past returns of the book alone.

    \b
    Example:
      simgan backtest SP500 --source sample --from 2013-01-01
      simgan backtest SP500 --source sample --models gjr-fhs,egarch-fhs --horizons 1
      simgan backtest SP500 --source sample --models simgan,gjr-fhs --architecture mlp
      simgan backtest SPY QQQ TLT --prices panel.csv --weights SPY=.6,QQQ=.2,TLT=.2
      simgan backtest SPY QQQ TLT --prices panel.csv --scheduler tcp://10.0.0.5:8786
    """
    from simgan.recipe.options import recipe_of
    from simgan.sampling.parallel import available_cores

    jobs = options.pop("jobs")
    if jobs is not None and options["scheduler"]:
        raise click.UsageError("--jobs and --scheduler exclude each other.")
    window_days = _window(window)
    recipe = recipe_of(
        asked, {"preset": "quick"}
    )  # refuses wrong settings before the heavy imports
    from simgan.workflows import backtest as workflow

    request = workflow.BacktestRequest.of(
        tickers,
        common.workspace,
        recipe=recipe,
        first=iso(options.pop("first")),
        last=iso(options.pop("last")),
        models=None if models is None else tuple(models.split(",")),
        window=window_days,
        jobs=jobs or available_cores(),
        **options,
    )
    with terminal_progress(common) as progress:
        done = workflow.backtest(request, progress)
    if as_json:
        show_json(done.results.to_json())
        return
    from simgan.report.backtest.renderers import render_text

    click.echo(render_text(done.results, shutil.get_terminal_size((120, 40)).columns))
    *files, last = map(str, done.files)
    tell(f"written to {', '.join(files)} and {last}")


def _window(text: str) -> int | None:
    if text == "expanding":
        return None
    if not text.isdigit() or int(text) < 1:
        raise click.BadParameter(
            f"'{text}' is neither 'expanding' nor a number of days.", param_hint="--window"
        )
    return int(text)
