"""Records of where prices came from, as manifests hold them."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from contextlib import suppress

from simgan.errors import DataError, UnknownNameError
from simgan.market.files.names import Meaning, field_of
from simgan.market.kept_path import kept_path
from simgan.market.price_cache import PriceCache
from simgan.market.sources.sample import SERIES
from simgan.workspace import Workspace


def is_adjusted(origin: Mapping[str, object]) -> bool:
    """Tell whether the prices of a `PriceOrder.record` are known to be adjusted closes."""
    kind, label = origin.get("kind"), origin.get("read") or origin.get("column")
    if kind == "sample":
        _, label = SERIES.get(str(origin.get("name")), ("", ""))
    return kind == "yahoo" or field_of(str(label)) is Meaning.ADJUSTED


def loss_of_added(origin: Mapping[str, object], workspace: Workspace) -> str:
    """Tell that the added prices of a `PriceOrder.record` were removed or replaced, or nothing."""
    if origin.get("kind") != "added":
        return ""
    name, file = str(origin.get("name")), str(origin.get("path"))
    with suppress(DataError, UnknownNameError):
        entry = PriceCache(workspace).entry(name)
        if entry.sha256 == origin.get("sha256", entry.sha256) and not entry.trouble:
            return ""
        if entry.file:
            return (
                f"{entry.path} was added anew from {entry.file} since the model learned from "
                f"{file}: a refit sees other prices"
            )
    again = shlex.join(["simgan", "data", "add", file, "--name", name, "--force"])
    return f"{kept_path(workspace, name)} is missing or damaged: `{again}` keeps its prices again"
