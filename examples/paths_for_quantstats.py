"""A year of scenarios for performance libraries: simple daily returns on business days.

Run it as ``python examples/paths_for_quantstats.py``. Each column of `paths` is an input of
`quantstats.stats.sharpe`, `.max_drawdown` and `quantstats.reports.html`. Here pandas computes the
same figures, so that nothing else needs to be installed.
"""

import numpy as np
import pandas as pd

import simgan

DAYS = 252


def main() -> None:
    """Print quantiles of the figures of one year, over all scenarios."""
    model = simgan.load("reference")
    scenarios = model.sample(n=2000, horizon=DAYS, seed=1, as_of="stationary")
    dates = pd.bdate_range("2019-01-01", periods=DAYS, name="Date")
    paths = pd.DataFrame(
        np.expm1(scenarios.log_returns[:, :, 0].T.astype(float)), index=dates
    )  # (days, paths), simple returns
    wealth = (1 + paths).cumprod()
    figures = pd.DataFrame(
        {
            "cagr": wealth.iloc[-1] - 1,
            "volatility": paths.std() * np.sqrt(DAYS),
            "sharpe": paths.mean() / paths.std() * np.sqrt(DAYS),
            "max_drawdown": (wealth / wealth.cummax() - 1).min(),
        }
    )
    print(figures.quantile([0.05, 0.25, 0.5, 0.75, 0.95]).round(3).to_string())


if __name__ == "__main__":
    main()
