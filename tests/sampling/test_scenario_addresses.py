"""Scenario i depends on (model, start, seed, i) only."""

from __future__ import annotations

import hashlib
import multiprocessing
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_bundle import made_bundle, made_history
from made_joint import made_joint

from simgan.bundle.store import write_bundle
from simgan.errors import ConfigError, SamplingError, UnknownNameError
from simgan.recipe.blueprints.state_space import StateSpace
from simgan.sampling.latent import BLOCK, GROUP, Drawing, normals
from simgan.sampling.model import Model
from simgan.seeds import Seed

MODEL = Model(made_bundle())
HORIZON = 5
SIZE = GROUP * BLOCK
N = SIZE + 2 * BLOCK + 100
STARTS = ("latest", "stationary", "2016-01-01..2016-03-31")
WHOLE = {as_of: MODEL.sample(N, HORIZON, seed=4, as_of=as_of).log_returns for as_of in STARTS}


@settings(max_examples=25, deadline=None)
@given(first=st.integers(0, N - 1), n=st.integers(1, 600), as_of=st.sampled_from(STARTS))
def test_any_part_equals_those_rows_of_the_whole(first: int, n: int, as_of: str) -> None:
    n = min(n, len(WHOLE[as_of]) - first)
    np.testing.assert_array_equal(
        WHOLE[as_of][first : first + n],
        MODEL.sample(n, HORIZON, seed=4, first=first, as_of=as_of).log_returns,
    )


def test_a_shorter_horizon_is_the_beginning_of_a_longer_one() -> None:
    longer = MODEL.sample(50, 30, seed=4).log_returns
    np.testing.assert_array_equal(WHOLE["latest"][:50], longer[:, :HORIZON])


def test_another_seed_gives_other_scenarios() -> None:
    assert not np.isclose(
        WHOLE["latest"][:100], MODEL.sample(100, HORIZON, seed=5).log_returns
    ).any()


def test_two_workers_give_the_same_blocks() -> None:
    drawing = Drawing(N, HORIZON, Seed(4))
    blocks = list(MODEL.draw(drawing, MODEL.start("latest"), workers=2))
    assert [block.first for block in blocks] == [0, SIZE]
    np.testing.assert_array_equal(
        WHOLE["latest"], np.concatenate([block.log_returns for block in blocks])
    )


@pytest.mark.parametrize("block", [1000, SIZE, 5000])
def test_a_stream_is_the_same_in_blocks_of_any_size(block: int) -> None:
    blocks = list(MODEL.stream(N - 7, HORIZON, block=block, seed=4, first=7))
    assert [len(part) for part in blocks[:-1]] == [block] * (len(blocks) - 1)
    np.testing.assert_array_equal(
        WHOLE["latest"][7:], np.concatenate([part.log_returns for part in blocks])
    )


def test_threads_share_a_model() -> None:
    """Eight threads that draw other ranges at the same time."""
    model = Model(made_bundle())
    starts = range(0, N, 400)
    with ThreadPoolExecutor(8) as pool:
        parts = list(
            pool.map(
                lambda first: (
                    model.sample(min(400, N - first), HORIZON, seed=4, first=first).log_returns
                ),
                starts,
            )
        )
    np.testing.assert_array_equal(WHOLE["latest"], np.concatenate(parts))


@pytest.mark.parametrize("method", ["spawn", "forkserver"] + ["fork"] * (sys.platform == "linux"))
def test_processes_share_a_model(method: str) -> None:
    """As joblib, Dask or a pool of one's own send it to them."""
    with ProcessPoolExecutor(2, multiprocessing.get_context(method)) as pool:
        drawn = [
            pool.submit(MODEL.sample, n, HORIZON, seed=4, first=first)
            for first, n in ((0, 1500), (1500, N - 1500))
        ]
        np.testing.assert_array_equal(
            WHOLE["latest"], np.concatenate([part.result().log_returns for part in drawn])
        )


def test_stationary_scenarios_start_apart() -> None:
    """Common starts would show as one volatility on the first day; the long run has many."""
    spread = WHOLE["stationary"][:, 0, 0]
    assert len(np.unique(spread)) == len(spread)


def test_a_date_gives_the_state_after_that_day() -> None:
    history = made_history()
    date = str(history.dates[399])[:10]
    by_date = MODEL.sample(10, 3, as_of=date).log_returns
    by_hand = MODEL.simulate(history.log_returns[:400], 3, Seed(0), 0, 10)
    np.testing.assert_array_equal(by_date, by_hand.astype(np.float32))


def test_two_dates_give_the_states_after_the_days_between_them() -> None:
    """Each scenario is one that starts on one of the days; the days are drawn evenly."""
    history = made_history()
    first, last = (str(history.dates[row])[:10] for row in (399, 402))
    drawn = MODEL.sample(4000, 3, as_of=f"{first}..{last}").log_returns
    by_day = np.array(
        [
            MODEL.simulate(history.log_returns[:days], 3, Seed(0), 0, 4000)
            for days in range(400, 404)
        ]
    ).astype(np.float32)
    matches = (by_day == drawn).all(axis=(2, 3))  # (days, scenarios)
    assert (matches.sum(axis=0) == 1).all()
    assert (np.abs(matches.sum(axis=1) - 1000) < 5 * np.sqrt(4000 * 0.25 * 0.75)).all()


@pytest.mark.parametrize(
    "dates",
    [
        "2016-02-01..2016-01-01",
        "2010-01-01..2016-01-01",
        "2016-01-01..2099-01-01",
        "2016-01-01..",
        "..",
        "2016-01-01..soon",
    ],
)
def test_two_dates_that_hold_no_day_are_refused(dates: str) -> None:
    with pytest.raises(ConfigError, match="as_of"):
        MODEL.sample(1, 1, as_of=dates)


@pytest.mark.parametrize("date", ["2010-01-01", "2099-01-01", "yesterday", ""])
def test_a_date_outside_the_history_is_refused(date: str) -> None:
    with pytest.raises(ConfigError, match="as_of"):
        MODEL.sample(1, 1, as_of=date)


@pytest.mark.parametrize("wrong", [{"n": 0}, {"horizon": 0}, {"first": -1}, {"seed": -1}])
def test_impossible_requests_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ConfigError):
        MODEL.sample(**wrong)


def test_a_horizon_beyond_memory_is_told() -> None:
    with pytest.raises(
        SamplingError,
        match=r"a horizon of 1,000,000,000 steps needs about 41,962 GiB .*ask for fewer steps",
    ):
        MODEL.sample(1, 10**9)


def test_an_engine_of_other_models_is_told() -> None:
    with pytest.raises(ConfigError, match="cpu or numpy: it cannot compute a model of the kind jo"):
        Model(made_joint(), engine="tensorflow").sample(1)


def test_an_unknown_engine_is_told_by_name() -> None:
    with pytest.raises(UnknownNameError, match="numpy"):
        Model(made_bundle(), engine="abacus").sample(1)


def test_sampling_never_imports_tensorflow(tmp_path: Path) -> None:
    write_bundle(made_bundle(), tmp_path / "made")
    code = (
        "import sys; from pathlib import Path; from simgan.bundle.store import read_bundle; "
        "from simgan.sampling.model import Model; "
        f"Model(read_bundle(Path({str(tmp_path / 'made')!r}))).sample(10); sys.exit('tensorflow' "
        "in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_workers_end_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    """They would compute on for nobody, as long as their task takes."""
    code = (
        "import os, time; from pathlib import Path; from simgan.sampling.parallel import "
        "process_pool\nif __name__ == '__main__':\n    pool = process_pool(1); "
        "print(pool.submit(os.getpid).result(), flush=True); pool.submit(time.sleep, 60); "
        "time.sleep(60)"
    )
    script = tmp_path / "parent.py"
    script.write_text(code)
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        parent.kill()
    deadline = time.monotonic() + 10
    while _is_running(worker) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _is_running(worker)


def _is_running(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rsplit(")", 1)[1].split()[0] != "Z"


@pytest.mark.parametrize(
    ("seed", "group", "sha256"),
    [
        (0, 0, "6cfea1c47a9a6018aa2edc177f55f65669e0154f829a4c22cd52a53700733e74"),
        (7, 32778, "859ef4d6eb74d6368bee88e133b2a51d4b2a917b0a8a690364f32cffbeedb794"),
    ],
)
def test_the_noise_of_a_scenario_is_the_same_for_ever(seed: int, group: int, sha256: str) -> None:
    """Version 1 of the map, to the bit: a NumPy that draws other normals would be noticed here."""
    noise = normals(Seed(seed), "latent", group, slice(0, SIZE), 21, 1)
    assert hashlib.sha256(noise.tobytes()).hexdigest() == sha256


@pytest.mark.parametrize(
    ("seed", "number", "as_of", "expected"),
    [
        (0, 0, "latest", [0.00454522, -0.00305850, 0.00024279, -0.00070703]),
        (0, 8_391_204, "latest", [0.00043374, -0.00605178, -0.02015758, 0.00033539]),
        (3, 17, "stationary", [0.00048578, -0.01017353, -0.01590511, 0.00810630]),
    ],
)
@pytest.mark.parametrize("engine", ["cpu", "numpy"])
def test_a_scenario_is_the_same_for_ever(
    engine: str, seed: int, number: int, as_of: str, expected: list[float]
) -> None:
    """To the rounding that another processor may do. The model is one of format 3."""
    drawn = (
        Model(made_bundle(blueprint=StateSpace(factor=0.0, laws=1, jump=0.0, still=1.0)), engine)
        .sample(1, 4, seed=seed, first=number, as_of=as_of)
        .log_returns
    )
    np.testing.assert_allclose(drawn[0, :, 0], expected, atol=2e-8)
