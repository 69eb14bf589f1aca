"""Scores of the models: means, differences from the reference, and the confidence set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from simgan.arrays import FloatArray
from simgan.errors import ConfigError
from simgan.risk.comparison import diebold_mariano, mean_by_date, model_confidence_set
from simgan.risk.law import law_tail_crps
from simgan.risk.walks import PERCENT, Dates, Walk
from simgan.seeds import Seed

_RESAMPLED = Seed(0)  # the same resamples for every backtest, whatever its seed
GAN = "simgan"  # the model that is judged wherever it takes part


@dataclass(frozen=True)
class Group:
    """All models' forecasts of one asset over one horizon: the same days, the same outcomes."""

    asset: str
    horizon: int
    walks: Mapping[str, Walk]

    @property
    def any(self) -> Walk:
        """One of the walks, for what is common to all."""
        return next(iter(self.walks.values()))

    @property
    def dates(self) -> Dates:
        """First day of each forecast, shape (days,)."""
        return self.any.dates

    @property
    def levels(self) -> tuple[float, ...]:
        """Coverages."""
        return self.any.levels


@dataclass(frozen=True)
class Field:
    """Who takes part.

    Attributes
    ----------
    groups : tuple of Group
        By asset in the order given, then by horizon.
    models : tuple of str
        The judged one first, then in the order given.
    reference : str
        The model of comparison. Empty if there is one model only.
    notes : tuple of str
        Sentences on choices that were made here.
    """

    groups: tuple[Group, ...]
    models: tuple[str, ...]
    reference: str
    notes: tuple[str, ...]

    @property
    def judged(self) -> str:
        """Model that the verdict is about."""
        return self.models[0]

    @property
    def assets(self) -> tuple[str, ...]:
        """Names in the order given."""
        return tuple(dict.fromkeys(group.asset for group in self.groups))

    @property
    def horizons(self) -> tuple[int, ...]:
        """Ascending."""
        return tuple(sorted({group.horizon for group in self.groups}))


def judged_of(models: Sequence[str], reference: str) -> str:
    """Return the judged model: ``simgan``, or else the first that is not the reference."""
    if GAN in models:
        return GAN
    return next((model for model in models if model != reference), models[0])


def arrange(walks: Sequence[Walk], reference: str) -> Field:
    """Group walks by asset and horizon.

    The judged model is ``simgan``, or else the first that is not the reference. A reference that
    does not take part is replaced by the first other model, and a note says so.

    Raises
    ------
    ConfigError
        There is no walk, or the models of an asset and horizon forecast other days or levels.
    """
    if not walks:
        raise ConfigError("backtest", "walks", "none", "one or more")
    given = tuple(dict.fromkeys(walk.model for walk in walks))
    judged = judged_of(given, reference)
    models = (judged, *(model for model in given if model != judged))
    notes = []
    if reference not in given or reference == judged:
        missing, reference = reference, next(iter(models[1:]), "")
        if reference:
            notes.append(
                f"{missing} does not take part: the scores are compared with those of {reference}."
            )
    return Field(_groups(walks, models), models, reference, tuple(notes))


def _groups(walks: Sequence[Walk], models: tuple[str, ...]) -> tuple[Group, ...]:
    assets = list(dict.fromkeys(walk.asset for walk in walks))
    places = sorted(
        {(walk.asset, walk.horizon) for walk in walks},
        key=lambda place: (assets.index(place[0]), place[1]),
    )
    groups = []
    for asset, horizon in places:
        mine = {
            walk.model: walk for walk in walks if (walk.asset, walk.horizon) == (asset, horizon)
        }
        group = Group(asset, horizon, {model: mine[model] for model in models if model in mine})
        _expect_alike(group, models)
        groups.append(group)
    return tuple(groups)


def _expect_alike(group: Group, models: tuple[str, ...]) -> None:
    where = f"{group.asset}, horizon {group.horizon}"
    if len(group.walks) < len(models):
        raise ConfigError(where, "models", list(group.walks), f"all of {', '.join(models)}")
    first = group.any
    for walk in group.walks.values():
        is_alike = np.array_equal(walk.dates, first.dates) and walk.levels == first.levels
        if not (is_alike and np.allclose(walk.realized, first.realized, rtol=0.0, atol=1e-12)):
            raise ConfigError(
                where, walk.model, "other days, levels or outcomes", f"those of {first.model}"
            )


POOLED = "all assets"
SIZE = 0.1  # of the confidence set: it holds the best model with probability 90 %
SIGNIFICANT = 0.05
SAME = 1e-12  # relative: losses that differ by less are those of one model under two names

Outcome = Literal["ahead", "level", "behind"]
Losses = Mapping[str, FloatArray]  # by model, each (days,)


@dataclass(frozen=True)
class Measure:
    """A measure of forecasts.

    Attributes
    ----------
    name : str
        CRPS, tail CRPS, FZ0 or pinball.
    level : float or None
        Coverage of the forecasts that are scored. None for the whole law.
    unit : str
        "%" or "σ" for scores in the units of returns, else nothing. σ is the standard deviation
        of the asset's returns over the horizon in the test.
    """

    name: str
    level: float | None = None
    unit: str = ""

    @property
    def label(self) -> str:
        """Name with level and unit."""
        level = "" if self.level is None else f" at {percent(self.level)}"
        return f"{self.name}{level}{self.unit and f', {self.unit}'}"


@dataclass(frozen=True, kw_only=True)
class ModelScore:
    """One model's score beside that of the reference.

    Attributes
    ----------
    mean : float
        Low is good.
    difference, standard_error, p_value, statistic : float or None
        Mean less that of the reference (negative is better), its error after Newey and West, and
        the two-sided p-value and the statistic of Diebold and Mariano. None for the reference
        itself and where there are too few days.
    set_p_value : float or None
        Of the model confidence set.
    """

    mean: float
    difference: float | None = None
    standard_error: float | None = None
    p_value: float | None = None
    set_p_value: float | None = None
    statistic: float | None = None

    @property
    def is_in_set(self) -> bool:
        """Whether the 90 % confidence set holds the model."""
        return self.set_p_value is not None and self.set_p_value > SIZE

    @property
    def outcome(self) -> Outcome | None:
        """Where the model stands beside the reference, at 5 %."""
        if self.difference is None or self.p_value is None:
            return None
        return (
            "level"
            if self.p_value >= SIGNIFICANT
            else "ahead"
            if self.difference < 0.0
            else "behind"
        )


@dataclass(frozen=True, kw_only=True)
class ScoreRow:
    """One measure of all models for one asset, or all of them, and one horizon."""

    asset: str
    horizon: int
    measure: Measure
    days: int
    models: Mapping[str, ModelScore]
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON data."""
        models = {
            model: asdict(score) | {"in_set": score.is_in_set, "outcome": score.outcome}
            for model, score in self.models.items()
        }
        return {
            "asset": self.asset,
            "horizon": self.horizon,
            **asdict(self.measure),
            "days": self.days,
            "note": self.note,
            "models": models,
        }


def percent(level: float) -> str:
    """Return a level in words: 97.5 %."""
    return f"{100 * level:g} %"


def score_rows(field: Field) -> Iterator[ScoreRow]:
    """Score all assets together, where there are several, and each by itself.

    The pooled loss of a day is the mean over the assets (`simgan.risk.comparison.mean_by_date`).
    Losses in units of returns are first divided by the standard deviation of their asset's
    returns in the test.
    """
    for horizon in field.horizons:
        groups = [group for group in field.groups if group.horizon == horizon]
        scored = [(group, dict(measured(group, field.reference))) for group in groups]
        if len(scored) > 1:
            for measure, losses in _pooled(scored):
                yield score_row(POOLED, horizon, measure, losses, field.reference)
        for group, table in scored:
            for measure, losses in table.items():
                yield score_row(group.asset, horizon, measure, losses, field.reference)


def measured(group: Group, reference: str) -> Iterator[tuple[Measure, Losses]]:
    """Losses of every measure. Returns and losses in their units are in percent.

    The tail CRPS judges returns up to the reference's VaR at the lowest level. This threshold is
    known before the day and the same for all models. The tail CRPS needs the laws. FZ0 needs an
    ES that is a loss, and is left out if that of any model is not.
    """
    walks = group.walks
    yield Measure("CRPS", unit="%"), {model: PERCENT * walk.crps for model, walk in walks.items()}
    laws = {model: walk.law for model, walk in walks.items() if walk.law is not None}
    if reference and len(laws) == len(walks):
        threshold = -walks[reference].value_at_risk[:, 0]
        tails = {
            model: PERCENT * law_tail_crps(law, walks[model].realized, threshold)
            for model, law in laws.items()
        }
        yield Measure("tail CRPS", unit="%"), tails
    if all((walk.expected_shortfall > 0.0).all() for walk in walks.values()):
        for level in group.levels:
            yield Measure("FZ0", level), {model: walk.fz0(level) for model, walk in walks.items()}
    for level in group.levels:
        yield (
            Measure("pinball", level, "%"),
            {model: PERCENT * walk.pinball(level) for model, walk in walks.items()},
        )


def pooled(values: Sequence[FloatArray], dates: Sequence[Dates]) -> FloatArray:
    """Average over assets, date by date: shape (dates,)."""
    return mean_by_date(np.concatenate(values), np.concatenate(dates))


def _pooled(scored: list[tuple[Group, dict[Measure, Losses]]]) -> Iterator[tuple[Measure, Losses]]:
    dates = [group.dates for group, _ in scored]
    for measure in scored[0][1]:
        if any(measure not in table for _, table in scored):
            continue
        scales = [
            PERCENT * group.any.realized.std() if measure.unit else 1.0 for group, _ in scored
        ]
        losses = {
            model: pooled(
                [
                    table[measure][model] / scale
                    for (_, table), scale in zip(scored, scales, strict=True)
                ],
                dates,
            )
            for model in scored[0][1][measure]
        }
        yield Measure(measure.name, measure.level, "σ" if measure.unit else ""), losses


def score_row(
    asset: str, horizon: int, measure: Measure, losses: Losses, reference: str
) -> ScoreRow:
    """Compare the losses of all models with those of the reference, and find the confidence set."""
    try:
        in_set = confidence_set(losses, horizon)
        compared = {
            model: diebold_mariano(losses[model], losses[reference], horizon)
            for model in losses
            if reference not in ("", model)
        }
        note = ""
    except (
        ConfigError
    ) as error:  # too few days, or a difference that does not vary: the means are told all the same
        in_set, compared, note = {}, {}, f"{measure.label}: not compared ({error})"
    models = {}
    for model, values in losses.items():
        score = ModelScore(mean=float(values.mean()), set_p_value=in_set.get(model))
        if model in compared:
            found = compared[model]
            score = ModelScore(
                mean=score.mean,
                difference=found.mean_difference,
                standard_error=found.standard_error,
                p_value=found.p_value,
                set_p_value=score.set_p_value,
                statistic=found.statistic,
            )
        models[model] = score
    days = len(next(iter(losses.values())))
    return ScoreRow(
        asset=asset, horizon=horizon, measure=measure, days=days, models=models, note=note
    )


def confidence_set(losses: Losses, horizon: int) -> dict[str, float]:
    """Return the p-values of the model confidence set. The losses alone decide about them.

    Models with the same losses share one. A single model has 1.
    """
    leaders: dict[str, str] = {}  # of each model, the first with the same losses
    for model, values in losses.items():
        same = (
            other
            for other in leaders.values()
            if np.abs(values - losses[other]).max() <= SAME * np.abs(values).max()
        )
        leaders[model] = next(same, model)
    different = {leader: losses[leader] for leader in dict.fromkeys(leaders.values())}
    if len(different) == 1:
        return dict.fromkeys(losses, 1.0)
    found = model_confidence_set(different, _RESAMPLED, SIZE, horizon).p_values
    return {model: found[leader] for model, leader in leaders.items()}
