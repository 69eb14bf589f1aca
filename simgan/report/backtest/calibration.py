"""Calibration of forecasts: hit rates with exact intervals, by year too, and all tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simgan.errors import ConfigError
from simgan.report.backtest.scores import Field, Group
from simgan.risk.backtests import BACKTESTS, SIMULATIONS, TestResult, untestable
from simgan.risk.backtests.forecasts import TailForecasts
from simgan.risk.comparison import holm
from simgan.risk.law import QuantileLaw
from simgan.risk.walks import Walk

COVERAGE = 0.95  # of the intervals
SIGNIFICANT = 0.05
MOST_SIMULATIONS = 99_999
OF_LAWS = (
    "acerbi-szekely-1",
    "acerbi-szekely-2",
    "acerbi-szekely-3",
)  # draw from the forecast law of each day
_NO_LAW = np.array([0.0, 1.0])


@dataclass(frozen=True)
class TestNote:
    """A test in the words of a reader.

    Attributes
    ----------
    title : str
        Name in tables.
    asks : str
        Its question, and its limits.
    is_of_level : bool
        False for tests of the whole law, which do not depend on a level.
    """

    title: str
    asks: str
    is_of_level: bool = True


TESTS = {
    "kupiec": TestNote(
        "Kupiec",
        "Are there as many exceedances as the level promises? Clusters do not count here.",
    ),
    "christoffersen-independence": TestNote(
        "Christoffersen, independence",
        "Is an exceedance more, or less, likely on the day after one?",
    ),
    "christoffersen": TestNote(
        "Christoffersen",
        "Both at once: as many exceedances as promised, and independent of the day before.",
    ),
    "dq": TestNote(
        "Dynamic quantile",
        "Do the four days before, or the VaR, predict an exceedance (Engle and Manganelli)?",
    ),
    "acerbi-szekely-1": TestNote(
        "Acerbi–Székely 1",
        "Given an exceedance, is the loss as large as the ES says? One-sided.",
    ),
    "acerbi-szekely-2": TestNote(
        "Acerbi–Székely 2",
        "Number and size of the losses beyond VaR, against the ES. One-sided.",
    ),
    "acerbi-szekely-3": TestNote(
        "Acerbi–Székely 3",
        "The ES of the lowest ranks of the PITs. VaR and ES themselves are not used.",
    ),
    "multinomial": TestNote(
        "Multinomial",
        "Exceedances of four VaR levels, from this one up, at once (Kratz, Lok and McNeil).",
    ),
    "traffic-light": TestNote(
        "Traffic light",
        "Basel's count of exceedances in the latest 250 forecasts, with its exact one-sided "
        "p-value. Green up to 95 % of its law, amber from there, red from 99.99 % on (MAR32).",
    ),
    "pit-uniformity": TestNote(
        "PIT uniform",
        (
            "Do outcomes fall into every part of the law as often as they should (Anderson and "
            "Darling)?"
        ),
        False,
    ),
    "pit-independence": TestNote(
        "PIT independent",
        "Do the PITs, or their distance from ½, depend on those of ten days before?",
        False,
    ),
    "berkowitz": TestNote(
        "Berkowitz", "Have the PITs, as normal numbers, mean 0, variance 1 and no memory?", False
    ),
}


@dataclass(frozen=True, kw_only=True)
class HitRate:
    """Exceedances among forecasts that do not overlap, with the exact interval of their share.

    Attributes
    ----------
    hits, days : int
        Counts.
    low, high : float
        95 % bounds of the share after Clopper and Pearson.
    """

    hits: int
    days: int
    low: float
    high: float

    @classmethod
    def of(cls, hits: int, days: int) -> HitRate:
        """Return the rate with its interval."""
        low, high = clopper_pearson(hits, days)
        return cls(hits=hits, days=days, low=low, high=high)

    @property
    def share(self) -> float:
        """Hits per day."""
        return self.hits / self.days

    def to_json(self) -> dict[str, Any]:
        """Plain JSON data."""
        return {
            "hits": self.hits,
            "days": self.days,
            "share": self.share,
            "low": self.low,
            "high": self.high,
        }


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """Calibration of one model for one asset, horizon and level.

    Attributes
    ----------
    asset, model : str
    horizon : int
    level : float or None
        None for the whole law, which has tests but no hits.
    rate : HitRate or None
        Of forecasts that do not overlap.
    every_day_share : float or None
        Share of exceedances among all forecasts, with those that overlap. It is steadier than
        `rate` and has no interval.
    years : mapping
        Hit rates by calendar year of the first day forecast.
    tests : tuple of TestResult
        In the order of the family.
    adjusted : mapping
        p-values by test after Holm's correction for all calibration tests of this model.
        Only the judged model has them.
    """

    asset: str
    model: str
    horizon: int
    level: float | None
    tests: tuple[TestResult, ...]
    rate: HitRate | None = None
    every_day_share: float | None = None
    years: Mapping[int, HitRate] = field(default_factory=dict)
    adjusted: Mapping[str, float] = field(default_factory=dict)

    def test(self, kind: str) -> TestResult:
        """Return the result of one test."""
        return next(result for result in self.tests if result.kind == kind)

    @property
    def made(self) -> tuple[TestResult, ...]:
        """Tests that could be made."""
        return tuple(result for result in self.tests if result.is_made)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON data."""
        return {
            "asset": self.asset,
            "horizon": self.horizon,
            "level": self.level,
            "model": self.model,
            "rate": None if self.rate is None else self.rate.to_json(),
            "every_day_share": self.every_day_share,
            "years": {str(year): rate.to_json() for year, rate in self.years.items()},
            "tests": [result.to_json() for result in self.tests],
            "adjusted": dict(self.adjusted),
        }


def clopper_pearson(hits: int, days: int, coverage: float = COVERAGE) -> tuple[float, float]:
    """Exact interval of a share of hits.

    References
    ----------
    Clopper & Pearson (1934), "The use of confidence or fiducial limits
    illustrated in the case of the binomial".
    """
    from statsmodels.stats.proportion import proportion_confint

    low, high = proportion_confint(hits, days, alpha=1.0 - coverage, method="beta")
    return float(low), float(high)


def forecasts(walk: Walk, level: float) -> TailForecasts:
    """Return the forecasts of a walk in the form that the tests take.

    A walk without laws gets a placeholder that no test reads.
    """
    column = walk.column(level)
    law = walk.law or QuantileLaw(_NO_LAW, np.zeros((len(walk.dates), _NO_LAW.size), np.float32))
    return TailForecasts(
        realized=walk.realized,
        value_at_risk=walk.value_at_risk[:, column],
        expected_shortfall=walk.expected_shortfall[:, column],
        level=level,
        law=law,
        pit=walk.pit,
        horizon=walk.horizon,
    )


def calibrate(taking_part: Field) -> tuple[Calibration, ...]:
    """Test all models at all levels, and their whole laws.

    The p-values of the judged model are corrected for their number. They depend on the forecasts
    alone: another model beside them, or another seed, changes nothing.
    """
    of_level = sum(note.is_of_level for note in TESTS.values())
    number = sum(
        len(group.levels) * of_level + len(TESTS) - of_level for group in taking_part.groups
    )
    found = [
        one
        for group in taking_part.groups
        for walk in group.walks.values()
        for one in _calibrations(group, walk, number if walk.model == taking_part.judged else 0)
    ]
    return tuple(_adjusted(found, taking_part.judged))


def _calibrations(group: Group, walk: Walk, number: int) -> Iterator[Calibration]:
    for level in walk.levels:
        yield _at_level(walk, level, number)
    tests = _tests(walk, walk.levels[0], number, of_level=False)
    yield Calibration(
        asset=group.asset, model=walk.model, horizon=group.horizon, level=None, tests=tests
    )


def _at_level(walk: Walk, level: float, number: int) -> Calibration:
    hits = walk.exceedances(level)
    apart = hits[:: walk.horizon]  # forecasts that do not overlap, as the tests take them
    of_year = walk.dates[:: walk.horizon].astype("datetime64[Y]").astype(int) + 1970
    years = {int(year): apart[of_year == year] for year in np.unique(of_year)}
    return Calibration(
        asset=walk.asset,
        model=walk.model,
        horizon=walk.horizon,
        level=level,
        rate=_rate(apart),
        every_day_share=float(hits.mean()),
        years={year: _rate(own) for year, own in years.items()},
        tests=_tests(walk, level, number, of_level=True),
    )


def _rate(hits: NDArray[np.bool_]) -> HitRate:
    return HitRate.of(int(np.count_nonzero(hits)), len(hits))


def _tests(walk: Walk, level: float, number: int, *, of_level: bool) -> tuple[TestResult, ...]:
    given = forecasts(walk, level)
    kinds = [kind for kind in BACKTESTS if TESTS[kind].is_of_level == of_level]
    return tuple(_test(kind, given, walk.law is not None, number) for kind in kinds)


def _test(kind: str, given: TailForecasts, has_law: bool, number: int) -> TestResult:
    """Make one test.

    If the p-value is as small as the simulations allow, the test is repeated with as many
    simulations as Holm's correction for `number` tests needs.
    """
    if kind in OF_LAWS and not has_law:
        return untestable(kind, given.without_overlap().days, "the forecast laws were not kept")
    try:
        result = BACKTESTS.build(kind).test(given)
        needed = min(
            1000 * -(-number // 25) - 1, MOST_SIMULATIONS
        )  # number/(needed + 1) is 2.5 % or less
        if (
            result.simulated_p_value is None
            or result.p > 1.0 / (SIMULATIONS + 1)
            or needed <= SIMULATIONS
        ):
            return result
        return BACKTESTS.build(kind, {"simulations": needed}).test(given)
    except ConfigError as error:  # an ES that is no loss
        return untestable(kind, given.without_overlap().days, str(error))


def _adjusted(found: list[Calibration], judged: str) -> Iterator[Calibration]:
    p_values = {
        (i, result.kind): result.p
        for i, one in enumerate(found)
        if one.model == judged
        for result in one.made
    }
    corrected = dict(zip(p_values, holm(list(p_values.values())).tolist(), strict=True))
    for i, one in enumerate(found):
        yield replace(
            one,
            adjusted={
                result.kind: corrected[i, result.kind]
                for result in one.made
                if (i, result.kind) in corrected
            },
        )
