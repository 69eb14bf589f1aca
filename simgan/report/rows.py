"""What a comparison consists of: rows in sections."""

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
        What is compared, for example ``EMD/σ``.
    horizon : int or None
        Days that returns are summed over, where that is asked.
    unit : str
        "%", "σ", "nats" or nothing.
    real, low, high : float or None
        Value of the history with its 95 % interval; None for a distance, which has no real value.
    models : dict
        Value of each model, by name.
    floor : float or None
        For a distance: what real against real gives at most in 95 of 100 cases.
    blind_to : str
        What this statistic cannot see, or why it is not judged.
    is_judged : bool
        False for what is shown but has no usable error.
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
        """Say whether a model's value lies where the real one may lie by chance."""
        if not self.is_judged:
            return "not judged"
        return "within" if self.excess(model) <= 0 else "outside"

    def excess(self, model: str) -> float:
        """How far a model lies outside, in units of the half interval or of the floor; 0 or less is within."""
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
    """Rows that belong together, and what had to be left out and why."""

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
    """All sections; the first of the models is the one that is judged."""

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
