"""The results of a judgement of several assets, together and one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from simgan.bundle.fields import Json
from simgan.readable import ByValue
from simgan.report.aspects import Outcome, standing, verdicts_of
from simgan.report.book.measured import Measured
from simgan.report.book.samples import BookSamples
from simgan.report.uses import judged_json
from simgan.report.verdict import Comparison, Verdict, verdict
from simgan.stats.intervals import LOCATION


@dataclass(frozen=True, eq=False)
class BookJudgement(ByValue):
    """Paths of a book by model, the judged ones first, their comparison, and the verdict.

    Attributes
    ----------
    samples : BookSamples
        History and paths.
    comparison : Comparison
        Of all assets together.
    verdict : Verdict
        On the first model, against the joint rival.
    assets : mapping of Comparison
        Of each asset by itself, beside the rival.
    """

    samples: BookSamples
    comparison: Comparison
    verdict: Verdict
    assets: Mapping[str, Comparison]

    @cached_property
    def verdicts(self) -> tuple[Verdict, ...]:
        """The verdicts on all judged models."""
        return verdicts_of(self.comparison, self.verdict)

    @cached_property
    def of_assets(self) -> Mapping[str, tuple[Verdict, ...]]:
        """The same on each asset by itself. An asset without rows has none."""
        return {
            asset: tuple(verdict(one, model) for model in self.comparison.judged)
            for asset, one in self.assets.items()
            if one.counted
        }

    @property
    def outcome(self) -> Outcome:
        """How the first model stands: more rows won than lost, as many, or fewer."""
        return _outcome(self.verdict)

    @property
    def sentence(self) -> str:
        """How each model stands beside the rival, with all assets together and with each."""
        if not self.verdict.against:
            return "No joint baseline can be used here, so nothing is compared with one."
        return " ".join(map(self._standing, self.verdicts))

    def _standing(self, told: Verdict) -> str:
        each = [one for of_asset in self.of_assets.values() for one in of_asset]
        counts = Counter(_outcome(one) for one in each if one.model == told.model)
        named = ", ".join(
            f"{outcome} it for {counts[outcome]}"
            for outcome in ("ahead of", "level with", "behind")
            if counts[outcome]
        )
        return (
            f"With all assets together, {told.model} is {_outcome(told)} {told.against}: it wins "
            f"{_rows(len(told.wins))} and loses {len(told.losses)}. Asset by asset it is {named}."
        )

    def to_json(self) -> dict[str, Json]:
        """Return plain data on the assets one by one, and on all pairs."""
        return {
            "standing": {"outcome": self.outcome, "sentence": self.sentence},
            "assets": {asset: self._of_asset(asset) for asset in self.assets},
            "pairs": list(self._pairs()),
        }

    def _of_asset(self, asset: str) -> dict[str, Json]:
        one = self.assets[asset]
        judged: list[Json] = [judged_json(one, told) for told in self.of_assets.get(asset, ())]
        return {
            "verdict": judged[0] if judged else None,
            "beside": judged[1:],
            "comparison": one.to_json(),
        }

    def _pairs(self) -> Iterator[dict[str, Json]]:
        samples = self.samples
        kinds = {"correlation": samples.correlations, "joint_falls": samples.joint_falls}
        rows, columns = samples.pairs()
        numbers = {name: _of_pairs(one) for name, one in kinds.items()}
        for place, (row, column) in enumerate(zip(rows.tolist(), columns.tolist(), strict=True)):
            yield {
                "assets": [samples.assets[row], samples.assets[column]],
                "days": int(samples.common[row, column]),
                **{name: found[place] for name, found in numbers.items()},
            }


def _of_pairs(measured: Measured) -> list[dict[str, Json]]:
    """Return value, interval and the values of all models for each pair."""
    low, high = measured.limits(LOCATION)
    of_models = {model: measured.of(model).tolist() for model in measured.of_models}
    return [
        {
            "real": value,
            "low": float(low[place]),
            "high": float(high[place]),
            "models": {model: values[place] for model, values in of_models.items()},
        }
        for place, value in enumerate(measured.real.tolist())
    ]


def _outcome(told: Verdict) -> Outcome:
    """Compare the rows that are won with those that are lost."""
    return standing(len(told.wins) - len(told.losses))


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"
