"""A model is saved before its verdict, and an interruption of the verdict says so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from made_bundle import made_bundle
from quick_work import train

import simgan
from simgan.bundle.store import read_bundle, write_bundle
from simgan.errors import Interrupted
from simgan.workflows import fit as workflow
from simgan.workflows.unjudged import kept_members, unjudged, unjudged_in


def test_a_model_of_one_asset_is_saved_before_its_verdict(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def interrupted(*rest: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(workflow, "train", train)
    monkeypatch.setattr(workflow, "spread_out", lambda bundle: bundle)
    monkeypatch.setattr(workflow, "_judgement", interrupted)
    with pytest.raises(Interrupted, match=r"SP500 is saved without its verdict; .*--resume makes"):
        simgan.fit("SP500", source="sample", workspace=tmp_path, progress=simgan.SILENT)
    told = read_bundle(tmp_path / "models" / "SP500").manifest.verdict["sentence"]
    assert told == "The verdict was not made: the same command with --resume makes it."
    assert (tmp_path / "models" / ".SP500.training").exists()  # the end of the training


def test_only_the_same_model_without_a_verdict_is_unjudged(tmp_path: Path) -> None:
    bundle = made_bundle(days=70)
    identity = bundle.manifest.identity
    assert unjudged_in(tmp_path / "M", identity) is None
    write_bundle(unjudged(bundle), tmp_path / "M")
    assert unjudged_in(tmp_path / "M", identity) is not None
    assert unjudged_in(tmp_path / "M", "1" * 64) is None
    judged = replace(bundle, manifest=replace(bundle.manifest, verdict={"sentence": "Good."}))
    write_bundle(judged, tmp_path / "M")
    assert unjudged_in(tmp_path / "M", identity) is None


def test_an_interruption_before_any_asset_was_finished_promises_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt, match=r"^$"), kept_members(tmp_path / ".M.training"):
        raise KeyboardInterrupt
