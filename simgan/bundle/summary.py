"""The facts of a trained model in words: few for a `repr`, all of them for a summary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from simgan.arrays import FloatArray
from simgan.calendars import Calendar
from simgan.readable import of_each
from simgan.settings import record

if TYPE_CHECKING:
    from simgan.bundle.manifest import Manifest
    from simgan.bundle.store import Bundle
    from simgan.recipe.recipe import Recipe

Facts = Iterator[tuple[str, str]]


def facts_of(bundle: Bundle) -> Facts:
    """Give the facts that tell a model from others."""
    manifest = bundle.manifest
    data, recipe = manifest.data, manifest.recipe
    yield "assets", ", ".join(manifest.assets)
    yield "history", f"{data.first} to {data.last}, {data.days:,} log returns"
    shapes = None if bundle.history is None else bundle.history.shapes
    yield "learned from", learned_together(manifest) or learned_from(recipe, shapes)
    if volatility := _volatility(bundle):
        yield "volatility", volatility
    yield "last price", of_each(manifest.assets, map("{:,.6g}".format, manifest.last_price))
    yield (
        "fitted",
        f"{recipe.architecture.kind}, preset {recipe.preset}, seed {recipe.seed}, "
        f"{manifest.created[:10]}",
    )
    if names := manifest.regimes.get("names"):
        yield "regimes", ", ".join(names)
    if prior := manifest.prior:
        yield "prior", f"{prior['name']}: {100 * prior['share']:.0f} % of the days"
    if leaning := _leaning(manifest):
        yield "prior", leaning
    if sentence := manifest.verdict.get("sentence"):
        yield "verdict", str(sentence)


def details_of(bundle: Bundle) -> Facts:
    """Give all facts but the numbers of the weights."""
    yield from facts_of(bundle)
    manifest = bundle.manifest
    recipe = manifest.recipe
    if manifest.joint is None:
        yield "source", _settings(manifest.data.source)
    yield from of_members(manifest)
    yield "architecture", _settings(without_ranges(recipe.architecture))
    if recipe.training.steps:
        yield "objective", _settings(record(recipe.objective))
        yield "chosen", f"step {manifest.chosen_step:,} of {recipe.training.steps:,}"
    yield "training", _settings(without_ranges(recipe.training))
    yield "trained", f"{manifest.seconds:,.0f} seconds on {manifest.device}"
    for side, fits in manifest.tails.items():
        shapes = ", ".join(f"{fit['shape']:.3f}" for fit in fits if "shape" in fit)
        if shapes:
            yield f"tail, {side}", f"shape {shapes}"
    yield (
        "libraries",
        ", ".join(f"{name} {version}" for name, version in manifest.libraries.items()),
    )


def learned_from(recipe: Recipe, shapes: FloatArray | None = None) -> str:
    """Say whether a model learns from ranges, and on how many days where that is known.

    Parameters
    ----------
    recipe : Recipe
        With the architecture that suits the history.
    shapes : array of shape (days, assets, 3), optional
        Of the history.
    """
    if not recipe.architecture.has_ranges:
        return "closes" if recipe.training.ranges else "closes, as --set ranges=0 asks"
    if shapes is None:
        return "ranges and closes; it makes bars"
    days = int(np.isfinite(shapes).all(axis=(1, 2)).sum())
    return f"the ranges of {days:,} days; it makes bars"


def learned_together(manifest: Manifest) -> str:
    """Say which assets of a joint model learned from ranges, or nothing of a model of one."""
    if manifest.joint is None:
        return ""
    members = zip(manifest.assets, manifest.joint.members, strict=True)
    ranged = [asset for asset, member in members if member.ranges]
    if not ranged:
        return "closes"
    if len(ranged) == len(manifest.assets):
        return "ranges and closes; it makes bars"
    return f"the ranges of {', '.join(ranged)}, and closes of the others"


def of_members(manifest: Manifest) -> Facts:
    """Give the history of each asset of a joint model, and how much of it is prior."""
    if manifest.joint is None:
        return
    members = zip(manifest.assets, manifest.joint.members, manifest.last_price, strict=True)
    for asset, member, price in members:
        data, share = member.data, member.prior.get("share", 0.0)
        prior = f"; {100 * share:.0f} % prior" if member.prior else ""
        days = f"{data.first} to {data.last}, {data.days:,} days"
        yield asset, f"{days}{prior}; last price {price:,.6g}"


def _leaning(manifest: Manifest) -> str:
    """Say how much of each asset of a joint model is prior, or nothing if none leans on one."""
    if manifest.joint is None:
        return ""
    members = zip(manifest.assets, manifest.joint.members, strict=True)
    found = {asset: member.prior for asset, member in members if member.prior}
    shares = (f"{asset} {100 * prior['share']:.0f} %" for asset, prior in found.items())
    names = ", ".join(dict.fromkeys(str(prior["name"]) for prior in found.values()))
    return f"{names}: {', '.join(shares)} of the days" if found else ""


def correlations_of_long_run(bundle: Bundle) -> str:
    """Say between which correlations of scores in the long run all pairs of a joint model are."""
    target, assets = bundle.weights["target"], bundle.manifest.assets
    pairs: dict[float, list[str]] = {}
    for i, j in combinations(range(len(assets)), 2):
        rounded = round(float(target[i, j]), 2) + 0.0  # no −0.00
        pairs.setdefault(rounded, []).append(f"{assets[i]} and {assets[j]}")
    low, high = (_correlation(end(pairs), pairs) for end in (min, max))
    if len(assets) == 2:
        return f"The correlation of scores in the long run is {low}"
    if len(pairs) == 1:
        return f"The correlation of scores in the long run is {_minus(*pairs)} for each pair"
    return f"Correlations of scores in the long run go from {low} to {high}"


def _correlation(value: float, pairs: Mapping[float, Sequence[str]]) -> str:
    """Name a correlation with the first of its pairs, and the count of the others."""
    first, *others = pairs[value]
    return f"{_minus(value)} ({first}{f' and {len(others)} more' if others else ''})"


def _minus(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")


def without_ranges(part: object) -> dict[str, object]:
    """Return the settings of a part of a recipe but `ranges`, which `learned_from` tells."""
    return {name: value for name, value in record(part).items() if name != "ranges"}


def _volatility(bundle: Bundle) -> str:
    """Return the standard deviations of the history, a year where its steps are known."""
    if bundle.history is None:
        return ""
    spreads = np.nanstd(bundle.history.log_returns, axis=0)  # (assets,)
    steps = Calendar.of(bundle.history.dates).steps_a_year
    unit = "a step" if steps is None else "a year"
    scale = 1.0 if steps is None else np.sqrt(steps)
    each = of_each(bundle.manifest.assets, (f"{100 * scale * spread:.1f} %" for spread in spreads))
    return f"{each}, {unit}" if len(spreads) > 1 else f"{each} {unit}"


def _settings(values: object) -> str:
    if not isinstance(values, dict):
        return str(values)
    return ", ".join(f"{name} {value}" for name, value in values.items() if value != "")
