"""The JSON of a report has the keys that docs/report.md lists, and no others."""

from __future__ import annotations

import json
import re
from pathlib import Path

from made_book_samples import made_judgement
from made_report import COMPARISON, facts

from simgan.report.renderers import SCHEMA, to_json
from simgan.report.verdict import verdict
from simgan.stats.training import TrainingHistory
from simgan.stats.training.verdict import training_verdict

PAGE = Path(__file__).parents[2] / "docs" / "report.md"


def documented() -> list[set[str]]:
    """Return the keys of each table of keys."""
    part = PAGE.read_text(encoding="utf-8").partition("## The JSON")[2]
    tables = re.findall(r"\| key[^\n]*\n\|[-|]+\n((?:\|[^\n]*\n)+)", part)
    return [
        {key for line in table.splitlines() for key in re.findall(r"`([^`]+)`", line.split("|")[1])}
        for table in tables
    ]


def test_every_key_is_documented_and_every_documented_key_is_there() -> None:
    training = training_verdict(TrainingHistory())
    numbers = json.loads(json.dumps(to_json(facts(), COMPARISON, verdict(COMPARISON), training)))
    whole, of_verdict, of_row, of_book = documented()
    assert set(numbers) == whole
    assert set(numbers["verdict"]) == of_verdict
    assert set(numbers["comparison"]["sections"][0]["rows"][0]) == of_row
    of_pairs = made_judgement().to_json()
    assert set(of_pairs) == of_book
    text = PAGE.read_text(encoding="utf-8")
    others = [*numbers["comparison"], *numbers["comparison"]["sections"][0], *numbers["training"]]
    assert [key for key in others if f"`{key}`" not in text] == []
    assert numbers["simgan report"] == SCHEMA and f"version of the schema, {SCHEMA} |" in text
