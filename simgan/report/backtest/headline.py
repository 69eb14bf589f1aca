"""The headline of a backtest: failed tests and traffic lights of all models, side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from simgan.report.backtest.calibration import SIGNIFICANT, Calibration
from simgan.report.backtest.scores import Field, percent
from simgan.report.verdict import over
from simgan.risk.backtests import TestResult
from simgan.risk.backtests.traffic_light import ZONES

BASEL = 0.99  # level of the traffic light
_MOST_NAMED = 6  # models in a sentence: the judged one and the best of the others


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Calibration tests and traffic lights of one model.

    Attributes
    ----------
    model : str
    tests, failed : int
        Calibration tests over all assets, horizons and levels, and those that reject at 5 %.
    zones : mapping
        Number of assets in each zone of the traffic light.
    exceedances : int
        Of all assets, in the window of the traffic light.
    """

    model: str
    tests: int
    failed: int
    zones: Mapping[str, int]
    exceedances: int

    @property
    def light(self) -> str:
        """The zone, or how many assets are in each."""
        if sum(self.zones.values()) == 1:
            return f"{next(iter(self.zones))} ({self.exceedances})"
        return " and ".join(f"{count} {zone}" for zone, count in self.zones.items())


@dataclass(frozen=True, kw_only=True)
class Headline:
    """Standings of all models, the judged one first.

    Attributes
    ----------
    level, horizon : float, int
        Of the traffic light: 99 % over one day, or the nearest that was forecast.
    days : int
        Length of its window.
    standings : tuple of Standing
    """

    level: float
    horizon: int
    days: int
    standings: tuple[Standing, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """A sentence on failed tests, and one on traffic lights."""
        named = self._named
        failed = ", ".join(f"{one.model} {one.failed} of {one.tests}" for one in named)
        lights = ", ".join(f"{one.model} {one.light}" for one in named)
        return (
            f"Calibration tests failed at 5 %: {failed}{self._more}{self._compared}.",
            f"{self.light_title}, by the exceedances of the latest {self.days} forecasts: "
            f"{lights}{self._more}.",
        )

    @property
    def light_title(self) -> str:
        """Name of the traffic light, with its level and horizon."""
        return f"Traffic light at {percent(self.level)} over {over(self.horizon)}"

    @property
    def tone(self) -> Literal["good", "care", "poor"]:
        """How the headline is to be coloured: by the zones, and by the failures of the rivals."""
        own, *rivals = self.standings
        if "red" in own.zones:
            return "poor"
        is_behind = any(_share(own) > _share(rival) for rival in rivals)
        return "care" if is_behind or "amber" in own.zones else "good"

    def to_json(self) -> dict[str, object]:
        """Plain JSON data."""
        models = [asdict(one) | {"zones": dict(one.zones)} for one in self.standings]
        light = {"level": self.level, "horizon": self.horizon, "days": self.days}
        return {"sentence": " ".join(self.lines), "traffic_light": light, "models": models}

    @property
    def _named(self) -> list[Standing]:
        own, *rivals = self.standings
        return [own, *sorted(rivals, key=_share)][:_MOST_NAMED]

    @property
    def _more(self) -> str:
        more = len(self.standings) - len(self._named)
        return f" and {more} more" if more else ""

    @property
    def _compared(self) -> str:
        """Where the judged model stands among its rivals."""
        own, *rivals = self.standings
        if not rivals:
            return ""
        best = min(rivals, key=_share)
        if _share(own) == _share(best):
            return f"; {own.model} is level with the best of its rivals"
        if _share(own) < _share(best):
            return f"; {own.model} fails the fewest"
        fewer = sum(_share(rival) < _share(own) for rival in rivals)
        if fewer == 1:
            return f"; {best.model} fails fewer than {own.model}"
        return f"; {fewer} of {len(rivals)} rivals fail fewer than {own.model}"


def headline(taking_part: Field, found: Sequence[Calibration]) -> Headline:
    """Count tests and traffic lights of every model."""
    horizon = min(taking_part.horizons)
    levels = {one.level for one in found if one.horizon == horizon and one.level is not None}
    level = min(levels, key=lambda each: (abs(each - BASEL), each))
    lights = {
        (one.model, one.asset): one.test("traffic-light")
        for one in found
        if (one.horizon, one.level) == (horizon, level)
    }
    return Headline(
        level=level,
        horizon=horizon,
        days=max(light.days for light in lights.values()),
        standings=tuple(_standing(model, found, lights) for model in taking_part.models),
    )


def _standing(
    model: str, found: Sequence[Calibration], lights: Mapping[tuple[str, str], TestResult]
) -> Standing:
    p_values = [result.p for one in found if one.model == model for result in one.made]
    own = [light for (owner, _), light in lights.items() if owner == model]
    counts = Counter(str(light.details.get("zone", "")) for light in own)
    return Standing(
        model=model,
        tests=len(p_values),
        failed=sum(p < SIGNIFICANT for p in p_values),
        zones={zone: counts[zone] for zone in ZONES if counts[zone]},
        exceedances=sum(int(light.statistic) for light in own),
    )


def _share(standing: Standing) -> float:
    """Share of the tests that fail. Models may have different numbers of tests."""
    return standing.failed / max(standing.tests, 1)
