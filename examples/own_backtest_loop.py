"""Your own backtest with scenarios of simgan: a budget for the ten-day expected shortfall.

Each day it holds as much of the index as the budget allows. Run it as
``python examples/own_backtest_loop.py``. Returns come from the sample in `arch`. The reference
model was fitted on these years, so the example shows the loop, not the quality of forecasts. For
that, `simgan backtest` refits the model.
"""

import numpy as np
import pandas as pd
from arch.data import sp500

import simgan

BUDGET = 0.03  # expected shortfall at 97.5 % over ten days, as a share of the account
TEST = slice("2018-10-01", "2018-12-31")


def main() -> None:
    """Print the decision of each day and its result."""
    returns = (
        np.log(sp500.load()["Adj Close"]).diff().dropna()
    )  # daily log returns, a pandas Series
    days = returns.loc[TEST].index
    rows = range(returns.index.get_loc(days[0]), returns.index.get_loc(days[-1]) + 1)
    model = simgan.load("reference")
    log = []
    # for each row, the paths (draws, horizon, assets) continue the rows before it
    for day, paths in zip(
        days,
        model.forecast(
            returns.to_numpy()[:, None], rows, horizon=10, draws=4000, seed=simgan.Seed(1)
        ),
        strict=True,
    ):
        ten_days = np.expm1(paths[:, :, 0].sum(axis=1))  # simple returns: money is linear in them
        risk = simgan.risk_of(ten_days, level=0.975)
        exposure = min(1.0, BUDGET / risk.expected_shortfall)
        one_day = simgan.value_at_risk(exposure * np.expm1(paths[:, 0, 0]), level=0.99)
        log.append(
            {
                "day": day,
                "exposure": exposure,
                "VaR": one_day,
                "result": exposure * np.expm1(returns[day]),
            }
        )
    table = pd.DataFrame(log).set_index("day")
    print(table.iloc[::21].round(4).to_string())
    print(
        f"\n{len(table)} days, {int((-table.result > table.VaR).sum())} losses beyond the 99 % VaR"
    )
    print(
        f"worst day {table.result.min():.2%}; fully invested "
        f"{np.expm1(returns.loc[TEST].min()):.2%}"
    )


if __name__ == "__main__":
    main()
