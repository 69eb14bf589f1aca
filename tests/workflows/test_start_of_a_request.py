"""The start of a request for scenarios: whose history, up to which day, and from which price."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from heard_steps import Heard
from made_bundle import made_bundle
from made_joint import ASSETS, made_joint, made_panel

from simgan.bundle.store import write_bundle
from simgan.cli.main import run
from simgan.errors import ConfigError, PriceError, UnknownNameError
from simgan.sampling.model import Model
from simgan.sampling.start import Start
from simgan.seeds import Seed
from simgan.workflows import sample as workflow
from simgan.workflows import starts
from simgan.workflows.sample import SampleRequest
from simgan.workspace import Workspace

MODEL, JOINT = Model(made_bundle()), Model(made_joint())
DAYS = 200
CLOSES = 50.0 * np.exp(np.cumsum(0.01 * Seed(9).stream("baseline").standard_normal(DAYS)))
DATES = np.datetime64("2016-01-01") + np.arange(DAYS)


@pytest.fixture
def prices(tmp_path: Path) -> Path:
    path = tmp_path / "ko.csv"
    lines = [f"{day},{close:.10f}" for day, close in zip(DATES, CLOSES, strict=True)]
    path.write_text("\n".join(["date,close", *lines]) + "\n")
    return path


def start_of(model: Model, request: SampleRequest) -> Start:
    return starts.start_of(model, request)[0]


def asked(**options: object) -> SampleRequest:
    return SampleRequest(workspace=Workspace(Path()), **options)  # type: ignore[arg-type]


def state(closes: np.ndarray) -> np.ndarray:
    """Return the memory of the model after these prices."""
    return MODEL.memory_after(np.diff(np.log(closes))[:, None])


def test_without_options_the_start_is_the_end_of_the_own_history() -> None:
    start = start_of(MODEL, asked())
    np.testing.assert_array_equal(start.memory, MODEL.bundle.latest)
    np.testing.assert_array_equal(start.initial_price, MODEL.bundle.manifest.last_price)


def test_prices_of_a_file_give_its_own_state_and_its_last_price(prices: Path) -> None:
    start = start_of(MODEL, asked(prices=prices))
    np.testing.assert_allclose(start.memory, state(CLOSES), rtol=1e-5, atol=1e-7)
    assert start.initial_price == pytest.approx(CLOSES[-1])
    assert start.sha256 != start_of(MODEL, asked()).sha256


@pytest.mark.parametrize(("date", "known"), [("2016-04-09", 100), ("2016-07-18", 200)])
def test_a_date_with_a_file_is_a_day_of_that_file(prices: Path, date: str, known: int) -> None:
    start = start_of(MODEL, asked(prices=prices, as_of=date))
    np.testing.assert_allclose(start.memory, state(CLOSES[:known]), rtol=1e-5, atol=1e-7)
    assert start.initial_price == pytest.approx(CLOSES[known - 1])


def test_a_date_without_a_file_is_a_day_of_the_own_history() -> None:
    start = start_of(MODEL, asked(as_of="2016-04-09"))
    assert start.sha256 == MODEL.start("2016-04-09").sha256


def test_two_dates_with_a_file_are_days_between_them_at_the_price_of_the_last(
    prices: Path,
) -> None:
    start = start_of(MODEL, asked(prices=prices, as_of="2016-04-01..2016-04-09"))
    assert len(start.memory) == 9
    np.testing.assert_allclose(start.memory[-1], state(CLOSES[:100]), rtol=1e-5, atol=1e-7)
    assert start.initial_price == pytest.approx(CLOSES[99])


@pytest.mark.parametrize("as_of", ["2010-12-29", "2010-06-01..2013-01-01"])
def test_a_date_before_the_sixtieth_day_of_an_asset_names_it(as_of: str) -> None:
    """THREE is listed on day 304, 1 November 2010: its sixtieth day is 30 December."""
    model = Model(made_joint((0, 0, 304)))
    with pytest.raises(ConfigError, match="2010-12-30 or later, when THREE has the 60 days"):
        start_of(model, asked(as_of=as_of))
    assert len(start_of(model, asked(as_of="2010-12-30")).initial_price) == 3


@pytest.mark.parametrize("as_of", ["latest", "stationary", "2016-04-09"])
def test_another_first_price_changes_prices_and_no_state(as_of: str) -> None:
    plain, priced = (
        start_of(MODEL, asked(as_of=as_of, initial_price=price)) for price in (None, 12.5)
    )
    assert plain.sha256 == priced.sha256 and type(plain) is type(priced)
    np.testing.assert_array_equal(priced.initial_price, [12.5])


@pytest.mark.parametrize("price", [0.0, -3.0, float("nan")])
def test_a_first_price_that_is_not_positive_is_refused(price: float) -> None:
    with pytest.raises(ConfigError, match=r"initial_price = .* must be above 0"):
        start_of(MODEL, asked(initial_price=price))


def test_prices_of_several_assets_are_given_by_name() -> None:
    last = JOINT.bundle.manifest.last_price
    start = start_of(JOINT, asked(initial_price="THREE=50, ONE=1e2"))
    assert start.initial_price.tolist() == [100.0, last[1], 50.0]
    assert start_of(MODEL, asked(initial_price="MADE=12.5")).initial_price.tolist() == [12.5]


@pytest.mark.parametrize(
    ("price", "error", "message"),
    [
        (100.0, ConfigError, "must be by asset, such as ONE=100,TWO=100"),
        ("ONE=100,ONE=50", ConfigError, "ONE, which stands twice"),
        ("ONE=0", ConfigError, "above 0"),
        ("ONE=60%", ConfigError, "above 0"),
        ("ONE=", ConfigError, "a number for each asset"),
        ("FOUR=1", UnknownNameError, "FOUR"),
    ],
)
def test_other_prices_of_several_assets_are_refused(
    price: float | str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        start_of(JOINT, asked(initial_price=price))


def test_the_command_takes_prices_by_name(tmp_path: Path) -> None:
    write_bundle(made_joint(), tmp_path / "models" / "BOOK")
    out = tmp_path / "prices.npy"
    words = ["sample", "BOOK", "--n", "2", "--horizon", "1", "--values", "prices", "-o", str(out)]
    place = ["--workspace", str(tmp_path)]
    assert run([*words, *place, "--initial-price", "a hundred"]) == 2
    assert run([*words, *place, "--initial-price", "100"]) == 1
    assert run([*words, *place, "--initial-price", "ONE=100,TWO=100,THREE=100"]) == 0
    assert np.load(out)[:, 0].tolist() == [[100.0] * 3] * 2


@pytest.mark.parametrize(
    ("assets", "error", "message"),
    [("ONE,ONE", ConfigError, "each asset once"), ("FOUR", UnknownNameError, "FOUR")],
)
def test_assets_are_chosen_once_by_their_names(
    assets: str, error: type[Exception], message: str, tmp_path: Path
) -> None:
    write_bundle(made_joint(), tmp_path / "models" / "BOOK")
    request = SampleRequest(workspace=Workspace(tmp_path), name="BOOK", assets=assets)
    with pytest.raises(error, match=message):
        workflow.order(request)
    with pytest.raises(error, match=message):
        JOINT.sample(2, 3).of_assets(assets.split(","))


def test_the_days_of_a_panel_of_prices_are_told(tmp_path: Path) -> None:
    panel = made_panel(200)
    prices = pd.DataFrame(panel.prices, pd.bdate_range("2019-01-01", periods=200), list(ASSETS))
    prices.loc[prices.index[:100], "TWO"] = np.nan
    prices.to_csv(tmp_path / "panel.csv")
    heard = Heard()
    _, history = starts.start_of(JOINT, asked(prices=tmp_path / "panel.csv"), heard)
    assert history is not None and len(history) == 199
    assert any(
        sentence.startswith("made: TWO begins on") and sentence.endswith("and has 99 days")
        for sentence in heard.sentences
    )


def test_the_long_run_has_no_history_and_a_file_of_few_days_no_state(prices: Path) -> None:
    with pytest.raises(ConfigError, match="left out with --prices: the long run does not depend"):
        start_of(MODEL, asked(prices=prices, as_of="stationary"))
    short = prices.with_name("short.csv")
    short.write_text("\n".join(prices.read_text().splitlines()[:40]) + "\n")
    with pytest.raises(PriceError, match=r"38 .*60"):
        start_of(MODEL, asked(prices=short))
