"""Options of `fit` and `backtest`, written once for the command line and for Python.

The doors give options by name. `FitRequest.of` and `BacktestRequest.of` make typed requests of
them. An option that is left out has the default of the request. This module loads no other library.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal, TypedDict, TypeVar, cast

from simgan.errors import UnknownNameError
from simgan.recipe.options import RecipeOptions

Options = TypeVar("Options")


class PriceOptions(TypedDict, total=False):
    """Where prices come from.

    Attributes
    ----------
    source : {"yahoo", "sample"}
        ``sample`` works offline and has SP500, NASDAQ, VIX and WTI.
    column : str
        Price column of a file, by default the adjusted close, else the close.
    start : str
        First day of the history to use, as an ISO date.
    download : {"if-missing", "always", "never"}
        When prices may be downloaded.
    """

    source: Literal["yahoo", "sample"]
    column: str
    start: str | None
    download: Literal["if-missing", "always", "never"]


class RunOptions(TypedDict, total=False):
    """How a run is named, where it computes, and whether it continues an interrupted one.

    Attributes
    ----------
    name : str
        Name of the model, or of the files of a backtest, by default the tickers.
    device : {"auto", "cpu", "gpu"}
        Where TensorFlow computes.
    resume : bool
        Continue an interrupted run of the same name.
    """

    name: str | None
    device: Literal["auto", "cpu", "gpu"]
    resume: bool


class FitOptions(RecipeOptions, PriceOptions, RunOptions, total=False):
    """Options of `fit`.

    Attributes
    ----------
    prices : path
        Price file instead of a source.
    end : str
        Last day of the history to use, as an ISO date.
    tensorboard : path
        Folder for TensorBoard event files.
    """

    prices: str | Path | None
    end: str | None
    tensorboard: str | Path | None


class WalkOptions(TypedDict, total=False):
    """How a backtest forecasts.

    Attributes
    ----------
    first : str
        First day forecast, as an ISO date. By default the last 40 % of the history is tested.
    refit : {"yearly", "quarterly", "never"}
        When models are fitted again.
    levels : tuple of float
        Coverages of VaR and ES, above 0.5 and below 1.
    horizons : tuple of int
        Days that a forecast is summed over.
    models : tuple of str
        ``simgan`` and baselines by name.
    scenarios : int
        Scenarios for each day, at least 100.
    window : int or None
        Days of history that a fit sees, or None for all.
    jobs : int
        Processes. Their number never changes the result.
    """

    first: str | None
    refit: Literal["yearly", "quarterly", "never"]
    levels: tuple[float, ...]
    horizons: tuple[int, ...]
    models: tuple[str, ...]
    scenarios: int
    window: int | None
    jobs: int


class BacktestOptions(RecipeOptions, PriceOptions, RunOptions, WalkOptions, total=False):
    """Options of `backtest`.

    Attributes
    ----------
    prices : tuple of paths
        One price file for each ticker, instead of a source.
    last : str
        Last day of the test, as an ISO date.
    """

    prices: tuple[str | Path, ...]
    last: str | None


def expect_known(owner: str, options: Iterable[str], all_options: type) -> None:
    """Refuse an option that does not exist.

    Raises
    ------
    UnknownNameError
        With the nearest names.
    """
    known = sorted(all_options.__annotations__)
    for name in options:
        if name not in known:
            raise UnknownNameError(f"option of {owner}", name, known)


def part_of(options: Mapping[str, object], part: type[Options]) -> Options:
    """Return those options that belong to one of the classes above."""
    chosen = {name: value for name, value in options.items() if name in part.__annotations__}
    return cast(Options, chosen)
