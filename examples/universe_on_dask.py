"""A model and the risk of each name of a universe, on the workers of a Dask cluster.

Run it as ``python examples/universe_on_dask.py NAMES ADDRESS``, for example ``500
tcp://10.0.0.5:8786``. It needs ``pip install 'simgan[dask]'``. Without an address it starts two
workers here, and without a number it takes two names. The workers must see the folder in which it
runs: each writes the models that it fits to ``models/``. A second run fits no name again.

The prices are simulated. In their place `prices_of` would read those of a name from a shared file.
"""

import logging
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from distributed import Client

import simgan

DAYS = 750
RANGES, RANGE, HORIZON = 4, 5_000, 10  # each range is a task of its own
LEVEL = 0.99


def prices_of(name: str) -> pd.Series:
    """Simulate prices under a GARCH with Student-t innovations, the same for the same name."""
    number = int(name[1:])
    noise = simgan.Seed(number).stream("baseline").standard_t(5, DAYS) * np.sqrt(3 / 5)
    long_run = (0.01 + 0.0001 * (number % 200)) ** 2
    returns, variance = np.empty(DAYS), long_run
    for day in range(DAYS):
        returns[day] = np.sqrt(variance) * noise[day]
        variance = 0.05 * long_run + 0.1 * returns[day] ** 2 + 0.85 * variance
    return pd.Series(100 * np.exp(returns.cumsum()), pd.bdate_range("2022-01-03", periods=DAYS))


def fitted(name: str, workspace: Path) -> str:
    """Fit a name, unless its model is there already, and return it."""
    known = {facts.name for facts in simgan.models(workspace=workspace)}
    if name not in known:
        simgan.fit(
            prices_of(name),
            name=name,
            preset="quick",
            workspace=workspace,
            progress=simgan.SILENT,
        )
    return name


def returns_of(name: str, first: int, workspace: Path) -> np.ndarray:
    """Return the log returns over the horizon of a range of the scenarios of a name."""
    scenarios = simgan.load(name, workspace=workspace).sample(RANGE, HORIZON, first=first)
    return scenarios.log_returns.sum(axis=1)[:, 0]


def risks(client: Client, names: list[str], workspace: Path) -> pd.DataFrame:
    """Fit all names, draw all ranges, and return VaR and ES with their Monte Carlo errors."""
    firsts = range(0, RANGES * RANGE, RANGE)
    models = client.map(fitted, names, workspace=workspace)
    drawn = {
        name: client.map(returns_of, [model] * RANGES, firsts, workspace=workspace)
        for name, model in zip(names, models, strict=True)
    }
    rows = {}
    for name, parts in drawn.items():
        risk = simgan.risk_of(np.concatenate(client.gather(parts)), level=LEVEL)
        rows[name] = {
            "VaR": risk.value_at_risk,
            "± VaR": risk.value_at_risk_error,
            "ES": risk.expected_shortfall,
            "± ES": risk.expected_shortfall_error,
        }
    return pd.DataFrame(rows).T


def client_of(address: str = "") -> Client:
    """Connect to a cluster, or start one on this machine."""
    if address:
        return Client(address)
    return Client(
        n_workers=2, threads_per_worker=1, dashboard_address=":0", silence_logs=logging.ERROR
    )


def main() -> None:
    """Print the names with the largest ES."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2
    names = [f"N{number:04}" for number in range(count)]
    with client_of(*sys.argv[2:]) as client:
        table = risks(client, names, Path.cwd())
    print(f"{count} names, percent over {HORIZON} days at {LEVEL:.0%}; the largest ES:")
    print((100 * table.sort_values("ES", ascending=False).head(5)).round(2).to_string())


if __name__ == "__main__":
    main()
