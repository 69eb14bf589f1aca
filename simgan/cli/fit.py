"""simgan fit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from simgan.cli.completion import members_of, settings_of
from simgan.cli.options import (
    DATE,
    NAME,
    PLACE,
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
from simgan.cli.terminal import conclude, tell

if TYPE_CHECKING:
    from simgan.recipe.options import RecipeOptions
    from simgan.workflows.options import FitOptions


@click.command(context_settings={"max_content_width": 100})
@click.argument("tickers", metavar="TICKER...", nargs=-1, type=NAME)
@click.option(
    "--prices",
    type=PRICE_FILE,
    metavar="FILE",
    multiple=True,
    help="Price file instead of a download: CSV, TSV, Excel, Parquet or Arrow, also packed. Of "
    "several tickers: one for each (repeat the option), or one that holds all of them.",
)
@price_options
@click.option("--end", type=DATE, metavar="DATE", help="Last day of the history to use.")
@click.option("--name", type=NAME, help="Name of the model; default: the tickers.")
@recipe_options(preset="standard")
@click.option(
    "--regimes",
    type=int,
    default=0,
    metavar="K",
    help="Learn K regimes by realized volatility; 3: calm, normal, turbulent. One asset only.",
)
@click.option(
    "--labels",
    type=PRICE_FILE,
    metavar="FILE",
    help="Learn your own regimes from a CSV file: a header, then lines DATE,NAME. One asset only.",
)
@click.option(
    "--condition",
    shell_complete=members_of("recipe.conditions:CONDITIONS"),
    default="cgan",
    show_default=True,
    help="How generator and critic use regimes: cgan, acgan or semi-supervised.",
)
@click.option(
    "--list-settings", is_flag=True, help="List all settings with defaults and ranges, and exit."
)
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed of the training."
)
@click.option(
    "--device",
    type=click.Choice(["auto", "cpu", "gpu"]),
    default="auto",
    show_default=True,
    help="Where TensorFlow computes.",
)
@click.option(
    "--resume",
    is_flag=True,
    help="Continue an interrupted fit of the same name. Of several assets the finished ones stay.",
)
@click.option(
    "--tensorboard",
    type=PLACE,
    metavar="DIR",
    help="Also write losses and scores as TensorBoard event files. Use a new folder for each fit. "
    "One asset only.",
)
@json_option
@common_options
def fit(
    common: Common,
    asked: RecipeOptions,
    tickers: tuple[str, ...],
    as_json: bool,
    list_settings: bool,
    **options: Any,
) -> None:
    """Learn the return distribution of TICKER and write models/NAME/.

    Several tickers are learned together: each has a model of its own, and their scenarios move
    together as in the history. Prices come from Yahoo Finance, from --prices FILE, or from the
    samples that work offline. Without a TICKER, all assets of the FILE are learned together.

    \b
    Example:
      simgan fit SP500 --source sample
      simgan fit AAPL --start 2005-01-01 --preset quick
      simgan fit KO --prices ko.csv --set rate=1e-4
      simgan fit SPY TLT GLD --name BOOK
      simgan fit --prices panel.csv --name BOOK
      simgan fit SP500 --source sample --regimes 3
      simgan fit SP500 --source sample --recipe recipe.toml --seed 1
      simgan fit SP500 --source sample --tensorboard runs/sp500
    """
    from simgan.recipe.options import recipe_of

    if list_settings:
        click.echo(_settings_table(asked))
        return
    recipe = recipe_of(asked)  # refuses wrong settings before anything heavy is loaded
    tickers = tickers or _tickers_of(options["prices"])
    options |= {"end": iso(options["end"]), "recipe": recipe, "labels": asked.get("labels")}
    from simgan.workflows.fit_together import fit_asked

    asset = tickers if len(tickers) > 1 else tickers[0]
    with terminal_progress(common) as progress:
        fitted = fit_asked(asset, common.workspace, cast("FitOptions", options), progress)
    if as_json:
        show_json(fitted.to_json())
        return
    data = fitted.manifest.data
    tell(
        f"{fitted.manifest.name}: {data.days} days, {data.first} to {data.last}; "
        f"{fitted.manifest.seconds:.0f} seconds of training"
    )
    tell(f"written to {fitted.path}/")
    for line in fitted.sentences:
        conclude(line)


def _tickers_of(prices: tuple[Path, ...]) -> tuple[str, ...]:
    """Return the assets of a price file, where the command names none."""
    missing = "Missing argument 'TICKER...'"
    if not prices:
        raise click.UsageError(f"{missing}.")
    if len(prices) > 1:
        raise click.UsageError(f"{missing}: name one for each of {len(prices)} price files.")
    from simgan.errors import PriceError
    from simgan.market.sources.price_file import PriceFile

    found = PriceFile(str(prices[0])).tickers()
    if twice := [name for name in found if found.count(name) > 1]:
        raise PriceError(f"{prices[0]}: two columns are called {twice[0]!r}; rename one of them")
    if len(found) > 1:
        return found
    raise click.UsageError(
        f"{missing}: {prices[0]} is read as one asset, and needs a name for it. In a file whose "
        "columns are assets, none is called Open, High, Low, Close or Volume."
    )


def _settings_table(asked: RecipeOptions) -> str:
    """List all settings that --set takes, for the members that were asked for."""
    from simgan.recipe.training import PRESETS

    rows = list(settings_of(asked))
    width, default_width = (max(len(row[i]) for row in rows) for i in (0, 1))
    lines = [
        f"{name:<{width}}  {default:<{default_width}}  {meaning}" for name, default, meaning in rows
    ]
    presets = [
        f"preset {name}: {', '.join(f'{k}={v}' for k, v in values.items())}"
        for name, values in PRESETS.items()
    ]
    return "\n".join(
        [
            f"{'setting':<{width}}  {'default':<{default_width}}  meaning and range",
            *lines,
            "",
            *presets,
            "A state-space generator is fitted by likelihood. It has an adversarial stage only if",
            "you name a part of one: steps, rates, an objective, remedies, regimes, or thorough.",
        ]
    )
