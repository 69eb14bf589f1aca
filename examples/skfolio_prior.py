"""Scenarios of a book as the prior of a portfolio optimisation in skfolio.

Run it as ``python examples/skfolio_prior.py``. It needs ``pip install 'simgan[examples]'``. It
loads the model BOOK of the workspace, or fits it first, which takes a minute: S&P 500, NASDAQ and
crude oil until the end of 2014.

Each quarter from 2015 on, two portfolios are chosen. Both have the least CVaR of a day: one over
all days of the past, the other over scenarios that continue them. Views are added as to every prior
of skfolio: ``EntropyPooling(prior_estimator=ScenarioPrior(model), mean_views=["WTI == 0"])``.
"""

import numpy as np
import pandas as pd
from arch.data import nasdaq, sp500, wti
from skfolio import RiskMeasure
from skfolio.model_selection import WalkForward, cross_val_predict
from skfolio.optimization import MeanRisk
from skfolio.prior import BasePrior, EmpiricalPrior, ReturnDistribution

import simgan

LEARNED = "2014-12-31"  # the last day that the model learns from
QUARTER = 63  # days
LEVEL = 0.95


class ScenarioPrior(BasePrior):
    """The law of the coming days: scenarios of a joint model that continue the past.

    Parameters
    ----------
    model : simgan.Model
    horizon : int
        Days that a return is over.
    past : int
        Last days of the past that give the start state.
    n, seed : int
        Number of scenarios, and their stream.
    """

    def __init__(self, model=None, horizon=1, past=1000, n=5000, seed=1):
        self.model, self.horizon, self.past, self.n, self.seed = model, horizon, past, n, seed

    def fit(self, X, y=None, **params):
        """Draw the scenarios. X has simple returns, a row per day and a column per asset."""
        last = X[-self.past :]
        history = simgan.History(
            last.index, np.log1p(last.to_numpy()), np.ones(X.shape[1]), tuple(X)
        )
        scenarios = self.model.sample(self.n, self.horizon, seed=self.seed, as_of=history)
        returns = np.expm1(scenarios.log_returns.sum(axis=1, dtype=float))  # (paths, assets)
        self.return_distribution_ = ReturnDistribution(
            mu=returns.mean(axis=0), covariance=np.cov(returns.T), returns=returns
        )
        return self


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


def main() -> None:
    """Print the first shares, their ES in fresh scenarios, and the outcome of the walk."""
    prices = daily_prices()
    model, returns = book(prices), prices.pct_change().dropna()
    learned = returns[:LEARNED]
    quarters = WalkForward(QUARTER, len(learned), expand_train=True)
    fresh = ScenarioPrior(model, n=20_000, seed=2).fit(learned).return_distribution_.returns
    rows = {}
    for name, prior in (("history", EmpiricalPrior()), ("scenarios", ScenarioPrior(model))):
        least = MeanRisk(risk_measure=RiskMeasure.CVAR, cvar_beta=LEVEL, prior_estimator=prior)
        shares = least.fit(learned).weights_
        outcome = cross_val_predict(least, returns, cv=quarters)
        rows[name] = {
            **dict(zip(prices, shares, strict=True)),
            "ES, scenarios": simgan.expected_shortfall(fresh @ shares, LEVEL),
            "ES, outcome": outcome.cvar,
            "drawdown, outcome": outcome.max_drawdown,
        }
    print(
        f"percent; shares of {LEARNED}, then chosen anew each quarter; ES of a day at {LEVEL:.0%}"
    )
    print((100 * pd.DataFrame(rows).T).round(2).to_string())


if __name__ == "__main__":
    main()
