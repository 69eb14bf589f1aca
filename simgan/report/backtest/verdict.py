"""The verdict on a backtest: a headline, scores against the reference, and hit rates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from simgan.readable import in_words
from simgan.report.backtest.calibration import SIGNIFICANT, Calibration
from simgan.report.backtest.headline import Headline, headline
from simgan.report.backtest.scores import POOLED, Field, Measure, Outcome, ScoreRow, percent
from simgan.report.verdict import over
from simgan.risk.comparison import holm

JUDGED_BY = ("CRPS", "FZ0")
FEW_HITS = 5.0  # expected: below it a wrong rate is hardly ever noticed
_MOST_NAMED = 3
_SAID = {"ahead": "ahead of {} by {}", "level": "level with {} by {}", "behind": "behind {} by {}"}


@dataclass(frozen=True, kw_only=True)
class HorizonVerdict:
    """Where the judged model stands over one horizon.

    Attributes
    ----------
    horizon : int
    ahead, level, behind : tuple of str
        Labels of CRPS and FZ0 by which it is, Diebold–Mariano at 5 %.
    failed : tuple of str
        Hit rates that Kupiec's test rejects at 5 % after Holm's correction within the horizon.
    doubtful : tuple of str
        Hit rates that it rejects by themselves, but no longer after the correction.
    rates : int
        Number of hit rates.
    hardly_tested : tuple of str
        Levels with fewer than five expected exceedances.
    rejected : tuple of str
        All tests but Kupiec's that reject at 5 % by themselves, with their levels.
    """

    horizon: int
    ahead: tuple[str, ...]
    level: tuple[str, ...]
    behind: tuple[str, ...]
    failed: tuple[str, ...]
    doubtful: tuple[str, ...]
    rates: int
    hardly_tested: tuple[str, ...]
    rejected: tuple[str, ...] = ()

    def sentence(self, model: str, reference: str) -> str:
        """Return the sentence."""
        standing = {"ahead": self.ahead, "level": self.level, "behind": self.behind}
        parts = [
            _SAID[outcome].format(reference, in_words(labels))
            for outcome, labels in standing.items()
            if labels
        ]
        compared = f"is {'; '.join(parts)}" if parts else "is not compared"
        others = self.rates - len(self.failed)
        if not self.failed:
            hits = "its hit rates pass Kupiec's test"
        else:
            hits = f"its hit rate fails Kupiec's test {in_words(_shortened(self.failed))}"
            hits += f" and passes in the other {others} of {self.rates}" if others else ""
        hits += (
            f", {in_words(_shortened(self.doubtful))} only after Holm's correction"
            if self.doubtful
            else ""
        )
        hardly = (
            f" (few exceedances to tell by at {in_words(self.hardly_tested)})"
            if self.hardly_tested
            else ""
        )
        return f"Over {over(self.horizon)} {model} {compared}; {hits}{hardly}{self._other_tests}."

    @property
    def _other_tests(self) -> str:
        """The part of the sentence on tests that reject, other than Kupiec's."""
        if not self.rejected:
            return ""
        joint = "but" if not self.failed else "and"
        return f", {joint} other tests reject at 5 %: {in_words(_shortened(self.rejected))}"


@dataclass(frozen=True, kw_only=True)
class BacktestVerdict:
    """The judged model against the reference.

    Attributes
    ----------
    model, reference : str
        The reference is empty where there is none.
    headline : Headline
        Failed tests and traffic lights of all models.
    horizons : tuple of HorizonVerdict
    comparisons : int
        Number of Diebold–Mariano tests behind it. They are not corrected for their number.
    tests, rejected, rejected_after_holm : int
        Calibration tests of the model, those that reject at 5 %, and those that still reject
        after Holm's correction.
    """

    model: str
    reference: str
    headline: Headline
    horizons: tuple[HorizonVerdict, ...]
    comparisons: int
    tests: int
    rejected: int
    rejected_after_holm: int

    @property
    def lines(self) -> tuple[str, ...]:
        """The headline, a sentence for each horizon, and one on the number of tests."""
        return (
            *self.headline.lines,
            *(horizon.sentence(self.model, self.reference) for horizon in self.horizons),
            self.caution,
        )

    @property
    def sentence(self) -> str:
        """The verdict on one line."""
        return " ".join(self.lines)

    @property
    def caution(self) -> str:
        """The number of tests, and how many would reject by chance."""
        compared = (
            f"{self.comparisons} comparisons were made, each at 5 %. " if self.comparisons else ""
        )
        chance = f"{0.05 * self.tests:.0f} would of a model that is right"
        return (
            f"{compared}Of {self.tests} calibration tests of {self.model}, {self.rejected} "
            f"reject at 5 % (about {chance}), {self.rejected_after_holm} after Holm's correction."
        )

    def to_json(self) -> dict[str, Any]:
        """Plain JSON data."""
        apart = ("horizons", "headline")
        lists = {key: value for key, value in asdict(self).items() if key not in apart}
        horizons = [
            {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(one).items()}
            for one in self.horizons
        ]
        named = {"sentence": self.sentence, "headline": self.headline.to_json()}
        return named | lists | {"horizons": horizons}


def verdict(
    taking_part: Field, rows: Sequence[ScoreRow], found: Sequence[Calibration]
) -> BacktestVerdict:
    """Judge the first model by CRPS, FZ0 and its hit rates, pooled over several assets."""
    own = [one for one in found if one.model == taking_part.judged]
    by = [
        row
        for row in rows
        if row.measure.name in JUDGED_BY
        and (row.asset == POOLED) == (len(_assets(rows, row.horizon)) > 1)
    ]
    results = [(result.p, one.adjusted[result.kind]) for one in own for result in one.made]
    return BacktestVerdict(
        model=taking_part.judged,
        reference=taking_part.reference,
        headline=headline(taking_part, found),
        horizons=tuple(
            _over(horizon, taking_part.judged, by, own) for horizon in taking_part.horizons
        ),
        comparisons=sum(row.models[taking_part.judged].outcome is not None for row in by),
        tests=len(results),
        rejected=sum(p < SIGNIFICANT for p, _ in results),
        rejected_after_holm=sum(adjusted < SIGNIFICANT for _, adjusted in results),
    )


def _assets(rows: Sequence[ScoreRow], horizon: int) -> set[str]:
    return {row.asset for row in rows if row.horizon == horizon} - {POOLED}


def _over(
    horizon: int, judged: str, rows: Sequence[ScoreRow], own: Sequence[Calibration]
) -> HorizonVerdict:
    standing = [(row.models[judged].outcome, row.measure) for row in rows if row.horizon == horizon]
    rated = [one for one in own if one.horizon == horizon and one.rate is not None]
    adjusted = holm([one.test("kupiec").p for one in rated])
    several = len({one.asset for one in rated}) > 1
    alone = {i for i, one in enumerate(rated) if one.test("kupiec").p < SIGNIFICANT}
    failed = {i for i in alone if adjusted[i] < SIGNIFICANT}
    names = [
        f"{f'of {one.asset} ' if several else ''}at {percent(one.level or 0.0)}" for one in rated
    ]
    few = {
        one.level: None
        for one in rated
        if one.rate and one.level and one.rate.days * (1.0 - one.level) < FEW_HITS
    }
    return HorizonVerdict(
        horizon=horizon,
        ahead=_labels(standing, "ahead"),
        level=_labels(standing, "level"),
        behind=_labels(standing, "behind"),
        failed=tuple(names[i] for i in sorted(failed)),
        doubtful=tuple(names[i] for i in sorted(alone - failed)),
        rates=len(rated),
        hardly_tested=tuple(percent(level) for level in few if level),
        rejected=_rejected([one for one in own if one.horizon == horizon]),
    )


def _rejected(own: Sequence[Calibration]) -> tuple[str, ...]:
    """Name the tests other than Kupiec's that reject by themselves, each once with its levels."""
    found: dict[str, dict[str, None]] = {}
    for one in own:
        for result in one.made:
            if result.kind != "kupiec" and result.p < SIGNIFICANT:
                levels = {} if one.level is None else {percent(one.level): None}
                found.setdefault(result.kind, {}).update(levels)
    return tuple(f"{kind} at {in_words(list(at))}" if at else kind for kind, at in found.items())


def _labels(standing: Sequence[tuple[Outcome | None, Measure]], wanted: Outcome) -> tuple[str, ...]:
    """Name the measures of an outcome, the levels of one joined: CRPS, FZ0 at 95 % and 99 %."""
    levels: dict[str, list[str]] = {}
    for outcome, measure in standing:
        if outcome == wanted:
            levels.setdefault(measure.name, []).extend(
                [] if measure.level is None else [percent(measure.level)]
            )
    return tuple(f"{name} at {in_words(at)}" if at else name for name, at in levels.items())


def _shortened(names: Sequence[str]) -> tuple[str, ...]:
    more = len(names) - _MOST_NAMED
    return (*names[:_MOST_NAMED], f"{more} more") if more > 0 else tuple(names)
