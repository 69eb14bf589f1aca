"""A report as Markdown: the tables and verdicts of the page, without its figures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from simgan.report.aspects import Noted, columns_of, groups_of, verdicts_of
from simgan.report.renderers import (
    LEGEND,
    SIGNS,
    ReportFacts,
    named,
    number,
    of_model,
    real_with_interval,
)
from simgan.report.uses import TITLES, lines_of, tone, uses_of
from simgan.report.verdict import (
    COPIES,
    Comparison,
    Section,
    Verdict,
)

_MARKS = f"{LEGEND} Small numbers lead to the limits of a statistic, below its table."
_MARKUP = re.compile(r"[\\`*_\[\]<>|#&~$]|:(?=//)|(?<=www)\.", re.IGNORECASE)
_ITEM = re.compile(r"^(\d*)([-+.)])(?= |$)")  # the beginning of a list
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def render_markdown(
    facts: ReportFacts, comparison: Comparison, verdict: Verdict, more: Iterable[str] = ()
) -> str:
    """Return the report as Markdown with tables, as GitHub and GitLab show them.

    The same input gives the same bytes. Names of models and files are text and never markup. `more`
    are parts that follow the tables.
    """
    judged = verdicts_of(comparison, verdict)
    parts = [f"# {escaped(facts.model)}: real against generated"]
    parts += [_box(comparison, one) for one in judged]
    parts += [escaped(comparison.by_chance), escaped(comparison.open_es), escaped(comparison.cut)]
    parts += [escaped(facts.leaning), _origin(facts, comparison)]
    parts.append("## Won, tied and lost")
    parts += [_outcomes(comparison, one) for one in judged]
    parts += [_scores(comparison, verdict), f"## The numbers\n\n{escaped(_MARKS)}"]
    parts += [section(one, comparison, verdict) for one in comparison.sections]
    parts += [*more, *_ending(facts)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _box(comparison: Comparison, verdict: Verdict) -> str:
    uses = uses_of(comparison, verdict)
    head = f"**{escaped(verdict.model)}: {TITLES[tone(uses)]}.** {escaped(verdict.sentence)}"
    forecasts = [
        f"- {aspect.name.capitalize()}: {aspect.outcome} {escaped(aspect.against)}"
        + (f"; {escaped(aspect.basis)}" if aspect.basis else "")
        for aspect in verdict.forecasts
    ]
    return "\n".join([head, "", *(f"- {escaped(line)}" for line in lines_of(uses)), *forecasts])


def _origin(facts: ReportFacts, comparison: Comparison) -> str:
    sources = facts.sources or {
        "Learned from": f"{', '.join(facts.assets)}, {facts.first} to {facts.last}"
    }
    whose = "each baseline" if facts.sources else "the model and each baseline"
    beside = f"{facts.paths:,} paths of {facts.horizon:,} days from {whose}"
    rows = [*sources.items(), ("Judged on", facts.judged_on), ("Compared", beside)]
    lines = [f"- {escaped(label)}: {escaped(text)}" for label, text in rows]
    lines += [f"- Not compared: {escaped(reason)}" for reason in comparison.unusable.values()]
    return "\n".join(lines)


def _outcomes(comparison: Comparison, verdict: Verdict) -> str:
    """Won, tied and lost rows of a model by group, and their names."""
    groups, model = groups_of(comparison, verdict), escaped(verdict.model)
    heads = [f"statistics of {model}", "within"]
    rows = [[group.name, f"{group.within[verdict.model]} of {group.judged}"] for group in groups]
    if not verdict.against:
        return _table(heads, rows)
    heads += ["won", "tied", f"lost against {escaped(verdict.against)}"]
    for row, group in zip(rows, groups, strict=True):
        row += map(str, (group.wins, group.ties, group.losses))
    lists = [
        f"**{word}:** {'; '.join(map(escaped, labels))}."
        for word, labels in (("Lost", verdict.losses), ("Won", verdict.wins))
        if labels
    ]
    return "\n\n".join([_table(heads, rows), *lists])


def _scores(comparison: Comparison, verdict: Verdict) -> str:
    groups = groups_of(comparison, verdict)
    heads = ["model", *(f"{group.name}, of {group.judged}" for group in groups)]
    rows = [
        [_tagged(model, verdict), *(str(group.within[model]) for group in groups)]
        for model in comparison.models
    ]
    return "\n\n".join(["### Every model: statistics within the noise", _table(heads, rows)])


def _tagged(model: str, verdict: Verdict) -> str:
    tag = " (copies history)" if model in COPIES else ""
    return escaped(model) + (" (best baseline)" if model == verdict.against else tag)


def section(made: Section, comparison: Comparison, verdict: Verdict) -> str:
    """Return a section: its table, the limits of its rows, and the reasons of missing ones."""
    columns = made.columns(columns_of(comparison, verdict))
    noted = Noted.of(made)
    heads = ["statistic", "real [95 %]", *map(escaped, columns), "noise floor"]
    rows = [
        [
            escaped(named(row)) + str(noted.number(row) or "").translate(_RAISED),
            real_with_interval(row),
            *(f"{of_model(row, name)} {SIGNS[row.mark(name)]}" for name in columns),
            number(row.floor),
        ]
        for row in made.rows
    ]
    table = [_table(heads, rows)] if rows else []
    notes = "\n".join(f"{n}. {escaped(note)}" for n, note in enumerate(noted.notes, start=1))
    missing = "\n".join(f"- not computed: {escaped(reason)}" for reason in made.skipped)
    parts = [f"## {escaped(made.title)}", *table, notes, missing]
    return "\n\n".join(part for part in parts if part)


def _ending(facts: ReportFacts) -> Iterator[str]:
    libraries = ", ".join(f"{name} {version}" for name, version in facts.versions.items())
    yield f"## Where this comes from\n\n- SHA-256 of the returns: `{facts.sha256}`\n- {libraries}"
    if facts.commands:
        yield "\n".join(["```", *facts.commands, "```"])


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    align = ["---", *["---:"] * (len(heads) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (heads, align, *rows))


def escaped(words: str) -> str:
    """Escape the signs that Markdown and HTML would read as markup."""
    plain = _MARKUP.sub(r"\\\g<0>", " ".join(words.split()))
    return _ITEM.sub(r"\1\\\2", plain)
