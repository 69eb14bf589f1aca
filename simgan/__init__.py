"""simgan learns how the returns of a stock behave, and draws as many scenarios as you ask for.

>>> import simgan
>>> model = simgan.load("reference")
>>> model.sample(n=1000, horizon=21, seed=1).log_returns.shape  # (paths, horizon, assets)
(1000, 21, 1)

Every public name is listed in docs/reference.md. Each is loaded on first use.
"""

from __future__ import annotations

import importlib
import sys
import types
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # for type checkers, which do not follow the table
    from simgan.api import backtest as backtest
    from simgan.api import compare as compare
    from simgan.api import fit as fit
    from simgan.api import load as load
    from simgan.api import models as models
    from simgan.api import report as report
    from simgan.api import risk as risk
    from simgan.baselines import baseline as baseline
    from simgan.errors import Interrupted as Interrupted
    from simgan.errors import SimganError as SimganError
    from simgan.gan.points import PointGan as PointGan
    from simgan.gan.points import PointSettings as PointSettings
    from simgan.market.history import History as History
    from simgan.progress import SILENT as SILENT
    from simgan.progress import Progress as Progress
    from simgan.progress import Step as Step
    from simgan.progress import Stop as Stop
    from simgan.recipe.recipe import Recipe as Recipe
    from simgan.report.verdict import Comparison as Comparison
    from simgan.risk.measures import RiskEstimate as RiskEstimate
    from simgan.risk.measures import expected_shortfall as expected_shortfall
    from simgan.risk.measures import risk_of as risk_of
    from simgan.risk.measures import value_at_risk as value_at_risk
    from simgan.risk.portfolio import RiskContributions as RiskContributions
    from simgan.risk.portfolio import portfolio_log_returns as portfolio_log_returns
    from simgan.risk.portfolio import risk_contributions as risk_contributions
    from simgan.sampling.conditional import Conditional as Conditional
    from simgan.sampling.conditional import sample_given as sample_given
    from simgan.sampling.model import Model as Model
    from simgan.scenarios.beside import DependenceWarning as DependenceWarning
    from simgan.scenarios.product import Scenarios as Scenarios
    from simgan.seeds import Seed as Seed
    from simgan.stats.divergences import kl_nearest_neighbour as kl_nearest_neighbour
    from simgan.workflows.backtest import Backtested as Backtested
    from simgan.workflows.listing import ModelFacts as ModelFacts
    from simgan.workflows.report import Reported as Reported
    from simgan.workflows.risk import Assessed as Assessed

    __version__: str

# name → module; loaded on first use, so that `import simgan` costs nothing
_PUBLIC = {
    "fit": "simgan.api",
    "load": "simgan.api",
    "models": "simgan.api",
    "report": "simgan.api",
    "risk": "simgan.api",
    "compare": "simgan.api",
    "backtest": "simgan.api",
    "Model": "simgan.sampling.model",
    "Scenarios": "simgan.scenarios.product",
    "DependenceWarning": "simgan.scenarios.beside",
    "sample_given": "simgan.sampling.conditional",
    "Conditional": "simgan.sampling.conditional",
    "History": "simgan.market.history",
    "Seed": "simgan.seeds",
    "Recipe": "simgan.recipe.recipe",
    "Progress": "simgan.progress",
    "SILENT": "simgan.progress",
    "Step": "simgan.progress",
    "Stop": "simgan.progress",
    "Comparison": "simgan.report.verdict",
    "Backtested": "simgan.workflows.backtest",
    "ModelFacts": "simgan.workflows.listing",
    "Reported": "simgan.workflows.report",
    "Assessed": "simgan.workflows.risk",
    "value_at_risk": "simgan.risk.measures",
    "expected_shortfall": "simgan.risk.measures",
    "risk_of": "simgan.risk.measures",
    "RiskEstimate": "simgan.risk.measures",
    "portfolio_log_returns": "simgan.risk.portfolio",
    "risk_contributions": "simgan.risk.portfolio",
    "RiskContributions": "simgan.risk.portfolio",
    "baseline": "simgan.baselines",
    "PointGan": "simgan.gan.points",
    "PointSettings": "simgan.gan.points",
    "kl_nearest_neighbour": "simgan.stats.divergences",
    "SimganError": "simgan.errors",
    "Interrupted": "simgan.errors",
}
__all__ = sorted(_PUBLIC)


def __getattr__(name: str) -> object:
    if name == "__version__":
        return _version()
    if name not in _PUBLIC:
        raise AttributeError(f"module 'simgan' has no attribute {name!r}")
    return getattr(importlib.import_module(_PUBLIC[name]), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]


def _version() -> str:
    import importlib.metadata

    try:
        return importlib.metadata.version("simgan")
    except importlib.metadata.PackageNotFoundError:  # sources that nobody installed
        return "unknown"


class _Package(types.ModuleType):
    """The package: a public name is never hidden by the room of the same name.

    Python sets ``simgan.report`` to the folder when something is imported from it.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in _PUBLIC and isinstance(value, types.ModuleType)):
            super().__setattr__(name, value)

    def __reduce__(self) -> tuple[object, tuple[str]]:
        """Let functions of a script that use the package be sent to other processes."""
        return importlib.import_module, (self.__name__,)


sys.modules[__name__].__class__ = _Package
