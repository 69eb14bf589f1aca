"""The table of generator.py about ranges: the same model with and without open, high and low."""

from __future__ import annotations

import click
import numpy as np
from development_data import series
from generator_forecasts import POOL, POOL_RULES, RULES, Given, Settings, print_differences, row

from simgan.report.backtest.results import REFERENCE
from simgan.report.verdict import over
from simgan.workflows.backtest.contenders import Classical, Contender

SERIES = (  # those with open, high and low
    *("SP500", "NASDAQ", "KS11", "005930.KS", "AAPL", "JPM", "XOM", "KO"),
    *("MSFT", "JNJ", "WMT", "INTC", "GC=F", "BTC-USD"),
)
CLOSES: Settings = (("ranges", "0"),)


@click.command()
@click.pass_obj
def ranges(given: Given) -> None:
    """Series with open, high and low, the last 40 % of each: with ranges less without.

    CRPS is divided by the mean CRPS without ranges.
    """
    assets = list(SERIES) if given.assets == list(POOL) else given.assets
    contenders: dict[str, Contender] = {REFERENCE: Classical(REFERENCE)}
    for seed in given.seeds:
        contenders |= {
            f"ranges, seed {seed}": given.gan(seed),
            f"closes, seed {seed}": given.gan(seed, CLOSES),
        }
    found = given.forecasts({name: series(name) for name in assets}, None, contenders, POOL_RULES)
    for horizon in RULES.horizons:
        for label, rival in (("ranges", "closes"), ("ranges", REFERENCE), ("closes", REFERENCE)):
            means = []
            for seed in given.seeds:
                other = f"{rival}, seed {seed}" if rival == "closes" else rival
                means.append(
                    print_differences(found, assets, f"{label}, seed {seed}", other, horizon)
                )
            click.echo(f"\n{label} less {rival}, {over(horizon)}, all seeds")
            click.echo(row("mean", np.mean(means, axis=0)))
            click.echo(row("worst", np.max(means, axis=0)))
