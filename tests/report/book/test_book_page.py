"""The page of a book: complete in itself, safe, deterministic, with heat maps and folded assets."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from made_book_samples import made_judgement
from made_report import facts
from page_tags import Tags, expect_sound

from simgan.report.aspects import Aspect, standing
from simgan.report.book import figures
from simgan.report.book.judged import BookJudgement
from simgan.report.book.page import render_page
from simgan.report.book.text import headline, render_markdown, render_text
from simgan.report.uses import uses_of
from simgan.report.verdict import verdict
from simgan.stats.intervals import LOCATION

HOSTILE = "<script>alert('x')</script> & $dollar$"


@cache
def page() -> str:
    return render_page(facts("BOOK"), made_judgement())


def renamed() -> BookJudgement:
    """The judgement with a hostile name in the place of the first asset."""
    judged = made_judgement()
    names = (HOSTILE, *judged.samples.assets[1:])
    assets = dict(zip(names, judged.assets.values(), strict=True))
    return replace(judged, samples=replace(judged.samples, assets=names), assets=assets)


def test_the_page_is_sound_and_the_same_input_gives_the_same_bytes() -> None:
    expect_sound(page())
    assert page() == page.__wrapped__()


def test_names_of_assets_are_text() -> None:
    found = render_page(facts(), renamed())
    assert "<script" not in found and "&lt;script&gt;" in found
    assert Tags(found).open == []
    assert not re.search(r"(?<!\\)<script", render_markdown(facts(), renamed()))


def test_the_standing_beside_the_rival_is_told_everywhere() -> None:
    judged = made_judgement()
    told = judged.verdict
    assert told.against == "gjr-dcc-fhs"
    assert judged.outcome == standing(len(told.wins) - len(told.losses)) == "ahead of"
    assert f"is ahead of gjr-dcc-fhs: it wins {len(told.wins)} rows and loses 0" in judged.sentence
    for text in (page(), render_text(judged, 100)):
        assert judged.sentence in text
    assert json.loads(json.dumps(judged.to_json(), allow_nan=False))["standing"] == {
        "outcome": "ahead of", "sentence": judged.sentence,
    }  # fmt: skip


def test_each_asset_is_folded_with_its_rows() -> None:
    judged = made_judgement()
    folded = re.findall(
        r'<details class="asset" id="asset-(\d)">\s*<summary>(.*?)</summary>', page()
    )
    assert [number for number, _ in folded] == ["1", "2", "3", "4"]
    for (_, summary), asset in zip(folded, judged.assets, strict=True):
        assert f"<b>{asset}</b>" in summary and headline(judged, asset) in summary
    comparison = judged.assets["A2"]
    assert comparison.days == 700 and comparison.models == ("simgan", "gjr-dcc-fhs")
    kinds = ["moments", "quantiles", "tails", "dependence"]
    assert [section.kind for section in comparison.sections] == kinds


def test_heat_maps_show_the_pairs_and_frame_those_outside() -> None:
    judged = made_judgement()
    found = figures.heat_maps(judged.samples, ("gjr-dcc-fhs",), has_tails=True)
    assert [one.name for one in found] == ["pairs-correlations", "pairs-joint-falls"]
    assert all(len(one.panels) == 3 for one in found)
    of_pairs = judged.samples.correlations
    outside = int(np.count_nonzero(of_pairs.outside("gjr-dcc-fhs")))
    assert outside == 6 and f"{outside} of 6" in found[0].caption
    real = {f"{value:.2f}".replace("0.", ".") for value in of_pairs.real}
    assert real <= set(re.findall(r">([.\d]+)<", found[0].panels[0]))
    assert len(figures.heat_maps(judged.samples, ("simgan",), has_tails=False)) == 1


def test_assets_that_move_together_are_neighbours() -> None:
    """Two groups of two: .9 within, 0 between."""
    matrix = np.array([[1, 0, 0.9, 0], [0, 1, 0, 0.9], [0.9, 0, 1, 0], [0, 0.9, 0, 1.0]])
    order = figures._alike(matrix).tolist()
    assert {frozenset(order[:2]), frozenset(order[2:])} == {frozenset({0, 2}), frozenset({1, 3})}


@pytest.mark.usefixtures("unrendered")
def test_fifty_assets_are_drawn_without_numbers() -> None:
    names = [f"ASSET{number}" for number in range(50)]
    values = np.random.default_rng(0).uniform(-1, 1, (50, 50))
    assert "<svg" in figures._panel(values, names, "real", figures._EDGES, "x")


def test_the_json_has_every_pair_with_its_interval() -> None:
    judged = made_judgement()
    pairs = judged.to_json()["pairs"]
    assert len(pairs) == 6
    low, high = judged.samples.correlations.limits(LOCATION)
    first = pairs[0]
    assert first["assets"] == ["A1", "A2"] and first["days"] == 700
    assert (first["correlation"]["low"], first["correlation"]["high"]) == (low[0], high[0])
    assert set(first["correlation"]["models"]) == {"simgan", "gjr-dcc-fhs"}
    assert set(judged.to_json()["assets"]) == {"A1", "A2", "A3", "A4"}


def test_text_and_markdown_name_each_asset() -> None:
    judged = made_judgement()
    text, markdown = render_text(judged, 100), render_markdown(facts("BOOK"), judged)
    for asset in judged.assets:
        assert re.search(rf"^{asset} +within of \d+: simgan \d+, gjr-dcc-fhs \d+", text, re.M)
        assert f"<summary>{asset}: " in markdown
    assert markdown.count("<details>") == markdown.count("</details>") == 4
    assert max(map(len, text.splitlines())) <= 200
    assert markdown.index("## How the assets move together") < markdown.index("## Each asset")
    assert markdown.index("## Each asset") < markdown.index("## Where this comes from")


def test_an_asset_of_few_days_is_named_and_not_judged() -> None:
    judged = made_judgement()
    short = replace(judged.assets["A2"], sections=(), days=60)
    found = replace(judged, assets={**judged.assets, "A2": short})
    assert headline(found, "A2") == "not judged, because 60 days are too few"
    assert "A2  not judged: 60 days are too few" in render_text(found, 100)
    assert "60 days are too few" in render_markdown(facts(), found)
    assert found.to_json()["assets"]["A2"]["verdict"] is None


def test_a_book_whose_forecasts_are_behind_is_used_with_care() -> None:
    basis, left_out = "energy higher (p 0.01)", ("A9 has 25 days",)
    aspect = Aspect("ten-day forecasts", "behind", "gjr-dcc-fhs", basis, left_out)
    judgement = made_judgement()
    before = {one.name: one for one in uses_of(judgement.comparison, judgement.verdict)}
    comparison = replace(judgement.comparison, forecasts={"simgan": (aspect,)})
    told = replace(judgement, comparison=comparison, verdict=verdict(comparison))
    after = {one.name: one for one in uses_of(told.comparison, told.verdict)}
    assert before["VaR and ES of a book"].fitness == "good for"
    assert after["VaR and ES of a book"].fitness == "with care for"
    assert "gjr-dcc-fhs is better in ten-day forecasts" in after["VaR and ES of a book"].reasons
    for text in (render_page(facts("BOOK"), told), render_markdown(facts("BOOK"), told)):
        assert "Ten-day forecasts: behind gjr-dcc-fhs; energy higher (p 0.01)" in text.replace(
            "\\", ""
        )
    assert "Assets that are left out: A9 has 25 days." in render_page(facts("BOOK"), told)
    assert "Forecasts of held-out days" not in page()
