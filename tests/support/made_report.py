"""A comparison of two models and three rows, and the facts of its report."""

from __future__ import annotations

from simgan.report.renderers import ReportFacts
from simgan.report.verdict import Comparison, Row, Section

DAYS = 600
ROWS = (
    Row(
        name="mean",
        models={"simgan": 0.02, "gjr-t": 0.09},
        unit="%",
        real=0.01,
        low=-0.02,
        high=0.04,
    ),
    Row(
        name="EMD/σ",
        models={"simgan": 0.3, "gjr-t": 0.1},
        horizon=20,
        floor=0.2,
        blind_to="blind to the far tail",
    ),
    Row(
        name="excess kurtosis",
        models={"simgan": 9.0, "gjr-t": 7.0},
        real=8.0,
        blind_to="no usable error",
        is_judged=False,
    ),
)
COMPARISON = Comparison(
    (Section("mixed", "Mixed rows", ROWS, ("100 days: too short a history",)),),
    ("simgan", "gjr-t"),
    True,
)


def facts(model: str = "SP500") -> ReportFacts:
    return ReportFacts(
        model=model,
        assets=("SP500",),
        first="2000-01-04",
        last="2002-05-31",
        days=DAYS,
        seed=7,
        seconds=12.3,
        versions={"numpy": "2.4.0"},
        judged_on="the data it was fitted on",
        paths=5,
        horizon=DAYS,
    )
