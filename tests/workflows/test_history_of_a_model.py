"""The history that a model learned from: its own copy, that of the sample source, or a sentence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_bundle import made_bundle

from simgan.bundle import recalled
from simgan.bundle.store import Bundle
from simgan.errors import BundleError
from simgan.market.history import History, history_of
from simgan.market.prices import Prices
from simgan.market.sources.sample import Sample
from simgan.seeds import Seed
from simgan.workflows.models import history_of_bundle

DAYS = 400
PRICES = 100.0 * np.exp(np.cumsum(0.01 * Seed(3).stream("baseline").standard_normal(DAYS)))


@pytest.fixture(autouse=True)
def sample(monkeypatch: pytest.MonkeyPatch) -> History:
    """Let the sample source give made prices, and return them as a history."""
    days = np.datetime64("2010-01-01") + np.arange(DAYS)
    prices = Prices(days.astype("datetime64[D]"), PRICES[:, None], ("SP500",), ())
    monkeypatch.setattr(Sample, "fetch", lambda self, name: prices)
    monkeypatch.setattr(recalled, "_of_sample", lambda series: history_of(Sample().fetch(series)))
    return history_of(prices)


def bundle_without_copy(history: History, source: dict[str, object]) -> Bundle:
    """Give a bundle that learned from a history of which it holds the facts only."""
    whole = made_bundle()
    facts = replace(
        whole.manifest.data,
        first=str(history.dates[0])[:10],
        last=str(history.dates[-1])[:10],
        days=len(history.log_returns),
        sha256=history.sha256,
        source=source,
    )
    manifest = replace(
        whole.manifest,
        data=facts,
        assets=history.assets,
        last_price=tuple(history.last_price.tolist()),
    )
    return replace(whole, manifest=manifest, history=None)


SAMPLE = {"kind": "sample", "name": "SP500"}


def test_the_own_copy_is_the_history() -> None:
    whole = made_bundle()
    assert history_of_bundle(whole) is whole.history


@pytest.mark.parametrize("part", [slice(None), slice(50, 300)])
def test_the_sample_source_gives_the_same_days_again(sample: History, part: slice) -> None:
    """A model may have learned from a part of the series only."""
    learned = sample.rows(part)
    found = history_of_bundle(bundle_without_copy(learned, SAMPLE))
    np.testing.assert_array_equal(found.log_returns, learned.log_returns)
    np.testing.assert_array_equal(found.dates, learned.dates)
    np.testing.assert_array_equal(found.last_price, learned.last_price)
    assert found.sha256 == learned.sha256


def test_other_returns_of_the_sample_source_are_not_taken_for_those_of_the_model(
    sample: History,
) -> None:
    changed = sample.log_returns.copy()
    changed[7] += 1e-6
    other = bundle_without_copy(replace(sample, log_returns=changed), SAMPLE)
    with pytest.raises(BundleError, match=r"no longer gives the returns that made learned from"):
        history_of_bundle(other)


@pytest.mark.parametrize(
    "source",
    [
        {"kind": "yahoo", "name": "SP500"},
        {"kind": "price_file", "path": "ko.csv"},
        {"kind": "sample"},
        {"kind": "sample", "name": 5},
        {},
    ],
)
def test_a_model_of_another_source_asks_for_its_history(
    sample: History, source: dict[str, object]
) -> None:
    with pytest.raises(BundleError, match="holds no history; give one with --against or --prices"):
        history_of_bundle(bundle_without_copy(sample, source))
