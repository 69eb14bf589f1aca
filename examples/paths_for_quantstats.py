"""The years after a fit in the tear sheets of quantstats, beside scenarios of a book.

Run it as ``python examples/paths_for_quantstats.py``. It needs ``pip install 'simgan[examples]'``.
It loads the model BOOK of the workspace, or fits it first, which takes a minute: S&P 500, NASDAQ
and crude oil until the end of 2014.

The figures of 2015 to 2018 stand among those of scenarios of as many days: a rank near 0 or 100
would be a surprise. The scenario with the drawdown that one in twenty exceeds gets a page of its
own, ``BOOK-scenario.html``.
"""

import logging

import numpy as np
import pandas as pd
import quantstats
from arch.data import nasdaq, sp500, wti

import simgan

LEARNED = "2014-12-31"  # the last day that the model learns from
SHARES = np.array([0.5, 0.3, 0.2])  # restored each day
SCENARIOS = 500
FIGURES = {
    "growth a year": quantstats.stats.cagr,
    "volatility a year": quantstats.stats.volatility,
    "Sharpe ratio": quantstats.stats.sharpe,
    "ES of a day, 95 %": quantstats.stats.expected_shortfall,
    "deepest drawdown": quantstats.stats.max_drawdown,
}


def daily_prices() -> pd.DataFrame:
    """Return prices of the three assets, on the days that all of them have."""
    columns = {
        "SP500": sp500.load()["Adj Close"],
        "NASDAQ": nasdaq.load()["Adj Close"],
        "WTI": wti.load()["DCOILWTICO"],
    }
    return pd.DataFrame(columns).dropna()


def book(prices: pd.DataFrame) -> simgan.Model:
    """Load the model of the book, or fit it to the prices that it may know."""
    try:
        return simgan.load("BOOK")
    except simgan.SimganError:
        return simgan.fit(prices[:LEARNED], name="BOOK", preset="quick")


def beside_scenarios(outcome: pd.Series, paths: pd.DataFrame) -> pd.DataFrame:
    """Return each figure of the outcome, its rank among the scenarios, and their quantiles.

    Both hold simple returns of days. A scenario is a column.
    """
    rows = {}
    for name, figure in FIGURES.items():
        real = float(figure(outcome))
        fake = np.array([figure(path) for _, path in paths.items()])
        low, middle, high = np.quantile(fake, [0.05, 0.5, 0.95])
        rank = 100 * np.mean(fake < real)
        rows[name] = {"outcome": real, "rank": rank, "5 %": low, "50 %": middle, "95 %": high}
    return pd.DataFrame(rows).T


def main() -> None:
    """Print the figures of the outcome beside those of the scenarios, and write the page."""
    prices = daily_prices()
    outcome = prices.pct_change()[LEARNED:].iloc[1:] @ SHARES
    scenarios = book(prices).sample(SCENARIOS, len(outcome), seed=1)
    paths = pd.DataFrame((scenarios.returns() @ SHARES).T, outcome.index)  # (days, paths)
    print(f"2015 to 2018 beside {SCENARIOS} scenarios from the end of 2014")
    print(beside_scenarios(outcome, paths).round(3).to_string())
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)  # it asks for Arial
    deep = quantstats.stats.max_drawdown(paths).sort_values().index[SCENARIOS // 20]
    quantstats.reports.html(paths[deep], title=f"Scenario {deep}", output="BOOK-scenario.html")
    print(f"scenario {deep} is in BOOK-scenario.html")


if __name__ == "__main__":
    main()
