"""A bundle is read back exactly, or refused in one sentence; it is written whole or not at all."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_bundle import made_bundle
from safetensors.numpy import load, save

from simgan import files
from simgan.bundle.store import bundle_of, files_of, read_bundle, write_bundle
from simgan.errors import BundleError, WriteError
from simgan.market.scalings.standard import Standard
from simgan.recipe.blueprints.state_space import StateSpace


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_bundle(made_bundle(), tmp_path / "models" / "made")
    return tmp_path / "models" / "made"


def edit_manifest(folder: Path, **changes: object) -> None:
    file = folder / "manifest.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


def test_a_bundle_comes_back_as_it_was(folder: Path) -> None:
    written, read = made_bundle(), read_bundle(folder)
    assert read.manifest.blueprint == written.manifest.blueprint
    assert read.manifest.scaling == written.manifest.scaling
    assert read.manifest.data == written.manifest.data
    for name, weight in written.weights.items():
        np.testing.assert_array_equal(read.weights[name], weight)
    np.testing.assert_array_equal(read.latest, written.latest)
    np.testing.assert_array_equal(read.pool, written.pool)
    assert written.history is not None and read.history is not None
    assert read.history.sha256 == written.history.sha256
    assert read.training == written.training


def test_a_bundle_keeps_the_shapes_of_days_and_the_mean_of_their_ranges(tmp_path: Path) -> None:
    bundle = made_bundle(blueprint=StateSpace(ranges=1))
    assert bundle.history is not None and isinstance(bundle.manifest.scaling, Standard)
    shapes = np.full((800, 1, 3), 1e-3)
    shapes[5] = np.nan
    scaling = replace(bundle.manifest.scaling, ranges=(0.9,))
    written = replace(
        bundle,
        manifest=replace(bundle.manifest, scaling=scaling),
        history=replace(bundle.history, shapes=shapes),
    )
    write_bundle(written, tmp_path / "made")
    read = read_bundle(tmp_path / "made")
    assert read.manifest.scaling == scaling and read.manifest.blueprint == StateSpace(ranges=1)
    assert read.history is not None
    np.testing.assert_array_equal(read.history.shapes, shapes)


@pytest.mark.parametrize(
    ("shapes", "told"),
    [
        (np.zeros((800, 1, 3), np.float32), "shapes of type float64"),
        (np.zeros((800, 1, 2)), "shape of shapes"),
        (np.full((800, 1, 3), -1.0), "negative part"),
    ],
)
def test_wrong_shapes_of_days_are_refused(shapes: np.ndarray, told: str) -> None:
    made = files_of(made_bundle())
    arrays = load(made["history.safetensors"]) | {"shapes": shapes}
    made["history.safetensors"] = save(arrays)
    facts = json.loads(made["manifest.json"])
    hashed = hashlib.sha256(made["history.safetensors"]).hexdigest()
    facts["files"]["history.safetensors"] = hashed
    made["manifest.json"] = json.dumps(facts).encode()
    with pytest.raises(BundleError, match=f"damaged.*{told}"):
        bundle_of(made, "here")


def test_only_json_and_safetensors_are_written(folder: Path) -> None:
    assert {file.suffix for file in folder.iterdir()} == {".json", ".safetensors"}


@pytest.mark.parametrize(
    "name", ["generator.safetensors", "states.safetensors", "training.json", "history.safetensors"]
)
def test_one_changed_byte_is_noticed(folder: Path, name: str) -> None:
    content = bytearray((folder / name).read_bytes())
    content[-1] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(BundleError, match=f"damaged: {name} is not the file that was written"):
        read_bundle(folder)


@pytest.mark.parametrize("name", ["generator.safetensors", "states.safetensors", "training.json"])
def test_a_missing_file_is_noticed(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(BundleError, match=f"{name} is missing"):
        read_bundle(folder)


def test_no_model_at_all_is_told(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"there is no model in .*simgan models list"):
        read_bundle(tmp_path / "nothing")


def test_a_newer_format_is_refused(folder: Path) -> None:
    edit_manifest(folder, **{"simgan bundle": 99})
    with pytest.raises(BundleError, match="format 99, newer than this simgan reads"):
        read_bundle(folder)


@pytest.mark.parametrize("version", [0, 3, "1"])
def test_noise_of_another_version_is_refused(folder: Path, version: object) -> None:
    edit_manifest(folder, noise=version)
    with pytest.raises(BundleError, match=r"draws its noise by version .*upgrade simgan"):
        read_bundle(folder)


def test_a_bundle_from_before_noise_had_versions_has_the_first(folder: Path) -> None:
    file = folder / "manifest.json"
    facts = json.loads(file.read_text())
    del facts["noise"]
    file.write_text(json.dumps(facts))
    assert read_bundle(folder).manifest.noise == 1


def test_an_older_format_is_refused(folder: Path) -> None:
    edit_manifest(folder, **{"simgan bundle": 1})
    with pytest.raises(
        BundleError, match=r"format 1, older than this simgan reads .*fit the model again"
    ):
        read_bundle(folder)


def test_a_foreign_manifest_is_refused(folder: Path) -> None:
    (folder / "manifest.json").write_text('{"model": "torch"}')
    with pytest.raises(BundleError, match="is not a model of simgan"):
        read_bundle(folder)


@pytest.mark.parametrize("text", ["", "{", "[]", "\x00"])
def test_a_manifest_that_is_no_manifest_is_refused(folder: Path, text: str) -> None:
    (folder / "manifest.json").write_text(text)
    with pytest.raises(BundleError):
        read_bundle(folder)


def test_an_unknown_architecture_is_refused(folder: Path) -> None:
    edit_manifest(folder, recipe={"architecture": {"kind": "os.system"}})
    with pytest.raises(BundleError, match=r"unknown architecture 'os\.system'"):
        read_bundle(folder)


def test_a_file_outside_the_folder_is_refused(folder: Path) -> None:
    files = json.loads((folder / "manifest.json").read_text())["files"]
    edit_manifest(folder, files=files | {"../../secret": 64 * "0"})
    with pytest.raises(BundleError, match=r"'\.\./\.\./secret', which is no file of a model"):
        read_bundle(folder)


@pytest.mark.parametrize(
    ("name", "weight", "reason"),
    [
        ("mix", np.zeros(5, np.float32), "do not fit its blueprint"),
        (
            "drift",
            np.full(made_bundle().weights["drift"].shape, np.nan, np.float32),
            "the weight drift is not finite",
        ),
    ],
)
def test_wrong_weights_are_refused_before_they_are_written(
    name: str, weight: np.ndarray, reason: str, folder: Path
) -> None:
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    bundle = made_bundle("new")
    assert name in bundle.weights
    bundle.weights[name] = weight
    with pytest.raises(BundleError, match=f"is damaged: .*{reason}"):
        bundle_of(files_of(bundle), "a folder")
    with pytest.raises(BundleError, match=f"the new model new was not kept: .*{reason}"):
        write_bundle(bundle, folder)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before


def test_a_failed_write_leaves_the_old_model_and_nothing_else(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    monkeypatch.setattr(files, "sync", full_disk)
    with pytest.raises(WriteError, match="no space left on device"):
        write_bundle(made_bundle("other"), folder)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before
    assert [path.name for path in folder.parent.iterdir()] == ["made"]


def test_a_new_model_takes_the_place_of_the_old_one(folder: Path) -> None:
    write_bundle(made_bundle("second"), folder)
    assert read_bundle(folder).manifest.name == "second"
    assert [path.name for path in folder.parent.iterdir()] == ["made"]
