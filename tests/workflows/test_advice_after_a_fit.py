"""The advice that ends a fit: when it is given, and that its options exist."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from made_bundle import made_bundle

from simgan.bundle.store import Bundle
from simgan.cli.fit import fit as command
from simgan.recipe.objectives import OBJECTIVES
from simgan.recipe.training import PRESETS, TrainingSettings
from simgan.report.verdict import Comparison, Verdict
from simgan.settings import describe
from simgan.stats.training.verdict import TrainingVerdict, Word
from simgan.workflows.fit import ADVICE, OF_LIKELIHOOD, Fitted
from simgan.workflows.judging import Judgement

BUNDLE = made_bundle()
OPTIONS = {option for parameter in command.params for option in parameter.opts}


def advice(word: Word, wins: int = 1, losses: int = 0, bundle: Bundle = BUNDLE) -> str:
    """Return the advice after a training of this verdict, with so many wins and losses."""
    verdict = Verdict(
        model="simgan",
        against="gjr-fhs",
        wins=("EMD/σ",) * wins,
        ties=(),
        losses=("mean",) * losses,
        within=1,
        judged=1,
        in_sample=True,
    )
    judgement = Judgement(np.zeros(0), {}, Comparison((), ("simgan",), True), verdict)
    return Fitted(bundle, Path(), judgement, TrainingVerdict(word, "")).advice


@pytest.mark.parametrize("word", [word for word in get_args(Word) if word != "converged"])
def test_a_training_that_has_not_converged_comes_with_advice(word: Word) -> None:
    assert advice(word) == advice(word, losses=2) == ADVICE[word]
    assert advice(word).startswith("Try ")


def test_a_nearer_baseline_is_named_and_a_good_fit_has_no_advice() -> None:
    assert advice("converged") == advice("converged", 1, 1) == ""
    assert advice("converged", 1, 2).startswith("gjr-fhs is nearer to the history: try a longer ")


def test_a_fit_by_likelihood_alone_is_sent_to_its_own_settings() -> None:
    alone = replace(BUNDLE.manifest.recipe, training=TrainingSettings(steps=0))
    bundle = replace(BUNDLE, manifest=replace(BUNDLE.manifest, recipe=alone))
    assert "warm_steps" in advice("still moving", bundle=bundle)
    assert advice("converged", bundle=bundle) == ""


@pytest.mark.parametrize(
    "text", [*filter(None, ADVICE.values()), OF_LIKELIHOOD, advice("converged", 0, 1)]
)
def test_the_options_in_an_advice_exist(text: str) -> None:
    named = re.findall(r"--[a-z]+", text)
    assert set(named) <= OPTIONS
    settings = {row[0] for row in describe(TrainingSettings)}
    assert set(re.findall(r"--set ([a-z_]+)", text)) <= settings
    assert set(re.findall(r"--preset ([a-z]+)", text)) <= set(PRESETS)
    assert set(re.findall(r"such as ([a-z-]+)", text)) <= set(OBJECTIVES)
    assert named or "history" in text
