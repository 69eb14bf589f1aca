"""Hashes that a change of the structure must not change: scenarios, trainings, forecasts.

- ``python benchmarks/golden.py fit FOLDER`` fits small models of every architecture and runs a
  small backtest, on the sample series.
- ``python benchmarks/golden.py hash FOLDER`` prints the SHA-256 of scenarios of these models and of
  the reference model, of their weights, and of the forecasts.

Run ``fit`` with the code before a change and ``hash`` with the code before and after it (set
``PYTHONPATH`` to either). Then run ``fit`` again in another folder and compare the weights and
forecasts. All hashes are equal on one machine with the same libraries. Another kind of processor
changes last bits.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import click
import numpy as np
from pyarrow import parquet
from safetensors.numpy import load_file

import simgan

SMALL = ("--set", "steps=20", "--set", "check_every=10")
FITS = {
    "state-space": ("--set", "warm_steps=60", *SMALL),
    "state-space-regimes": ("--regimes", "3", "--set", "warm_steps=60", *SMALL),
    "mlp": ("--architecture", "mlp", "--regimes", "3", *SMALL),
    "recurrent": ("--architecture", "recurrent", "--regimes", "3", *SMALL),
    "tcn": ("--architecture", "tcn", "--set", "architecture.channels=8", *SMALL),
}
MODELS = "simgan,gjr-fhs,ewma-fhs,historical-250,gjr-skew-t,egarch-fhs,stationary-bootstrap"
STARTS = ("latest", "stationary", "2008-09-12")


@click.group()
def main() -> None:
    """Fit, or print hashes."""


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
def fit(folder: Path) -> None:
    """Fit the models and run the backtest."""
    for name, options in FITS.items():
        _simgan("fit", "SP500", folder, "--preset", "quick", "--name", name, *options)
    few = ("--set", "warm_steps=30", "--set", "steps=10", "--set", "check_every=10")
    days = ("--from", "2017-01-01", "--scenarios", "500", "--jobs", "1")
    _simgan("backtest", "SP500", folder, "--models", MODELS, *days, *few)


@main.command("hash")
@click.argument("folder", type=click.Path(exists=True, path_type=Path))
def hash_(folder: Path) -> None:
    """Print a line for each hash."""
    for name in ("reference", *FITS):
        model = simgan.load(name, workspace=folder)
        for start in STARTS if name != "reference" else STARTS[:2]:
            _print(f"{name}, {start}", model.sample(10_000, 21, seed=3, as_of=start).log_returns)
        if model.bundle.manifest.regimes:
            asked = model.sample(10_000, 21, seed=3, regime="turbulent")
            _print(f"{name}, turbulent", asked.log_returns)
    for name in FITS:
        weights = load_file(folder / "models" / name / "generator.safetensors")
        values = [weights[key].ravel() for key in sorted(weights)]
        _print(f"{name}, weights", np.concatenate(values))
    table = parquet.read_table(folder / "reports" / "SP500-backtest.forecasts.parquet")
    order = [(column, "ascending") for column in ("model", "horizon", "date", "level")]
    table = table.sort_by(order)
    for model_name in MODELS.split(","):
        rows = table.filter(np.asarray(table["model"]) == model_name)
        numbers = [np.asarray(rows[column]) for column in ("var", "es", "realized", "crps", "pit")]
        _print(f"{model_name}, forecasts", np.stack(numbers))


def _simgan(command: str, ticker: str, folder: Path, *options: str) -> None:
    arguments = [command, ticker, "--source", "sample", "--workspace", str(folder), *options]
    subprocess.run([sys.executable, "-m", "simgan", *arguments, "--quiet"], check=True)


def _print(name: str, values: np.ndarray) -> None:
    digest = hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest()
    click.echo(f"{digest[:32]}  {name}")


if __name__ == "__main__":
    main()
