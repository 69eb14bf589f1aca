"""The backtest as one HTML page that needs nothing but itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from simgan.report.backtest import text
from simgan.report.backtest.calibration import Calibration, is_made
from simgan.report.backtest.figures import Album, illustrate
from simgan.report.backtest.notes import MEASURES, TESTS
from simgan.report.backtest.results import BacktestResults, Period
from simgan.report.backtest.scores import POOLED, ScoreRow, percent
from simgan.report.figures.canvas import Illustration
from simgan.risk.walks import Walk


@dataclass(frozen=True)
class _Level:
    """Calibration of all models at one level. None stands for the whole law."""

    level: float | None
    models: dict[str, Calibration]
    kinds: tuple[str, ...]

    @property
    def title(self) -> str:
        if self.level is None:
            return "Whole forecast law"
        return (
            f"VaR and ES at {percent(self.level)}: hits on {percent(1.0 - self.level)} of the "
            "days are promised"
        )


@dataclass(frozen=True)
class _Part:
    """The part of the page about one asset, or about all together, over one horizon."""

    asset: str
    horizon: int
    number: int
    period: Period | None
    scores: tuple[ScoreRow, ...]
    levels: tuple[_Level, ...]
    illustrations: tuple[Illustration, ...]

    @property
    def over(self) -> str:
        return f"over {self.horizon} day{'s' if self.horizon > 1 else ''}"

    @property
    def title(self) -> str:
        return (
            f"{self.asset[:1].upper()}{self.asset[1:]}, {self.over}"
            if self.asset == POOLED
            else f"{self.asset}, {self.over}"
        )


def render(results: BacktestResults, walks: Sequence[Walk]) -> str:
    """Return the page. It makes no request, and the same input gives the same bytes.

    Parameters
    ----------
    results : BacktestResults
        The content of the tables.
    walks : sequence of Walk
        The forecasts behind the figures.
    """
    environment = Environment(
        loader=PackageLoader("simgan.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"markup": Markup, "percent": percent} | {
        name: getattr(text, name)
        for name in (
            "glued",
            "score",
            "decimals",
            "beside",
            "p_value",
            "share",
            "interval",
            "is_rejected",
            "behind",
        )
    }
    parts = _parts(results, illustrate(results, walks))
    return environment.get_template("backtest.html.j2").render(
        results=results,
        first=min(period.first for period in results.periods),
        last=max(period.last for period in results.periods),
        together=[part for part in parts if part.asset == POOLED],
        parts=[part for part in parts if part.asset != POOLED],
        glance=_glance(results),
        tests=TESTS,
        measures={
            name: MEASURES[name]
            for name in dict.fromkeys(row.measure.name for row in results.scores)
        },
        verdicts=text.VERDICTS,
        is_made=is_made,
        holds_after_holm=text.holds_after_holm,
    )


def _glance(results: BacktestResults) -> dict[int, dict[str, str]]:
    """Rejections by horizon and model, in words."""
    told: dict[int, dict[str, str]] = {}
    for tally in results.tallies:
        told.setdefault(tally.horizon, {})[tally.model] = f"{tally.rejected} of {tally.made}"
    return told


def _parts(results: BacktestResults, albums: Sequence[Album]) -> list[_Part]:
    places: list[tuple[str, int, Period | None]] = [
        (period.asset, period.horizon, period) for period in results.periods
    ]
    if len(results.assets) > 1:
        places = [(POOLED, horizon, None) for horizon in results.horizons] + places
    drawn = {(album.asset, album.horizon): album.illustrations for album in albums}
    return [
        _Part(
            asset=asset,
            horizon=horizon,
            number=number,
            period=period,
            scores=results.scores_of(asset, horizon),
            levels=_levels(results, asset, horizon),
            illustrations=drawn.get((asset, horizon), ()),
        )
        for number, (asset, horizon, period) in enumerate(places)
    ]


def _levels(results: BacktestResults, asset: str, horizon: int) -> tuple[_Level, ...]:
    found = [
        (level, results.calibration_of(asset, horizon, level)) for level in (*results.levels, None)
    ]
    return tuple(
        _Level(
            level,
            models,
            tuple(kind for kind, note in TESTS.items() if note.is_of_level == (level is not None)),
        )
        for level, models in found
        if models
    )
