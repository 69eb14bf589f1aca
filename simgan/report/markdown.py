"""A report as Markdown: the tables and verdicts of the page, without its figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from simgan.report.aspects import groups_of
from simgan.report.renderers import SIGNS, ReportFacts, named, number, real_with_interval
from simgan.report.uses import TITLES, lines_of, tone, uses_of
from simgan.report.verdict import (
    COPIES,
    Comparison,
    Section,
    Verdict,
    columns_of,
    verdicts_of,
)


def render_markdown(facts: ReportFacts, comparison: Comparison, verdict: Verdict) -> str:
    """Return the report as Markdown with tables, as GitHub and GitLab show them.

    The same input gives the same bytes. Names of models and files are text and never markup.
    """
    parts = [f"# {_text(facts.model)}: real against fake"]
    parts += [_box(comparison, one) for one in verdicts_of(comparison, verdict)]
    parts += [_text(comparison.by_chance), _origin(facts, comparison)]
    parts.append(_scores(comparison, verdict))
    parts += [_section(section, comparison, verdict) for section in comparison.sections]
    parts += _ending(facts)
    return "\n\n".join(part for part in parts if part) + "\n"


def _box(comparison: Comparison, verdict: Verdict) -> str:
    uses = uses_of(comparison, verdict)
    head = f"**{_text(verdict.model)}: {TITLES[tone(uses)]}.** {_text(verdict.sentence)}"
    forecasts = [
        f"- {aspect.name.capitalize()}: {aspect.outcome} {_text(aspect.against)}"
        for aspect in verdict.forecasts
    ]
    return "\n".join([head, "", *(f"- {_text(line)}" for line in lines_of(uses)), *forecasts])


def _origin(facts: ReportFacts, comparison: Comparison) -> str:
    sources = facts.sources or {
        "Learned from": f"{', '.join(facts.assets)}, {facts.first} to {facts.last}"
    }
    rows = [*sources.items(), ("Judged on", facts.judged_on)]
    lines = [f"- {_text(label)}: {_text(text)}" for label, text in rows]
    lines += [f"- Not compared: {_text(reason)}" for reason in comparison.unusable.values()]
    return "\n".join(lines)


def _scores(comparison: Comparison, verdict: Verdict) -> str:
    groups = groups_of(comparison, verdict)
    heads = ["model", *(f"{group.name}, of {group.judged}" for group in groups)]
    rows = [
        [_tagged(model, verdict), *(str(group.within[model]) for group in groups)]
        for model in comparison.models
    ]
    return "\n\n".join(["## Statistics within the noise of the data", _table(heads, rows)])


def _tagged(model: str, verdict: Verdict) -> str:
    tag = " (copies history)" if model in COPIES else ""
    return _text(model) + (" (best baseline)" if model == verdict.against else tag)


def _section(section: Section, comparison: Comparison, verdict: Verdict) -> str:
    columns = columns_of(comparison, verdict)
    heads = ["statistic", "real [95 %]", *map(_text, columns), "noise floor"]
    rows = [
        [
            _text(named(row)),
            real_with_interval(row),
            *(f"{number(row.models[name])} {SIGNS[row.mark(name)]}".strip() for name in columns),
            number(row.floor),
        ]
        for row in section.rows
    ]
    table = [_table(heads, rows)] if rows else []
    notes = dict.fromkeys(row.blind_to for row in section.rows if row.blind_to)
    lines = [f"- {_text(note)}" for note in notes]
    lines += [f"- not computed: {_text(reason)}" for reason in section.skipped]
    return "\n\n".join([f"## {_text(section.title)}", *table, "\n".join(lines)]).strip()


def _ending(facts: ReportFacts) -> Iterator[str]:
    libraries = ", ".join(f"{name} {version}" for name, version in facts.versions.items())
    yield f"## Where this comes from\n\n- SHA-256 of the returns: `{facts.sha256}`\n- {libraries}"
    if facts.commands:
        yield "\n".join(["```", *facts.commands, "```"])


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    align = ["---", *["---:"] * (len(heads) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (heads, align, *rows))


def _text(words: str) -> str:
    """Escape the signs that Markdown and HTML would read as markup."""
    for sign in "\\`*_[]<>|#":
        words = words.replace(sign, f"\\{sign}")
    return " ".join(words.split())
