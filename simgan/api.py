"""The door for Python: the same things as the commands, as functions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TypedDict, Unpack

from simgan.arrays import AnyFloatArray
from simgan.market.price_cache import Download
from simgan.report.compare import compare as compare_models
from simgan.report.rows import Comparison
from simgan.sampling.model import Model
from simgan.scenarios.product import Scenarios
from simgan.workflows.backtest import Backtested, BacktestRequest
from simgan.workflows.backtest import backtest as backtest_workflow
from simgan.workflows.fit import FitRequest
from simgan.workflows.fit import fit as fit_workflow
from simgan.workflows.models import load_bundle
from simgan.workspace import Workspace


class FitOptions(TypedDict, total=False):
    """Options of `fit`: those of ``simgan fit``, where each is explained and its default shown."""

    prices: Path
    source: Literal["yahoo", "sample"]
    column: str
    start: str
    end: str
    name: str
    architecture: str
    objective: str
    preset: Literal["quick", "standard", "thorough"]
    settings: Mapping[str, str]
    regimes: int
    labels: Path
    condition: Literal["cgan", "acgan", "semi-supervised"]
    seed: int
    device: Literal["auto", "cpu", "gpu"]
    resume: bool
    tensorboard: Path
    download: Download


class BacktestOptions(TypedDict, total=False):
    """Options of `backtest`: those of ``simgan backtest``; `first` and `last` are its ``--from`` and ``--to``."""

    prices: tuple[Path, ...]
    source: Literal["yahoo", "sample"]
    column: str
    start: str
    first: str
    last: str
    refit: Literal["yearly", "quarterly", "never"]
    levels: tuple[float, ...]
    horizons: tuple[int, ...]
    models: tuple[str, ...]
    scenarios: int
    window: int | None
    seed: int
    jobs: int
    preset: Literal["quick", "standard", "thorough"]
    settings: Mapping[str, str]
    device: Literal["auto", "cpu", "gpu"]
    name: str
    resume: bool
    download: Download


def fit(ticker: str, *, workspace: str | Path = ".", **options: Unpack[FitOptions]) -> Model:
    """Learn the return distribution of a stock and keep the model in the workspace.

    Parameters
    ----------
    ticker : str
        Name at the source, for example ``"AAPL"``, or ``"SP500"`` with ``source="sample"``.
    workspace : path
        Folder that holds ``data/``, ``models/`` and ``reports/``.
    **options
        The options of ``simgan fit``; `settings` is a mapping of names to values as text.

    Returns
    -------
    Model
        With ``sample(n, horizon, seed=…, as_of=…)``, and ``stream`` for more than memory holds.

    Raises
    ------
    SimganError
        Settings, prices, training or writing; nothing is left half done.
    """
    request = FitRequest(ticker=ticker, workspace=Workspace(Path(workspace)), **options)
    return load(fit_workflow(request).manifest.name, workspace=workspace)


def load(name: str | None = None, *, workspace: str | Path = ".") -> Model:
    """Load a model without TensorFlow.

    Parameters
    ----------
    name : str, optional
        By default the most recently fitted model, or else the reference model that ships with simgan.
    workspace : path

    Raises
    ------
    UnknownNameError
        There is no model of this name.
    BundleError
        The model is damaged, foreign or newer than this simgan.
    """
    return Model(load_bundle(Workspace(Path(workspace)), name))


def compare(real: AnyFloatArray, fake: AnyFloatArray | Scenarios | Mapping[str, Any]) -> Comparison:
    """Compare a real history with generated paths, statistic by statistic, with intervals and noise floors.

    Parameters
    ----------
    real : array of shape (days,) or (days, 1)
        Daily log returns, at least 100.
    fake : array of shape (paths, horizon) or (paths, horizon, 1), Scenarios, or a mapping of such arrays by name
        Long-run paths, best as long as the history (shorter ones have other biases), together at least as many days. Of several
        models the first is judged.

    Returns
    -------
    Comparison
        Sections of rows; ``to_json()`` gives plain data.

    Raises
    ------
    ConfigError
        A shape is wrong, a number is not finite, or the paths hold fewer days than the history.
    """
    fakes = fake if isinstance(fake, Mapping) else {"fake": fake}
    arrays = {
        name: paths.log_returns if isinstance(paths, Scenarios) else paths
        for name, paths in fakes.items()
    }
    return compare_models(real, arrays)


def backtest(
    *tickers: str, workspace: str | Path = ".", **options: Unpack[BacktestOptions]
) -> Backtested:
    """Forecast VaR and ES day after day, each day from what was known before, and judge the forecasts by what came.

    Parameters
    ----------
    *tickers : str
        Names at the source.
    workspace : path
        Folder that holds ``data/``, ``models/`` and ``reports/``; the page, its numbers and all forecasts go there.
    **options
        The options of ``simgan backtest``. With ``jobs`` above 1 a script needs ``if __name__ == "__main__":``.

    Returns
    -------
    Backtested
        `walks` (forecasts by asset, model and horizon), `results` (scores and tests), and the paths of the three files.

    Raises
    ------
    SimganError
        Settings, prices, the first fit of a model, or writing; finished forecasts are kept for ``resume=True``.
    """
    return backtest_workflow(
        BacktestRequest(tickers=tickers, workspace=Workspace(Path(workspace)), **options)
    )
