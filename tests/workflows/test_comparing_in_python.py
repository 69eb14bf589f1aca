"""`simgan.compare` of several assets: the tables of a book, for arrays, frames and scenarios."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from made_book_samples import book_paths, factor_correlations
from made_joint import ASSETS, made_joint

import simgan
from simgan.api.judging import _assets_of
from simgan.errors import ConfigError
from simgan.report.book import samples as of_books
from simgan.report.book.sections import SECTIONS_OF_BOOKS
from simgan.sampling.model import Model

DAYS = 150
DRAWN = book_paths(7, DAYS, factor_correlations(3), np.random.default_rng(3))
REAL, FAKE = DRAWN[0], DRAWN[1:].astype(np.float32)
FRAME = pd.DataFrame(REAL, columns=list(ASSETS))


def named(*columns: str) -> pd.DataFrame:
    """The history in a frame with other names."""
    return FRAME.set_axis(list(columns), axis=1)


@pytest.fixture(autouse=True)
def few_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenth of the resamples, because the tests look at no interval."""
    monkeypatch.setattr(of_books, "RESAMPLES", 40)


def test_arrays_of_several_assets_are_compared_together() -> None:
    found = simgan.compare(REAL, {"one": FAKE, "two": 2 * FAKE})
    assert [section.kind for section in found.sections] == list(SECTIONS_OF_BOOKS)
    assert found.models == ("one", "two") and found.in_sample is None
    assert found.within("one") > found.within("two")
    assert "Comparison of one, two with real returns" in repr(found)


def test_scenarios_are_compared_in_the_order_of_the_columns() -> None:
    drawn = Model(made_joint()).sample(8, DAYS, seed=1)
    found = simgan.compare(FRAME, {"whole": drawn, "turned": drawn[["THREE", "ONE", "TWO"]]})
    assert [row.models["whole"] for row in found.rows] == [
        row.models["turned"] for row in found.rows
    ]


def test_days_on_which_an_asset_did_not_trade_are_no_zeros() -> None:
    later = FRAME.copy()
    later.iloc[:40, 2] = np.nan
    found = simgan.compare(later, FAKE)
    [row] = [row for row in found.rows if row.label.startswith("correlation, mean of all pairs")]
    pairs = [later.iloc[:, [i, j]].dropna().corr().iloc[0, 1] for i, j in ((0, 1), (0, 2), (1, 2))]
    assert row.real == pytest.approx(np.mean(pairs))


def test_a_column_may_be_called_assets() -> None:
    frame = named("assets", "TWO", "THREE")
    assert _assets_of(frame, 3) == ("assets", "TWO", "THREE")
    drawn = Model(made_joint()).sample(8, DAYS)
    with pytest.raises(ConfigError, match="those of assets, TWO, THREE"):
        simgan.compare(frame, drawn)


def test_masked_numbers_are_days_without_a_return() -> None:
    """`masked_invalid` was a TypeError of NumPy."""
    later = REAL.copy()
    later[:40, 2] = np.nan
    found = simgan.compare(np.ma.masked_invalid(later), np.ma.masked_invalid(FAKE))
    expected = simgan.compare(later, FAKE)
    assert [row.real for row in found.rows] == [row.real for row in expected.rows]
    assert [row.models for row in found.rows] == [row.models for row in expected.rows]


@pytest.mark.parametrize("real", [REAL[:1], REAL[:99, 0], REAL[None], REAL[:, :0], REAL[0, 0]])
def test_other_shapes_are_told_in_days_and_assets(real: np.ndarray) -> None:
    with pytest.raises(ConfigError, match=r"real = .*\(days, assets\), with at least 100 days"):
        simgan.compare(real, FAKE)


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (
            lambda: simgan.compare(FRAME.assign(TWO=np.nan), FAKE),
            "real = TWO without a number .* leave this one out",
        ),
        (lambda: simgan.compare(FRAME.assign(TWO=0.0), FAKE), "real, TWO: values = constant"),
        (lambda: simgan.compare(REAL, FAKE[:, :99]), r"\(6, 99, 3\) .* \(paths, 150, 3\)"),
        (lambda: simgan.compare(REAL, FAKE[..., 0]), r"\(6, 150\) .* \(paths, 150, 3\)"),
        (lambda: simgan.compare(REAL, "theirs.npy"), "files that are compared are of one asset"),
        (lambda: simgan.compare(REAL, {"real": FAKE}), "it is a column of the table"),
        (lambda: simgan.compare(1000 * REAL, FAKE), "are these prices or percent"),
        (lambda: simgan.compare(np.full_like(REAL, np.nan), FAKE), "150 days without a number"),
        (
            lambda: simgan.compare(
                named("ONE", "TWO", "FOUR"),
                Model(made_joint()).sample(8, DAYS),
            ),
            "scenarios of ONE, TWO, THREE .* those of ONE, TWO, FOUR",
        ),
        (lambda: simgan.compare(REAL, {}), "compare: models = no model"),
        (lambda: simgan.compare(REAL[:30], FAKE[:, :30]), r"real = an array of shape \(30, 3\)"),
        (lambda: simgan.compare(REAL, FAKE[:0]), r"compare: fake = \(0, 150, 3\)"),
        (lambda: simgan.compare(REAL, np.nan * FAKE), "compare: fake"),
        (lambda: simgan.compare(REAL, 0 * FAKE), "compare: fake = paths without variation"),
        (
            lambda: simgan.compare(FRAME.set_axis(["A", "B", "A"], axis=1), FAKE),
            "columns = 'A, B, A'",
        ),
        (
            lambda: simgan.compare(FRAME.set_axis(["A", " ", "B"], axis=1), FAKE),
            "a name of its own",
        ),
    ],
)
def test_what_does_not_fit_is_refused(ask: Callable[[], object], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        ask()
