"""Tests of tail forecasts: coverage, independence, expected shortfall, and the law of the PITs."""

from __future__ import annotations

from simgan.registry import Entry, Registry
from simgan.risk.backtests.base import Backtest, TestResult
from simgan.risk.backtests.forecasts import TailForecasts
from simgan.risk.law import GRID, QuantileLaw

BACKTESTS: Registry[Backtest] = Registry(
    "backtest",
    {
        "kupiec": Entry("simgan.risk.backtests.kupiec:Kupiec"),
        "christoffersen-independence": Entry(
            "simgan.risk.backtests.christoffersen_independence:ChristoffersenIndependence"
        ),
        "christoffersen": Entry("simgan.risk.backtests.christoffersen:Christoffersen"),
        "dq": Entry("simgan.risk.backtests.dq:DynamicQuantile"),
        "acerbi-szekely-1": Entry("simgan.risk.backtests.acerbi_szekely_1:AcerbiSzekely1"),
        "acerbi-szekely-2": Entry("simgan.risk.backtests.acerbi_szekely_2:AcerbiSzekely2"),
        "acerbi-szekely-3": Entry("simgan.risk.backtests.acerbi_szekely_3:AcerbiSzekely3"),
        "multinomial": Entry("simgan.risk.backtests.multinomial:Multinomial"),
        "traffic-light": Entry("simgan.risk.backtests.traffic_light:TrafficLight"),
        "pit-uniformity": Entry("simgan.risk.backtests.pit_uniformity:PitUniformity"),
        "pit-independence": Entry("simgan.risk.backtests.pit_independence:PitIndependence"),
        "berkowitz": Entry("simgan.risk.backtests.berkowitz:Berkowitz"),
    },
)

__all__ = ["BACKTESTS", "GRID", "Backtest", "QuantileLaw", "TailForecasts", "TestResult"]
