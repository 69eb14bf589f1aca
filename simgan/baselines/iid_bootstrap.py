"""Independent days of the whole history: right marginals, no memory at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simgan.arrays import FloatArray, expect_finite, expect_shape
from simgan.baselines.base import Baseline
from simgan.baselines.resampling import FittedResampling
from simgan.errors import ConfigError

FEWEST_DAYS = 30


@dataclass(frozen=True)
class IidBootstrap(Baseline):
    """The bootstrap of Efron (1979) applied to days: what a model must beat to have learned any dependence."""

    kind: ClassVar[str] = "iid-bootstrap"

    def fit(self, log_returns: FloatArray) -> FittedResampling:
        """Keep the sample."""
        expect_shape(log_returns, ("days", "assets"), self.kind)
        expect_finite(log_returns, self.kind)
        if len(log_returns) < FEWEST_DAYS or np.ptp(log_returns) == 0.0:
            raise ConfigError(self.kind, "days", len(log_returns), f"at least {FEWEST_DAYS}, with returns that vary")
        return FittedResampling(self.kind, np.asarray(log_returns, np.float64), None)
