"""Historical simulation: the returns of the last days, each as likely as the others."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from simgan.arrays import FloatArray
from simgan.baselines.base import Baseline
from simgan.baselines.resampling import FittedResampling, checked_sample
from simgan.errors import ConfigError


@dataclass(frozen=True)
class Historical(Baseline):
    """What most risk departments use; over several days it sums independent days, and so knows no clusters."""

    kind: ClassVar[str] = "historical"
    window: int = field(
        default=250, metadata={"help": "days at the end of the history to draw from"}
    )

    def __post_init__(self) -> None:
        if self.window < 2:
            raise ConfigError("Historical", "window", self.window, "at least 2 days")

    def fit(self, log_returns: FloatArray) -> FittedResampling:
        """Keep the sample."""
        sample = checked_sample(
            log_returns, self.kind, self.window, f"the {self.window} of the window"
        )
        return FittedResampling(self.kind, sample, self.window)
