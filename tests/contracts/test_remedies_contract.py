"""Every remedy of the table keeps the contract, and the collection reads and writes flat keys."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, fields
from typing import Any, ClassVar

import numpy as np
import pytest

from simgan.errors import ConfigError, UnknownNameError
from simgan.recipe.recipe import Recipe
from simgan.recipe.remedies import NONE, REMEDIES, Effect, Players, Remedies, Remedy
from simgan.recipe.remedies.feature_matching import FeatureMatching
from simgan.recipe.remedies.instance_noise import InstanceNoise
from simgan.recipe.remedies.power_balance import PowerBalance
from simgan.settings import bounds_of

# One setting of each remedy that turns it on.
ON: dict[str, dict[str, object]] = {
    "feature-matching": {"feature_matching": 0.5},
    "minibatch-kernels": {"minibatch_kernels": 3},
    "minibatch-std": {"minibatch_std": True},
    "historical-averaging": {"historical_averaging": 0.1},
    "label-smoothing": {"label_smoothing": 0.1},
    "spectral-norm": {"spectral_norm": 2.0},
    "instance-noise": {"noise": 0.3},
    "lecam": {"lecam": 0.2},
    "power-balance": {"critic_ceiling": 0.9},
}


def test_settings_are_given_here_for_every_member() -> None:
    assert list(ON) == list(REMEDIES)


@pytest.mark.parametrize("kind", REMEDIES)
def test_a_member_is_off_by_default_and_on_with_a_setting(kind: str) -> None:
    assert REMEDIES.load(kind).kind == kind
    assert not REMEDIES.build(kind).is_active
    assert REMEDIES.build(kind, ON[kind]).is_active


@pytest.mark.parametrize("kind", REMEDIES)
def test_every_setting_has_help_and_bounds(kind: str) -> None:
    for field in fields(REMEDIES.load(kind)):
        assert field.metadata["help"]
        assert str(bounds_of(field)) or field.type == "bool"


def test_no_two_members_share_a_key() -> None:
    names = [field.name for kind in REMEDIES for field in fields(REMEDIES.load(kind))]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("kind", REMEDIES)
def test_a_member_survives_the_flat_mapping_also_as_text(kind: str) -> None:
    remedies = Remedies.parse(ON[kind])
    [member] = remedies
    assert member == REMEDIES.build(kind, ON[kind])
    record = remedies.record()
    assert Remedies.parse(record) == remedies
    assert Remedies.parse({name: str(value) for name, value in record.items()}) == remedies


def test_the_record_has_all_keys_in_the_order_of_the_table() -> None:
    """The flat mapping that manifests hold since remedies exist, and the keys that came later."""
    assert NONE.record() == {
        "feature_matching": 0.0,
        "minibatch_kernels": 0,
        "minibatch_std": False,
        "historical_averaging": 0.0,
        "label_smoothing": 0.0,
        "spectral_norm": 0.0,
        "noise": 0.0,
        "lecam": 0.0,
        "critic_ceiling": 1.0,
        "critic_floor": 0.0,
    }
    assert list(NONE.record()) == list(NONE.schema()["properties"])


def test_a_manifest_without_the_later_keys_is_read() -> None:
    before = NONE.record() | {"noise": 0.2}
    del before["lecam"]
    recipe = Recipe.parse({"remedies": before})
    assert recipe.remedies == Remedies((InstanceNoise(noise=0.2),))
    assert Recipe.parse(recipe.to_json()) == recipe


def test_members_are_sorted_and_those_that_are_off_are_dropped() -> None:
    matching, noise = FeatureMatching(feature_matching=0.5), InstanceNoise(noise=0.1)
    assert Remedies((noise, PowerBalance(), matching)).members == (matching, noise)
    assert Remedies((noise, matching)) == Remedies.parse({"noise": 0.1, "feature_matching": 0.5})
    assert Remedies((PowerBalance(),)) == NONE == Remedies.parse({})


def test_a_kind_given_twice_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"instance-noise.*once"):
        Remedies((InstanceNoise(noise=0.1), InstanceNoise(noise=0.2)))


def test_an_unknown_key_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownNameError, match=r"critic_ceilin.*critic_ceiling"):
        Remedies.parse({"critic_ceilin": 0.9})


@pytest.mark.parametrize(("key", "value"), [("noise", "much"), ("minibatch_std", "maybe")])
def test_text_that_cannot_be_read_is_refused(key: str, value: str) -> None:
    with pytest.raises(ConfigError, match=key):
        Remedies.parse({key: value})


def test_settings_are_read_without_tensorflow() -> None:
    program = (
        "import sys; from simgan.recipe.remedies import Remedies, NONE;"
        "Remedies.parse(NONE.record() | {'noise': .1, 'lecam': .1});"
        "print('tensorflow' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout == "False\n"


# --- the effects, in a small game ---------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Forgetful(Remedy):
    """A twin that must fail: its effect counts steps outside of its variables."""

    kind: ClassVar[str] = "forgetful"

    def effect(self, players: Players) -> Effect:
        return _Forgetful()


class _Forgetful(Effect):
    steps = 0

    def critic_loss(self, loss: Any, real: Any, fake: Any) -> Any:
        self.steps += 1
        return loss + self.steps


def replayed(remedies: Remedies, member: Remedy | None = None) -> tuple[list[float], list[float]]:
    """Metrics of two rounds, and of the same rounds from the saved variables of a game."""
    from made_game import FAKE, MIXING, REAL, made_game

    played, _, shift = made_game(remedies, weight=0.5, penalty=1.0)
    if member is not None:
        players = Players({}, [], played.remaining)
        played.effects.append(member.effect(players))

    def rounds() -> list[float]:
        metrics = {}
        for _ in range(2):
            metrics |= played.critic_step(REAL, FAKE, MIXING)
            metrics |= played.generator_step(REAL, lambda: FAKE + shift)
        return [float(value) for value in metrics.values()]

    rounds()
    variables = [*played.variables(), *played.weights]
    kept = [variable.numpy() for variable in variables]
    first = rounds()
    for variable, value in zip(variables, kept, strict=True):
        variable.assign(value)
    return first, rounds()


@pytest.mark.tensorflow
@pytest.mark.parametrize("kind", REMEDIES)
def test_the_variables_hold_all_that_a_remedy_remembers(kind: str) -> None:
    pytest.importorskip("tensorflow")
    first, again = replayed(Remedies.parse(ON[kind]))
    assert np.isfinite(first).all()
    assert first == again


@pytest.mark.tensorflow
def test_a_remedy_that_remembers_elsewhere_is_found_out() -> None:
    pytest.importorskip("tensorflow")
    first, again = replayed(NONE, Forgetful())
    assert first != again


@pytest.mark.tensorflow
@pytest.mark.parametrize("kind", REMEDIES)
def test_a_restart_forgets_the_training(kind: str) -> None:
    """With the first weights again, the first round repeats itself."""
    pytest.importorskip("tensorflow")
    from made_game import FAKE, MIXING, REAL, made_game

    played, critic, shift = made_game(Remedies.parse(ON[kind]), weight=0.5)

    def round_() -> list[float]:
        metrics = played.critic_step(REAL, FAKE, MIXING)
        metrics |= played.generator_step(REAL, lambda: FAKE + shift)
        return [float(value) for value in metrics.values()]

    first = round_()
    for _ in range(3):
        round_()
    critic.weight.assign(0.5)
    shift.assign(0.0)
    played.restart()
    assert round_() == first


@pytest.mark.tensorflow
def test_a_base_effect_changes_nothing() -> None:
    pytest.importorskip("tensorflow")
    effect, loss = Effect(), object()
    assert effect.inputs(loss, lambda: None) is loss
    assert effect.critic_loss(loss, None, None) is loss  # type: ignore[arg-type]
    assert effect.generator_loss(loss, None, None) is loss  # type: ignore[arg-type]
    assert effect.regularised(loss, "critic") is loss
    assert effect.may_move("critic") is None
    assert (effect.metrics(), effect.variables) == ({}, [])
