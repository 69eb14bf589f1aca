"""The GARCH family. A member is a row: its name, its region of recursions, and its law."""

from __future__ import annotations

from typing import ClassVar

from simgan.arrays import FloatArray
from simgan.baselines import Baseline
from simgan.baselines.volatility import (
    GARCH,
    GJR,
    FittedVolatility,
    Region,
    estimate,
    parametric,
    residuals,
)
from simgan.baselines.volatility_parts import Density, Gjr, Normal, SkewT, StudentT
from simgan.errors import TrainingError


class Garch(Baseline):
    """Maximum likelihood under the law that is simulated.

    Attributes
    ----------
    region : Region
        Recursions of the variance among which the maximum is searched.
    law : type of Density
        Law of the innovations in the likelihood and in simulated paths.
    """

    region: ClassVar[Region]
    law: ClassVar[type[Density]]

    def _fit(self, log_returns: FloatArray) -> FittedVolatility:
        return parametric(self.kind, estimate(log_returns, self.kind, self.region, self.law))


class GarchNormal(Garch):
    """GARCH(1,1) (Bollerslev 1986): volatility clusters, no leverage, tails too thin."""

    kind, region, law = "garch-normal", GARCH, Normal


class GarchT(Garch):
    """GARCH(1,1) with Student-t innovations (Bollerslev 1987): fat tails, no leverage."""

    kind, region, law = "garch-t", GARCH, StudentT


class GjrT(Garch):
    """GJR-GARCH (Glosten, Jagannathan & Runkle 1993) with Student-t innovations."""

    kind, region, law = "gjr-t", GJR, StudentT


class GjrSkewT(Garch):
    """GJR-GARCH with innovations of Hansen's skewed t law (1994)."""

    kind, region, law = "gjr-skew-t", GJR, SkewT


class GjrFhs(Garch):
    """GJR-GARCH with filtered historical simulation: the baseline that is hardest to beat.

    It is fitted twice. Historical innovations are skewed, so the first fit gives the share of
    falls in the squared innovations. The second fit uses this share to target the variance.

    References
    ----------
    Barone-Adesi, Giannopoulos & Vosper (1999), "VaR without correlations for portfolios of
    derivative securities".
    """

    kind, region, law = "gjr-fhs", GJR, StudentT

    def _fit(self, log_returns: FloatArray) -> FittedVolatility:
        first = estimate(log_returns, self.kind, self.region, self.law)
        share = residuals(first, log_returns).negative_share
        found = estimate(log_returns, self.kind, self.region, self.law, share)
        innovations = residuals(found, log_returns)
        assert isinstance(found.recursion, Gjr)
        simulated = found.recursion.persistence_under(innovations.negative_share)
        if not simulated < 1.0:
            raise TrainingError(
                f"{self.kind}: with historical innovations the variance grows by "
                f"{simulated:.4f} a day; use gjr-t"
            )
        return FittedVolatility(self.kind, found.mean, found.recursion, innovations)
