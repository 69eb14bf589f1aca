"""The door for Python: the same things as the commands, as functions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from simgan.errors import packages_for
from simgan.progress import SILENT, Progress, Stop
from simgan.workspace import Workspace

if TYPE_CHECKING:  # loaded inside the functions: `load` and `sample` need a part of simgan only
    from simgan.arrays import AnyFloatArray
    from simgan.report.verdict import Comparison
    from simgan.sampling.model import Model
    from simgan.scenarios.product import Scenarios
    from simgan.workflows.backtest import Backtested
    from simgan.workflows.options import BacktestOptions, FitOptions


@packages_for("simgan.fit")
def fit(
    ticker: str,
    *,
    workspace: str | Path = ".",
    progress: Progress = SILENT,
    stop: Stop | None = None,
    **options: Unpack[FitOptions],
) -> Model:
    """Learn the distribution of the returns of a stock, and keep the model in the workspace.

    Parameters
    ----------
    ticker : str
        Name at the source, for example ``"AAPL"``, or ``"SP500"`` with ``source="sample"``.
    workspace : path
        Folder that holds ``data/``, ``models/`` and ``reports/``.
    progress : Progress
        Gets notes about the data, and the steps of the training.
    stop : Stop, optional
        Ends the training from another thread. ``resume=True`` continues it.
    **options
        The options of ``simgan fit``, listed in `simgan.workflows.options.FitOptions`. `recipe` is
        a `Recipe`, a mapping or a path. `settings` is a mapping such as ``{"rate": 1e-4}``.

    Returns
    -------
    Model
        It has ``sample(n, horizon, seed=…, as_of=…)``, and ``stream`` for more than memory holds.

    Raises
    ------
    SimganError
        Settings, prices, training or writing. Nothing is left half done.
    Interrupted
        `stop` or Ctrl-C ended the training.
    """
    from simgan.workflows.fit import FitRequest
    from simgan.workflows.fit import fit as make

    request = FitRequest.of(ticker, Workspace(Path(workspace)), **options)
    make(request, progress, stop)
    return load(request.model_name, workspace=workspace)


def load(name: str | None = None, *, workspace: str | Path = ".") -> Model:
    """Load a model without TensorFlow.

    Parameters
    ----------
    name : str, optional
        By default the most recently fitted model, or else the reference model of simgan.
    workspace : path

    Raises
    ------
    UnknownNameError
        There is no model of this name.
    BundleError
        The model is damaged, foreign or newer than this simgan.
    """
    from simgan.sampling.model import Model
    from simgan.workflows.models import load_bundle

    return Model(load_bundle(Workspace(Path(workspace)), name))


@packages_for("simgan.compare")
def compare(
    real: AnyFloatArray, fake: AnyFloatArray | Scenarios | Mapping[str, AnyFloatArray | Scenarios]
) -> Comparison:
    """Compare generated paths with a real history, statistic by statistic.

    Each difference has an interval and a noise floor.

    Parameters
    ----------
    real : array of shape (days,) or (days, 1)
        Daily log returns, at least 100.
    fake : array of shape (paths, horizon) or (paths, horizon, 1), Scenarios, or a mapping of them
        Long-run paths of one model, or of several by name. The first is judged. Paths are best
        as long as the history, and hold at least as many days together.

    Returns
    -------
    Comparison
        Sections of rows. ``to_json()`` gives plain data.

    Raises
    ------
    ConfigError
        A shape is wrong, a number is not finite, or the paths hold fewer days than the history.
    """
    from simgan.report.sections import compare as compare_models
    from simgan.scenarios.product import Scenarios

    fakes = fake if isinstance(fake, Mapping) else {"fake": fake}
    arrays = {
        name: paths.log_returns if isinstance(paths, Scenarios) else paths
        for name, paths in fakes.items()
    }
    return compare_models(real, arrays)


@packages_for("simgan.backtest")
def backtest(
    *tickers: str,
    workspace: str | Path = ".",
    progress: Progress = SILENT,
    stop: Stop | None = None,
    **options: Unpack[BacktestOptions],
) -> Backtested:
    """Forecast VaR and ES day after day from earlier days only, and compare with the outcomes.

    Parameters
    ----------
    *tickers : str
        Names at the source.
    workspace : path
        Folder that holds ``data/``, ``models/`` and ``reports/``. The page, its numbers and all
        forecasts go there.
    progress : Progress
        Gets notes about the data, and the days forecast of each model.
    stop : Stop, optional
        Ends the backtest from another thread. ``resume=True`` continues it.
    **options
        The options of ``simgan backtest``, listed in `simgan.workflows.options.BacktestOptions`.
        `first` and `last` are ``--from`` and ``--to``. With ``jobs`` above 1 a script needs
        ``if __name__ == "__main__":``.

    Returns
    -------
    Backtested
        `walks` (forecasts by asset, model and horizon), `results` (scores and tests), and the paths
        of the three files.

    Raises
    ------
    SimganError
        Settings, prices, the first fit of a model, or writing. Finished forecasts are kept.
    Interrupted
        `stop` or Ctrl-C ended the backtest.
    """
    from simgan.workflows.backtest import BacktestRequest
    from simgan.workflows.backtest import backtest as make

    request = BacktestRequest.of(tickers, Workspace(Path(workspace)), **options)
    return make(request, progress, stop)
