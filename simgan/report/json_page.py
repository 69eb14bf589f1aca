"""The report as JSON: the same numbers as the page."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from simgan.report.facts import ReportFacts
from simgan.report.rows import Comparison
from simgan.report.verdict import Verdict


def to_json(facts: ReportFacts, comparison: Comparison, verdict: Verdict) -> dict[str, Any]:
    """Return facts, verdict and all rows as plain JSON data."""
    return {"facts": asdict(facts), "verdict": verdict.to_json(), "comparison": comparison.to_json()}
