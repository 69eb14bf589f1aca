"""`simgan.backtest`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from simgan.api.asking import given_training, heard_by, workspace_at
from simgan.arguments import Day, given_date
from simgan.errors import packages_for
from simgan.progress import Progress, Stop

if TYPE_CHECKING:
    from simgan.market.files.frames import Frame
    from simgan.market.prices import OnBadRows
    from simgan.recipe.recipe import Recipe
    from simgan.workflows.backtest import Backtested


@packages_for("simgan.backtest")
def backtest(
    *assets: str | Frame | Sequence[str],
    prices: str | Path | Frame | Sequence[str | Path | Frame] = (),
    name: str | None = None,
    source: Literal["yahoo", "sample"] = "yahoo",
    column: str = "",
    start: Day | None = None,
    first: Day | None = None,
    last: Day | None = None,
    refit: Literal["yearly", "quarterly", "never"] = "yearly",
    levels: tuple[float, ...] = (0.95, 0.975, 0.99),
    horizons: tuple[int, ...] = (1, 10),
    models: tuple[str, ...] | None = None,
    scenarios: int = 10_000,
    window: int | None = None,
    weights: str | Sequence[float] | Mapping[str, float] | None = None,
    rebalance: Literal["none", "daily"] = "none",
    on_bad_rows: OnBadRows = "stop",
    interval: Literal["1d"] = "1d",
    download: Literal["if-missing", "always", "force", "never"] = "if-missing",
    recipe: Recipe | Mapping[str, object] | str | Path | None = None,
    preset: Literal["quick", "standard", "thorough"] | None = None,
    architecture: str | None = None,
    objective: str | None = None,
    condition: str | None = None,
    regimes: int | None = None,
    labels: str | Path | None = None,
    prior: str | None = None,
    settings: Mapping[str, object] | None = None,
    seed: int | None = None,
    device: Literal["auto", "cpu", "gpu"] = "auto",
    jobs: int = 1,
    scheduler: str = "",
    resume: bool = False,
    workspace: str | Path = ".",
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> Backtested:
    """Forecast VaR and ES day after day from earlier days only, and compare with the outcomes.

    Parameters
    ----------
    *assets : str, Series or DataFrame
        Names at the source, or the prices themselves, as for `fit`. Of a book also one list of
        names, or one DataFrame with a column per asset.
    prices : path or frame, or several, optional
        Price files or frames of the named assets: one for each, or one that holds all of them.
    name : str, optional
        Name of the files, and of a book. Default: the names of the assets.
    first, last : date, optional
        First and last day forecast, as for `fit`. Default: the last 40 % of the history.
    refit : {"yearly", "quarterly", "never"}
        When models are fitted again.
    levels : tuple of float
        Coverages of VaR and ES, above 0.5 and below 1.
    horizons : tuple of int
        Days that a forecast is summed over.
    models : tuple of str, optional
        ``simgan`` and baselines by name. Default: ``simgan``, ``gjr-fhs``, ``ewma-fhs`` and
        ``historical-250``. Of a book: ``simgan``, ``gjr-dcc-fhs``, ``gjr-fhs-vectors``,
        ``gjr-fhs`` and ``historical-250``.
    scenarios : int
        Scenarios for each day, at least 100.
    window : int, optional
        Days of history that a fit sees. Default: all.
    weights : mapping, sequence or str, optional
        Shares of the assets, which makes one book of them, as for `risk`. Or ``"equal"``. Default:
        each asset is walked by itself.
    rebalance : {"none", "daily"}
        Buy the book and hold it over the horizon, or restore its shares every day.
    preset : {"quick", "standard", "thorough"}, optional
        Default: that of the recipe, else ``quick``, because a backtest fits many times.
    regimes, labels
        Refused: a forecast of tomorrow belongs to no regime.
    jobs : int
        Processes. Their number never changes the result. With more than one a script needs
        ``if __name__ == "__main__":``.
    scheduler : str
        Address of a Dask cluster that works in place of these processes, such as
        ``"tcp://10.0.0.5:8786"``. Its workers must see the workspace. The result is the same.
    resume : bool
        Continue an interrupted backtest of the same name.
    source, column, start, on_bad_rows, interval, download, recipe, architecture, objective, \
condition, prior, settings, seed, device, workspace
        As for `fit`. The page, its numbers and all forecasts go to the workspace.
    progress : Progress, optional
        Gets notes about the data, and the days forecast of each model. Default: as for `fit`.
    stop : Stop, optional
        Ends the backtest from another thread. ``resume=True`` continues it.

    Returns
    -------
    Backtested
        `walks` (forecasts by asset, model and horizon), `results` (scores and tests), the paths of
        the files, and `joint_walks` (scores of the assets of a book together).

    Raises
    ------
    SimganError
        Settings, prices, the first fit of a model, or writing. Finished forecasts are kept.
    Interrupted
        `stop` or Ctrl-C ended the backtest.
    """
    from simgan.workflows.backtest import BacktestRequest
    from simgan.workflows.backtest import backtest as make

    with heard_by(progress) as heard:
        request = BacktestRequest.of(
            assets,
            workspace_at(workspace, "backtest"),
            prices=prices,
            name=name,
            source=source,
            column=column,
            start=given_date(start, "backtest", "start"),
            first=given_date(first, "backtest", "first"),
            last=given_date(last, "backtest", "last"),
            refit=refit,
            levels=levels,
            horizons=horizons,
            models=models,
            scenarios=scenarios,
            window=window,
            weights=weights,
            rebalance=rebalance,
            on_bad_rows=on_bad_rows,
            interval=interval,
            download=download,
            device=device,
            jobs=jobs,
            scheduler=scheduler,
            resume=resume,
            **given_training(
                recipe=recipe,
                preset=preset,
                architecture=architecture,
                objective=objective,
                condition=condition,
                regimes=regimes,
                labels=labels,
                prior=prior,
                settings=settings,
                seed=seed,
            ),
        )
        return make(request, heard, stop)
