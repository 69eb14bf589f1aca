"""Renderers of a backtest: tables in a terminal, and one self-contained HTML page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from simgan.report.backtest.books import BookResults
from simgan.report.backtest.calibration import SIGNIFICANT, TESTS, Calibration, HitRate
from simgan.report.backtest.figures import Album, illustrate
from simgan.report.backtest.figures.vectors import vector_figures
from simgan.report.backtest.results import BacktestResults, Period
from simgan.report.backtest.scores import POOLED, ModelScore, ScoreRow, percent
from simgan.report.figures.canvas import Illustration
from simgan.report.pages import template_of
from simgan.report.renderers import header, header_width
from simgan.report.verdict import over
from simgan.risk.backtests import TestResult
from simgan.risk.joint_walks import JointWalk
from simgan.risk.walks import Walk

SMALL = 0.1
VERDICTS = {"ahead": "better", "behind": "worse", "level": ""}
_NARROWEST = 80
_LABELS, _CELL, _GAP = 24, 10, 2
_SHOWN = ("CRPS", "FZ0", "energy score", "variogram score")
_SIGNS = {"ahead": "+", "behind": "−", "level": " "}

MEASURES = {
    "CRPS": "Distance of the whole forecast law from the outcome. Rewards sharp and right laws.",
    "tail CRPS": "The same for returns below the reference's VaR at the lowest level.",
    "FZ0": "VaR and ES scored together (Patton, Ziegel and Chen 2019), returns in percent.",
    "pinball": "The VaR scored alone, as a quantile.",
    "energy score": "Distance of the law of all assets together from the vector of their returns.",
    "variogram score": "Distances between the returns of each two assets. Sees wrong correlations.",
}


def glued(sentence: str) -> str:
    """Keep numbers and their percent signs on one line."""
    return sentence.replace(" %", "\N{NO-BREAK SPACE}%")


def decimals(row: ScoreRow) -> int:
    """Return the decimals of a row: four, or five where all scores are small.

    Differences between good models begin at the third decimal.
    """
    return 4 if max(abs(found.mean) for found in row.models.values()) >= SMALL else 5


def score(value: float, digits: int) -> str:
    """Show the mean of a score."""
    return f"{value:.{digits}f}".replace("-", "−")


def signed(value: float, digits: int) -> str:
    """Show a difference, with its sign."""
    return f"{value:+.{digits}f}".replace("-", "−")


def p_value(p: float) -> str:
    """Show a p-value with three decimals, or say that it is below .001."""
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def beside(found: ModelScore, digits: int) -> str:
    """Difference from the reference with its p-value, or nothing where there is none."""
    if found.difference is None or found.p_value is None:
        return ""
    return f"{signed(found.difference, digits)}, p\N{NO-BREAK SPACE}{p_value(found.p_value)}"


def share(found: HitRate) -> str:
    """Share in percent."""
    return f"{100 * found.share:.2f} %"


def interval(found: HitRate) -> str:
    """Interval of the share, in percent."""
    return f"[{100 * found.low:.2f}, {100 * found.high:.2f}]"


def is_rejected(result: TestResult) -> bool:
    """Whether a test rejects at 5 %."""
    return result.p < SIGNIFICANT


def holds_after_holm(found: Calibration, kind: str) -> bool:
    """Tell whether a rejection of the judged model remains after Holm's correction."""
    return found.adjusted.get(kind, 1.0) < SIGNIFICANT


def behind(result: TestResult) -> str:
    """Explain a p-value: statistic, number of forecasts, and all p-values if there are two."""
    reason = result.details.get("reason")
    if reason is not None:
        return f"not tested: {reason}"
    found = {
        "exact": result.exact_p_value,
        "simulated": result.simulated_p_value,
        "asymptotic": result.p_value,
    }
    named = [f"{name} {p_value(p)}" for name, p in found.items() if p is not None]
    both = f"; p {', '.join(named)}" if len(named) > 1 else ""
    return f"statistic {result.statistic:.3f} of {result.days} forecasts{both}".replace("-", "−")


def render_text(results: BacktestResults, width: int = 120) -> str:
    """Return scores, hit rates and the verdict as plain text.

    Lines have at most `width` characters, and at least 80.

    A ● marks the models of the
    90 % confidence set. A + or − marks models that are better or worse than the reference at
    5 %. After a hit rate, ✓ means that Kupiec's test does not reject it at 5 %, and ✗ that it
    does.
    """
    page = StringIO()
    out = Console(file=page, width=max(width, _NARROWEST), force_terminal=False, highlight=False)
    asset = POOLED if len(results.assets) > 1 else results.assets[0]
    for horizon in results.horizons:
        out.print(Text(f"Scores over {over(horizon)}, {asset}: low is good", style="bold"))
        for models in _fitting(results.models, out.width):
            out.print(_scores(results.scores_of(asset, horizon), models))
        out.print()
        out.print(
            Text(
                (
                    "Hit rates over "
                    f"{over(horizon)}{', of forecasts that do not overlap' if horizon > 1 else ''}"
                ),
                style="bold",
            )
        )
        for models in _fitting(results.models, out.width):
            out.print(_rates(results, models, horizon))
        out.print()
    if results.book is not None:
        _print_book(out, results.book)
    for line in (_legend(results), *results.notes, *results.failures, *results.lines):
        out.print(Text(line))
    return "\n".join(line.rstrip() for line in page.getvalue().splitlines())


def _print_book(out: Console, book: BookResults) -> None:
    """Print the scores of the assets together."""
    for period in book.periods:
        title = f"Scores over {over(period.horizon)}, assets together: low is good"
        out.print(Text(title, style="bold"))
        for models in _fitting(book.models, out.width):
            out.print(_scores(book.of_horizon(book.vectors, period.horizon), models))
        out.print()


def _legend(results: BacktestResults) -> str:
    against = (
        f"; + better, − worse than {results.reference} at 5 %, by the differences of each day, so "
        "that models with like means may differ"
        if results.reference
        else ""
    )
    return (
        f"● in the 90 % confidence set{against}; ✓ hit rate passes Kupiec's test at 5 %, ✗ it "
        "does not"
    )


def _scores(rows: Sequence[ScoreRow], models: Sequence[str]) -> Table:
    table = _table(models, "score")
    for row in (row for row in rows if row.measure.name in _SHOWN):
        marked = [_marked(row.models[model], decimals(row)) for model in models]
        table.add_row(*map(Text, (row.measure.label, *marked)))
    return table


def _rates(results: BacktestResults, models: Sequence[str], horizon: int) -> Table:
    table = _table(models, "level")
    assets = dict.fromkeys(period.asset for period in results.periods if period.horizon == horizon)
    for asset in assets:
        for level in results.levels:
            found = results.calibration_of(asset, horizon, level)
            if found:
                name = f"{percent(level)}, {asset}" if len(results.assets) > 1 else percent(level)
                signs = [
                    "✗" if is_rejected(found[model].test("kupiec")) else "✓" for model in models
                ]
                rates = [found[model].rate for model in models]
                shares = [f"{100 * rate.share:.2f} %" if rate else "" for rate in rates]
                table.add_row(
                    *map(
                        Text,
                        (
                            name,
                            *(f"{share} {sign}" for share, sign in zip(shares, signs, strict=True)),
                        ),
                    )
                )
    return table


def _marked(found: ModelScore, digits: int) -> str:
    sign = _SIGNS[found.outcome] if found.outcome else " "
    return f"{'●' if found.is_in_set else ' '}{sign} {score(found.mean, digits)}"


def _fitting(models: Sequence[str], width: int) -> Iterator[list[str]]:
    """Part the models so that each part's columns fit beside the labels."""
    part: list[str] = []
    for model in models:
        if part and _LABELS + sum(_column(name) for name in (*part, model)) > width:
            yield part
            part = []
        part.append(model)
    yield part


def _column(model: str) -> int:
    """Width of a model's column and the gap before it."""
    return max(_CELL, header_width(model)) + _GAP


def _table(models: Sequence[str], first: str) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column(first, min_width=12, overflow="fold")
    for model in models:
        table.add_column(Text(header(model)), justify="right", vertical="bottom", no_wrap=True)
    return table


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
        return f"over {over(self.horizon)}"

    @property
    def title(self) -> str:
        return (
            f"{self.asset[:1].upper()}{self.asset[1:]}, {self.over}"
            if self.asset == POOLED
            else f"{self.asset}, {self.over}"
        )


def render_page(
    results: BacktestResults, walks: Sequence[Walk], joint: Sequence[JointWalk] = ()
) -> str:
    """Return the page. It makes no request, and the same input gives the same bytes.

    Parameters
    ----------
    results : BacktestResults
        The content of the tables.
    walks : sequence of Walk
        The forecasts behind the figures.
    joint : sequence of JointWalk
        Those of the assets of a book together.
    """
    parts = _parts(results, illustrate(results, walks))
    filters = (
        glued,
        score,
        decimals,
        beside,
        p_value,
        share,
        interval,
        is_rejected,
        behind,
        percent,
    )
    return template_of("backtest.html.j2", filters).render(
        results=results,
        first=min(period.first for period in results.periods),
        last=max(period.last for period in results.periods),
        together=[part for part in parts if part.asset == POOLED],
        parts=[part for part in parts if part.asset != POOLED],
        glance=_glance(results),
        tests=TESTS,
        measures={
            name: MEASURES[name]
            for name in dict.fromkeys(row.measure.name for row in results.all_scores)
        },
        verdicts=VERDICTS,
        holds_after_holm=holds_after_holm,
        vector_figures=vector_figures(results, joint),
    )


def _glance(results: BacktestResults) -> dict[int, dict[str, str]]:
    """Rejections by horizon and model, in words."""
    found: dict[int, dict[str, str]] = {}
    for tally in results.tallies:
        found.setdefault(tally.horizon, {})[tally.model] = f"{tally.rejected} of {tally.made}"
    return found


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
