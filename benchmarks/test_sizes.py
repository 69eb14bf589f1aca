"""Measure how often backtests reject true forecasts at 5 %, by each of their p-values.

    python benchmarks/test_sizes.py | tee benchmarks/test_sizes.txt

Returns are GARCH(1,1) with Student-t innovations. Their own distribution forecasts them, so every
rejection is a false alarm. Each simulated p-value has 99 simulations, other ones for each history.
So the share is that over all simulations, as for 999 of them. Tests of PITs do not depend on the
level.

Shares of 1,000 histories have a standard error of 0.7 %. One cell in 35 lies outside 3.5 … 6.5 % by
chance, and the tests see the same histories. A cell outside is counted again on 4,000 others
(0.35 %), and both shares are shown. The run takes four minutes on one core.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator

import click
import numpy as np
from scipy.stats import t as student

from simgan.arrays import FloatArray
from simgan.risk import backtests
from simgan.risk.backtests import BACKTESTS
from simgan.risk.backtests.forecasts import TailForecasts
from simgan.risk.law import GRID, QuantileLaw
from simgan.seeds import Seed

DAYS = (250, 500, 1500)
LEVELS = (0.95, 0.975, 0.99)
SIZE, LOW, HIGH = 0.05, 0.035, 0.065
FREEDOM = 5.0
UNIT = np.sqrt((FREEDOM - 2.0) / FREEDOM)  # makes the variance 1
QUANTILES = (UNIT * student.ppf(np.clip(GRID, 2e-6, 1.0 - 2e-6), FREEDOM)).astype(np.float32)
AGAIN = 4000
KINDS = ("asymptotic", "simulated", "exact")
OF_PITS = ("pit-uniformity", "pit-independence", "berkowitz")
BELOW = {  # what is known to reject less often, and why: the docstrings say so
    "christoffersen-independence": "no order without hits",
    "acerbi-szekely-1": "no ES without hits",
    "traffic-light": "a count, exact",
    "kupiec": "a count, mid-p",
    "christoffersen": "few hits, mid-p",
}
EXACT = ("kupiec", "christoffersen-independence", "christoffersen", "traffic-light")


def shortfall(level: float) -> float:
    """ES of the innovations (McNeil, Frey & Embrechts 2015, section 2.3)."""
    z = student.ppf(level, FREEDOM)
    return float(
        UNIT * student.pdf(z, FREEDOM) / (1.0 - level) * (FREEDOM + z**2) / (FREEDOM - 1.0)
    )


def histories(n: int, days: int, seed: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Volatilities, returns and PITs, each (n, days)."""
    pits = Seed(seed).stream("validation", days).random((n, days))
    noise = UNIT * student.ppf(pits, FREEDOM)
    sigma, variance = np.empty((n, days)), np.full(n, 1e-4)
    for day in range(days):
        sigma[:, day] = np.sqrt(variance)
        variance = 3e-6 + (0.08 * noise[:, day] ** 2 + 0.89) * variance
    return sigma, sigma * noise, pits


def forecasts(n: int, days: int, level: float, seed: int) -> Iterator[TailForecasts]:
    """Forecast every history by its own law."""
    var, es = UNIT * student.ppf(level, FREEDOM), shortfall(level)
    for sigma, realized, pit in zip(*histories(n, days, seed), strict=True):
        yield TailForecasts(
            realized,
            sigma * var,
            sigma * es,
            level,
            QuantileLaw(GRID, sigma[:, None].astype(np.float32) * QUANTILES),
            pit,
        )


def rejections(
    n: int, days: int, level: float, names: list[str], seed: int = 1
) -> Counter[tuple[str, str]]:
    """Count the rejected histories by (test, p-value). A missing p-value has no count."""
    tests = [BACKTESTS.build(name, {} if name in EXACT else {"simulations": 99}) for name in names]
    found: Counter[tuple[str, str]] = Counter()
    for number, made in enumerate(forecasts(n, days, level, seed)):
        backtests.SIMULATED = Seed(seed * 1_000_000 + number)
        for test in tests:
            result = test.test(made)
            p_values = (result.p_value, result.simulated_p_value, result.exact_p_value)
            values = dict(zip(KINDS, p_values, strict=True)) | {"read": result.p}
            found.update(
                {(test.kind, name): p <= SIZE for name, p in values.items() if p is not None}
            )
    return found


def show(days: int, level: float, names: list[str], n: int) -> None:
    """Print one row a test."""
    found = rejections(n, days, level, names)
    outside = [name for name in names if not LOW <= found[name, "read"] / n <= HIGH]
    again = rejections(AGAIN, days, level, outside, seed=2) if outside else Counter()
    for name in names:
        cells = "".join(
            f"{100 * found[name, kind] / n:>12.1f}" if (name, kind) in found else f"{'-':>12}"
            for kind in KINDS
        )
        second = (
            f"{100 * again[name, 'read'] / AGAIN:>8.1f}  {BELOW.get(name, '')}"
            if name in outside
            else ""
        )
        shown = "PITs" if name in OF_PITS else f"{100 * level:g}"
        click.echo(f"{days:>5} {shown:>6} {name:<28}{cells}{second}".rstrip())


@click.command()
@click.option("--histories", "n", default=1000, show_default=True)
@click.option("--days", "only", type=int, help="One length instead of all.")
def main(n: int, only: int | None) -> None:
    """Print the share of rejections in percent."""
    started = time.monotonic()
    click.echo(f"Rejections at 5 % of {n} right histories, in percent\n")
    click.echo(
        f"{'days':>5} {'level':>6} "
        f"{'test':<28}{'asymptotic':>12}{'simulated':>12}{'exact':>12}{'again':>8}"
    )
    for days in (only,) if only else DAYS:
        for level in LEVELS:
            show(days, level, [name for name in BACKTESTS if name not in OF_PITS], n)
        show(days, LEVELS[0], list(OF_PITS), n)
    click.echo(f"\n{time.monotonic() - started:.0f} seconds")


if __name__ == "__main__":
    main()
