"""The door for Python: the same things as the commands, as functions.

Long work takes a `progress`. Without one, a terminal gets lines and bars on stderr, and a notebook
gets them below the cell. Elsewhere nothing is shown. `logging` under "simgan" always gets the
sentences: warnings about prices at the level WARNING, all others at INFO.
"""

from __future__ import annotations

from simgan.api.assessing import risk
from simgan.api.backtesting import backtest
from simgan.api.fitting import fit
from simgan.api.judging import compare, report
from simgan.api.loading import load, models

__all__ = ["backtest", "compare", "fit", "load", "models", "report", "risk"]
