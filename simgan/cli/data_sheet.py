"""The data sheet of a model, as `simgan models show` prints it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from simgan.bundle.summary import (
    learned_from,
    learned_together,
    of_members,
    without_ranges,
)
from simgan.settings import record
from simgan.workflows.leaning import leaning

if TYPE_CHECKING:
    from simgan.bundle.manifest import Manifest
    from simgan.workflows.data_sheet import AssetRisk, JointMoves

Facts = Iterator[tuple[str, str]]
_INDENT = 16  # columns of a name
_MOST_SHOWN = 12  # assets whose correlations fit on a line
_ENDS = 5  # lowest and highest correlations of more assets


def data_sheet(
    manifest: Manifest,
    risks: Iterable[AssetRisk],
    columns: int | None,
    dependence: JointMoves | None = None,
) -> str:
    """Return name, risk, verdict, data and settings as text.

    Parameters
    ----------
    manifest : Manifest
    risks : iterable of AssetRisk
    columns : int or None
        Width that lines are wrapped to. None leaves one fact a line.
    dependence : JointMoves, optional
        Of a model of several assets.
    """
    parts = {
        "": _heading(manifest, dependence),
        "Risk": _risk(risks),
        "Correlations of the long run": _correlations(dependence),
        "Verdict": _verdict(manifest.verdict),
        "Data": _data(manifest),
        "Settings": _of_recipe(manifest),
    }
    blocks = []
    for title, facts in parts.items():
        lines = [_line(name, text, columns) for name, text in facts]
        if lines:
            blocks.append("\n".join([title, *lines] if title else lines))
    return "\n\n".join(blocks)


def _line(name: str, text: str, columns: int | None) -> str:
    line = f"{name:<{_INDENT - 1}} {text}"
    if columns is None:
        return line
    return textwrap.fill(
        line,
        max(columns, 2 * _INDENT),
        subsequent_indent=" " * _INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _heading(manifest: Manifest, dependence: JointMoves | None) -> Facts:
    data = manifest.data
    yield "name", manifest.name
    yield "assets", ", ".join(manifest.assets)
    common = _common(dependence, data.days)
    yield "history", f"{data.first} to {data.last}, {data.days:,} daily log returns{common}"
    yield "learned from", learned_together(manifest) or learned_from(manifest.recipe)
    yield "created", manifest.created


def _risk(risks: Iterable[AssetRisk]) -> Facts:
    """Give volatility and VaR of each asset, after its name where there are several."""
    found = list(risks)
    for risk in found:
        prefix = f"{risk.asset}: " if len(found) > 1 else ""
        scale = 100 * (risk.steps_a_year or 1.0) ** 0.5
        unit = "a year" if risk.steps_a_year else "a day"
        history = f", history {scale * risk.history:.1f} %" if risk.history else ""
        yield (
            "volatility",
            f"{prefix}{scale * risk.today:.1f} % {unit} after the history; "
            f"long run {scale * risk.long_run:.1f} %{history}",
        )
        losses = ", ".join(
            f"{100 * loss:.2f} % at {100 * level:g} %" for level, loss in risk.value_at_risk.items()
        )
        yield "VaR, one day", f"{prefix}{losses}, as a loss of the price after the history"


def _common(dependence: JointMoves | None, days: int) -> str:
    """Tell the days on which all assets traded, where they are not all days."""
    if dependence is None or dependence.common_days in (None, days):
        return ""
    return f"; all assets traded on {dependence.common_days:,} of these days"


def _correlations(dependence: JointMoves | None) -> Facts:
    """Give the lower triangle of a matrix that a terminal can show, or its ends of a larger one."""
    if dependence is None:
        return
    assets, matrix = dependence.assets, dependence.correlations
    if len(assets) <= _MOST_SHOWN:
        for row, asset in enumerate(assets):
            yield asset, " ".join(f"{_two_digits(value):>4}" for value in matrix[row, : row + 1])
        return
    pairs = sorted(
        (float(matrix[row, column]), f"{assets[column]} and {assets[row]}")
        for row in range(len(assets))
        for column in range(row)
    )
    for name, chosen in (("lowest", pairs[:_ENDS]), ("highest", pairs[: -_ENDS - 1 : -1])):
        yield name, ", ".join(f"{_two_digits(value)} {pair}" for value, pair in chosen)


def _two_digits(correlation: float) -> str:
    """Show a correlation without its zero: .35, −.20, 1."""
    text = f"{correlation:.2f}".replace("0.", ".").replace("1.00", "1")
    return text.replace("-", "−")


def _verdict(verdict: Mapping[str, object]) -> Facts:
    """Give the verdicts of the fit. Anyone can write a manifest, so odd values are left out."""
    yield "paths", str(verdict.get("sentence", "")) or "not judged"
    groups: dict[str, list[str]] = {}
    for aspect in _records(verdict.get("aspects")):
        standing = f"{aspect.get('outcome')} {aspect.get('against')}"
        groups.setdefault(standing, []).append(str(aspect.get("name")))
    if groups:
        yield "aspects", "; ".join(f"{key} in {', '.join(names)}" for key, names in groups.items())
    fitness: dict[str, list[str]] = {}
    for use in _records(verdict.get("uses")):
        fitness.setdefault(str(use.get("fitness")), []).append(str(use.get("name")))
    for word, names in fitness.items():
        yield word, "; ".join(names)
    training = verdict.get("training")
    if isinstance(training, Mapping) and "word" in training:
        yield "training", f"{training.get('word')}: {training.get('sentence')}"


def _records(values: object) -> list[Mapping[str, object]]:
    if not isinstance(values, list | tuple):
        return []
    return [value for value in values if isinstance(value, Mapping)]


def _data(manifest: Manifest) -> Facts:
    if manifest.joint is None:
        yield "source", settings_in_words(manifest.data.source)
        yield "last price", f"{manifest.last_price[0]:,.6g}"
    yield from of_members(manifest)
    yield "hash", manifest.data.sha256
    if names := manifest.regimes.get("names"):
        yield "regimes", f"{', '.join(names)}, over {manifest.regimes['days']} days each"
    if sentences := leaning(manifest):
        yield "prior", sentences


def _of_recipe(manifest: Manifest) -> Facts:
    recipe = manifest.recipe
    yield "architecture", settings_in_words(without_ranges(recipe.architecture))
    if recipe.training.steps:
        yield "objective", settings_in_words(record(recipe.objective))
    if remedies := {key: value for key, value in record(recipe.remedies).items() if value}:
        yield "remedies", settings_in_words(remedies)
    if recipe.condition is not None:
        yield "condition", settings_in_words(record(recipe.condition))
    yield "budget", f"preset {recipe.preset}, seed {recipe.seed}"
    yield "training", settings_in_words(without_ranges(recipe.training))
    yield "trained", f"{manifest.seconds:,.0f} seconds on {manifest.device}"
    if recipe.training.steps:
        yield "chosen", f"step {manifest.chosen_step:,} of {recipe.training.steps:,}"
    if manifest.validation is not None:
        yield "validation", f"CRPS {manifest.validation:.6f}"
    for side, fits in manifest.tails.items():
        shapes = [f"{fit['shape']:.3f}" for fit in fits if "shape" in fit]
        yield f"tail, {side}", f"shape {', '.join(shapes)}" if shapes else "not estimated"
    yield "libraries", settings_in_words(manifest.libraries)
    yield "noise", f"version {manifest.noise}"


def settings_in_words(values: object) -> str:
    """Return settings on one line: the kind, then each name with its value, if it has one."""
    if not isinstance(values, dict):
        return str(values)
    kind = [str(values["kind"])] if "kind" in values else []
    named = {key: _value(value) for key, value in values.items() if key != "kind"}
    return ", ".join(kind + [f"{key} {text}" for key, text in named.items() if text])


def _value(value: object) -> str:
    if isinstance(value, list):
        return " ".join(map(_value, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
