"""Scenarios as chunks that a reader pulls: the bytes of a stream, and an end at any time."""

from __future__ import annotations

import io
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from made_bundle import made_bundle
from made_joint import made_joint

from simgan.bundle.store import write_bundle
from simgan.errors import Interrupted
from simgan.progress import Stop
from simgan.sampling.model import Model
from simgan.workflows.models import load_bundle
from simgan.workflows.orders import Order
from simgan.workflows.sample import SampleRequest, order, prepared
from simgan.workspace import Workspace


def an_order(folder: Path, **options: Any) -> Order:
    write_bundle(made_bundle("made", days=60), folder / "models" / "made")
    return order(SampleRequest(workspace=Workspace(folder), name="made", horizon=5, **options))


@pytest.mark.parametrize("given", [None, "cumulative<0"])
@pytest.mark.parametrize("kind", ["csv", "arrow", "npy"])
def test_chunks_are_the_bytes_of_the_stream(kind: str, given: str | None, tmp_path: Path) -> None:
    made, sink = an_order(tmp_path, n=5000, first=100, given=given), io.BytesIO()
    made.to_stream(sink, kind)
    assert b"".join(chain.from_iterable(made.chunks(kind))) == sink.getvalue()


def test_a_stop_ends_the_search_for_rare_scenarios(tmp_path: Path) -> None:
    """The reader leaves after the first chunk of a million scenarios."""
    stop = Stop()
    chunks = an_order(tmp_path, n=10**6, given="cumulative<0").chunks("csv", stop)
    next(chunks)
    stop.ask()
    with pytest.raises(Interrupted):
        list(chunks)


def test_nothing_is_drawn_ahead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first chunk has 13,107 rows of 5 days, which lie in seven groups of 2,048."""
    drawn: list[int] = []
    draw = Model.draw

    def counted(self: Model, *arguments: object) -> object:
        for block in draw(self, *arguments):  # type: ignore[arg-type]
            drawn.append(block.first)
            yield block

    made = an_order(tmp_path, n=10**6)
    monkeypatch.setattr(Model, "draw", counted)
    chunks = made.chunks()
    first = b"".join(next(chunks))
    assert first.count(b"\n") == 13_107 + 1
    assert drawn == [2048 * group for group in range(7)]
    chunks.close()


def test_an_address_tells_all_bytes_apart_and_draws_no_pilot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The options that change no byte, such as the workers, change no address."""
    write_bundle(made_joint(), tmp_path / "models" / "made")
    model = Model(load_bundle(Workspace(tmp_path), "made"))
    monkeypatch.setattr(Model, "draw", None)

    def address(kind: str = "csv", **options: Any) -> str:
        asked = SampleRequest(workspace=Workspace(tmp_path), name="made", **options)
        return prepared(asked, model).address(kind)

    one = {"ONE": 0.5, "TWO": 0.5}
    changes: list[dict[str, Any]] = [
        {"kind": "npy"},
        {"n": 999},
        {"horizon": 20},
        {"seed": 1},
        {"first": 1},
        {"layout": "long"},
        {"values": "prices"},
        {"assets": "ONE"},
        {"assets": "TWO,ONE"},
        {"initial_price": "ONE=5"},
        {"as_of": "stationary"},
        {"as_of": "2010-09-01"},
        {"level_uncertainty": True},
        {"given": "cumulative<0"},
        {"given": "ONE:cumulative<0"},
        {"given": "cumulative<0", "weights": one},
        {"given": "cumulative<0", "weights": one, "rebalance": "daily"},
    ]
    assert len({address(**change) for change in changes} | {address()}) == len(changes) + 1
    assert address(workers=2) == address(weights=one) == address()
