"""The way in of a quant: from a frame of prices to a model, scenarios and a backtest.

    python tests/end_to_end/quant_from_pandas.py

The frame has the columns of yfinance: ``yf.download("SPY")`` gives such a one.
"""

from __future__ import annotations

from arch.data import sp500

import simgan


def main() -> None:
    """Print each result."""
    frame = sp500.load().loc["2017-10":]  # Open, High, Low, Close, Adj Close, Volume by date
    model = simgan.fit(frame, name="SPX", preset="quick", settings={"warm_steps": 5})
    print(model)

    scenarios = model.sample(n=4000, horizon=10, seed=1)
    ten_days = scenarios.to_frame(dates=True).sum(axis=1)  # a log return per scenario
    print("VaR", float(simgan.value_at_risk(ten_days, level=0.99)))
    print("quantile", -float(ten_days.quantile(0.01)))
    print(scenarios.summary())

    then = model.sample(n=100, horizon=10, as_of="2018-09-28").prices()  # as if it were that day
    print("start", float(then[0, 0, 0]), float(frame.loc["2018-09-28", "Adj Close"]))

    tested = simgan.backtest(
        frame["Adj Close"].rename("SPX"),
        first="2018-12-03",
        models=("historical-250",),
        horizons=(1,),
        scenarios=100,
    )
    print(tested)
    print("scores", len(tested.summary()))
    print("models", [known.name for known in simgan.models()])


if __name__ == "__main__":
    main()
