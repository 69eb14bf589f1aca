"""Names that people may give models and assets, in the tables of a backtest."""

from __future__ import annotations

import json

import pytest
from made_walks import made_walk
from rich.cells import cell_len

from simgan.report.backtest.renderers import render_text
from simgan.report.backtest.results import evaluate
from simgan.seeds import Seed

NAMES = {
    "closing tag alone": "gan[/red]",
    "long": "gan" * 30,
    "wide letters": "模型一号",
}


@pytest.mark.usefixtures("hit_rates_alone")
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_a_name_stands_as_it_is_at_every_width(name: str) -> None:
    walks = [made_walk(name, days=120, asset="[b]A&B"), made_walk("gjr-fhs", 2.0, 120, "[b]A&B")]
    results = evaluate(walks, seed=Seed(1))
    for width in (80, 200):
        page = render_text(results, width)
        tables = page.split("● in the 90")[0]
        assert name[:6] in tables
        assert "[b]A&B" in page
        assert max(cell_len(line) for line in page.splitlines()) <= width
    assert json.dumps(name)[1:-1] in json.dumps(results.to_json(), allow_nan=False)
