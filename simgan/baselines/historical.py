"""Historical simulation: the returns of the last days, each as likely as the others."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from simgan.arrays import FloatArray, expect_finite, expect_shape
from simgan.baselines.base import Baseline
from simgan.baselines.resampling import FittedResampling
from simgan.errors import ConfigError


@dataclass(frozen=True)
class Historical(Baseline):
    """What most risk departments use; over several days it sums independent days, and so knows no clusters."""

    kind: ClassVar[str] = "historical"
    window: int = field(default=250, metadata={"help": "days at the end of the history to draw from"})

    def __post_init__(self) -> None:
        if self.window < 2:
            raise ConfigError("Historical", "window", self.window, "at least 2 days")

    def fit(self, log_returns: FloatArray) -> FittedResampling:
        """Keep the sample."""
        expect_shape(log_returns, ("days", "assets"), self.kind)
        expect_finite(log_returns, self.kind)
        if len(log_returns) < self.window or np.ptp(log_returns) == 0.0:
            raise ConfigError(self.kind, "days", len(log_returns), f"at least the {self.window} of the window, with returns that vary")
        return FittedResampling(self.kind, np.asarray(log_returns, np.float64), self.window)
