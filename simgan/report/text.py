"""The report as a table in a terminal."""

from __future__ import annotations

from io import StringIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from simgan.report.rows import Comparison, Row, Section
from simgan.report.verdict import COPIES, Verdict

SIGNS = {"within": "✓", "outside": "✗", "not judged": " "}
_NARROWEST = 80
_LONG_NAME = 10  # characters
_SMALLEST = 1e-4  # below it a number is told by its bound


def render(comparison: Comparison, verdict: Verdict, width: int = 120) -> str:
    """Return the tables and the verdict as plain text.

    Lines have at most `width` characters, and at least 80.

    A ✓ marks values within the interval
    or below the noise floor, and a ✗ all others. Rows that are not judged have no mark.
    """
    page = StringIO()
    out = Console(file=page, width=max(width, _NARROWEST), force_terminal=False, highlight=False)
    for section in comparison.sections:
        out.print(_table(section, comparison.models) if section.rows else section.title)
        for reason in section.skipped:
            out.print(Text(f"left out: {reason}"))
        out.print()
    for model in comparison.models:
        if model in COPIES:
            out.print(
                Text(
                    f"{model} repeats stretches of the history: close by copying, and left out "
                    "of the verdict."
                )
            )
    out.print(Text(verdict.sentence))
    return "\n".join(line.rstrip() for line in page.getvalue().splitlines())


def named(row: Row) -> str:
    """Label with its unit."""
    return f"{row.label} ({row.unit})" if row.unit else row.label


def number(value: float | None) -> str:
    """Three significant digits, without an exponent."""
    if value is None:
        return ""
    if value == 0.0:
        return "0"
    if abs(value) < _SMALLEST:
        return f"<{_SMALLEST:.4f}" if value > 0 else f">−{_SMALLEST:.4f}"
    digits = f"{value:#.3g}".removesuffix(".")
    return (f"{value:.0f}" if "e+" in digits else digits).replace("-", "−")


def real_with_interval(row: Row) -> str:
    """Real value and its interval."""
    if row.real is None:
        return ""
    interval = "" if row.low is None else f" [{number(row.low)}, {number(row.high)}]"
    return f"{number(row.real)}{interval}"


def _table(section: Section, models: tuple[str, ...]) -> Table:
    table = Table(
        title=section.title, title_justify="left", box=None, pad_edge=False, title_style="bold"
    )
    has_real = any(row.real is not None for row in section.rows)
    has_floor = any(row.floor is not None for row in section.rows)
    table.add_column("statistic", min_width=12, overflow="fold")
    headers = [
        ("real [95 %]", has_real),
        *((_header(model), True) for model in models),
        ("noise\nfloor", has_floor),
    ]
    for header in (text for text, is_shown in headers if is_shown):
        table.add_column(header, justify="right", vertical="bottom", no_wrap=True)
    for row in section.rows:
        own = [real_with_interval(row)] if has_real else []
        marked = [f"{number(row.models[model])} {SIGNS[row.mark(model)]}" for model in models]
        floor = [number(row.floor)] if has_floor else []
        table.add_row(*map(Text, (named(row), *own, *marked, *floor)))
    return table


def _header(model: str) -> str:
    """Break a long name at its hyphens: a column is hardly wider than its numbers."""
    return model if len(model) <= _LONG_NAME else model.replace("-", "-\n")
