"""Contenders that fail in the ways of the world, each in the process where it is fitted."""

from __future__ import annotations

import os
import signal
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from dying_worker import send_half
from made_contender import MadeContender, NormalModel

from simgan.errors import WriteError
from simgan.market.history import History
from simgan.progress import SILENT, Progress
from simgan.workflows.backtest.contenders import Refit


@dataclass(frozen=True)
class FaultyContender(MadeContender):
    """Meets its fault at every fit of a history that ends on one of the `bad` dates."""

    fault: str = "killed"

    def record(self) -> dict[str, Any]:
        return super().record() | {"fault": self.fault}

    def refit(self, history: History, earlier: str | None, progress: Progress = SILENT) -> Refit:
        if history.day(-1) not in self.bad:
            return super().refit(history, earlier)
        if self.fault == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.fault == "half sent":
            send_half()
            return super().refit(history, earlier)
        if self.fault == "memory":
            raise MemoryError
        if self.fault == "disk":
            raise WriteError("models/.refits/x: no space left on device")
        if self.fault == "bug":
            raise TypeError("a bug")
        if self.fault == "warnings":
            np.log(np.zeros(3))
            warnings.warn("the optimiser is not sure", stacklevel=1)
            warnings.warn("an old argument", DeprecationWarning, stacklevel=1)
            return super().refit(history.rows(slice(0, len(history) - 1)), earlier)
        return Refit(NormalModel(float("nan")), self.fault)  # forecasts that are not numbers
