"""Independent days of the whole history: right marginals, no memory at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from simgan.arrays import FloatArray
from simgan.baselines.base import Baseline
from simgan.baselines.resampling import FittedResampling, checked_sample

FEWEST_DAYS = 30


@dataclass(frozen=True)
class IidBootstrap(Baseline):
    """The bootstrap of Efron (1979) applied to days: what a model must beat to have learned any dependence."""

    kind: ClassVar[str] = "iid-bootstrap"

    def fit(self, log_returns: FloatArray) -> FittedResampling:
        """Keep the sample."""
        return FittedResampling(
            self.kind, checked_sample(log_returns, self.kind, FEWEST_DAYS, f"{FEWEST_DAYS}"), None
        )
