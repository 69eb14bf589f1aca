"""A stop-loss on many futures of one stock, by the backtesting library ``backtesting``.

Run it as ``python examples/stop_loss_on_bars.py NAME``. It needs ``pip install backtesting`` and a
model that was fitted from a price file with open, high and low: ``simgan fit NAME --prices FILE``.

A stop is met inside a day, or jumped over by an opening gap. Closes tell neither, and one history
has few such days.
"""

import sys

import pandas as pd

import simgan

try:
    from backtesting import Backtest, Strategy
except ImportError:
    sys.exit("This example needs the library backtesting: pip install backtesting")

SCENARIOS, DAYS = 200, 42
NO_STOP = 1.0
STOPS = (NO_STOP, 0.10, 0.05, 0.03)  # below the close before the purchase


class BuyWithStop(Strategy):
    """Buy at the second open, and sell where the price has fallen by the share `stop`."""

    stop = NO_STOP

    def init(self):
        """Use no indicator."""

    def next(self):
        """Buy once. The library looks for the stop in each later bar."""
        if not self.orders and not self.trades and not self.closed_trades:
            self.buy(sl=self.data.Close[-1] * (1 - self.stop) or None)


def trades_of(bars: pd.DataFrame) -> pd.DataFrame:
    """Return the trade of each scenario under each stop."""
    trades = []
    for _, scenario in bars.groupby("scenario"):
        prices = scenario.set_index("date")[["open", "high", "low", "close"]].astype(float)
        prices.columns = ["Open", "High", "Low", "Close"]
        test = Backtest(prices, BuyWithStop, cash=1_000_000, finalize_trades=True)
        for stop in STOPS:
            trade = test.run(stop=stop)["_trades"].astype({"SL": float})
            trades.append(trade.assign(stop="none" if stop == NO_STOP else f"{stop:.0%}"))
    return pd.concat(trades, ignore_index=True)


def summary(trades: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each stop, in percent."""
    stopped = trades["ExitPrice"] <= trades["SL"]
    columns = {
        "mean return": trades["ReturnPct"],
        "worst": trades["ReturnPct"],
        "stopped": stopped,
        "stops met by a gap": (trades["ExitPrice"] < trades["SL"])[stopped],
        "mean loss if stopped": -trades["ReturnPct"][stopped],
    }
    found = {
        name: values.groupby(trades["stop"]).agg("min" if name == "worst" else "mean")
        for name, values in columns.items()
    }
    return (100 * pd.DataFrame(found)).round(1).loc[trades["stop"].unique()]


def main() -> None:
    """Print how each stop does over the scenarios."""
    try:
        model = simgan.load(sys.argv[1] if len(sys.argv) > 1 else None)
        scenarios = model.sample(SCENARIOS, DAYS, seed=1, bars=True)
    except simgan.SimganError as error:
        sys.exit(f"Error: {error}")
    trades = trades_of(scenarios.to_frame(values="bars", dates=True))
    print(f"percent, {SCENARIOS} scenarios of {DAYS} days")
    print(summary(trades).to_string(na_rep="–"))


if __name__ == "__main__":
    main()
