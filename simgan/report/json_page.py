"""The report as JSON: the same numbers as the page."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from simgan.report.facts import ReportFacts
from simgan.report.rows import Comparison
from simgan.report.verdict import Verdict
from simgan.stats.training.verdict import TrainingVerdict


def to_json(
    facts: ReportFacts, comparison: Comparison, verdict: Verdict, training: TrainingVerdict
) -> dict[str, Any]:
    """Return facts, verdicts and all rows as plain JSON data."""
    numbers = {
        "verdict": verdict.to_json(),
        "training": training.to_json(),
        "comparison": comparison.to_json(),
    }
    return {"facts": asdict(facts)} | numbers
