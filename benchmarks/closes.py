"""Markets that close at other hours: how they move together, learned from one day and from two.

    python benchmarks/closes.py > benchmarks/closes.txt

KOSPI and the S&P 500 are fitted together with ``overlap=1`` and ``overlap=2``. Free paths of the
long run stand beside the history of the days on which both trade. All sums of 1, 2, 5, 10 and 20
consecutive days count. Losses are in simple returns, of positions that are bought and held. Numbers
of the history stand with 95 % intervals by 400 stationary resamples of whole days, in blocks of 60
days on average. The last line sets the volatility of the S&P 500 by the days on which both trade
beside that by its own trading days.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from arch.bootstrap import StationaryBootstrap
from development_data import MARKET, expect_data, series

import simgan
from simgan.arrays import FloatArray, whole_rows
from simgan.calendars import Days
from simgan.market.sessions import counted
from simgan.provenance import library_versions
from simgan.seeds import Seed
from simgan.stats.co_dependence import joint_exceedances

ASSETS = ("KS11", "SP500")
PATHS, DAYS = 2048, 960
BLOCK, RESAMPLES = 60, 400
Sums = Callable[[int], FloatArray]


def sums_of(paths: FloatArray) -> Sums:
    """Return log returns (sums, assets) of all stretches of some days within paths."""
    start = np.zeros((len(paths), 1, paths.shape[2]))
    walk = np.concatenate([start, np.cumsum(paths, axis=1, dtype=np.float64)], axis=1)

    def of(days: int) -> FloatArray:
        return np.asarray((walk[:, days:] - walk[:, :-days]).reshape(-1, walk.shape[2]))

    return of


def correlation(sums: FloatArray) -> float:
    """Return the correlation of two assets."""
    return float(np.corrcoef(sums.T)[0, 1])


def value_at_risk(sums: FloatArray, *shares: float) -> float:
    """Return the loss at 99 %, in percent, of shares that are bought and held."""
    return -100 * float(np.quantile(np.expm1(sums) @ np.array(shares), 0.01))


def rows(of: Sums) -> Iterator[tuple[str, float]]:
    """Give the statistics of sums of returns."""
    for days in (1, 2, 5, 20):
        yield f"correlation over {counted(days, 'day')}", correlation(of(days))
    yield "λL at 5 %, falls of 5 days together", float(joint_exceedances(of(5))[0, 1])
    for days in (1, 10):
        yield (
            f"VaR 99 % of equal parts, {counted(days, 'day')}, %",
            value_at_risk(of(days), 0.5, 0.5),
        )
    yield "VaR 99 % long KS11, short SP500, 10 days, %", value_at_risk(of(10), 1.0, -1.0)
    yield "VaR 99 % long SP500, short KS11, 10 days, %", value_at_risk(of(10), -1.0, 1.0)


def fitted(overlap: int, folder: Path) -> simgan.Model:
    """Fit both assets together."""
    return simgan.fit(
        list(ASSETS),
        prices=[MARKET / f"{name}.csv" for name in ASSETS],
        settings={"overlap": overlap},
        name=f"CLOSES{overlap}",
        workspace=folder,
        progress=simgan.SILENT,
    )


def intervals(known: FloatArray) -> dict[str, FloatArray]:
    """Return the 2.5 and 97.5 % quantiles of each statistic by resamples of whole days."""
    draws = StationaryBootstrap(BLOCK, known, seed=Seed(1).stream("bootstrap"))
    found = [dict(rows(sums_of(drawn[None]))) for (drawn,), _ in draws.bootstrap(RESAMPLES)]
    return {label: np.quantile([one[label] for one in found], (0.025, 0.975)) for label in found[0]}


def volatility(dates: Days, log_returns: FloatArray) -> str:
    """Return the volatility of one asset a year, and the days behind it."""
    years = (dates[-1] - dates[0]) / np.timedelta64(1, "D") / 365.25
    a_year = 100 * log_returns.std() * np.sqrt(len(dates) / years)
    return f"{a_year:.1f} % a year by {counted(len(dates), 'day')}"


def main() -> None:
    """Print the statistics of the history, and of the paths of both models."""
    expect_data()
    with TemporaryDirectory() as folder:
        models = [fitted(overlap, Path(folder)) for overlap in (1, 2)]
        history = models[0].bundle.history
        assert history is not None
        whole = whole_rows(history.log_returns)
        dates, known = history.dates[whole], history.log_returns[whole]
        drawn = [one.sample(PATHS, DAYS, seed=1, as_of="stationary").log_returns for one in models]
    print(
        f"{' and '.join(ASSETS)}, {len(known):,} days until {history.day(-1)}, {PATHS:,} paths of "
        f"{DAYS} days, {datetime.now(UTC):%Y-%m-%d}, simgan {library_versions()['simgan']}\n"
    )
    print(f"{'':43}   history             overlap=1 overlap=2")
    columns = [dict(rows(sums_of(paths))) for paths in (known[None], *drawn)]
    for label, (low, high) in intervals(known).items():
        real, *models = (column[label] for column in columns)
        cells = " ".join(f"{value:9.3f}" for value in models)
        print(f"{label:43} {real:9.3f} {f'[{low:.2f}, {high:.2f}]':>15}  {cells}")
    alone = series("SP500")
    own = (alone.dates >= dates[0]) & (alone.dates <= dates[-1])
    of_steps = volatility(dates, known[:, ASSETS.index("SP500")])
    of_days = volatility(alone.dates[own], alone.log_returns[own, 0])
    print(f"\nvolatility of SP500: {of_steps} of both, {of_days} of its own")


if __name__ == "__main__":
    main()
