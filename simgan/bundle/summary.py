"""The facts of a trained model in words: few for a `repr`, all of them for a summary."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from simgan.calendars import Calendar
from simgan.settings import record

if TYPE_CHECKING:
    from simgan.bundle.store import Bundle

Facts = Iterator[tuple[str, str]]


def facts_of(bundle: Bundle) -> Facts:
    """Give the facts that tell a model from others."""
    manifest = bundle.manifest
    data, recipe = manifest.data, manifest.recipe
    yield "assets", ", ".join(manifest.assets)
    yield "history", f"{data.first} to {data.last}, {data.days:,} log returns"
    if volatility := _volatility(bundle):
        yield "volatility", volatility
    yield "last price", ", ".join(f"{price:,.6g}" for price in manifest.last_price)
    yield (
        "fitted",
        f"{recipe.architecture.kind}, preset {recipe.preset}, seed {recipe.seed}, "
        f"{manifest.created[:10]}",
    )
    if names := manifest.regimes.get("names"):
        yield "regimes", ", ".join(names)
    if prior := manifest.prior:
        yield "prior", f"{prior['name']}: {100 * prior['share']:.0f} % of the days"
    if sentence := manifest.verdict.get("sentence"):
        yield "verdict", str(sentence)


def details_of(bundle: Bundle) -> Facts:
    """Give all facts but the numbers of the weights."""
    yield from facts_of(bundle)
    manifest = bundle.manifest
    recipe = manifest.recipe
    yield "source", _settings(manifest.data.source)
    yield "architecture", _settings(record(recipe.architecture))
    if recipe.training.steps:
        yield "objective", _settings(record(recipe.objective))
        yield "chosen", f"step {manifest.chosen_step:,} of {recipe.training.steps:,}"
    yield "training", _settings(record(recipe.training))
    yield "trained", f"{manifest.seconds:,.0f} seconds on {manifest.device}"
    for side, fits in manifest.tails.items():
        shapes = ", ".join(f"{fit['shape']:.3f}" for fit in fits if "shape" in fit)
        if shapes:
            yield f"tail, {side}", f"shape {shapes}"
    yield (
        "libraries",
        ", ".join(f"{name} {version}" for name, version in manifest.libraries.items()),
    )


def _volatility(bundle: Bundle) -> str:
    """Return the standard deviations of the history, a year where its steps are known."""
    if bundle.history is None:
        return ""
    spreads = bundle.history.log_returns.std(axis=0)  # (assets,)
    steps = Calendar.of(bundle.history.dates).steps_a_year
    unit = "a step" if steps is None else "a year"
    scale = 1.0 if steps is None else np.sqrt(steps)
    return ", ".join(f"{100 * scale * spread:.1f} %" for spread in spreads) + f" {unit}"


def _settings(values: object) -> str:
    if not isinstance(values, dict):
        return str(values)
    return ", ".join(f"{name} {value}" for name, value in values.items())
