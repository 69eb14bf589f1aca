"""Scenarios of models that were not fitted together, side by side, against the history.

    python benchmarks/dependence.py > benchmarks/dependence.txt

Fits three series of the sample source, each alone, at the preset quick. Scenarios of the long run
are drawn with one seed, and those of two models are put side by side. Version 1 of the noise is the
same models without their identity.

The pair is one unit long and one unit short. Its VaR is the 99 % quantile of the simple loss in ten
days, in percent of one unit. That of the history comes from all windows of ten days.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from itertools import combinations

import click
import numpy as np

import simgan
from simgan.arrays import FloatArray
from simgan.sampling.model import Model

SERIES, START = ("SP500", "NASDAQ", "WTI"), "1999-01-05"
PATHS, DAYS, LEVEL = 20_000, 10, 0.99
COLUMNS = ("version 1", "version 2", "history")


def main() -> None:
    """Fit, draw, and print the table."""
    with tempfile.TemporaryDirectory() as folder:
        models = {
            name: simgan.fit(name, source="sample", start=START, preset="quick", workspace=folder)
            for name in SERIES
        }
    click.echo(f"{'':14}  {'correlation of a day':>32}  {'ten-day VaR, long and short':>32}")
    click.echo(f"{'pair':14}" + 2 * ("  " + "".join(f"{name:>11}" for name in COLUMNS)[1:]))
    for pair in combinations(SERIES, 2):
        one, other = (models[name] for name in pair)
        shared = drawn(without_identity(one), without_identity(other))
        found = shared, drawn(one, other), windows(one, other)
        correlations = "".join(f"{correlation(each):>11.2f}" for each in found)
        risks = "".join(f"{value_at_risk(each):>9.1f} %" for each in found)
        click.echo(f"{'–'.join(pair):14}  {correlations[1:]}  {risks[1:]}")


def without_identity(model: Model) -> Model:
    """Return the model with noise of version 1."""
    manifest = replace(model.bundle.manifest, noise=1, identity="")
    return Model(replace(model.bundle, manifest=manifest))


def drawn(*models: Model) -> FloatArray:
    """Return log returns (paths, days, 2) of two models under one seed."""
    paths = [model.sample(PATHS, DAYS, as_of="stationary").log_returns for model in models]
    return np.concatenate(paths, axis=2).astype(np.float64)


def windows(*models: Model) -> FloatArray:
    """Return log returns (windows, days, 2) between the days on which both were traded."""
    levels = []
    for model in models:
        history = model.bundle.history
        assert history is not None
        levels.append(dict(zip(history.dates, np.cumsum(history.log_returns[:, 0]), strict=True)))
    days = sorted(set(levels[0]) & set(levels[1]))
    returns = np.diff([[level[day] for level in levels] for day in days], axis=0)
    return np.lib.stride_tricks.sliding_window_view(returns, DAYS, axis=0).swapaxes(1, 2)


def correlation(log_returns: FloatArray) -> float:
    """Correlation of the returns of a day."""
    return float(np.corrcoef(*log_returns.reshape(-1, 2).T)[0, 1])


def value_at_risk(log_returns: FloatArray) -> float:
    """VaR in percent of the pair, one unit long and one short."""
    gains = np.expm1(log_returns.sum(axis=1))
    return -100.0 * float(np.quantile(gains[:, 0] - gains[:, 1], 1.0 - LEVEL))


if __name__ == "__main__":
    main()
