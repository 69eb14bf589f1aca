"""simgan learns how the returns of a stock behave and turns that into as many scenarios as you ask for.

>>> import simgan
>>> simgan.fit("SP500", source="sample")  # doctest: +SKIP
>>> simgan.load("SP500").sample(1000, 21).log_returns.shape  # doctest: +SKIP
(1000, 21, 1)
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # for type checkers, which do not follow the table
    from simgan.api import backtest as backtest
    from simgan.api import compare as compare
    from simgan.api import fit as fit
    from simgan.api import load as load
    from simgan.errors import SimganError as SimganError
    from simgan.risk.estimates import risk_of as risk_of
    from simgan.risk.measures import expected_shortfall as expected_shortfall
    from simgan.risk.measures import value_at_risk as value_at_risk
    from simgan.risk.portfolio import portfolio_log_returns as portfolio_log_returns
    from simgan.risk.portfolio import risk_contributions as risk_contributions
    from simgan.sampling.given import Conditional as Conditional
    from simgan.sampling.given import sample_given as sample_given
    from simgan.sampling.model import Model as Model
    from simgan.scenarios.product import Scenarios as Scenarios

# name → where it lives; loaded on first use, so that `import simgan` costs nothing
_PUBLIC = {
    "fit": "simgan.api",
    "load": "simgan.api",
    "compare": "simgan.api",
    "backtest": "simgan.api",
    "Model": "simgan.sampling.model",
    "sample_given": "simgan.sampling.given",
    "Conditional": "simgan.sampling.given",
    "Scenarios": "simgan.scenarios.product",
    "value_at_risk": "simgan.risk.measures",
    "expected_shortfall": "simgan.risk.measures",
    "risk_of": "simgan.risk.estimates",
    "portfolio_log_returns": "simgan.risk.portfolio",
    "risk_contributions": "simgan.risk.portfolio",
    "SimganError": "simgan.errors",
}
__all__ = sorted(_PUBLIC)


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'simgan' has no attribute {name!r}")
    return getattr(importlib.import_module(_PUBLIC[name]), name)


def __dir__() -> list[str]:
    return __all__
