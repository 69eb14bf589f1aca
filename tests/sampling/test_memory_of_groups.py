"""The memory of scenarios that are computed together, as it is expected before a draw."""

from __future__ import annotations

import tracemalloc

import pytest
from made_bundle import made_bundle
from made_joint import calm_joint

from simgan.bundle.store import Bundle
from simgan.sampling.groups import bytes_of_group
from simgan.sampling.latent import Drawing
from simgan.sampling.model import Model


def peak(model: Model, drawing: Drawing) -> int:
    """Return the most bytes of arrays that two groups hold at a time."""
    start = model.start()
    list(model.draw(Drawing(1, 2), start))  # what is built once
    tracemalloc.start()
    try:
        for _ in model.draw(drawing, start):
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("bundle", [made_bundle(), calm_joint(300)], ids=["one", "three"])
def test_the_memory_of_a_draw_is_expected(bundle: Bundle) -> None:
    """The estimate may be a quarter too high. By two horizons, the smaller one has the rest."""
    model, drawings = Model(bundle), [Drawing(4096, days) for days in (20, 80)]
    few, many = (peak(model, drawing) for drawing in drawings)
    expected = [bytes_of_group(len(bundle.manifest.assets), drawing) for drawing in drawings]
    assert 0.8 < (many - few) / (expected[1] - expected[0]) < 1.02


def test_bars_need_more_of_each_asset() -> None:
    one, bars = (bytes_of_group(1, Drawing(10, 100, bars=each)) for each in (False, True))
    assert 2 < bars / one < 4
    assert bytes_of_group(12, Drawing(10, 100)) > 12 * one
