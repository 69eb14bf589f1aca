"""The report as a table in a terminal."""

from __future__ import annotations

from io import StringIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from simgan.report.rows import Comparison, Row
from simgan.report.verdict import Verdict

SIGNS = {"within": "✓", "outside": "✗", "not judged": " "}


def render(comparison: Comparison, verdict: Verdict, width: int = 120) -> str:
    """Return the table and the verdict as text; a ✓ marks what lies within the interval or below the noise floor."""
    page = StringIO()
    out = Console(file=page, width=max(width, 80), force_terminal=False, highlight=False)
    for section in comparison.sections:
        table = Table(title=section.title, title_justify="left", box=None, pad_edge=False, title_style="bold")
        table.add_column("statistic", no_wrap=True)
        table.add_column("real [95 %]", justify="right")
        for model in comparison.models:
            table.add_column(model, justify="right")
        table.add_column("noise floor", justify="right")
        for row in section.rows:
            cells = [Text(f"{number(row.models[model])} {SIGNS[row.mark(model)]}") for model in comparison.models]
            table.add_row(Text(named(row)), real_with_interval(row), *cells, number(row.floor))
        out.print(table)
        for reason in section.skipped:
            out.print(Text(f"left out: {reason}"))
        out.print()
    out.print(Text(verdict.sentence))
    return page.getvalue().rstrip("\n")


def named(row: Row) -> str:
    """Label with its unit."""
    return f"{row.label} ({row.unit})" if row.unit else row.label


def number(value: float | None) -> str:
    """Three significant digits, without an exponent where it can be helped."""
    if value is None:
        return ""
    digits = f"{value:.3g}"
    return f"{value:.0f}" if "e+" in digits else digits


def real_with_interval(row: Row) -> str:
    """Real value and its interval."""
    if row.real is None:
        return ""
    interval = "" if row.low is None else f" [{number(row.low)}, {number(row.high)}]"
    return f"{number(row.real)}{interval}"
