"""Commands that make a result again."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING

from simgan.bundle.manifest import Manifest
from simgan.market.sources import SOURCES
from simgan.workflows.book import are_equal
from simgan.workspace import safe_name

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_APART = ("workspace", "name", "out", "weights", "rebalance")  # fields of a request for a risk


def fit_again(manifest: Manifest, recipe: str = "FILE.toml") -> str:
    """Return the command that fits a model again from its recipe in a file.

    It needs the same ticker, source and days. The user's own labels are not kept.
    """
    source = manifest.data.source
    several = manifest.assets if len(manifest.assets) > 1 else ()
    tickers = several or (str(source.get("name") or "TICKER"),)
    words = ["simgan", "fit", *tickers, "--recipe", recipe]
    words += _ordered_together(source) if several else ordered_again(source)
    words += ["--end", manifest.data.last]
    if several or manifest.name != safe_name(tickers[0]):
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


def weights_again(weights: str | Mapping[str, float], rebalance: str) -> list[str]:
    """Return the options about the shares of a book."""
    text = (
        weights
        if isinstance(weights, str)
        else ",".join(f"{asset}={float(share)!r}" for asset, share in weights.items())
    )
    words = [] if are_equal(weights) else ["--weights", text]
    return words + (["--rebalance", rebalance] if rebalance != "none" else [])


def risk_again(name: str, request: DataclassInstance, shares: Iterable[str]) -> str:
    """Return the command of `simgan risk` with all options that are not the defaults.

    Parameters
    ----------
    name : str
        Of the model.
    request : RiskRequest
    shares : iterable of str
        The options about shares, as `weights_again` gives them.
    """
    words, named = ["simgan", "risk", name], {"levels": "level", "horizons": "horizon"}
    for option in fields(request):
        value = getattr(request, option.name)
        if option.name in _APART or value == option.default:
            continue
        text = ",".join(f"{each:g}" for each in value) if isinstance(value, tuple) else str(value)
        words.append(f"--{named.get(option.name, option.name).replace('_', '-')}")
        words += [] if value is True else [text]
    return shlex.join([*words, *shares])


def _ordered_together(origin: Mapping[str, object]) -> list[str]:
    """Return the options that order the prices of several assets again, the same ones once."""
    entries = origin.get("assets")
    each = [ordered_again(one) for one in (entries if isinstance(entries, list) else ())]
    if all(one == each[0] for one in each):
        return each[0] if each else []
    files = [word for one in each for word in one[:2]]
    return files + [word for word in each[0][2:] if each[0][0] == "--prices"]


def ordered_again(origin: Mapping[str, object]) -> list[str]:
    """Return the options of a command that order the prices of a `PriceOrder.record` again."""
    kind, words = origin.get("kind"), list[str]()
    if kind == "frame":
        words += ["--prices", "FILE"]  # the frame, written to a file
    elif kind == "price_file":
        words += ["--prices", str(origin.get("path"))]
        words += ["--column", str(origin["column"])] if origin.get("column") else []
    elif kind == "added":
        words += ["--offline"]  # a download must not take the place of prices that were removed
    elif kind in SOURCES:
        words += ["--source", str(kind)]
    words += ["--start", str(origin["start"])] if "start" in origin else []
    return words + (
        ["--on-bad-rows", str(origin["on_bad_rows"])] if "on_bad_rows" in origin else []
    )
