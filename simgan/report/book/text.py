"""A report on a book as plain text and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from simgan.report import markdown, renderers
from simgan.report.aspects import standing
from simgan.report.book.judged import BookJudgement
from simgan.report.renderers import ReportFacts
from simgan.report.verdict import Comparison, Verdict

_SHOWN = 3  # rows outside that the table of assets names


def render_text(judged: BookJudgement, width: int = 120) -> str:
    """Return the tables about all assets, one line for each asset, and the verdict.

    Lines have at most `width` characters, and at least 80.
    """
    together = renderers.render_text(judged.comparison, judged.verdict, width)
    lines = [together, "", "Each asset by itself", *_lines(judged), "", judged.sentence]
    return "\n".join(lines)


def _lines(judged: BookJudgement) -> Iterator[str]:
    """Give a line for each asset: rows within, beside the rival, and the rows outside."""
    longest = max(map(len, judged.assets))
    for asset, comparison in judged.assets.items():
        if asset not in judged.of_assets:
            yield f"{asset:<{longest}}  not judged: {comparison.days} days are too few"
            continue
        counts = ", ".join(f"{model} {comparison.within(model)}" for model in comparison.models)
        outside = "".join(_told_outside(judged, asset, one.model) for one in judged.verdicts)
        yield f"{asset:<{longest}}  within of {len(comparison.counted)}: {counts}{outside}"


def _told_outside(judged: BookJudgement, asset: str, model: str) -> str:
    """Name the worst rows outside of a model, and the model where several are judged."""
    rows = outside_of(judged, asset, model)
    if not rows:
        return ""
    whose = f" of {model}" if len(judged.verdicts) > 1 else ""
    return f"; outside{whose}: {'; '.join(rows[:_SHOWN])}{'; …' if len(rows) > _SHOWN else ''}"


def outside_of(judged: BookJudgement, asset: str, model: str) -> list[str]:
    """Return the names of the rows of an asset in which a model is outside, the worst first."""
    comparison = judged.assets[asset]
    rows = [row for row in comparison.counted if row.mark(model) == "outside"]
    return [row.label for row in sorted(rows, key=lambda row: -row.excess(model))]


def render_markdown(facts: ReportFacts, judged: BookJudgement) -> str:
    """Return the report as Markdown, with the rows of each asset folded."""
    parts = [markdown.escaped(judged.sentence), "## Each asset by itself"]
    for asset, comparison in judged.assets.items():
        told = judged.of_assets.get(asset)
        if told is None:
            parts.append(f"**{markdown.escaped(asset)}:** {comparison.days} days are too few.")
            continue
        tables = [markdown.section(one, comparison, told[0]) for one in comparison.sections]
        summary = escape(f"{asset}: {headline(judged, asset)}")
        parts.append(f"<details><summary>{summary}</summary>")
        parts += [table.replace("## ", "### ", 1) for table in tables]
        parts.append("</details>")
    return markdown.render_markdown(facts, judged.comparison, judged.verdict, parts)


def headline(judged: BookJudgement, asset: str) -> str:
    """Return the counts of an asset beside those of the rival, on one line.

    Each model has its name where several are judged.
    """
    comparison, found = judged.assets[asset], judged.of_assets.get(asset)
    if found is None:
        return f"not judged, because {comparison.days} days are too few"
    return "; ".join(
        f"{f'{told.model}: ' if len(found) > 1 else ''}{_beside(comparison, told)}"
        for told in found
    )


def _beside(comparison: Comparison, told: Verdict) -> str:
    counts = f"{comparison.within(told.model)} of {len(comparison.counted)} rows within"
    if not told.against:
        return counts
    outcome = standing(len(told.wins) - len(told.losses))
    return f"{counts}; {outcome} {told.against}, which has {comparison.within(told.against)}"
