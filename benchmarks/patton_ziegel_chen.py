"""Check the backtest against published scores of the S&P 500 (Patton, Ziegel & Chen 2019).

    python benchmarks/patton_ziegel_chen.py | tee benchmarks/patton_ziegel_chen.txt

Models are estimated on 1990-1999 and tested on 2000-2016. Log returns are in percent.

"exact" rows take VaR and ES from a distribution in closed form. For a rolling window and the
residuals of GJR-FHS they are the order statistic at ⌈a n⌉ and the mean up to it. This rule gives
the published numbers. GARCH-normal has the normal distribution, with ω estimated freely by `arch`
as in the paper, and variance-targeted as in simgan.

"walked" rows come from the walk-forward of `simgan backtest`, with draws and simgan's definitions.
VaR is the inverse of the CDF of the losses, and ES that of Rockafellar & Uryasev. With 50,000
scenarios a day, their Monte Carlo error is about .001, .001 and .002 at 5, 2.5 and 1 %. GJR-FHS is
variance-targeted, with the mean of the sample. All its residuals are brought to mean 0 and variance
1. It is refitted each January on an expanding window.

The run needs the development data in ../shared and takes about a minute.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
from arch import arch_model
from development_data import expect_data, long_index
from scipy.stats import norm

from simgan.arrays import FloatArray
from simgan.baselines import baseline
from simgan.baselines.volatility import FittedVolatility
from simgan.baselines.volatility_parts import HistoricalInnovations
from simgan.market.history import History
from simgan.risk.scores import fz0
from simgan.risk.walks import Walk
from simgan.workflows.backtest.contenders import Classical
from simgan.workflows.backtest.segments import ForecastSettings, RefitPeriod, schedule
from simgan.workflows.backtest.walk import Chain, walk, walks_of

FIRST, LEVELS, TAILS = "2000-01-01", (0.95, 0.975, 0.99), (0.05, 0.025, 0.01)
ONE_DAY = ForecastSettings(horizons=(1,), levels=LEVELS, scenarios=50_000, window=None, seed=0)
TEN_DAYS = ForecastSettings(horizons=(1, 10), levels=LEVELS, scenarios=10_000, window=None, seed=0)
Scores = tuple[float, ...]  # at 5, 2.5 and 1 %


@dataclass(frozen=True)
class Row:
    """A line of the table: a measured number beside the bounds it should keep."""

    name: str
    found: tuple[float, ...]
    expected: tuple[float, ...] = ()
    margin: float = 0.0

    def __str__(self) -> str:
        pairs = list(zip(self.found, self.expected, strict=False))
        verdict = (
            ""
            if not pairs
            else "within"
            if all(abs(a - b) <= self.margin for a, b in pairs)
            else "OUTSIDE"
        )
        found = " ".join(f"{value:8.4f}" for value in self.found)
        expected = " ".join(f"{value:7.3f}" for value in self.expected)
        margin = f"± {self.margin:g}" if pairs else ""
        return f"{self.name:<44}{found:<30}{expected:<26}{margin:<9}{verdict}"


def walked(
    history: History, name: str, refit: RefitPeriod, rules: ForecastSettings = ONE_DAY
) -> Walk:
    """Walk one model through the test years, and return the walk of the longest horizon."""
    chain = Chain(Classical(name), history, schedule(history, FIRST, refit, 250), rules)
    with tempfile.TemporaryDirectory() as folder:
        left_out = walk([chain], Path(folder))
    if left_out:
        raise SystemExit(left_out[0])
    return list(walks_of(chain))[-1]


def scores(quantile: FloatArray, tail_mean: FloatArray, realized: FloatArray, tail: float) -> float:
    """Mean FZ0 of returns in percent, of a quantile of the returns and their mean below it."""
    return float(fz0(-100 * quantile, -100 * tail_mean, 100 * realized, tail).mean())


def of_window(returns: FloatArray, start: int, days: int) -> Scores:
    """FZ0 of the empirical law of the last `days` days."""
    windows = np.lib.stride_tricks.sliding_window_view(returns, days)[start - days : -1]
    found = []
    for tail in TAILS:
        quantile = np.quantile(windows, tail, axis=1, method="inverted_cdf")
        mean = np.array(
            [window[window <= q].mean() for window, q in zip(windows, quantile, strict=True)]
        )
        found.append(scores(quantile, mean, returns[start:], tail))
    return tuple(found)


def of_normal(returns: FloatArray, start: int, mean: float, deviation: FloatArray) -> Scores:
    """FZ0 of normal laws with this mean and these deviations (days,)."""
    sigma, quantiles = deviation[start:], [(tail, norm.ppf(tail)) for tail in TAILS]
    return tuple(
        scores(mean + q * sigma, mean - norm.pdf(q) / tail * sigma, returns[start:], tail)
        for tail, q in quantiles
    )


def garch_free(returns: FloatArray, start: int) -> Scores:
    """GARCH-normal fitted once by `arch`, ω and mean estimated."""
    model = arch_model(100 * returns, mean="Constant", vol="GARCH", p=1, q=1)
    fixed = model.fix(model.fit(last_obs=start, disp="off").params)
    return of_normal(
        returns, start, fixed.params["mu"] / 100, np.asarray(fixed.conditional_volatility) / 100
    )


def garch_targeted(returns: FloatArray, start: int) -> Scores:
    """GARCH-normal fitted once, as the baseline of simgan."""
    model = fitted("garch-normal", returns[:start])
    return of_normal(
        returns, start, model.mean, np.sqrt(model.recursion.filtered(returns - model.mean)[:-1])
    )


def fhs_yearly(history: History) -> Scores:
    """GJR-FHS refitted each January, by the law of all residuals."""
    returns, parts = history.log_returns[:, 0], []
    for segment in schedule(history, FIRST, "yearly", 250):
        model = fitted("gjr-fhs", returns[: segment.days.start])
        assert isinstance(model.innovations, HistoricalInnovations)
        z, rows = model.innovations.residuals, slice(segment.days.start, segment.days.stop)
        sigma = np.sqrt(model.recursion.filtered(returns - model.mean)[rows])
        parts.append(
            [
                [model.mean + q * sigma, model.mean + z[z <= q].mean() * sigma]
                for q in np.quantile(z, TAILS, method="inverted_cdf")
            ]
        )
    laws = np.concatenate(parts, axis=2)  # (tails, quantile and mean, days)
    return tuple(
        scores(*law, returns[-laws.shape[2] :], tail) for law, tail in zip(laws, TAILS, strict=True)
    )


def fitted(name: str, returns: FloatArray) -> FittedVolatility:
    """Fit a baseline to returns (days,)."""
    model = baseline(name).fit(returns[:, None])
    assert isinstance(model, FittedVolatility)
    return model


def of_walk(found: Walk, every: int = 1) -> Scores:
    """FZ0 of a walk at each level, of each day or of each second one."""
    return tuple(float(found.fz0(level)[::every].mean()) for level in LEVELS)


def rows(history: History) -> list[Row]:
    """All lines of the table."""
    returns = history.log_returns[:, 0]
    start = int(np.searchsorted(history.dates, np.datetime64(FIRST)))
    windows, garch, fhs = (
        {125: (0.914, 1.119), 250: (0.959, 1.164), 500: (1.023, 1.245)},
        (0.876, 1.089),
        (0.828, 1.000, 1.210),
    )
    one, ten = walked(history, "gjr-fhs", "yearly"), walked(history, "gjr-fhs", "yearly", TEN_DAYS)
    return [
        *(
            Row(f"rolling window {days} days, exact", of_window(returns, start, days), known, 0.003)
            for days, known in windows.items()
        ),
        *(
            Row(
                f"rolling window {days} days, walked",
                of_walk(walked(history, f"historical-{days}", "never")),
            )
            for days in windows
        ),
        Row("GARCH-normal, fixed, free ω, exact", garch_free(returns, start), garch, 0.005),
        Row("GARCH-normal, fixed, targeted, exact", garch_targeted(returns, start)),
        Row(
            "GARCH-normal, fixed, targeted, walked",
            of_walk(walked(history, "garch-normal", "never")),
        ),
        Row("GJR-FHS, refitted yearly, exact", fhs_yearly(history), fhs, 0.012),
        Row("GJR-FHS, refitted yearly, walked", of_walk(one), fhs, 0.012),
        Row(
            "GJR-FHS, its hits in percent",
            tuple(100 * float(one.exceedances(level).mean()) for level in LEVELS),
        ),
        Row("GJR-FHS, CRPS of 1 day, percent", (100 * float(one.crps.mean()),), (0.6049,), 0.003),
        Row(
            "GJR-FHS, CRPS of 10 days, every 2nd, percent",
            (100 * float(ten.crps[::2].mean()),),
            (1.7117,),
            0.03,
        ),
        Row("GJR-FHS, 10 days, every 2nd, walked", of_walk(ten, 2), (1.950, 2.156, 2.393), 0.03),
    ]


def main() -> None:
    """Print the table, and exit 1 if a number is outside."""
    expect_data()
    history = long_index("1989-12-29", "2016-12-31")
    click.echo(
        f"S&P 500, {history.day(0)} to {history.day(-1)}, tested from {FIRST}; FZ0 at 5, 2.5 and "
        "1 % where nothing else is said"
    )
    click.echo(f"{'':<44}{'found':<30}{'expected':<26}")
    table = rows(history)
    for row in table:
        click.echo(str(row))
    sys.exit(any("OUTSIDE" in str(row) for row in table))


if __name__ == "__main__":
    main()
