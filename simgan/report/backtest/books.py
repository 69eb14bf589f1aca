"""The results of a book beyond its own returns: its assets together, and portfolios of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import NamedTuple

import numpy as np

from simgan.errors import ConfigError
from simgan.report.backtest.scores import (
    Losses,
    Measure,
    Outcome,
    ScoreRow,
    judged_of,
    percent,
    score_row,
)
from simgan.report.verdict import over
from simgan.risk.joint_walks import JointWalk
from simgan.risk.portfolio_scores import GROUPS
from simgan.risk.walks import PERCENT

JOINT_REFERENCE = "gjr-dcc-fhs"
VECTOR = "vector of returns"
_SAID: dict[Outcome, str] = {"ahead": "ahead of", "level": "level with", "behind": "behind"}


@dataclass(frozen=True, kw_only=True)
class JointPeriod:
    """Days of one horizon that were forecast, and those of them that lack a return of an asset."""

    horizon: int
    first: str
    last: str
    days: int
    missing: int


@dataclass(frozen=True)
class HitRange:
    """Shares of losses beyond the VaR, of all forecasts: their mean over portfolios, and ends."""

    share: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class GroupHits:
    """Hit rates of one kind of portfolios, over one horizon and at one level, by model."""

    group: str
    horizon: int
    level: float
    models: Mapping[str, HitRange]


class OfGroup(NamedTuple):
    """Scores and hits of one kind of portfolios."""

    scores: list[ScoreRow]
    hits: list[GroupHits]


@dataclass(frozen=True, kw_only=True)
class BookResults:
    """Scores of the assets of a book together, and of portfolios of them.

    Attributes
    ----------
    weights : mapping
        Shares of the book by asset.
    rebalance : str
        ``none`` or ``daily``.
    models : tuple of str
        Those that forecast all assets together, the judged one first.
    reference : str
        The model of comparison. Empty if there is one model only.
    periods : tuple of JointPeriod
        By horizon.
    vectors : tuple of ScoreRow
        Energy and variogram score of the vector of returns, by horizon.
    portfolios : tuple of ScoreRow
        CRPS and FZ0 by horizon and kind of portfolios, the mean over those of a kind.
    hits : tuple of GroupHits
    notes : tuple of str
        Sentences on scores that are missing.
    """

    weights: Mapping[str, float]
    rebalance: str
    models: tuple[str, ...] = ()
    reference: str = ""
    periods: tuple[JointPeriod, ...] = ()
    vectors: tuple[ScoreRow, ...] = ()
    portfolios: tuple[ScoreRow, ...] = ()
    hits: tuple[GroupHits, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """A sentence on each horizon: where the judged model stands beside the reference."""
        return tuple(self._line(period.horizon) for period in self.periods if self.reference)

    def of_horizon(self, rows: Sequence[ScoreRow], horizon: int) -> list[ScoreRow]:
        """Return those rows of one horizon."""
        return [row for row in rows if row.horizon == horizon]

    def by_group(self, horizon: int) -> dict[str, OfGroup]:
        """Return scores and hits of one horizon by kind of portfolios."""
        return {
            group: OfGroup(
                [row for row in self.of_horizon(self.portfolios, horizon) if row.asset == group],
                [hits for hits in self.hits if (hits.group, hits.horizon) == (group, horizon)],
            )
            for group in GROUPS
        }

    def to_json(self) -> dict[str, object]:
        """Plain JSON data."""
        return {
            "weights": dict(self.weights),
            "rebalance": self.rebalance,
            "models": list(self.models),
            "reference": self.reference,
            "sentence": " ".join(self.lines),
            "notes": list(self.notes),
            "periods": [asdict(period) for period in self.periods],
            "joint_scores": [row.to_json() for row in self.vectors],
            "portfolio_scores": [row.to_json() for row in self.portfolios],
            "portfolio_hits": [asdict(hits) for hits in self.hits],
        }

    def _line(self, horizon: int) -> str:
        judged, title = self.models[0], f"Assets together over {over(horizon)}"
        vectors = self._outcomes(self.vectors, horizon)
        portfolios = [outcome for outcome, _ in self._outcomes(self.portfolios, horizon)]
        if not vectors or not portfolios:
            return f"{title}: {judged} is not compared."
        named: dict[Outcome, list[str]] = {}
        for outcome, row in vectors:
            named.setdefault(outcome, []).append(f"the {row.measure.name}")
        compared = "; ".join(
            f"{said} {self.reference} by {' and '.join(named[outcome])}"
            for outcome, said in _SAID.items()
            if outcome in named
        )
        counts = ", ".join(
            f"{outcome} in {portfolios.count(outcome)}"
            for outcome in _SAID
            if outcome in portfolios
        )
        return (
            f"{title}: {judged} is {compared}; of {len(portfolios)} scores of portfolios it is "
            f"{counts}."
        )

    def _outcomes(self, rows: Sequence[ScoreRow], horizon: int) -> list[tuple[Outcome, ScoreRow]]:
        """Return where the judged model stands by each row of a horizon that is compared."""
        found = [
            (row.models[self.models[0]].outcome, row) for row in rows if row.horizon == horizon
        ]
        return [(outcome, row) for outcome, row in found if outcome is not None]


def evaluate_book(
    walks: Sequence[JointWalk], weights: Mapping[str, float], rebalance: str
) -> BookResults:
    """Score the joint forecasts of all models.

    Parameters
    ----------
    walks : sequence of JointWalk
        Models × horizons. All models of a horizon forecast the same days.
    weights : mapping
        Shares of the book by asset.
    rebalance : str

    Raises
    ------
    ConfigError
        The models did not forecast the same days.
    """
    if not walks:
        return BookResults(weights=weights, rebalance=rebalance)
    given = tuple(dict.fromkeys(walk.model for walk in walks))
    judged = judged_of(given, JOINT_REFERENCE)
    models = (judged, *(model for model in given if model != judged))
    reference = JOINT_REFERENCE if JOINT_REFERENCE in models[1:] else next(iter(models[1:]), "")
    fields = [_field(walks, models, horizon) for horizon in sorted({w.horizon for w in walks})]
    scored = [{model: walk.scored() for model, walk in field.items()} for field in fields]
    vectors = tuple(row for field in scored for row in _vector_rows(field, reference))
    portfolios = tuple(row for field in scored for row in _portfolio_rows(field, reference))
    return BookResults(
        weights=weights,
        rebalance=rebalance,
        models=models,
        reference=reference,
        periods=tuple(_period(field[judged]) for field in fields),
        vectors=vectors,
        portfolios=portfolios,
        hits=tuple(hits for field in scored for hits in _hits(field)),
        notes=tuple(_notes((*vectors, *portfolios), scored)),
    )


def _field(walks: Sequence[JointWalk], models: Sequence[str], horizon: int) -> dict[str, JointWalk]:
    """Return the walks of all models over one horizon."""
    found = {walk.model: walk for walk in walks if walk.horizon == horizon}
    first = next(iter(found.values()))
    for model in models:
        if model not in found or not np.array_equal(found[model].dates, first.dates):
            where = f"assets together, horizon {horizon}"
            raise ConfigError(where, model, "other days", f"those of {first.model}")
    return {model: found[model] for model in models}


def _period(walk: JointWalk) -> JointPeriod:
    days = walk.dates.astype("datetime64[D]").astype(str)
    missing = int(np.count_nonzero(~walk.is_scored))
    first, last = days[0], days[-1]
    return JointPeriod(
        horizon=walk.horizon, first=first, last=last, days=len(days), missing=missing
    )


def _vector_rows(field: Mapping[str, JointWalk], reference: str) -> Iterator[ScoreRow]:
    horizon = next(iter(field.values())).horizon
    for name in ("energy", "variogram"):
        losses = {model: PERCENT * getattr(walk, name) for model, walk in field.items()}
        yield score_row(VECTOR, horizon, Measure(f"{name} score", unit="%"), losses, reference)


def _portfolio_rows(field: Mapping[str, JointWalk], reference: str) -> Iterator[ScoreRow]:
    """Score each kind of portfolios by the mean over those of the kind.

    FZ0 is left out where the ES of any model is no loss on some day.
    """
    any_walk = next(iter(field.values()))
    for group, rows in GROUPS.items():
        scores: dict[Measure, Losses] = {
            Measure("CRPS", unit="%"): {
                model: PERCENT * walk.portfolio_crps[:, rows].mean(axis=1)
                for model, walk in field.items()
            }
        }
        for column, level in enumerate(any_walk.levels):
            by_level = {
                model: walk.portfolio_fz0[:, rows, column].mean(axis=1)
                for model, walk in field.items()
            }
            if all(np.isfinite(each).all() for each in by_level.values()):
                scores[Measure("FZ0", level)] = by_level
        for measure, losses in scores.items():
            yield score_row(group, any_walk.horizon, measure, losses, reference)


def _notes(rows: Sequence[ScoreRow], fields: Sequence[Mapping[str, JointWalk]]) -> Iterator[str]:
    """Name the scores that could not be compared, and those that are left out."""
    for row in rows:
        if row.note:
            yield f"{row.asset}, horizon {row.horizon}: {row.note}."
    found = {(row.asset, row.horizon, row.measure.level) for row in rows}
    for walk in (next(iter(field.values())) for field in fields):
        for group in GROUPS:
            missing = [level for level in walk.levels if (group, walk.horizon, level) not in found]
            if missing:
                at = ", ".join(map(percent, missing))
                yield (
                    f"{group}, horizon {walk.horizon}: no FZ0 at {at}, for a model's ES was not a "
                    "loss on every day."
                )


def _hits(field: Mapping[str, JointWalk]) -> Iterator[GroupHits]:
    any_walk = next(iter(field.values()))
    for group, rows in GROUPS.items():
        for column, level in enumerate(any_walk.levels):
            shares = {
                model: walk.portfolio_hits[:, rows, column].mean(axis=0)
                for model, walk in field.items()
            }
            yield GroupHits(
                group=group,
                horizon=any_walk.horizon,
                level=level,
                models={
                    model: HitRange(float(each.mean()), float(each.min()), float(each.max()))
                    for model, each in shares.items()
                },
            )
