"""A bundle that was made to harm, or that changes under the reader, is refused or read whole."""

from __future__ import annotations

import copy
import hashlib
import json
import os
import re
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_bundle import made_bundle
from safetensors.numpy import save

from simgan.bundle import store
from simgan.bundle.manifest import Manifest
from simgan.bundle.store import Bundle, bundle_of, files_of, read_bundle, write_bundle
from simgan.errors import BundleError
from simgan.recipe.blueprints.state_space import StateSpace

FILES = files_of(made_bundle())
FACTS = json.loads(FILES["manifest.json"])
WITH_REGIMES = json.loads(files_of(made_bundle(blueprint=StateSpace(regimes=2)))["manifest.json"])
REGIMES = {"names": ["calm", "wild"], "days": 5, "bounds": [0.1], "shares": [0.5, 0.5]}


def changed(path: str, value: object) -> dict[str, Any]:
    """The facts of a manifest with another value at a path of keys, such as ``data.days``."""
    facts = copy.deepcopy(FACTS)
    *above, last = path.split(".")
    place = facts
    for key in above:
        place = place[key]
    place[last] = value
    return facts


def with_content(name: str, content: bytes) -> dict[str, bytes]:
    """The files of a bundle with another content, whose hash is in the manifest."""
    hashes = FACTS["files"] | {name: hashlib.sha256(content).hexdigest()}
    manifest = json.dumps(FACTS | {"files": hashes}).encode()
    return FILES | {name: content, "manifest.json": manifest}


WRONG: list[tuple[str, object]] = [
    ("name", 5), ("name", ""), ("name", "\x1b[2J"), ("name", "x" * 101), ("name", None),
    ("assets", []), ("assets", "SP500"), ("assets", ["A", "A"]), ("assets", [1]),
    ("assets", ["A", "B"]), ("created", "yesterday"), ("created", 0),
    ("recipe", []), ("recipe", {"seed": -1}), ("recipe", {"architecture": {"kind": "os.system"}}),
    ("recipe", {"architecture": {"half_lives": [float(10**9)] * 3, "guard": -1}}),
    ("recipe", {"training": {"steps": True}}), ("recipe", {"regimes": 3}), ("recipe.seed", 2**63),
    ("recipe.preset", "nosuch"), ("recipe.extra", 1),
    ("scaling", {}), ("scaling", {"kind": "nosuch"}), ("scaling", {"kind": "standard"}),
    ("scaling.scale", [0.0]), ("scaling.scale", [True]), ("scaling.scale", "0.01"),
    ("scaling.scale", [0.01, 0.02]), ("scaling.scale", [None]),
    ("data", None), ("data.first", "2015-02-30"), ("data.first", "2099-01-01"), ("data.days", 0),
    ("data.days", 800.0), ("data.days", True), ("data.sha256", "0"), ("data.source", []),
    ("last_price", []), ("last_price", [0]), ("last_price", [-1.0]), ("last_price", [1, 2]),
    ("last_price", ["1"]), ("device", 1), ("chosen_step", -1), ("chosen_step", 1.5),
    ("seconds", -1), ("seconds", "1"), ("validation", "low"), ("libraries", []),
    ("libraries", {"python": 3}), ("tails", []), ("tails", {"losses": [{"shape": "x"}]}),
    ("regimes", {"names": ["a"]}), ("regimes", REGIMES), ("verdict", []),
    ("verdict", {"sentence": 5}), ("verdict", {"a": [[[[[[[[[0]]]]]]]]]}),
    ("files", []), ("files", {"a": 1}), ("files", {}),
    ("identity", "0"), ("identity", 64 * "g"), ("identity", 64 * "0"), ("noise", 2),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value"), WRONG, ids=lambda value: str(value)[:20])
def test_a_wrong_fact_is_refused_in_a_sentence(path: str, value: object) -> None:
    files = FILES | {"manifest.json": json.dumps(changed(path, value)).encode()}
    with pytest.raises(BundleError, match=r"^the model in here is damaged: .*import it again$"):
        bundle_of(files, "here")


@pytest.mark.parametrize("key", [key for key in FACTS if key not in ("simgan bundle", "noise")])
def test_a_missing_fact_is_refused_or_has_its_default(key: str) -> None:
    facts = {name: value for name, value in FACTS.items() if name != key}
    files = FILES | {"manifest.json": json.dumps(facts).encode()}
    if key in ("tails", "regimes", "prior", "verdict"):
        assert getattr(bundle_of(files, "here").manifest, key) == {}
        return
    with pytest.raises(BundleError, match="here is damaged"):
        bundle_of(files, "here")


@pytest.mark.parametrize("version", [7, 10**19])
def test_a_newer_version_is_refused(version: int) -> None:
    with pytest.raises(BundleError, match=f"format {version}, newer than this simgan reads"):
        Manifest.from_json(changed("simgan bundle", version), "here")


@pytest.mark.parametrize("version", [True, "6", "7", None, [3], 2.0])
def test_a_version_that_is_no_whole_number_is_damage_and_not_newer(version: object) -> None:
    said = f"here is damaged: its bundle format {version!r} is no whole number"
    with pytest.raises(BundleError, match=re.escape(said)):
        Manifest.from_json(changed("simgan bundle", version), "here")


@pytest.mark.parametrize("key", ["simgan bundle", "noise"])
def test_a_version_cannot_send_control_characters_to_a_terminal(key: str) -> None:
    """`models list` printed the escape sequences of such a manifest."""
    with pytest.raises(BundleError) as refusal:
        Manifest.from_json(changed(key, "x\n\x1b[31m"), "here")
    assert str(refusal.value).isprintable()


def test_as_many_regimes_as_the_recipe_has_are_read() -> None:
    manifest = Manifest.from_json(WITH_REGIMES | {"regimes": REGIMES}, "here")
    assert manifest.regimes["names"] == ["calm", "wild"]
    for names in (["calm"], ["calm", "calm"]):
        with pytest.raises(BundleError, match="regimes"):
            Manifest.from_json(WITH_REGIMES | {"regimes": REGIMES | {"names": names}}, "here")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[" * 10**6, "nested too deeply"),
        (b'{"simgan bundle": ' + b"9" * 4000 + b"}", "whole number of 4000 digits"),
        (b'{"simgan bundle": NaN}', "NaN"),
        (b"\xff", "not JSON"),
        (b"{}", "is not a model of simgan"),
        (b"[]", "is not a model of simgan"),
        (b" " * (1 << 20) + b" ", "larger than 1 MiB"),
    ],
    ids=["brackets", "digits", "NaN", "bytes", "empty", "list", "large"],
)
def test_a_manifest_of_absurd_content_is_refused(
    content: bytes, words: str, tmp_path: Path
) -> None:
    write_bundle(made_bundle(), tmp_path / "made")
    (tmp_path / "made" / "manifest.json").write_bytes(content)
    with pytest.raises(BundleError, match=words):
        read_bundle(tmp_path / "made")


PIECES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)


def places(facts: object, above: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    """The paths of all values of plain data."""
    inner = facts.items() if isinstance(facts, dict) else enumerate(facts)  # type: ignore[arg-type]
    found: list[tuple[object, ...]] = []
    for key, value in inner:
        found.append((*above, key))
        if isinstance(value, dict | list):
            found += places(value, (*above, key))
    return found


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(place=st.sampled_from(places(FACTS)), value=PIECES | st.lists(PIECES, max_size=2))
def test_any_changed_fact_is_refused_or_read_by_its_type(
    place: tuple[Any, ...], value: object
) -> None:
    facts: Any = copy.deepcopy(FACTS)
    inner = facts
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    files = FILES | {"manifest.json": json.dumps(facts).encode()}
    try:
        manifest = bundle_of(files, "here").manifest
    except BundleError as error:
        assert len(str(error)) < 500
        return
    again = Manifest.from_json(manifest.to_json(), "here")
    assert again == manifest and manifest.name.isprintable() and manifest.seconds >= 0


@settings(max_examples=60, deadline=None)
@given(
    name=st.sampled_from(sorted(set(FILES) - {"manifest.json"})),
    at=st.integers(0, 300),
    byte=st.integers(0, 255),
    cut=st.none() | st.integers(0, 400),
)
def test_changed_bytes_under_a_right_hash_are_refused_or_read(
    name: str, at: int, byte: int, cut: int | None
) -> None:
    content = bytearray(FILES[name][:cut] if cut is not None else FILES[name])
    if at < len(content):
        content[at] = byte
    try:
        bundle = bundle_of(with_content(name, bytes(content)), "here")
    except BundleError:
        return
    assert all(np.isfinite(weight).all() for weight in bundle.weights.values())


def arrays_of(name: str) -> dict[str, np.ndarray]:
    bundle = made_bundle()
    if name == "generator.safetensors":
        return dict(bundle.weights)
    if name == "states.safetensors":
        return {"latest": bundle.latest, "pool": bundle.pool}
    assert bundle.history is not None
    seconds = bundle.history.dates.astype("datetime64[s]").astype(np.int64)
    return {"log_returns": bundle.history.log_returns, "dates": seconds}


def first_changed(value: float) -> Callable[[np.ndarray], np.ndarray]:
    def change(array: np.ndarray) -> np.ndarray:
        array = array.copy()
        array.flat[0] = value
        return array

    return change


GENERATOR, STATES, HISTORY = (f"{name}.safetensors" for name in ("generator", "states", "history"))
ARRAYS: list[tuple[str, str, Callable[[np.ndarray], np.ndarray], str]] = [
    (GENERATOR, "mix", lambda a: a.astype(np.int32), "mix is of type int32, not float32"),
    (GENERATOR, "mix", lambda a: a > 0, "mix is of type bool, not float32"),
    (GENERATOR, "mix", lambda a: a.astype(np.float64), "float64, not float32"),
    (GENERATOR, "mix", lambda a: a[:1], "do not fit its blueprint"),
    (GENERATOR, "mix", first_changed(np.inf), "mix is not finite"),
    (GENERATOR, "knots", np.zeros_like, "knots do not increase"),
    (GENERATOR, "knots", lambda a: a[::-1], "knots do not increase"),
    (GENERATOR, "knots", lambda a: a + np.float32(0.5), "not evenly spaced about 0"),
    (GENERATOR, "body", lambda a: a[..., ::-1], "its innovations decrease"),
    (GENERATOR, "tails", np.zeros_like, "a shape of its tails is not between 0 and 1"),
    (GENERATOR, "tails", lambda a: a * np.float32([1, -1]), "a scale of its tails is not above 0"),
    (GENERATOR, "jumps", lambda a: a - np.float32([0, 9, 9, 9, 9, 9]), "a jump is below 0"),
    (GENERATOR, "rest", lambda a: a - np.float32([0, 1]), "end before they begin"),
    (GENERATOR, "rest", lambda a: a + np.float32([-9, 9]), "hardly a day of it has a move"),
    (GENERATOR, "between", lambda a: a[:, ::-1], "its laws are blended do not increase"),
    (GENERATOR, "rest", lambda a: a - np.float32([0.0, 1.0]), "end before they begin"),
    (GENERATOR, "long_run", lambda a: -a, "long-run variance is not above 0"),
    (GENERATOR, "extra", lambda a: a, "do not fit its blueprint"),
    (STATES, "latest", lambda a: a.astype(np.int32), "int32, not float32"),
    (STATES, "latest", first_changed(np.nan), "not finite"),
    (STATES, "latest", lambda a: a[..., 1:], "states do not fit"),
    (STATES, "pool", lambda a: a[..., 1:], "states do not fit"),
    (STATES, "pool", lambda a: a[None, None], "states do not fit"),
    (STATES, "more", lambda a: a, "must hold the arrays"),
    (HISTORY, "log_returns", first_changed(np.nan), "not finite"),
    (HISTORY, "log_returns", first_changed(0.5), "not the one that the manifest names"),
    (HISTORY, "log_returns", lambda a: a.astype(np.float32), "float64"),
    (HISTORY, "log_returns", lambda a: a[1:], "another size"),
    (HISTORY, "log_returns", lambda a: a[:, 0], "another size"),
    (HISTORY, "dates", lambda a: a[::-1], "not in order"),
    (HISTORY, "dates", lambda a: np.zeros_like(a), "not in order"),
    (HISTORY, "dates", lambda a: a + 86_400, "begins or ends on another day"),
    (HISTORY, "dates", lambda a: a.astype(np.float64), "int64"),
    (HISTORY, "other", lambda a: a, "must hold the arrays"),
]


@pytest.mark.parametrize(
    ("file", "name", "change", "words"), ARRAYS, ids=[f"{a[0]}-{a[3][:12]}" for a in ARRAYS]
)
def test_a_wrong_array_is_refused(
    file: str, name: str, change: Callable[[np.ndarray], np.ndarray], words: str
) -> None:
    arrays = arrays_of(file)
    arrays[name] = np.ascontiguousarray(change(arrays.get(name, next(iter(arrays.values())))))
    with pytest.raises(BundleError, match=words):
        bundle_of(with_content(file, save(arrays)), "here")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'{"a": {"b": [[1, NaN]]}}', "NaN"),
        (b'{"a": {"b": [[1, 1e999]]}}', "too large"),
        (b'{"a": {"b": [[-1, 0]]}}', "training"),
        (b'{"a": {"b": [[1.5, 0]]}}', "training"),
        (b'{"a": {"b": [[true, 0]]}}', "training"),
        (b'{"a": {"b": [[1, "0"]]}}', "training"),
        (b'{"a": {"b": [1]}}', "training"),
        (b"[]", "training"),
        (b"[" * 10**6, "nested too deeply"),
    ],
    ids=range(9),
)
def test_a_wrong_training_history_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(BundleError, match=words):
        bundle_of(with_content("training.json", content), "here")


def test_a_head_of_a_gigabyte_is_refused_unread() -> None:
    content = (1 << 30).to_bytes(8, "little") + b"{}"
    with pytest.raises(BundleError, match="not in the safetensors format"):
        bundle_of(with_content(GENERATOR, content), "here")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"notes.txt": b"mine"}, "does not list notes.txt"),
        ({"training.json": None}, "training.json is missing"),
        ({"manifest.json": None}, "there is no model"),
    ],
)
def test_the_files_are_those_of_the_manifest(change: dict[str, bytes | None], words: str) -> None:
    files = {name: each for name, each in (FILES | change).items() if each is not None}
    with pytest.raises(BundleError, match=words):
        bundle_of(files, "here")


def test_a_history_that_the_manifest_does_not_list_is_refused() -> None:
    hashes = {name: each for name, each in FACTS["files"].items() if name != HISTORY}
    files = FILES | {"manifest.json": json.dumps(FACTS | {"files": hashes}).encode()}
    with pytest.raises(BundleError, match=r"does not list history\.safetensors"):
        bundle_of(files, "here")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_bundle(made_bundle(), tmp_path / "made")
    return tmp_path / "made"


def test_a_foreign_file_in_the_folder_is_told_and_a_hidden_one_left_alone(folder: Path) -> None:
    (folder / ".DS_Store").write_bytes(b"of a file manager")
    read_bundle(folder)
    (folder / "notes.txt").write_text("mine")
    with pytest.raises(BundleError, match=r"'notes\.txt' is no file of a model, move it elsewhere"):
        read_bundle(folder)


@pytest.mark.parametrize("name", ["manifest.json", "training.json"])
def test_a_folder_in_the_place_of_a_file_is_refused(folder: Path, name: str) -> None:
    (folder / name).unlink()
    (folder / name).mkdir()
    with pytest.raises(BundleError, match=r"is no file|cannot read"):
        read_bundle(folder)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with a name are those of Unix")
def test_a_pipe_in_the_place_of_a_file_does_not_block(folder: Path) -> None:
    (folder / "training.json").unlink()
    os.mkfifo(folder / "training.json")
    with pytest.raises(BundleError, match=r"training\.json is no file"):
        read_bundle(folder)


def test_a_file_above_its_bound_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(store.LARGEST, "training.json", 10)
    with pytest.raises(BundleError, match=r"training\.json is larger than"):
        read_bundle(folder)


def weighing(number: float) -> store.Bundle:
    """A bundle whose weight and training history both hold a number."""
    bundle = made_bundle(f"model-{number:g}", days=60)
    bundle.weights["drift"][:] = number
    bundle.training.record("stage", int(number), {"number": number})
    return bundle


def test_a_model_that_is_replaced_is_read_as_the_old_or_the_new_one(tmp_path: Path) -> None:
    """Before, 149 of 9,205 loads mixed two models and 1,178 were told that one is damaged."""
    folder, stop = tmp_path / "made", threading.Event()
    bundles = [weighing(1.0), weighing(2.0)]
    write_bundle(bundles[0], folder)

    def replace_again_and_again() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            write_bundle(bundles[number % 2], folder)

    writer = threading.Thread(target=replace_again_and_again)
    writer.start()
    seen = set()
    try:
        for _ in range(150):
            bundle = read_bundle(folder)
            number = float(bundle.weights["drift"][0])
            assert bundle.training.stages["stage"]["number"] == [(int(number), number)]
            assert bundle.manifest.name == f"model-{number:g}"
            seen.add(number)
    finally:
        stop.set()
        writer.join()
    assert seen == {1.0, 2.0}


@pytest.mark.parametrize("when", range(5))
def test_a_replacement_between_two_files_gives_the_new_model(
    folder: Path, when: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, reads = store._content, 0

    def content(place: Path, name: str) -> bytes:
        nonlocal reads
        reads += 1
        if reads == when + 1:
            write_bundle(weighing(2.0), folder)
        return plain(place, name)

    monkeypatch.setattr(store, "_content", content)
    assert read_bundle(folder).manifest.name in ("made", "model-2")


def test_a_removal_between_two_files_is_no_damage(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = store._content

    def content(place: Path, name: str) -> bytes:
        if name == "states.safetensors":
            shutil.rmtree(folder, ignore_errors=True)
        return plain(place, name)

    monkeypatch.setattr(store, "_content", content)
    with pytest.raises(BundleError, match="there is no model in"):
        read_bundle(folder)


def test_a_folder_that_never_rests_ends_in_a_sentence(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def content(place: Path, name: str) -> bytes:
        write_bundle(weighing(2.0), folder)
        return b"{}"

    monkeypatch.setattr(store, "_content", content)
    monkeypatch.setattr(store, "_MOST_TRIES", 3)
    with pytest.raises(BundleError, match="is replaced again and again; try again"):
        read_bundle(folder)


# Settings since format 4, without what they add.
LATER: dict[str, Any] = {
    **{"factor": 0.0, "pull": 0.0, "doubt": 0.0},
    **{"laws": 1, "jump": 0.0, "still": 1.0, "doubt_half_life": 0.0},
}


def as_format_2(folder: Path) -> Bundle:
    """Turn a bundle on disk into one of format 2.

    It has no recipe, no axis of assets and of laws, and flat curves.
    """
    bundle = made_bundle(blueprint=StateSpace(**LATER))
    write_bundle(bundle, folder)
    facts = json.loads((folder / "manifest.json").read_text())
    recipe = facts.pop("recipe")
    for name in LATER:
        del recipe["architecture"][name]
    curves = {
        f"{stage}: {name}": points
        for stage, metrics in bundle.training.to_json().items()
        for name, points in metrics.items()
    }
    (folder / "training.json").write_text(json.dumps(curves))
    states = {"latest": bundle.latest[0], "pool": np.ascontiguousarray(bundle.pool[:, 0])}
    (folder / "states.safetensors").write_bytes(save(states))
    weights = dict(bundle.weights)
    for name in ("body", "tails"):
        weights[name] = np.ascontiguousarray(weights[name][:, 0])
    (folder / "generator.safetensors").write_bytes(save(weights))
    files = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in facts["files"]
    }
    facts |= {
        "simgan bundle": 2,
        "blueprint": recipe["architecture"],
        "objective": recipe["objective"],
        "settings": recipe["training"],
        "preset": recipe["preset"],
        "seed": recipe["seed"],
        "files": files,
    }
    (folder / "manifest.json").write_text(json.dumps(facts))
    return bundle


def test_a_bundle_of_format_3_has_no_factor() -> None:
    bundle = made_bundle(blueprint=StateSpace(**LATER))
    facts = json.loads(json.dumps(bundle.manifest.to_json())) | {"simgan bundle": 3}
    for name in LATER:
        del facts["recipe"]["architecture"][name]
    assert Manifest.from_json(facts, "here").recipe == bundle.manifest.recipe


def test_the_doubt_of_format_5_is_in_the_factor() -> None:
    bundle = made_bundle(blueprint=StateSpace(doubt_half_life=0.0))
    facts = json.loads(json.dumps(bundle.manifest.to_json())) | {"simgan bundle": 5}
    del facts["recipe"]["architecture"]["doubt_half_life"]
    assert Manifest.from_json(facts, "here").recipe == bundle.manifest.recipe


def test_a_bundle_of_format_2_is_read_as_the_same_model(folder: Path) -> None:
    new = as_format_2(folder)
    old = read_bundle(folder)
    assert old.manifest.recipe == new.manifest.recipe
    np.testing.assert_array_equal(old.latest, new.latest)
    np.testing.assert_array_equal(old.pool, new.pool)
    for name, weight in new.weights.items():
        np.testing.assert_array_equal(old.weights[name], weight)
    assert old.training.stages == new.training.stages


@pytest.mark.parametrize("key", ["blueprint", "objective", "settings", "preset", "seed"])
def test_a_part_that_format_2_must_have_is_missed(folder: Path, key: str) -> None:
    as_format_2(folder)
    facts = json.loads((folder / "manifest.json").read_text())
    del facts[key]
    (folder / "manifest.json").write_text(json.dumps(facts))
    with pytest.raises(BundleError, match=f"its manifest has no '{key}'"):
        read_bundle(folder)


def test_a_condition_of_format_2_stands_among_its_regimes() -> None:
    facts = copy.deepcopy(WITH_REGIMES)
    recipe = facts.pop("recipe")
    facts |= {
        "simgan bundle": 2,
        "blueprint": recipe["architecture"] | {"regimes": 2},
        "objective": recipe["objective"],
        "settings": recipe["training"],
        "preset": recipe["preset"],
        "seed": recipe["seed"],
        "regimes": REGIMES | {"condition": recipe["condition"]},
    }
    manifest = Manifest.from_json(facts, "here")
    assert manifest.recipe.regimes == 2 and manifest.recipe.condition is not None
    assert manifest.regimes == REGIMES
