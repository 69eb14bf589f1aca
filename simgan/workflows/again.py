"""Commands that make a result again."""

from __future__ import annotations

import shlex
from collections.abc import Iterable

from simgan.bundle.manifest import Manifest
from simgan.workflows.options import ordered_again
from simgan.workspace import safe_name


def fit_again(manifest: Manifest, recipe: str = "FILE.toml") -> str:
    """Return the command that fits a model again from its recipe in a file.

    It needs the same ticker, source and days. The user's own labels are not kept.
    """
    source = manifest.data.source
    ticker = str(source.get("name") or "TICKER")
    words = ["simgan", "fit", ticker, "--recipe", recipe, *ordered_again(source)]
    words += ["--end", manifest.data.last]
    if manifest.name != safe_name(ticker):
        words += ["--name", manifest.name]
    if manifest.regimes.get("names") and not manifest.regimes.get("bounds"):
        words += ["--labels", "LABELS.csv"]
    return shlex.join(words)


def report_again(manifest: Manifest, options: Iterable[str]) -> tuple[str, ...]:
    """Return the commands that make a report again: recipe, fit, report."""
    name, recipe = shlex.quote(manifest.name), f"{manifest.name}.toml"
    return (
        f"simgan models show {name} --recipe > {shlex.quote(recipe)}",
        fit_again(manifest, recipe),
        shlex.join(["simgan", "report", manifest.name, *options]),
    )
