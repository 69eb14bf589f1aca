"""The rows and sections of a comparison."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Mark = Literal["within", "outside", "not judged"]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One statistic of the real history and of each model's paths.

    Attributes
    ----------
    name : str
        The statistic, for example ``EMD/σ``.
    horizon : int or None
        Days that returns are summed over, where that is asked.
    unit : str
        "%", "σ", "nats" or nothing.
    real, low, high : float or None
        Value of the history with its 95 % interval. None for a distance, which has no real value.
    models : dict
        Value of each model, by name.
    floor : float or None
        For a distance: the 95 % quantile of real against real.
    blind_to : str
        The limits of this statistic, or the reason why it is not judged.
    is_judged : bool
        False for rows that are shown but have no usable error.
    """

    name: str
    models: dict[str, float]
    horizon: int | None = None
    unit: str = ""
    real: float | None = None
    low: float | None = None
    high: float | None = None
    floor: float | None = None
    blind_to: str = ""
    is_judged: bool = True

    @property
    def label(self) -> str:
        """Name with the horizon."""
        if self.horizon is None:
            return self.name
        return f"{self.name}, {self.horizon} day{'s' if self.horizon > 1 else ''}"

    def mark(self, model: str) -> Mark:
        """Tell whether a model's value lies where the real one may lie by chance."""
        if not self.is_judged:
            return "not judged"
        return "within" if self.excess(model) <= 0 else "outside"

    def excess(self, model: str) -> float:
        """Distance outside, in units of the half interval or of the floor.

        Zero or less means within.
        """
        value = self.models[model]
        if self.floor is not None:
            return (value - self.floor) / self.floor if self.floor > 0 else float(value > 0)
        if self.low is None or self.high is None:
            return 0.0
        half = max((self.high - self.low) / 2, 1e-300)
        return max(self.low - value, value - self.high) / half

    def to_json(self) -> dict[str, Any]:
        """Plain JSON data."""
        return asdict(self) | {"marks": {model: self.mark(model) for model in self.models}}


@dataclass(frozen=True)
class Section:
    """Rows that belong together, and the reasons for rows that were left out."""

    kind: str
    title: str
    rows: tuple[Row, ...]
    skipped: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain JSON data."""
        return {
            "kind": self.kind,
            "title": self.title,
            "rows": [row.to_json() for row in self.rows],
            "skipped": list(self.skipped),
        }


@dataclass(frozen=True)
class Comparison:
    """All sections. The first of the models is the judged one."""

    sections: tuple[Section, ...]
    models: tuple[str, ...]
    in_sample: bool

    @property
    def rows(self) -> list[Row]:
        """All rows in order."""
        return [row for section in self.sections for row in section.rows]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON data."""
        return {
            "models": list(self.models),
            "in_sample": self.in_sample,
            "sections": [section.to_json() for section in self.sections],
        }
