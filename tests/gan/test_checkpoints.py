"""A checkpoint comes back as it was, and each kind of damage or change is told in a sentence."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simgan.errors import TrainingError, WriteError
from simgan.stats.training import TrainingHistory

pytest.importorskip("tensorflow")
pytestmark = pytest.mark.tensorflow

from simgan import files  # noqa: E402
from simgan.gan import records  # noqa: E402
from simgan.gan.records import Checkpoint, TrainingState  # noqa: E402

REQUEST: dict[str, object] = {"seed": 1, "assets": ("A", "B"), "recipe": {"rate": 1e-4}}
HISTORY = TrainingHistory({"adversarial": {"critic loss": [(1, 0.5), (100, 0.25)]}})
STATE = TrainingState(
    stage=2,
    step=77,
    seconds=12.5,
    history=HISTORY,
    arrays={
        "weights": np.arange(6, dtype=np.float32).reshape(2, 3),
        "count": np.array(3.0, np.float32),
        "pool": np.zeros((0, 1, 4), np.float32),
        "scores": np.linspace(0, 1, 5),
    },
)


@pytest.fixture
def kept(tmp_path: Path) -> Checkpoint:
    checkpoint = Checkpoint(tmp_path / ".KO.training", REQUEST)
    checkpoint.save(STATE)
    return checkpoint


def test_a_state_comes_back_with_every_array_and_its_type(kept: Checkpoint) -> None:
    """The request has a tuple, which is a list in the file."""
    found = kept.load()
    assert (found.stage, found.step, found.seconds) == (2, 77, 12.5)
    assert found.history == HISTORY and found.arrays.keys() == STATE.arrays.keys()
    for name, array in STATE.arrays.items():
        assert found.arrays[name].dtype == array.dtype
        np.testing.assert_array_equal(found.arrays[name], array)


def test_a_later_state_replaces_the_earlier_one_whole(kept: Checkpoint) -> None:
    kept.save(TrainingState(step=3, arrays={"other": np.ones(1)}))
    assert kept.load().step == 3
    assert list(kept.load().arrays) == ["other"]
    assert [path.name for path in kept.folder.parent.iterdir()] == [".KO.training"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"seed": 2}, "with another seed;"),
        ({"assets": ["A"]}, "with another assets;"),
        ({"seed": 2, "recipe": {"rate": 1e-3}}, "with another recipe and seed;"),
        ({"data": "abc"}, "with another data;"),
    ],
)
def test_a_changed_request_is_told_by_its_names(
    kept: Checkpoint, change: dict[str, object], words: str
) -> None:
    with pytest.raises(TrainingError, match=f"fit of KO was started {words} give the same"):
        Checkpoint(kept.folder, REQUEST | change).load()


def test_a_name_that_is_gone_from_the_request_is_a_change_too(kept: Checkpoint) -> None:
    asked = {name: value for name, value in REQUEST.items() if name != "recipe"}
    with pytest.raises(TrainingError, match="with another recipe"):
        Checkpoint(kept.folder, asked).load()


def without(name: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        (folder / name).unlink()

    return damage


def with_facts(**changes: Any) -> Callable[[Path], None]:
    """Change the facts of a checkpoint. None removes one."""

    def damage(folder: Path) -> None:
        facts = json.loads((folder / "progress.json").read_text()) | changes
        facts = {name: value for name, value in facts.items() if value is not None}
        (folder / "progress.json").write_text(json.dumps(facts))

    return damage


def cut(name: str, size: int) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        (folder / name).write_bytes((folder / name).read_bytes()[:size])

    return damage


@pytest.mark.parametrize(
    "damage",
    [
        without("progress.json"),
        without("arrays.safetensors"),
        with_facts(stage=None),
        with_facts(step="many"),
        with_facts(seconds=[1]),
        with_facts(request=7),
        with_facts(history=[1, 2]),
        with_facts(history={"adversarial": {"critic loss": [[1, "low"]]}}),
        cut("progress.json", 20),
        cut("progress.json", 0),
        cut("arrays.safetensors", 100),
        cut("arrays.safetensors", 4),
    ],
)
def test_every_kind_of_damage_is_one_sentence(
    kept: Checkpoint, damage: Callable[[Path], None]
) -> None:
    damage(kept.folder)
    with pytest.raises(TrainingError, match=r"fit of KO in .* is damaged .*without --resume"):
        kept.load()


def test_a_write_that_fails_leaves_the_state_before(
    kept: Checkpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write_arrays(path: Path, arrays: dict[str, np.ndarray]) -> None:
        files.write_arrays(path, arrays)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(records, "write_arrays", write_arrays)
    with pytest.raises(WriteError, match="no space left"):
        kept.save(TrainingState(step=78))
    assert kept.load().step == 77
    assert [path.name for path in kept.folder.parent.iterdir()] == [".KO.training"]
