"""The results of a judgement of several assets, together and one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from simgan.bundle.fields import Json
from simgan.readable import ByValue
from simgan.report.aspects import Outcome, standing
from simgan.report.book.measured import Measured
from simgan.report.book.samples import BookSamples
from simgan.report.uses import judged_json
from simgan.report.verdict import Comparison, Verdict, verdict
from simgan.stats.intervals import LOCATION


@dataclass(frozen=True, eq=False)
class BookJudgement(ByValue):
    """Paths of a book by model, the judged one first, their comparison, and the verdict.

    Attributes
    ----------
    samples : BookSamples
        History and paths.
    comparison : Comparison
        Of all assets together.
    verdict : Verdict
        Against the joint rival.
    assets : mapping of Comparison
        Of each asset by itself, beside the rival.
    """

    samples: BookSamples
    comparison: Comparison
    verdict: Verdict
    assets: Mapping[str, Comparison]

    @cached_property
    def of_assets(self) -> Mapping[str, Verdict]:
        """The verdict on each asset by itself. An asset without rows has none."""
        return {asset: verdict(one) for asset, one in self.assets.items() if one.counted}

    @property
    def outcome(self) -> Outcome:
        """More rows won than lost, as many, or fewer."""
        return standing(len(self.verdict.wins) - len(self.verdict.losses))

    @property
    def sentence(self) -> str:
        """How the model stands beside the rival, with all assets together and with each."""
        told, against = self.verdict, self.verdict.against
        if not against:
            return "No joint baseline can be used here, so nothing is compared with one."
        counts = Counter(
            standing(len(one.wins) - len(one.losses)) for one in self.of_assets.values()
        )
        each = ", ".join(
            f"{outcome} it for {counts[outcome]}"
            for outcome in ("ahead of", "level with", "behind")
            if counts[outcome]
        )
        return (
            f"With all assets together, {told.model} is {self.outcome} {against}: it wins "
            f"{_rows(len(told.wins))} and loses {len(told.losses)}. Asset by asset it is {each}."
        )

    def to_json(self) -> dict[str, Json]:
        """Return plain data on the assets one by one, and on all pairs."""
        return {
            "standing": {"outcome": self.outcome, "sentence": self.sentence},
            "assets": {
                asset: {
                    "verdict": judged_json(one, self.of_assets[asset])
                    if asset in self.of_assets
                    else None,
                    "comparison": one.to_json(),
                }
                for asset, one in self.assets.items()
            },
            "pairs": list(self._pairs()),
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


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"
