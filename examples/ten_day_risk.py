"""How much can a position lose in ten days? From the latest day, and from a day of the long run.

Run it as ``python examples/ten_day_risk.py``. It uses the reference model, so nothing needs to be
fitted first.
"""

import numpy as np

import simgan

POSITION = 1_000_000  # in the currency of the prices
STARTS = ("latest", "stationary")


def main() -> None:
    """Print value-at-risk and expected shortfall at 99 % for each start."""
    model = simgan.load("reference")
    print(f"{'start':<12}{'99 % VaR':>12}{'99 % ES':>12}   of a position of {POSITION:,}")
    for start in STARTS:
        scenarios = model.sample(n=20_000, horizon=10, seed=1, as_of=start)
        growth = scenarios.log_returns.sum(axis=1)[:, 0]  # (paths,), log returns over ten days
        returns = np.expm1(growth)  # simple returns: money is linear in them
        var, es = (
            simgan.value_at_risk(returns, level=0.99),
            simgan.expected_shortfall(returns, level=0.99),
        )
        print(f"{start:<12}{POSITION * var:>12,.0f}{POSITION * es:>12,.0f}")


if __name__ == "__main__":
    main()
