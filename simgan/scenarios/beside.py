"""Scenarios side by side: the assets of several blocks as those of one."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from simgan.errors import ConfigError
from simgan.scenarios.block import SomeBlock


class DependenceWarning(UserWarning):
    """Scenarios that were not drawn together from one model stand side by side."""


def side_by_side(parts: Sequence[SomeBlock]) -> SomeBlock:
    """Return one block with the assets of all parts. Its row i has row i of each.

    Scenarios that were drawn together from one model keep their dependence. Others have none that
    the history knows, and a `DependenceWarning` says so.

    Raises
    ------
    ConfigError
        The parts have different numbers of scenarios or steps, or share an asset. Or scenarios of
        tilted noise have weights that belong to one part alone.
    """
    first, *others = parts
    if not others:
        return first
    _expect_fitting(parts)
    together = _were_drawn_together(parts)
    if not together:
        _warn([" and ".join(part.assets) for part in parts])
    if not together and any(part.weights is not None for part in parts):
        allowed = "without weights: those of tilted noise belong to the scenarios of one model"
        raise ConfigError("Scenarios.beside", "weights", "of one part", allowed)
    prices, shapes = [part.initial_price for part in parts], [part.shapes for part in parts]
    calendars = {part.calendar for part in parts}
    numbers = first.numbers if together else None
    return replace(
        first,
        log_returns=np.concatenate([part.log_returns for part in parts], axis=2),
        first=first.first if together or len({part.first for part in parts}) == 1 else 0,
        assets=tuple(asset for part in parts for asset in part.assets),
        initial_price=None
        if any(price is None for price in prices)
        else np.concatenate([price for price in prices if price is not None]),
        numbers=numbers,
        calendar=first.calendar if len(calendars) == 1 else None,
        model=first.model if together else "",
        shapes=None
        if any(shape is None for shape in shapes)
        else np.concatenate([shape for shape in shapes if shape is not None], axis=2),
    )


def _expect_fitting(parts: Sequence[SomeBlock]) -> None:
    """Refuse parts of different sizes, and an asset that is there twice."""
    for name, sizes in (
        ("scenarios", [len(part) for part in parts]),
        ("horizon", [part.horizon for part in parts]),
    ):
        if len(set(sizes)) > 1:
            found = " and ".join(f"{size:,}" for size in sizes)
            raise ConfigError("Scenarios.beside", name, found, "the same in all parts")
    assets = [asset for part in parts for asset in part.assets]
    if len(set(assets)) < len(assets):
        allowed = "different names: one asset twice is no portfolio of two"
        raise ConfigError("Scenarios.beside", "assets", ", ".join(assets), allowed)


def _were_drawn_together(parts: Sequence[SomeBlock]) -> bool:
    """Whether row i of all parts is the same scenario of one model."""
    first = parts[0]
    return bool(first.model) and all(
        (part.model, part.seed) == (first.model, first.seed)
        and np.array_equal(part.numbered, first.numbered)
        for part in parts[1:]
    )


def _warn(names: Sequence[str]) -> None:
    warnings.warn(
        f"the scenarios of {', '.join(names[:-1])} and {names[-1]} were not drawn together from "
        "one model: how they move together says nothing about the history, and only a joint fit "
        "knows dependence",
        DependenceWarning,
        stacklevel=_frames_of_simgan(),
    )


def _frames_of_simgan() -> int:
    """Count the frames up to the first one outside of simgan, at which a warning points."""
    depth, frame = 1, sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("simgan."):
        depth, frame = depth + 1, frame.f_back
    return depth
