"""Pandas frames of scenarios: wide with a column per step or date, or long as in a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simgan.calendars import Days
from simgan.errors import ConfigError
from simgan.scenarios.block import Block
from simgan.scenarios.sheet import Sheet, record_batch

if TYPE_CHECKING:
    import pandas as pd


def wide_frame(block: Block, sheet: Sheet, *, dates: bool = False) -> pd.DataFrame:
    """Return the values of a sheet with the numbers of the scenarios as index.

    The columns are steps, or dates. Several assets have columns (asset, step).

    Raises
    ------
    ConfigError
        The dates are not known.
    """
    import pandas as pd

    steps: pd.Index = (
        pd.DatetimeIndex(step_dates(block, sheet), name="date")
        if dates
        else pd.RangeIndex(sheet.steps.start, sheet.steps.stop, name="step")
    )
    cells = block.cells(sheet.values)  # (paths, steps, assets)
    if len(block.assets) > 1:
        steps = pd.MultiIndex.from_product([block.assets, steps], names=["asset", steps.name])
    index: pd.Index = pd.Index(block.numbered, name="scenario")
    if block.weights is not None:
        index = pd.MultiIndex.from_arrays([index, block.weights], names=["scenario", "weight"])
    return pd.DataFrame(cells.swapaxes(1, 2).reshape(len(block), -1), index, steps)


def long_frame(block: Block, sheet: Sheet, *, dates: bool = False) -> pd.DataFrame:
    """Return the rows of a file. A column ``date`` may stand in the place of ``step``.

    Raises
    ------
    ConfigError
        The dates are not known.
    """
    frame: pd.DataFrame = record_batch(block, sheet).to_pandas()
    if dates:
        frame["step"] = step_dates(block, sheet)[frame["step"] - sheet.steps.start]
        frame = frame.rename(columns={"step": "date"})
    return frame


def step_dates(block: Block, sheet: Sheet) -> Days:
    """Return the date of each step of a sheet, datetime64[D] of shape (steps,).

    Raises
    ------
    ConfigError
        The scenarios do not continue a history with a date, or its steps are uneven.
    """
    calendar = block.calendar
    found = None if calendar is None else calendar.after(block.horizon)
    if calendar is None or found is None:
        reason = _UNEVEN if calendar and calendar.last else _NO_DATE
        raise ConfigError(
            "Scenarios.to_frame", "dates", True, f"False for these scenarios: {reason}"
        )
    first = np.array([calendar.last], found.dtype)
    return np.concatenate([first, found]) if sheet.steps.start == 0 else found


_UNEVEN = "the dates of their history follow no rule"
_NO_DATE = (
    "they begin on no date; sample(as_of='latest') and sample(as_of='2008-09-12') give some that do"
)
