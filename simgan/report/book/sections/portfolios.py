"""Returns of portfolios, whose risk is that of the dependence of all assets at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from typing import ClassVar

import numpy as np

from simgan.arrays import AnyFloatArray, FloatArray
from simgan.report.book.portfolios import LONG_SHORT, Portfolios
from simgan.report.book.samples import FEWEST_COMMON, BookSamples, traded
from simgan.report.book.sections import BookSectionMaker
from simgan.report.book.words import CLUSTERS, EMD, ES, OWN, QUANTILE, RANDOM, SHAPE, SPREAD
from simgan.report.samples import Prepared
from simgan.report.verdict import Row, Section
from simgan.stats.dependence import autocorrelation
from simgan.stats.divergences import wasserstein
from simgan.stats.intervals import LEVEL_OF_BOOK, MEMORY
from simgan.stats.path_risk import quantiles

HORIZONS, LAGS = (1, 10), (1, 5, 20)
FEWEST_DAYS = 400  # on which all assets traded
_SHARE = 0.01
_NUMBERS = (SPREAD, QUANTILE, ES, SHAPE)
_WIDEST = 3.0  # ratio of the ends of an interval, beyond which a row says too little to judge by
_SINGLES = 2  # histories of each law that play the real one: those of portfolios are alike


@dataclass(frozen=True)
class OfPortfolios(BookSectionMaker):
    """Returns of equal shares, of the user's own, and of random long–short portfolios."""

    kind: ClassVar[str] = "portfolios"
    title: ClassVar[str] = "Portfolios"

    def make(self, samples: BookSamples) -> Section:
        whole, days = int(samples.whole.sum()), len(samples.real)
        if whole < FEWEST_DAYS:
            reason = (
                f"portfolios: {FEWEST_DAYS} days on which all assets trade are needed, and the "
                f"history has {whole}"
            )
            return Section(self.kind, self.title, (), (reason,))
        rests = f"; from the {whole:,} days on which all assets traded" if whole < days else ""
        rows = [*_levels(samples, rests), *_distances(samples, rests), *_memory(samples)]
        return Section(self.kind, self.title, tuple(rows))


def numbers_of_returns(days: AnyFloatArray, portfolios: Portfolios) -> FloatArray:
    """Return deviation, quantile, ES and ES over deviation of each portfolio, over 1 and 10 days.

    The shape is (portfolios with a name + 1, horizons, 4). The last are the means of the long–short
    ones. All are NaN where there are too few days.
    """
    named, own = len(portfolios.names), traded(days)
    if len(own) < FEWEST_COMMON:
        return np.full((named + 1, len(HORIZONS), len(_NUMBERS)), np.nan)
    found = np.empty((portfolios.count, len(HORIZONS), len(_NUMBERS)))
    for place, steps in enumerate(HORIZONS):
        for number, returns in enumerate(portfolios.returns(own, steps)):
            quantile = quantiles(returns, (_SHARE,))[0]
            shortfall = -returns[returns <= quantile].mean()
            spread = returns.std()
            found[number, place] = spread, quantile, shortfall, shortfall / spread
    return np.concatenate([found[:named], found[named:].mean(axis=0, keepdims=True)])


def _levels(samples: BookSamples, rests: str) -> Iterator[Row]:
    portfolios = samples.portfolios
    found = samples.measured(lambda days: numbers_of_returns(days, portfolios).ravel())
    notes = (*(_of_shares(portfolios, name, rests) for name in portfolios.names), _of_random(rests))
    titles = (*portfolios.names, RANDOM)
    each = product(zip(titles, notes, strict=True), HORIZONS, _NUMBERS)
    for point, ((title, note), steps, name) in enumerate(each):
        scale, unit = (1, "σ") if name == SHAPE else (100, "%")
        row = found.row(
            f"{title}: {name}", LEVEL_OF_BOOK, point=point, scale=scale, unit=unit, horizon=steps,
            blind_to=note,
        )  # fmt: skip
        yield _unless_wide(row)


def _unless_wide(row: Row) -> Row:
    """Return a row, not judged where its interval is so wide that hardly any model could fail."""
    assert row.low is not None and row.high is not None
    least, most = sorted((abs(row.low), abs(row.high)))
    if row.low * row.high > 0 and most <= _WIDEST * least:
        return row
    says = f"shown, not judged: ends that differ by more than a factor of {_WIDEST:g} say little"
    return replace(row, is_judged=False, blind_to=f"{says}; {row.blind_to}")


def _of_shares(portfolios: Portfolios, name: str, rests: str) -> str:
    how = "shares are restored every day" if portfolios.is_rebalanced else "bought and held"
    which = f"{portfolios.title}; " if name == OWN else ""
    return f"{which}{how}; log returns{rests}"


def _of_random(rests: str) -> str:
    return (
        f"in the mean over {LONG_SHORT} portfolios of random shares, the same for every model; log "
        f"return of the long side minus that of the short side{rests}"
    )


def _distances(samples: BookSamples, rests: str) -> Iterator[Row]:
    """Compare whole distributions of returns."""
    portfolios, named = samples.portfolios, len(samples.portfolios.names)
    groups = {name: slice(place, place + 1) for place, name in enumerate(portfolios.names)}
    groups[RANDOM] = slice(named, None)
    for (title, which), steps in product(groups.items(), HORIZONS):
        statistic = Prepared(
            partial(_sorted, portfolios=portfolios, steps=steps, which=which),
            partial(_apart, portfolios=portfolios, steps=steps, which=which),
        )
        yield samples.distance(
            f"{title}: {EMD}",
            statistic,
            singles=_SINGLES,
            horizon=steps,
            blind_to=f"blind to the far tail{rests}",
        )


def _sorted(
    _: FloatArray, paths: AnyFloatArray, portfolios: Portfolios, steps: int, which: slice
) -> FloatArray:
    """Return the returns (portfolios, n) of paths (paths, days, assets) in the order of size."""
    found = [portfolios.returns(traded(path), steps)[which] for path in paths]
    return np.sort(np.concatenate(found, axis=1), axis=1)


def _apart(
    real: FloatArray, fake: FloatArray, portfolios: Portfolios, steps: int, which: slice
) -> float:
    """Return the mean 1-Wasserstein distance of returns, in standard deviations of real ones."""
    own = portfolios.returns(traded(real), steps)[which]
    return float(np.mean([wasserstein(x, y) / x.std() for x, y in zip(own, fake, strict=True)]))


def _memory(samples: BookSamples) -> list[Row]:
    """Compare the clusters of volatility of equal shares."""
    portfolios = samples.portfolios

    def of(days: FloatArray) -> FloatArray:
        own = traded(days)
        if len(own) < FEWEST_COMMON:
            return np.full(len(LAGS), np.nan)
        returns = portfolios.returns(own, 1)[0]
        found = autocorrelation(np.abs(returns), max(LAGS))
        return np.asarray(found[np.array(LAGS) - 1], np.float64)

    found = samples.measured(of)
    return [
        found.row(f"{portfolios.names[0]}: {CLUSTERS} {lag}", MEMORY, point=point)
        for point, lag in enumerate(LAGS)
    ]
