"""Numbers of a history, of its resamples, of histories of laws, and of models, and their rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from simgan.arrays import FloatArray
from simgan.report.samples import in_the_mean
from simgan.report.verdict import Row
from simgan.stats.intervals import LOCATION, Rule

NOMINAL, TARGET = 95.0, 90.0  # percent of pairs within their own interval: of a right law, wanted
WANTED = "wanted are 90 % and more; the pairs of one history depend on each other"
_PARTS = 4  # of the sets of a model, to know how much a distance depends on them


@dataclass(frozen=True, eq=False)
class Measured:
    """Several numbers of one kind, such as the correlations of all pairs.

    Attributes
    ----------
    real : array of shape (points,)
        Of the history.
    of_laws : array of shape (laws, histories, points)
        Of histories of laws that the real one allows.
    of_resamples : array of shape (resamples, points)
        Of block resamples of the history.
    of_models : mapping of arrays of shape (sets, points)
        Of sets of a model's paths, each with as many days as the history.
    spans : float
        Sets of the model with the fewest.
    """

    real: FloatArray
    of_laws: FloatArray
    of_resamples: FloatArray
    of_models: Mapping[str, FloatArray]
    spans: float

    def each(self, function: Callable[[FloatArray], FloatArray]) -> Measured:
        """Return a function of all numbers of a history, for each history."""

        def of(numbers: FloatArray) -> FloatArray:
            flat = numbers.reshape(-1, numbers.shape[-1])
            found = np.stack([np.atleast_1d(function(one)) for one in flat])
            return found.reshape(*numbers.shape[:-1], -1)

        return Measured(
            of(self.real[None])[0],
            of(self.of_laws),
            of(self.of_resamples),
            {name: of(sets) for name, sets in self.of_models.items()},
            self.spans,
        )

    def mean(self) -> Measured:
        """Return the mean over all numbers as the only one."""
        return self.each(np.mean)

    def limits(self, rule: Rule) -> tuple[FloatArray, FloatArray]:
        """Return lower and upper 95 % limits (points,) of a right model."""
        ends = np.array(
            [
                rule.interval(value, self.of_laws[..., i], self.of_resamples[:, i])
                for i, value in enumerate(self.real.tolist())
            ]
        )
        middle, half = ends.mean(axis=1), np.diff(ends, axis=1)[:, 0] / 2
        half *= np.sqrt(1 + 1 / self.spans)  # the mean over a model's sets is noisy, too
        return middle - half, middle + half

    def of(self, model: str) -> FloatArray:
        """Return the numbers (points,) of a model: the mean over its sets."""
        return np.asarray(self.of_models[model].mean(axis=0), np.float64)

    def row(
        self, name: str, rule: Rule = LOCATION, *, point: int = 0, scale: float = 1.0,
        **details: object,
    ) -> Row:  # fmt: skip
        """Compare one of the numbers."""
        low, high = self._of_point(point).limits(rule)
        drawn = {model: scale * sets[:, point] for model, sets in self.of_models.items()}
        return Row(
            name=name,
            **in_the_mean(drawn),
            real=scale * float(self.real[point]),
            low=scale * float(low[0]),
            high=scale * float(high[0]),
            **details,  # type: ignore[arg-type]
        )

    def distance(self, name: str, norm: Callable[[FloatArray], float], **details: object) -> Row:
        """Compare all numbers at once by a norm of their differences from those of the history.

        The floor is the larger of two 95 % quantiles: of histories of a law from the others of it,
        and of block resamples from their mean.
        """
        count = self.of_laws.shape[1]
        mean = self.of_laws.mean(axis=1, keepdims=True)
        from_others = (self.of_laws - mean) * count / (count - 1)
        from_mean = self.of_resamples - self.of_resamples.mean(axis=0)
        floor = max(
            float(np.quantile([norm(one) for one in differences], 0.95))
            for differences in (from_others.reshape(-1, len(self.real)), from_mean)
        )
        drawn = {
            model: [norm(part.mean(axis=0) - self.real) for part in _parts(sets)]
            for model, sets in self.of_models.items()
        }
        whole = {model: norm(self.of(model) - self.real) for model in self.of_models}
        return Row(
            name=name,
            models=whole,
            errors=in_the_mean(drawn)["errors"],
            floor=floor,
            perfect=0.0,
            **details,  # type: ignore[arg-type]
        )

    def share_within(self, name: str, **details: object) -> Row:
        """Compare the share of numbers, in percent, that lie in their own interval.

        A right law has 95 % of them within in the mean. All depend on each other. So the lower
        limit is that which 95 of 100 histories of the laws reach, and as many resamples, and 90 %
        at the most.
        """
        low, high = self.limits(LOCATION)
        of_laws = self.of_laws - self.of_laws.mean(axis=1, keepdims=True)
        of_resamples = self.of_resamples - self.of_resamples.mean(axis=0)
        reached = [
            100 * ((self.real - high <= moves) & (moves <= self.real - low)).mean(axis=-1)
            for moves in (of_laws, of_resamples)
        ]
        least = min(float(np.quantile(shares, 0.05)) for shares in reached)

        def share(numbers: FloatArray) -> float:
            return 100 * float(np.mean((low <= numbers) & (numbers <= high)))

        drawn = {
            model: [share(part.mean(axis=0)) for part in _parts(sets)]
            for model, sets in self.of_models.items()
        }
        return Row(
            name=name,
            models={model: share(self.of(model)) for model in self.of_models},
            errors=in_the_mean(drawn)["errors"],
            unit="%",
            real=NOMINAL,
            low=min(least, TARGET),
            high=100.0,
            **details,  # type: ignore[arg-type]
        )

    def outside(self, model: str) -> FloatArray:
        """Return for each number (points,) of a model how far it lies outside its interval, or 0.

        The unit is the number's own, and the sign that of the difference.
        """
        low, high = self.limits(LOCATION)
        values = self.of(model)
        return np.minimum(values - low, 0.0) + np.maximum(values - high, 0.0)

    def _of_point(self, point: int) -> Measured:
        at = slice(point, point + 1)
        return Measured(
            self.real[at], self.of_laws[..., at], self.of_resamples[:, at], {}, self.spans
        )


def _parts(sets: FloatArray) -> list[FloatArray]:
    """Deal the sets of a model (sets, points) to four parts, or fewer where there are fewer."""
    count = max(1, min(_PARTS, len(sets) // 2))
    return [sets[first::count] for first in range(count)]


def largest(differences: FloatArray) -> float:
    """Return the largest size of differences."""
    return float(np.abs(differences).max())


def root_mean_square(differences: FloatArray) -> float:
    """Return the root of the mean square of differences."""
    return float(np.sqrt(np.mean(np.square(differences))))
