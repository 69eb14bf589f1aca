"""One seed, named streams, addressed blocks:
the same address gives the same numbers, other addresses unrelated ones.
"""

from __future__ import annotations

import itertools
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simgan.errors import ConfigError
from simgan.seeds import STREAMS, Seed

FIRST_STREAMS = [
    "weights",
    "batches",
    "latent",
    "free-run",
    "validation",
    "bootstrap",
    "baseline",
    "start-state",
    "calibration",
]
DRAWS = 20_000
OWNER = "0123456789abcdef" * 4
# two-sided normal: 10⁻⁷ a pair; 78 pairs below make a false alarm of 8·10⁻⁶ for a change of numbers
Z = 5.33


def correlation_z(left: np.random.Generator, right: np.random.Generator) -> float:
    """Correlation of two streams of normal numbers in standard errors;
    N(0, 1) when they are independent.
    """
    return float(
        np.corrcoef(left.standard_normal(DRAWS), right.standard_normal(DRAWS))[0, 1]
        * np.sqrt(DRAWS)
    )


def test_numbers_of_streams_are_never_given_away() -> None:
    """Old models would give other scenarios; new streams are appended."""
    assert list(STREAMS)[: len(FIRST_STREAMS)] == FIRST_STREAMS
    assert list(STREAMS.values()) == list(range(len(STREAMS)))


@given(
    value=st.integers(0, 2**63 - 1),
    name=st.sampled_from(sorted(STREAMS)),
    block=st.lists(st.integers(0, 2**32 - 1), max_size=3),
)
def test_the_same_address_gives_the_same_numbers(value: int, name: str, block: list[int]) -> None:
    assert Seed(value).stream(name, *block).random() == Seed(value).stream(name, *block).random()


def test_a_stream_is_the_child_that_numpy_spawns() -> None:
    """``SeedSequence.spawn`` numbers its children in order:
    the third child of 7 is the stream "latent", its second child block 1.
    """
    child = np.random.SeedSequence(7).spawn(3)[2]
    block = child.spawn(2)[1]
    assert (
        np.random.Generator(np.random.Philox(block)).random()
        == Seed(7).stream("latent", 1).random()
    )


def test_an_owner_is_a_generation_above_its_streams() -> None:
    """The words of the hash come first in the key of the child; no owner leaves all as it was."""
    child = np.random.SeedSequence(7, spawn_key=(int(OWNER, 16), 2, 1))
    owned = Seed(7).of(OWNER).stream("latent", 1)
    assert np.random.Generator(np.random.Philox(child)).random() == owned.random()
    assert Seed(7).of(OWNER).of("") == Seed(7)


def test_another_process_draws_the_same_numbers() -> None:
    code = "from simgan.seeds import Seed; print(Seed(3).stream('latent', 5).integers(2**60))"
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert int(told) == Seed(3).stream("latent", 5).integers(2**60)


def test_drawing_from_one_stream_leaves_the_others_alone() -> None:
    alone = Seed(1).stream("latent", 0).random()
    Seed(1).stream("batches").random(1000)
    np.random.default_rng().random(1000)
    assert Seed(1).stream("latent", 0).random() == alone


def addressed() -> list[np.random.Generator]:
    """Thirteen neighbours:
    in seed, stream, block and owner; a block is not a stream, and no block is not block 0.
    """
    seeds = [
        Seed(0).stream("latent", 0),
        Seed(1).stream("latent", 0),
        Seed(2**63 - 1).stream("latent", 0),
    ]
    blocks = [Seed(0).stream("latent", block) for block in (1, 2, 2**31)]
    others = [
        Seed(0).stream("latent"),
        Seed(0).stream("latent", 0, 0),
        Seed(0).stream("batches", 0),
        Seed(0).stream("weights", 2),
    ]
    owners = [OWNER, OWNER[:-1] + "e"]
    owned = [Seed(0).of(owner).stream("latent", 0) for owner in owners]
    return [*seeds, *blocks, *others, *owned, Seed(1).of(OWNER).stream("latent", 0)]


@pytest.mark.parametrize(("left", "right"), list(itertools.combinations(range(13), 2)))
def test_neighbouring_addresses_are_unrelated(left: int, right: int) -> None:
    assert abs(correlation_z(addressed()[left], addressed()[right])) < Z


def test_the_test_of_unrelated_addresses_notices_a_tenth_in_common() -> None:
    common, own = Seed(0).stream("latent", 0), Seed(0).stream("latent", 1)
    mixed = 0.1 * Seed(0).stream("latent", 0).standard_normal(DRAWS) + own.standard_normal(DRAWS)
    assert abs(np.corrcoef(common.standard_normal(DRAWS), mixed)[0, 1] * np.sqrt(DRAWS)) > Z


@pytest.mark.parametrize("value", [-1, 2**63])
def test_a_seed_out_of_range_is_refused(value: int) -> None:
    with pytest.raises(ConfigError, match="Seed: value"):
        Seed(value)


@given(value=st.integers(0, 2**63 - 1))
def test_the_integer_for_other_libraries_fits_into_31_bits(value: int) -> None:
    assert 0 <= Seed(value).integer("tensorflow") < 2**31


def test_integers_differ_between_streams() -> None:
    assert len({Seed(0).integer(name) for name in STREAMS}) == len(STREAMS)
