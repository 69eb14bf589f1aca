"""`simgan.fit`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from simgan.api.asking import given_training, heard_by, workspace_at
from simgan.api.loading import load
from simgan.arguments import Day, given_date
from simgan.errors import packages_for
from simgan.progress import Progress, Stop

if TYPE_CHECKING:
    from simgan.market.files.frames import Frame
    from simgan.market.prices import OnBadRows
    from simgan.recipe.recipe import Recipe
    from simgan.sampling.model import Model


@packages_for("simgan.fit")
def fit(
    asset: str | Frame | Sequence[str],
    *,
    prices: str | Path | Frame | Sequence[str | Path | Frame] | None = None,
    name: str | None = None,
    source: Literal["yahoo", "sample"] = "yahoo",
    column: str = "",
    start: Day | None = None,
    end: Day | None = None,
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
    resume: bool = False,
    tensorboard: str | Path | None = None,
    workspace: str | Path = ".",
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> Model:
    """Learn the distribution of the returns of a stock, and keep the model in the workspace.

    Several stocks are learned together: each has a model of its own, and their scenarios move
    together as in the history.

    Parameters
    ----------
    asset : str, Series, DataFrame, or several names
        Name at the source, for example ``"AAPL"``, or ``"SP500"`` with ``source="sample"``. Or the
        prices themselves: a pandas Series or DataFrame with a DatetimeIndex, as yfinance gives
        it, or a polars DataFrame with a column of dates. A list of names, or a frame with the
        prices of several assets, stands for several stocks.
    prices : path, Series or DataFrame, or several, optional
        Prices of the named asset: a price file or a frame. Of several names: one for each, or one
        that holds all of them.
    name : str, optional
        Name of the model. Default: the tickers, or the name of the series or of its column, else
        "prices".
    source : {"yahoo", "sample"}
        ``sample`` works offline and has SP500, NASDAQ, VIX and WTI.
    column : str
        Price column of a file or frame. Default: the adjusted close, else the close.
    start, end : date, optional
        First and last day of the history to use: ISO text, a date or a Timestamp.
    on_bad_rows : {"stop", "drop"}
        ``drop`` leaves out rows that cannot be used, and tells how many.
    interval : {"1d"}
        Time between two prices. Only daily prices are learned.
    download : {"if-missing", "always", "force", "never"}
        When prices may be downloaded. ``force`` also replaces kept prices that a new download
        contradicts.
    recipe : Recipe, mapping or path, optional
        A recipe or a part of one. A path names a TOML or JSON file. Other options win over it.
    preset : {"quick", "standard", "thorough"}, optional
        Training budget. Default: that of the recipe, else ``standard``.
    architecture, objective, condition : str, optional
        Names of the members. Default: those of the recipe.
    regimes : int, optional
        Number of regimes by realized volatility.
    labels : path, optional
        CSV file of the user's own regimes: a header, then DATE,NAME.
    prior : str, optional
        Support of the fit. ``default`` is a fit to many series, for histories of up to 2,500 days.
        The name of a model is one for every history, and ``none`` is no support.
    settings : mapping, optional
        Single settings by name, such as ``{"rate": 1e-4, "remedies.noise": 0.1}``.
    seed : int, optional
        Seed of the training. Default: that of the recipe, else 0.
    device : {"auto", "cpu", "gpu"}
        Where TensorFlow computes.
    resume : bool
        Continue an interrupted fit of the same name.
    tensorboard : path, optional
        Folder for TensorBoard event files.
    workspace : path
        Folder that holds ``data/``, ``models/`` and ``reports/``.
    progress : Progress, optional
        Gets notes about the data, the steps of the training, and the verdict. `simgan.SILENT`
        shows nothing. The default shows them on a terminal and in a notebook.
    stop : Stop, optional
        Ends the training from another thread. ``resume=True`` continues it.

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
    from simgan.workflows.fit_together import fit_asked
    from simgan.workflows.options import FitOptions

    with heard_by(progress) as heard:
        options = FitOptions(
            prices=prices,
            name=name,
            source=source,
            column=column,
            start=given_date(start, "fit", "start"),
            end=given_date(end, "fit", "end"),
            on_bad_rows=on_bad_rows,
            interval=interval,
            download=download,
            device=device,
            resume=resume,
            tensorboard=tensorboard,
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
        fitted = fit_asked(asset, workspace_at(workspace, "fit"), options, heard, stop)
        for sentence in fitted.sentences:
            heard.say(sentence)
    return load(fitted.manifest.name, workspace=workspace)
