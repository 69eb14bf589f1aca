"""Names that people may give models and assets: none breaks a table, and none becomes markup."""

from __future__ import annotations

import json

import pytest

from simgan.report.renderers import render_text
from simgan.report.verdict import Comparison, Row, Section, verdict

NAMES = {
    "rich markup": "[bold]gan[/bold]",
    "closing tag alone": "gan[/red]",
    "HTML": "<script>alert(1)</script>",
    "long": "gan" * 20,
    "long with hyphens": "-".join(["generator"] * 6),
    "wide letters": "模型一号",
    "accents": "Modèle-été",
    "emoji code": "gan:smile:",
    "percent and braces": "{0} %s %(x)s {{ 7*7 }}",
}


def compared(*models: str, sections: int = 1) -> Comparison:
    rows = (
        Row(
            name="standard deviation",
            unit="%",
            models={model: 1.23 + place for place, model in enumerate(models)},
            real=1.25,
            low=1.11,
            high=1.39,
        ),
        Row(
            name="EMD/σ",
            horizon=20,
            models={model: 0.0456 for model in models},
            floor=0.0789,
        ),
    )
    made = tuple(Section(f"kind {n}", f"Part {n}", rows) for n in range(sections))
    return Comparison(made, models, True)


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
@pytest.mark.parametrize("width", [80, 200])
def test_a_name_stands_as_it_is_and_no_number_is_cut(name: str, width: int) -> None:
    comparison = compared(name, "gjr-t")
    page = render_text(comparison, verdict(comparison), width)
    for number in ("1.23 ✓", "2.23 ✗", "0.0456 ✓", "1.25 [1.11, 1.39]", "0.0789"):
        assert number in page
    together = "".join(page.split())
    assert "".join(name.split()) in together  # whole, in the verdict at least
    table = page.split("In sample")[0]
    assert "…" not in table
    for piece in name.split("-"):
        assert piece[:6] in table


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_no_line_of_the_tables_is_wider_than_asked(name: str) -> None:
    from rich.cells import cell_len

    comparison = compared(name, "simgan", "gjr-t")
    for width in (80, 120, 200):
        page = render_text(comparison, verdict(comparison), width)
        assert max(cell_len(line) for line in page.splitlines()) <= width


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_json_keeps_the_name(name: str) -> None:
    comparison = compared(name, "gjr-t")
    read = json.loads(json.dumps(comparison.to_json(), allow_nan=False))
    assert read["models"] == [name, "gjr-t"]
    assert read["sections"][0]["rows"][0]["models"][name] == 1.23
    found = json.loads(json.dumps(verdict(comparison).to_json()))
    assert (found["model"], found["against"]) == (name, "gjr-t")


@pytest.mark.parametrize("count", [2, 4, 6, 8])
@pytest.mark.parametrize("width", [80, 200])
def test_many_models_with_long_names_keep_all_their_numbers(count: int, width: int) -> None:
    models = tuple(f"contender-number-{place}" for place in range(count))
    comparison = compared(*models)
    page = render_text(comparison, verdict(comparison), width, models)
    for place in range(count):
        assert f"{1.23 + place:.2f} {'✓' if place == 0 else '✗'}" in page
    assert max(map(len, page.splitlines())) <= width


@pytest.mark.parametrize("title", ["Marginal [law]", "[/] of <days>"])
def test_titles_and_reasons_are_text(title: str) -> None:
    filled = compared("simgan", "gjr-t").sections[0].rows
    sections = (
        Section("filled", title, filled, ("[red]too short[/red]",)),
        Section("empty", title, (), ("no days",)),
    )
    comparison = Comparison(sections, ("simgan", "gjr-t"), True)
    page = render_text(comparison, verdict(comparison))
    assert page.count(title) == 2
    assert "not computed: [red]too short[/red]" in page
