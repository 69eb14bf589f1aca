"""The results of a backtest, as plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from simgan.report.backtest.books import BookResults
from simgan.report.backtest.calibration import SIGNIFICANT, Calibration, calibrate
from simgan.report.backtest.scores import POOLED, Field, ScoreRow, arrange, score_rows
from simgan.report.backtest.verdict import BacktestVerdict, verdict
from simgan.risk.walks import Walk
from simgan.seeds import Seed

REFERENCE = "gjr-fhs"


@dataclass(frozen=True)
class Period:
    """Days of one asset and horizon that were forecast. Of these, `apart` do not overlap."""

    asset: str
    horizon: int
    first: str
    last: str
    days: int
    apart: int


@dataclass(frozen=True)
class Tally:
    """Calibration tests of one model over one horizon: made, and rejected at 5 % each."""

    horizon: int
    model: str
    made: int
    rejected: int


@dataclass(frozen=True, kw_only=True)
class BacktestResults:
    """Scores, calibration and verdict of a backtest.

    Attributes
    ----------
    models : tuple of str
        The judged one first.
    reference : str
        The model of comparison. Empty if there is one model only.
    assets : tuple of str
    levels : tuple of float
        Coverages, over all assets and horizons.
    periods : tuple of Period
        Days forecast, by asset and horizon.
    scores : tuple of ScoreRow
        All assets together first, where there are several.
    calibration : tuple of Calibration
        By asset, horizon, model and level. Level None is the whole law.
    verdict : BacktestVerdict
    settings : mapping
        How the forecasts were made, in words, by name.
    notes, failures : tuple of str
        Sentences on choices made here, and on fits that failed in the walk.
    seed : int
        Of the trainings and scenarios. No p-value depends on it but through the forecasts.
    book : BookResults, optional
        Scores of the assets of a book together.
    """

    models: tuple[str, ...]
    reference: str
    assets: tuple[str, ...]
    levels: tuple[float, ...]
    periods: tuple[Period, ...]
    scores: tuple[ScoreRow, ...]
    calibration: tuple[Calibration, ...]
    verdict: BacktestVerdict
    settings: Mapping[str, str]
    notes: tuple[str, ...]
    failures: tuple[str, ...]
    seed: int
    book: BookResults | None = None

    @property
    def judged(self) -> str:
        """Model that the verdict is about."""
        return self.models[0]

    @property
    def horizons(self) -> tuple[int, ...]:
        """Ascending."""
        return tuple(sorted({period.horizon for period in self.periods}))

    @property
    def all_scores(self) -> tuple[ScoreRow, ...]:
        """Scores of assets, or of a book, of its assets together and of portfolios of them."""
        if self.book is None:
            return self.scores
        return (*self.scores, *self.book.vectors, *self.book.portfolios)

    @property
    def lines(self) -> tuple[str, ...]:
        """The verdict, and sentences on the assets of a book together."""
        return (*self.verdict.lines, *(self.book.lines if self.book else ()))

    @property
    def tallies(self) -> tuple[Tally, ...]:
        """How many calibration tests reject each model, by horizon."""
        return tuple(
            self._tally(horizon, model) for horizon in self.horizons for model in self.models
        )

    def scores_of(self, asset: str, horizon: int) -> tuple[ScoreRow, ...]:
        """Scores of one asset, or of `POOLED`."""
        return tuple(row for row in self.scores if (row.asset, row.horizon) == (asset, horizon))

    def calibration_of(
        self, asset: str, horizon: int, level: float | None
    ) -> dict[str, Calibration]:
        """Calibration by model."""
        return {
            one.model: one
            for one in self.calibration
            if (one.asset, one.horizon, one.level) == (asset, horizon, level)
        }

    def to_json(self) -> dict[str, Any]:
        """Plain JSON data, without NaN."""
        of_book = {} if self.book is None else {"book": self.book.to_json()}
        return {
            "verdict": self.verdict.to_json(),
            "models": list(self.models),
            "reference": self.reference,
            "assets": list(self.assets),
            "levels": list(self.levels),
            "seed": self.seed,
            "settings": dict(self.settings),
            "notes": list(self.notes),
            "failures": list(self.failures),
            "periods": [asdict(period) for period in self.periods],
            "tallies": [asdict(tally) for tally in self.tallies],
            "scores": [row.to_json() for row in self.scores],
            "calibration": [one.to_json() for one in self.calibration],
            **of_book,
        }

    def _tally(self, horizon: int, model: str) -> Tally:
        p_values = [
            result.p
            for one in self.calibration
            if (one.horizon, one.model) == (horizon, model)
            for result in one.made
        ]
        return Tally(horizon, model, len(p_values), sum(p < SIGNIFICANT for p in p_values))


def evaluate(
    walks: Sequence[Walk],
    reference: str = REFERENCE,
    seed: Seed = Seed(),  # noqa: B008 - frozen
    failures: Sequence[str] = (),
    settings: Mapping[str, str] | None = None,
    book: BookResults | None = None,
) -> BacktestResults:
    """Score and test the forecasts of all models.

    Parameters
    ----------
    walks : sequence of Walk
        Assets × models × horizons. All models of an asset and horizon forecast the same days
        and levels.
    reference : str
        The model of comparison. If it does not take part, the first other model than the
        judged one is used, and a note says so.
    seed : Seed
        Of the trainings and scenarios, for the record.
    failures : sequence of str
        Sentences on fits that failed in the walk.
    settings : mapping, optional
        How the forecasts were made, in words, by name: window, refits, scenarios.
    book : BookResults, optional
        Scores of the assets of a book together.

    Returns
    -------
    BacktestResults

    Raises
    ------
    ConfigError
        There is no walk, or the models did not forecast the same days and levels.
    """
    taking_part = arrange(walks, reference)
    rows = tuple(score_rows(taking_part))
    found = calibrate(taking_part)
    return BacktestResults(
        models=taking_part.models,
        reference=taking_part.reference,
        assets=taking_part.assets,
        levels=tuple(sorted({level for walk in walks for level in walk.levels})),
        periods=_periods(taking_part),
        scores=rows,
        calibration=found,
        verdict=verdict(taking_part, rows, found),
        settings=settings or {},
        notes=(*taking_part.notes, *dict.fromkeys(_notes(taking_part, rows))),
        failures=tuple(failures),
        seed=seed.value,
        book=book,
    )


def _periods(taking_part: Field) -> tuple[Period, ...]:
    return tuple(
        Period(
            group.asset,
            group.horizon,
            str(group.dates[0].astype("datetime64[D]")),
            str(group.dates[-1].astype("datetime64[D]")),
            len(group.dates),
            -(-len(group.dates) // group.horizon),
        )
        for group in taking_part.groups
    )


def _notes(taking_part: Field, rows: Sequence[ScoreRow]) -> list[str]:
    """Name the scores that could not be compared."""
    notes = [f"{row.asset}, horizon {row.horizon}: {row.note}." for row in rows if row.note]
    for group in taking_part.groups:
        names = {
            row.measure.name
            for row in rows
            if (row.asset, row.horizon) == (group.asset, group.horizon)
        }
        if "FZ0" not in names:
            notes.append(
                f"{group.asset}, horizon {group.horizon}: no FZ0, for a model's ES was not a "
                "loss on every day."
            )
    return notes


__all__ = ["POOLED", "REFERENCE", "BacktestResults", "Period", "Tally", "evaluate"]
