"""`simgan example`: the texts' games, their numbers and figures."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from simgan.cli.main import run
from simgan.workflows.examples import EXAMPLES
from simgan.workflows.examples.mixture import CENTRES, found, shares_of
from simgan.workflows.examples.optimal_critic import best_critic, jensen_shannon

pytest.importorskip("tensorflow")


@pytest.mark.slow
@pytest.mark.tensorflow
def test_the_normal_is_learned(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One seed, other than those by which the settings were chosen."""
    figure = tmp_path / "normal.svg"
    assert run(["example", "normal", "--seeds", "1", "-o", str(figure), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    value = {name: reading["mean"] for name, reading in told["readings"].items()}
    assert value["D-loss"] == pytest.approx(np.log(4), abs=0.02)
    assert value["G-loss"] == pytest.approx(np.log(2), abs=0.03)
    assert 0.47 < value["D(G(z))"] < 0.53
    assert value["critic 1-64-1: KL, nats"] < 0.03
    assert figure.read_text().count("<svg") == 1


def test_every_example_names_what_it_expects() -> None:
    for name in EXAMPLES:
        assert EXAMPLES.load(name).expected


def test_shares_of_the_modes() -> None:
    points = np.concatenate([np.repeat(CENTRES, (1, 2, 3, 2), axis=0), [[0.0, 0.0], [9.0, 9.0]]])
    shares, beyond = shares_of(points)
    np.testing.assert_allclose(shares, [0.1, 0.2, 0.3, 0.2])
    assert beyond == pytest.approx(0.2)
    assert found(shares) == 3


def test_the_theory_by_integration() -> None:
    """JSD of N(0, 1) and N(1, 1.5²) by a Monte Carlo mean."""
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal(2_000_000), 1 + 1.5 * rng.standard_normal(2_000_000)
    estimate = (
        np.log(2) + 0.5 * np.log(best_critic(x)).mean() + 0.5 * np.log1p(-best_critic(y)).mean()
    )
    assert jensen_shannon() == pytest.approx(estimate, abs=1e-3)


def test_a_figure_of_another_kind_is_wrong_usage(tmp_path: Path) -> None:
    assert run(["example", "normal", "-o", str(tmp_path / "x.pdf")]) == 2
    assert list(tmp_path.iterdir()) == []
