"""Ranges of days: their size, memory, and relation to returns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from simgan.arrays import FloatArray
from simgan.report.samples import DAYS_PER_LAG, Prepared, Samples
from simgan.report.sections import SectionMaker
from simgan.report.sections.two_sample import MOST_WINDOWS, OfWindows
from simgan.report.verdict import Row, Section
from simgan.stats.classifiers import logistic_auc
from simgan.stats.ranges import (
    RETURN,
    fall_excess,
    gap_share,
    known,
    mean_range,
    range_emd,
    range_memory,
    range_spread,
    ranged_features,
    rank_correlation,
    touched,
    variance_share,
)
from simgan.stats.windows import FOLDS, of_history, of_paths

BARRIERS = (1, 2)  # standard deviations below the close before
LAGS = (1, 5, 20, 50, 100)
WINDOW = 20  # days that a classifier looks at
_FEWEST_WINDOWS = 10 * FOLDS
FEWEST_DAYS = 250  # with a range, that a history must hold
_SIZE = "moves with the volatility of the years in the history"
_SHARE = "blind to scale, memory and signs; single wild days move it"
_TOUCHES = (
    "days whose low falls so far below the close before, over days whose close does: blind to "
    "scale, memory and gains"
)
_MEMORY = "blind to scale, signs, and the direction of time"
_C2ST = "range, C2ST with returns"
_CLASSIFIED = (
    "cross-validated AUC of logistic regression on features of returns, of ranges, and of their "
    "relation, beside that of a history against others of one law: blind to rare events, to memory "
    "beyond a window, and to copies"
)
_ALIKE = "Spearman's: blind to scale and tails"


@dataclass(frozen=True)
class Ranges(SectionMaker):
    """Size, memory, and relation to returns of the range ln(high/low)."""

    kind: ClassVar[str] = "ranges"
    title: ClassVar[str] = "Ranges of days, ln(high/low)"

    def make(self, samples: Samples) -> Section:
        days = len(known(samples.real))
        if days < FEWEST_DAYS:
            reason = f"{FEWEST_DAYS} days with a range are needed, and the history has {days}"
            return Section(self.kind, self.title, (), (f"ranges: {reason}",), has_rival=False)
        classified = _ClassifiedWithReturns(samples, WINDOW)
        rows = [*_sizes(samples), *_shares(samples), *_memory(samples), *_relations(samples)]
        skipped = [
            "baselines: they make closes alone, so no rival stands here, and rows on ranges are "
            "not among the counted ones"
        ]
        if reason := classified.missing():
            skipped.append(f"{_C2ST}: {reason}")
        else:
            rows += classified.rows()
        if short := [str(lag) for lag in LAGS if lag * DAYS_PER_LAG > samples.horizon]:
            skipped.append(
                f"range, ACF at lag {', '.join(short)}: {DAYS_PER_LAG} days for each lag "
                f"are needed, and history or paths have {samples.horizon}"
            )
        return Section(self.kind, self.title, tuple(rows), tuple(skipped), has_rival=False)


def _sizes(samples: Samples) -> list[Row]:
    return [
        samples.level("range, mean", mean_range, scale=100, unit="%", blind_to=_SIZE),
        samples.level(
            "range, standard deviation", range_spread, scale=100, unit="%", blind_to=_SIZE
        ),
        samples.distance("range, EMD/σ", range_emd, unit="σ", blind_to="blind to all order"),
    ]


def _shares(samples: Samples) -> list[Row]:
    return [
        samples.level("range variance over r²", variance_share, blind_to=_SHARE),
        samples.level("gap² over r²", gap_share, blind_to=_SHARE),
        *(
            samples.level(
                f"touches of −{deviations} σ over closes below",
                partial(touched, deviations=deviations),
                blind_to=_TOUCHES,
            )
            for deviations in BARRIERS
        ),
    ]


def _memory(samples: Samples) -> list[Row]:
    return [
        samples.memory_level(f"range, ACF at lag {lag}", partial(_lag, lag=lag), blind_to=_MEMORY)
        for lag in LAGS
        if lag * DAYS_PER_LAG <= samples.horizon
    ]


def _relations(samples: Samples) -> list[Row]:
    return [
        samples.location_level(
            "range and |r|, rank correlation", partial(rank_correlation, ahead=0), blind_to=_ALIKE
        ),
        samples.memory_level(
            "range and the next |r|, rank correlation",
            partial(rank_correlation, ahead=1),
            blind_to=_ALIKE,
        ),
        samples.location_level(
            "range after falls over that after rises",
            fall_excess,
            scale=100,
            unit="%",
            blind_to="blind to scale: it sees that unrest follows falls",
        ),
    ]


class _ClassifiedWithReturns(OfWindows):
    """AUC of a classifier of windows of returns and ranges."""

    names = (_C2ST,)

    def missing(self) -> str:
        reason = super().missing()
        count = 0 if reason else len(self._of_history(self.samples.real)[0])
        if reason or count >= _FEWEST_WINDOWS:
            return reason
        return (
            f"{_FEWEST_WINDOWS} windows without a missing range are needed, and there are {count}"
        )

    def rows(self) -> list[Row]:
        statistic = Prepared(self._features_of_paths, self._auc)
        return [self.beside_floor(_C2ST, statistic, unit="AUC", perfect=0.5, blind_to=_CLASSIFIED)]

    def _of_history(self, days: FloatArray) -> tuple[FloatArray, int]:
        """Return windows (windows, length, 5) without a missing range, and how many overlap."""
        taken = of_history(days[:, RETURN], self.days, MOST_WINDOWS)
        windows = days[taken.starts[:, None] + np.arange(self.days)]
        return windows[_is_known(windows)], taken.overlap

    def _features_of_paths(self, real: FloatArray, paths: FloatArray) -> FloatArray:
        count = len(self._of_history(real)[0])
        columns = [
            of_paths(paths[..., each], self.days, count).values for each in range(paths.shape[-1])
        ]
        windows = np.stack(columns, axis=-1)
        return ranged_features(windows[_is_known(windows)])

    def _auc(self, real: FloatArray, fakes: FloatArray) -> float:
        windows, overlap = self._of_history(real)
        return logistic_auc(ranged_features(windows), fakes, FOLDS, overlap)


def _is_known(windows: FloatArray) -> NDArray[np.bool_]:
    return np.asarray(np.isfinite(windows).all(axis=(1, 2)))


def _lag(days: FloatArray, lag: int) -> float:
    return float(range_memory(days, lag)[-1])
