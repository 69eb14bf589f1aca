"""Pages of a stream: their groups are computed once, and no page is another one for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from made_bundle import made_bundle

from simgan.errors import SamplingError
from simgan.sampling.latent import SIZE, Drawing
from simgan.sampling.model import Model
from simgan.sampling.start import Start
from simgan.scenarios.block import joined
from simgan.scenarios.product import Scenarios
from simgan.seeds import Seed
from simgan.service.paged import PagedModel

PAGE = Drawing(n=100, horizon=3, first=100, seed=Seed(3))


@pytest.fixture
def model() -> PagedModel:
    return PagedModel(made_bundle("made", days=60))


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Drawing]:
    """Drawings that models were asked to compute."""
    found: list[Drawing] = []
    draw = Model.draw

    def counted(self: Model, drawing: Drawing, *others: object) -> Iterator[Scenarios]:
        found.append(drawing)
        yield from draw(self, drawing, *others)  # type: ignore[arg-type]

    monkeypatch.setattr(Model, "draw", counted)
    return found


def page_of(model: Model, drawing: Drawing, start: Start) -> Scenarios:
    return joined(list(model.draw(drawing, start)))


@pytest.mark.parametrize("level", [0.0, 0.2])
@pytest.mark.parametrize("as_of", ["latest", "stationary"])
def test_pages_are_those_of_a_model_and_computed_once(
    as_of: str, level: float, model: PagedModel, drawn: list[Drawing]
) -> None:
    start = model.start(as_of).at_level(level)
    for first in (100, 200, SIZE - 50):
        asked = replace(PAGE, first=first)
        page, plain = (page_of(each, asked, start) for each in (model, Model(model.bundle)))
        assert page == plain
    ours = [each for each in drawn if each.n == SIZE]
    assert [each.first for each in ours] == [0, SIZE]


def test_other_seeds_horizons_and_starts_have_other_groups(model: PagedModel) -> None:
    start, plain = model.start(), Model(model.bundle)
    others = (
        (replace(PAGE, seed=Seed(4)), start),
        (replace(PAGE, horizon=4), start),
        (PAGE, start.at_level(0.2)),
        (PAGE, model.start("stationary")),
        (PAGE, start.at_price(np.array([7.0]))),
    )
    page_of(model, PAGE, start)
    for drawing, of in others:
        assert page_of(model, drawing, of) == page_of(plain, drawing, of)


def test_first_pages_and_long_streams_are_drawn_alone(
    model: PagedModel, drawn: list[Drawing]
) -> None:
    alone = [replace(PAGE, first=0), replace(PAGE, n=SIZE), replace(PAGE, first=2**63 - 200)]
    for asked in alone:
        page_of(model, asked, model.start())
    assert drawn == alone


def test_a_page_is_not_refused_for_scenarios_beside_it(
    model: PagedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = Model.draw

    def failing(self: Model, drawing: Drawing, *others: object) -> Iterator[Scenarios]:
        if drawing.n == SIZE:
            raise SamplingError("the volatility of scenario 7 grows without bound")
        yield from draw(self, drawing, *others)  # type: ignore[arg-type]

    monkeypatch.setattr(Model, "draw", failing)
    assert len(page_of(model, PAGE, model.start())) == PAGE.n
