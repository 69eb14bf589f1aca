"""Priors: volatility models of many series, for histories that are short.

A prior is a fit to many series at once. A warm start begins with its weights, and is pulled towards
them. Days with its innovations stand beside those of the history.

The package carries a prior in vintages. Each has learned from days up to its own last one, and from
no later day. Its series and the strength of its pull were chosen later. `benchmarks/prior.py`
learns them, and ``priors.json`` lists their series.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.resources import files
from typing import TypedDict, cast

import numpy as np
from safetensors.numpy import load, save

from simgan.arrays import Float32Array
from simgan.market.memory import Memory
from simgan.provenance import sha256_of_array, sha256_of_facts
from simgan.readable import ByValue
from simgan.recipe.blueprints import Blueprint

DAYS_OF_MEAN = 2_500  # that the mean return of a prior counts for
_FOLDER, _INDEX = "priors", "priors.json"
_SHAPE_MIX = "shape_mix"
_EVER = "9999-12-31"


@dataclass(frozen=True, eq=False)
class Prior(ByValue):
    """A fit to other series.

    Attributes
    ----------
    name : str
    until : str
        ISO date of the last day that it has seen.
    series : tuple of str
        Names of the series that it has learned from.
    weights : mapping of arrays
        Trained weights by the names of the blueprint, and ``drift`` and ``freedom`` of the
        likelihood. The first axis is that of replicas.
    innovations : array of shape (laws, n)
        Innovations at evenly spaced probabilities.
    tails : array of shape (laws, 2, 2)
        Shape and scale of the innovations' tails, of losses and of gains.
    memory : Memory
        What the weights are weights of.
    shape_mix : array of shape (1 + 4K,), optional
        Weights of the size of shapes, where the memory holds ranges.
    """

    name: str
    until: str
    series: tuple[str, ...]
    weights: Mapping[str, Float32Array]
    innovations: Float32Array
    tails: Float32Array
    memory: Memory
    shape_mix: Float32Array | None = None

    @cached_property
    def sha256(self) -> str:
        """Identity of its numbers."""
        return sha256_of_facts({name: sha256_of_array(array) for name, array in self._arrays()})

    def _arrays(self) -> list[tuple[str, Float32Array]]:
        own = {"innovations": self.innovations, "tails": self.tails}
        if self.shape_mix is not None:
            own[_SHAPE_MIX] = self.shape_mix
        return [*sorted(self.weights.items()), *own.items()]

    def fits(self, blueprint: Blueprint) -> bool:
        """Tell whether a generator of this blueprint can lean on the prior."""
        shapes = blueprint.network()
        laws = getattr(blueprint, "laws", 0)
        return (
            set(blueprint.trained) == set(self.weights) - {"drift", "freedom"}
            and all(self.weights[name].shape[1:] == shapes[name][1:] for name in blueprint.trained)
            and len(self.weights["drift"]) >= blueprint.replicas
            and len(self.innovations) == laws
            and self._is_of_memory(blueprint)
        )

    def _is_of_memory(self, blueprint: Blueprint) -> bool:
        """Tell whether the numbers of a memory mean the same. Its guard may be another."""
        other = getattr(blueprint, "memory", None)
        return isinstance(other, Memory) and replace(other, guard=self.memory.guard) == self.memory

    def of_replicas(self, count: int) -> dict[str, Float32Array]:
        """Return the weights of the first replicas."""
        return {name: weight[:count] for name, weight in self.weights.items()}

    def to_bytes(self) -> bytes:
        """Return the arrays in the safetensors format."""
        return bytes(save({name: np.ascontiguousarray(array) for name, array in self._arrays()}))

    @classmethod
    def of_bytes(cls, content: bytes, name: str, until: str, series: tuple[str, ...]) -> Prior:
        """Read the arrays that `to_bytes` returns, of a memory of the usual sizes."""
        arrays = {key: np.array(array) for key, array in load(content).items()}
        innovations, tails = arrays.pop("innovations"), arrays.pop("tails")
        mix = arrays.pop(_SHAPE_MIX, None)
        memory = Memory(ranges=mix is not None)
        return cls(name, until, series, arrays, innovations, tails, memory, mix)


class _Vintage(TypedDict):
    file: str
    until: str
    series: list[str]


class _Index(TypedDict):
    vintages: list[_Vintage]
    levels: list[list[float]]  # days of a history, and the deviation of `doubt_of_level`


def doubt_of_level(days: int) -> float:
    """Return the deviation of the log volatility of a year from that of so many days before it.

    It was measured over the series of the prior.

    Parameters
    ----------
    days : int
        Of the history.
    """
    known = np.array(_index()["levels"])
    return float(np.interp(np.log(days), np.log(known[:, 0]), known[:, 1]))


def _index() -> _Index:
    return cast("_Index", json.loads((files("simgan") / _FOLDER / _INDEX).read_text("utf-8")))


def packaged(blueprint: Blueprint, last: str) -> Prior | None:
    """Return the newest vintage that fits a blueprint and knows no day after an ISO date.

    Parameters
    ----------
    blueprint : Blueprint
    last : str
        ISO date.
    """
    return next(_fitting(blueprint, last), None)


def first_vintage(blueprint: Blueprint) -> str | None:
    """Return the last day of the oldest vintage that fits a blueprint, if there is one."""
    return min((found.until for found in _fitting(blueprint, _EVER)), default=None)


def _fitting(blueprint: Blueprint, last: str) -> Iterator[Prior]:
    """Yield the vintages that fit a blueprint and know no day after another, the newest first."""
    folder = files("simgan") / _FOLDER
    known = (facts for facts in _index()["vintages"] if facts["until"] <= last)
    for facts in sorted(known, key=lambda facts: facts["until"], reverse=True):
        found = Prior.of_bytes(
            (folder / facts["file"]).read_bytes(),
            f"default, {facts['until'][:4]}",
            facts["until"],
            tuple(facts["series"]),
        )
        if found.fits(blueprint):
            yield found
