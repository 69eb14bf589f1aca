"""Training histories, and verdicts on them.

A history holds every metric of every stage as a curve of steps and values.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from simgan.errors import ConfigError

Curve: TypeAlias = list[tuple[int, float]]  # (step, value), in the order of the steps
_RECORDS = 100  # of the losses of a stage, at least


def is_recorded(step: int, total: int) -> bool:
    """Whether a step without a check is recorded: every hundredth part of a stage is."""
    return step % max(total // _RECORDS, 1) == 0


@dataclass
class TrainingHistory:
    """Curves of a training by stage and metric, both in the order of their first record.

    Attributes
    ----------
    stages : dict of dict of list of (int, float)
        ``stages["adversarial"]["critic loss"]`` is a curve.
    """

    stages: dict[str, dict[str, Curve]] = field(default_factory=dict)

    def record(self, stage: str, step: int, metrics: Mapping[str, float]) -> None:
        """Add the metrics of a step to their curves."""
        curves = self.stages.setdefault(stage, {})
        for name, value in metrics.items():
            curves.setdefault(name, []).append((step, value))

    def of_stage(self, stage: str) -> dict[str, Curve]:
        """Return the curves of a stage by metric. A stage that did not run has none."""
        return self.stages.get(stage, {})

    def to_json(self) -> dict[str, dict[str, list[list[float]]]]:
        """Return plain data. JSON has no infinity, so records that are not finite are left out."""
        return {
            stage: {
                name: [[step, value] for step, value in curve if math.isfinite(value)]
                for name, curve in curves.items()
            }
            for stage, curves in self.stages.items()
        }

    @classmethod
    def from_json(cls, data: object) -> TrainingHistory:
        """Read plain data.

        Bundles of format 2 hold one table with the keys "stage: metric". They are read, too.

        Raises
        ------
        ConfigError
            The data are no tables of curves, or a value is no finite number.
        """
        found = cls()
        for stage, curves in _table(data, "history").items():
            if isinstance(curves, list):  # format 2
                stage, _, metric = stage.rpartition(": ")
                metric = metric.replace("crps", "CRPS")
                found.stages.setdefault(stage, {})[metric] = _curve(curves, metric)
                continue
            found.stages[stage] = {
                name: _curve(points, name) for name, points in _table(curves, stage).items()
            }
        return found


def _table(data: object, place: str) -> dict[str, object]:
    if isinstance(data, dict) and all(isinstance(key, str) for key in data):
        return data
    raise ConfigError("training history", place, data, "a table")


def _curve(points: object, name: str) -> Curve:
    if not isinstance(points, list):
        raise ConfigError("training history", name, points, "a list of [step, value]")
    return [_record(point, name) for point in points]


def _record(point: object, name: str) -> tuple[int, float]:
    if isinstance(point, list | tuple) and len(point) == 2:
        step, value = point
        is_step = isinstance(step, int) and not isinstance(step, bool) and 0 <= step < 2**63
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if is_step and is_number and math.isfinite(value):
            return step, float(value)
    raise ConfigError("training history", name, point, "a step and a finite number")
