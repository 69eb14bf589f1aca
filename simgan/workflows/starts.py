"""The start of a request for scenarios: whose history, up to which day, and from which price."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simgan.errors import ConfigError
from simgan.market.history import History
from simgan.progress import SILENT, Progress
from simgan.sampling.model import Model
from simgan.sampling.start import Start, expect_listed, level_of
from simgan.workflows.models import history_of_bundle
from simgan.workflows.options import expect_tickers, file_order
from simgan.workflows.panels import expect_assets, panel_of
from simgan.workflows.weights import prices_in

if TYPE_CHECKING:
    from simgan.workflows.sample import SampleRequest

_LEAST_DAYS = 60  # days of --prices that settle the fast part of the memory


def start_of(
    model: Model, request: SampleRequest, progress: Progress = SILENT
) -> tuple[Start, History | None]:
    """Return the start state that a request asks for, and the history that was read for it."""
    history = _history(model, request, progress)
    if request.is_date and history is not None:
        expect_listed(history, request.as_of)
    start = (
        model.start(history)
        if history is not None and not request.is_date
        else model.start(request.as_of, history)
    ).at_level(level_of(request.level_uncertainty))
    if request.initial_price is None:
        return start, history
    return _at_price(start, request.initial_price, model.bundle.manifest.assets), history


def _at_price(start: Start, given: float | str, assets: tuple[str, ...]) -> Start:
    """Return a start at the prices that are given. Other assets keep their last ones.

    Raises
    ------
    ConfigError
        A price is not above 0, or one number stands for several assets.
    UnknownNameError
        The model has no such asset.
    """
    if isinstance(given, str):
        named = prices_in(given, assets)
        each = zip(assets, start.initial_price.tolist(), strict=True)
        return start.at_price(np.array([named.get(asset, last) for asset, last in each]))
    if len(assets) > 1:
        allowed = f"by asset, such as {assets[0]}={given:g},{assets[1]}={given:g}"
        raise ConfigError("sample", "initial_price", given, allowed)
    if not 0 < given < np.inf:
        raise ConfigError("sample", "initial_price", given, "above 0")
    return start.at_price(np.array([given]))


def _history(model: Model, request: SampleRequest, progress: Progress = SILENT) -> History | None:
    """Return the history that scenarios continue, where the start of the model is not enough.

    It is that of a price file, or the model's own for the start at a date.
    """
    orders = [
        file_order(
            "sample", asset, request.prices, column=request.column, on_bad_rows=request.on_bad_rows
        )
        for asset in model.bundle.manifest.assets
    ]
    given = [each for each in orders if each is not None]
    expect_tickers("sample", given)
    if not given:
        return history_of_bundle(model.bundle) if request.is_date else None
    if request.as_of == "stationary":
        raise ConfigError(
            "sample",
            "as_of",
            "stationary",
            "left out with --prices: the long run does not depend on a history",
        )
    if len(given) == 1:
        return given[0].history(request.workspace, _LEAST_DAYS, progress)
    expect_assets("sample", "prices", given[0], model.bundle.manifest.assets)
    return panel_of(given, request.workspace, _LEAST_DAYS, model.name, progress)
