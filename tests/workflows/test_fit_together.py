"""Several assets are fitted together: by ticker, from files and frames, whole or not at all."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from heard_steps import Heard
from made_bundle import made_bundle
from made_joint import ASSETS, made_panel

import simgan
from simgan.bundle.facts import DataFacts
from simgan.bundle.store import Bundle, read_bundle
from simgan.cli.main import run
from simgan.errors import BundleError, ConfigError, Interrupted, PriceError, TrainingDiverged
from simgan.market.scalings.standard import Standard
from simgan.progress import Progress, Step, Stop
from simgan.recipe.recipe import Recipe
from simgan.report.aspects import Aspect, forecasts_in
from simgan.sampling.model import Model
from simgan.workflows import fit_together as workflow
from simgan.workflows import risk as of_risk
from simgan.workflows.checks_of_books import verdict_on_forecasts
from simgan.workflows.fit_together import JointRequest, fit_together
from simgan.workflows.train import Assignment, Learned, identity_of
from simgan.workspace import Workspace

ASPECT = Aspect("one-day forecasts", "ahead of", "gjr-dcc-fhs", "energy lower (p 0.01)")
VERDICT = {"sentence": "Forecasts are ahead.", "aspects": [ASPECT.to_json()]}


def train(recipe: Recipe, task: Assignment, *rest: object, resume: bool = False) -> Learned:
    """Return a model that was not trained, of the history that the task holds."""
    own, made = task.history, made_bundle(task.name, days=80, identity="0" * 64)
    data = DataFacts(
        first=own.day(0), last=own.day(-1), days=len(own), sha256=own.sha256, source={"kind": "x"}
    )
    manifest = replace(
        made.manifest,
        assets=own.assets,
        data=data,
        scaling=Standard.fit(own.log_returns),
        last_price=tuple(own.last_price.tolist()),
        identity=identity_of(recipe, task),
    )
    return Learned(replace(made, manifest=manifest, history=own), None, 0)


@pytest.fixture(autouse=True)
def few_scenarios(monkeypatch: pytest.MonkeyPatch) -> None:
    """Today's risks from 4,000 scenarios, in a tenth of a second, and a verdict without a trial."""
    monkeypatch.setattr(of_risk, "SCENARIOS", 4000)
    monkeypatch.setattr(workflow, "verdict_on_forecasts", lambda *_: dict(VERDICT))


@pytest.fixture
def untrained(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the assets for which a training was asked."""
    asked: list[str] = []

    def stub(recipe: Recipe, task: Assignment, *rest: object, resume: bool = False) -> Learned:
        asked.append(task.name)
        return train(recipe, task)

    monkeypatch.setattr(workflow, "train", stub)
    return asked


def frame(days: int = 400) -> pd.DataFrame:
    """Prices of three assets on the weekdays of two years."""
    panel = made_panel(days)
    index = pd.bdate_range("2019-01-01", periods=days, name="Date")
    return pd.DataFrame(panel.prices, index, list(ASSETS))


def test_a_frame_of_several_assets_is_one_model(untrained: list[str], tmp_path: Path) -> None:
    model = simgan.fit(frame(), name="BOOK", workspace=tmp_path, progress=simgan.SILENT)
    assert untrained == list(ASSETS) and model.name == "BOOK"
    scenarios = model.sample(30, 5)
    assert scenarios.assets == ASSETS and scenarios.log_returns.shape == (30, 5, 3)
    assert scenarios.to_frame().columns.names == ["asset", "step"]
    assert not list((tmp_path / "models").glob(".*training"))


@pytest.mark.parametrize("is_one_file", [True, False])
def test_the_command_takes_a_panel_or_a_file_for_each(
    is_one_file: bool, untrained: list[str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    prices = frame()
    files = [tmp_path / f"{asset}.csv" for asset in ASSETS[:2]]
    if is_one_file:
        files = [tmp_path / "panel.csv"]
        prices.to_csv(files[0])
    else:
        for file, asset in zip(files, ASSETS, strict=False):
            prices[asset].rename("close").to_csv(file)
    options = [word for file in files for word in ("--prices", str(file))]
    assert run(["fit", *ASSETS[:2], *options, "--workspace", str(tmp_path)]) == 0
    said = capfd.readouterr().out
    assert f"written to {tmp_path / 'models' / 'ONE-TWO'}/" in said
    assert "The correlation of scores in the long run is" in " ".join(said.split())
    bundle = read_bundle(tmp_path / "models" / "ONE-TWO")
    assert bundle.manifest.assets == ASSETS[:2] and bundle.manifest.data.days == 399
    table = tmp_path / "s.csv"
    sample = ["sample", "ONE-TWO", "--n", "2", "--horizon", "2", "--workspace", str(tmp_path)]
    assert run([*sample, "-o", str(table)]) == 0
    whole = pd.read_csv(table)
    assert list(whole) == ["scenario", "ONE:1", "ONE:2", "TWO:1", "TWO:2"]
    assert run([*sample, "-o", str(table), "--force", "--assets", "TWO"]) == 0
    part = pd.read_csv(table)
    assert list(part) == ["scenario", "TWO:1", "TWO:2"]
    assert (part[["TWO:1", "TWO:2"]].to_numpy() == whole[["TWO:1", "TWO:2"]].to_numpy()).all()
    assert run([*sample, "--assets", "THREE", "-o", "-"]) == 1
    assert "unknown asset 'THREE'" in capfd.readouterr().err


def test_the_days_of_a_panel_are_told(untrained: list[str], tmp_path: Path) -> None:
    prices = frame()
    prices.loc[prices.index[:250], "THREE"] = np.nan
    heard = Heard()
    simgan.fit(prices, name="BOOK", workspace=tmp_path, progress=heard)
    assert any("THREE begins on" in sentence for sentence in heard.sentences)
    assert not any("lean on a prior" in sentence for sentence in heard.sentences)
    facts = read_bundle(tmp_path / "models" / "BOOK").manifest.joint
    assert facts is not None
    assert [member.data.days for member in facts.members] == [399, 399, 149]


def test_markets_of_other_hours_are_told_unless_the_model_learns_from_two_days(
    untrained: list[str], tmp_path: Path
) -> None:
    prices, told = frame(), list[bool]()
    prices["THREE"] *= prices["TWO"].shift(1).bfill()
    for overlap in (1, 2):
        heard, settings = Heard(), {"overlap": overlap}
        simgan.fit(prices, name="BOOK", workspace=tmp_path, settings=settings, progress=heard)
        told.append(any("BOOK: warning: THREE follows TWO" in one for one in heard.sentences))
        assert not any("changes nothing" in one for one in heard.sentences)
    assert told == [True, False]
    heard = Heard()
    simgan.fit(frame(), name="BOOK", workspace=tmp_path, settings=settings, progress=heard)
    said = "BOOK: warning: no asset follows another by a day, so overlap=2 changes nothing"
    assert said in heard.sentences


def test_without_a_ticker_all_assets_of_a_file_are_fitted(
    untrained: list[str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    panel, one, many, twice = (
        tmp_path / f"{name}.csv" for name in ("panel", "one", "many", "twice")
    )
    prices = frame()
    prices.to_csv(panel)
    prices.set_axis(["ONE", "ONE", "TWO"], axis=1).to_csv(twice)
    prices["ONE"].rename("close").to_csv(one)
    pd.DataFrame({f"A{i}": prices["ONE"] for i in range(51)}).to_csv(many)
    place = ["--workspace", str(tmp_path)]
    assert run(["fit", "--prices", str(panel), "--name", "BOOK", *place]) == 0
    assert untrained == list(ASSETS)
    assert read_bundle(tmp_path / "models" / "BOOK").manifest.assets == ASSETS
    refused = [
        ([one], 2, f"Missing argument 'TICKER...': {one} is read as one asset, and needs a name"),
        ([one, one], 2, "Missing argument 'TICKER...': name one for each of 2 price files."),
        ([], 2, "Missing argument 'TICKER...'."),
        ([many], 1, "at most 50 at once"),
        ([twice], 1, "two columns are called 'ONE'; rename one of them"),
    ]
    for files, code, said in refused:
        options = [word for file in files for word in ("--prices", str(file))]
        assert run(["fit", *options, *place]) == code
        assert said in " ".join(capfd.readouterr().err.split())
    assert untrained == list(ASSETS)


def test_each_asset_is_told_by_its_place_and_a_file_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def stub(recipe: Recipe, task: Assignment, progress: Progress, *rest: object, **_: Any) -> Any:
        progress.step(Step("warm start", 1, 2, stage=1, stages=2))
        return train(recipe, task)

    monkeypatch.setattr(workflow, "train", stub)
    panel, heard = tmp_path / "panel.csv", Heard()
    frame().to_csv(panel)
    simgan.fit(list(ASSETS), prices=panel, name="BOOK", workspace=tmp_path, progress=heard)
    places = [f"asset {place} of 3" for place in (1, 2, 3)]
    assert [step.place for step in heard.steps] == [f"{place}, stage 1 of 2" for place in places]
    assert [sentence for sentence in heard.sentences if "learns from" in sentence] == [
        f"{place}, {asset}: 399 days; learns from closes"
        for place, asset in zip(places, ASSETS, strict=True)
    ]
    (about,) = [sentence for sentence in heard.sentences if "panel.csv" in sentence]
    assert about.startswith("BOOK: panel.csv: columns 'ONE', 'TWO', 'THREE', one header row, ")


def test_files_of_their_own_are_told_for_each_asset(untrained: list[str], tmp_path: Path) -> None:
    files, heard = [tmp_path / asset / "prices.csv" for asset in ASSETS[:2]], Heard()
    for file, asset in zip(files, ASSETS, strict=False):
        file.parent.mkdir()
        frame()[asset].rename("close").to_csv(file)
    simgan.fit(list(ASSETS[:2]), prices=files, workspace=tmp_path, progress=heard)
    about = [sentence for sentence in heard.sentences if "prices.csv" in sentence]
    assert [sentence.split(",")[0] for sentence in about] == [
        "ONE: prices.csv: column 'close'",
        "TWO: prices.csv: column 'close'",
    ]


def test_an_asset_with_few_days_before_the_first_end_is_refused_before_any_training(
    untrained: list[str], tmp_path: Path
) -> None:
    """ONE ends on day 250, and THREE begins on day 230: they have 20 returns together."""
    prices = frame()
    prices.loc[prices.index[250:], "ONE"] = np.nan
    prices.loc[prices.index[:229], "THREE"] = np.nan
    message = "THREE: 20 log returns until .*, where the panel ends, but at least 60 are needed"
    with pytest.raises(PriceError, match=message):
        simgan.fit(prices, name="BOOK", workspace=tmp_path, progress=simgan.SILENT)
    assert not untrained and not (tmp_path / "models" / "BOOK").exists()


def test_a_fit_ends_with_the_risk_of_equal_shares(untrained: list[str], tmp_path: Path) -> None:
    request = JointRequest.of(ASSETS, Workspace(tmp_path), prices=frame(), name="BOOK")
    fitted = fit_together(request)
    told: Any = fitted.to_json()
    assert told["verdict"] == VERDICT == read_bundle(fitted.path).manifest.verdict
    total = simgan.portfolio_log_returns(Model(fitted.bundle).sample(4000, 10), [1 / 3] * 3)
    expected = simgan.value_at_risk(np.expm1(total), level=0.99)
    [found] = [row for row in told["risk"] if (row["horizon"], row["level"]) == (10, 0.99)]
    assert found["value_at_risk"] == pytest.approx(expected, rel=1e-5)
    correlations, *_, verdict, losses, report, risks = fitted.sentences
    assert correlations.startswith("Correlations of scores in the long run go from −0.")
    assert "(ONE and THREE) to 0." in correlations and "(ONE and TWO). A score is" in correlations
    assert verdict == fitted.verdict == "Forecasts are ahead."
    assert losses == ("Losses of the one-day forecasts: energy lower (p 0.01), beside gjr-dcc-fhs.")
    assert report == "`simgan report BOOK` compares its paths with those of the baselines."
    assert risks.startswith("Today's VaR (ES) of equal shares at 99 %: ")
    assert f"{100 * expected:.2f} %" in risks


def test_an_interrupted_asset_goes_on_and_its_checkpoint_goes_in_the_end(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    heard: list[tuple[str, bool]] = []

    def stub(recipe: Recipe, task: Assignment, *rest: object, resume: bool = False) -> Learned:
        heard.append((task.name, resume))
        if len(heard) < 2:
            task.checkpoint.mkdir(parents=True)
            raise KeyboardInterrupt
        if len(heard) == 3:
            raise TrainingDiverged("diverged")
        if task.name == "TWO":
            task.checkpoint.mkdir()
        return train(recipe, task)

    monkeypatch.setattr(workflow, "train", stub)

    def fit(error: type[BaseException] | None = None) -> None:
        with nullcontext() if error is None else pytest.raises(error):
            simgan.fit(
                frame(), name="BOOK", workspace=tmp_path, progress=simgan.SILENT, resume=bool(heard)
            )

    fit(Interrupted)
    fit(TrainingDiverged)
    assert heard == [("ONE", False), ("ONE", True), ("TWO", False)]
    fit()
    assert heard[3:] == [("TWO", False), ("THREE", False)]
    assert not list((tmp_path / "models").glob(".*training"))


def test_an_interrupted_fit_keeps_finished_assets(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[str] = []

    def stub(recipe: Recipe, task: Assignment, *rest: object, resume: bool = False) -> Learned:
        asked.append(task.name)
        if task.name == "TWO" and len(asked) == 2:
            raise Interrupted("stopped")
        return train(recipe, task)

    monkeypatch.setattr(workflow, "train", stub)

    def fit(**options: Any) -> None:
        simgan.fit(frame(), name="BOOK", workspace=tmp_path, progress=simgan.SILENT, **options)

    with pytest.raises(Interrupted, match=r"the work so far is kept; .*--resume goes on"):
        fit()
    assert asked == ["ONE", "TWO"] and not (tmp_path / "models" / "BOOK").exists()
    fit(resume=True)
    assert asked == ["ONE", "TWO", "TWO", "THREE"]
    assert (tmp_path / "models" / "BOOK").exists()
    fit()
    assert asked[4:] == ["ONE", "TWO", "THREE"]


def test_an_interrupted_verdict_keeps_the_model_and_is_made_by_resume(
    untrained: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """No model was saved, because its verdict came first."""

    def interrupted(*rest: object) -> dict[str, object]:
        raise KeyboardInterrupt

    def fit(**options: Any) -> None:
        simgan.fit(frame(), name="BOOK", workspace=tmp_path, progress=simgan.SILENT, **options)

    monkeypatch.setattr(workflow, "verdict_on_forecasts", interrupted)
    with pytest.raises(Interrupted, match=r"BOOK is saved without its verdict; .*--resume makes"):
        fit()
    saved = read_bundle(tmp_path / "models" / "BOOK")
    assert saved.manifest.verdict["sentence"].startswith("The verdict was not made: ")
    monkeypatch.setattr(workflow, "verdict_on_forecasts", lambda *_: dict(VERDICT))
    fit(resume=True)
    judged = read_bundle(tmp_path / "models" / "BOOK")
    assert untrained == list(ASSETS) and judged.manifest.verdict["sentence"] == VERDICT["sentence"]
    assert judged.manifest.created == saved.manifest.created
    assert not list((tmp_path / "models").glob(".*training"))


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("verdict_on_forecasts", "the model BOOK is saved without its verdict"),
        ("joint_model", "the work so far is kept"),
    ],
)
def test_ctrl_c_in_a_fit_of_a_book_names_resume(
    place: str,
    told: str,
    untrained: list[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """It said "Interrupted." alone, although all assets were finished."""

    def interrupted(*rest: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(workflow, place, interrupted)
    file = tmp_path / "panel.csv"
    frame().to_csv(file)
    options = ["--prices", str(file), "--name", "BOOK", "--workspace", str(tmp_path)]
    assert run(["fit", *options]) == 130
    said = " ".join(capfd.readouterr().err.split())
    assert f"Interrupted: {told}; the same command with --resume" in said
    assert (tmp_path / "models" / "BOOK").exists() == (place == "verdict_on_forecasts")


def test_a_stop_token_ends_the_verdict_of_a_book(
    untrained: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def stopped(*rest: object) -> dict[str, object]:
        stop = rest[-1]
        assert isinstance(stop, Stop)
        stop.ask()
        stop.check("stopped in the forecasts")
        return {}

    monkeypatch.setattr(workflow, "verdict_on_forecasts", stopped)
    with pytest.raises(Interrupted, match="BOOK is saved without its verdict"):
        simgan.fit(frame(), name="BOOK", workspace=tmp_path, progress=simgan.SILENT)
    assert read_bundle(tmp_path / "models" / "BOOK").manifest.assets == ASSETS


def test_resume_learns_again_where_the_unjudged_model_is_of_other_prices(
    untrained: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def interrupted(*rest: object) -> dict[str, object]:
        raise KeyboardInterrupt

    monkeypatch.setattr(workflow, "verdict_on_forecasts", interrupted)
    for prices in (frame(), frame(390)):
        with pytest.raises(Interrupted, match="saved without its verdict"):
            simgan.fit(prices, name="BOOK", workspace=tmp_path, progress=simgan.SILENT, resume=True)
    assert untrained == [*ASSETS, *ASSETS]


@pytest.mark.parametrize(
    ("assets", "options", "message"),
    [
        (["A", "A"], {}, "tickers = 'A A' is not possible; it must be each of them once"),
        (["A", "B"], {"architecture": "tcn"}, "architecture = 'tcn' is not possible"),
        (["A", "B"], {"regimes": 3}, "several assets together have no regimes"),
        (["A", "B"], {"tensorboard": "runs"}, "left out for several assets"),
        (["A", "B"], {"prices": ["a", "b", "c"]}, "one file for each of 2 tickers"),
        ([f"A{i}" for i in range(51)], {}, "at most 50 at once"),
        (["A"], {}, "a ticker, two or more tickers"),
        (["A", 5], {}, r"a list of 2 \(str, int\) is not possible; .* two or more tickers"),
        ([], {}, "an empty list is not possible"),
        (["A", "B"], {"prices": {"A": "a.csv"}}, "a mapping is not possible; it must be a list"),
    ],
)
def test_what_no_joint_model_can_have_is_refused(
    assets: list[str], options: dict[str, Any], message: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match=message):
        simgan.fit(assets, workspace=tmp_path, **options)
    assert not list(tmp_path.iterdir())


def test_a_wrong_price_of_a_panel_names_its_asset(tmp_path: Path) -> None:
    prices = frame()
    prices.iloc[70, 1] = 0.0
    with pytest.raises(PriceError, match=r"^TWO: DataFrame: 1 price of zero"):
        simgan.fit(prices, name="BOOK", workspace=tmp_path, progress=simgan.SILENT)


@pytest.mark.parametrize(("price", "problem"), [(np.nan, "no prices"), (7.0, "prices are 7")])
def test_an_asset_without_moving_prices_may_be_left_out(
    tmp_path: Path, price: float, problem: str
) -> None:
    prices, said = frame().assign(TWO=price), f"^TWO: .*{problem}.*; or leave TWO out, and name the"
    with pytest.raises(PriceError, match=said):
        simgan.fit(prices, name="BOOK", workspace=tmp_path, progress=simgan.SILENT)
    with pytest.raises(PriceError, match=said):
        simgan.backtest(prices, weights="equal", workspace=tmp_path, progress=simgan.SILENT)


@pytest.mark.parametrize(
    ("prices", "remedy"),
    [
        (frame().reset_index(drop=True), "ONE, TWO, THREE; give it a DatetimeIndex"),
        (frame()[[]], "it has no column; give it a column of prices for each asset"),
    ],
)
def test_a_frame_without_dates_or_assets_is_refused_in_words_for_frames(
    prices: pd.DataFrame, remedy: str, tmp_path: Path
) -> None:
    with pytest.raises(PriceError, match=f"^DataFrame: .*{remedy}"):
        simgan.fit(prices, name="BOOK", workspace=tmp_path)


def test_a_file_of_one_asset_is_no_panel(tmp_path: Path) -> None:
    file = tmp_path / "one.csv"
    frame()["ONE"].rename("close").to_csv(file)
    with pytest.raises(ConfigError, match="this one holds one asset"):
        simgan.fit(["A", "B"], prices=file, workspace=tmp_path)


def test_prices_of_one_asset_are_not_given_to_all(
    untrained: list[str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Three assets had the prices of one file, or of one column of it, without a word."""
    prices, where = frame(), ["--workspace", str(tmp_path)]
    simgan.fit(prices, name="BOOK", workspace=tmp_path, progress=simgan.SILENT)
    prices.to_csv(tmp_path / "panel.csv")
    prices["ONE"].rename("close").to_csv(tmp_path / "one.csv")
    with pytest.raises(ConfigError, match="column = 'ONE' is not possible; it must be left out"):
        simgan.fit(["ONE", "TWO"], prices=prices, column="ONE", workspace=tmp_path)
    for command in (["sample", "BOOK", "--n", "2", "-o", "-"], ["risk", "BOOK", "--n", "2000"]):
        assert run([*command, *where, "--prices", str(tmp_path / "one.csv")]) == 1
        assert "holds all of 3 tickers: this one holds one asset" in capfd.readouterr().err
        panel = ["--prices", str(tmp_path / "panel.csv")]
        assert run([*command, *where, *panel, "--column", "TWO"]) == 1
        assert "it names one asset, and each of 3 has its own prices" in capfd.readouterr().err
        assert run([*command, *where, *panel]) == 0
        capfd.readouterr()


def test_a_model_that_cannot_be_read_replaces_none(
    untrained: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    simgan.fit(frame(), name="BOOK", workspace=tmp_path, progress=simgan.SILENT)
    made = workflow.joint_model

    def endless(*arguments: Any) -> Bundle:
        bundle = made(*arguments)
        return replace(bundle, pool=np.full_like(bundle.pool, np.inf))

    monkeypatch.setattr(workflow, "joint_model", endless)
    with pytest.raises(BundleError, match="new model BOOK was not kept: a state of the pool"):
        simgan.fit(frame(390), name="BOOK", workspace=tmp_path, progress=simgan.SILENT)
    assert read_bundle(tmp_path / "models" / "BOOK").manifest.data.days == 399


def test_long_names_make_a_name_that_can_be_kept(untrained: list[str], tmp_path: Path) -> None:
    """The default name of three long columns was lost after the training."""
    prices = frame().set_axis([60 * letter for letter in "ABC"], axis=1)
    model = simgan.fit(prices, workspace=tmp_path, progress=simgan.SILENT)
    assert simgan.load(model.name, workspace=tmp_path).sample(3, 2).assets == tuple(prices)
    with pytest.raises(ConfigError, match="at most 200 characters"):
        simgan.fit(prices.rename(columns=lambda name: 4 * name), workspace=tmp_path)
    assert untrained == list(prices)


def test_an_asset_with_too_few_days_is_named(untrained: list[str], tmp_path: Path) -> None:
    prices = frame()
    prices.loc[prices.index[:-30], "THREE"] = np.nan
    with pytest.raises(PriceError, match="THREE: 30 prices give 29 log returns"):
        simgan.fit(prices, name="BOOK", workspace=tmp_path, progress=simgan.SILENT)


def test_a_model_of_several_assets_is_no_prior_of_one(
    untrained: list[str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    simgan.fit(frame(), name="BOOK", workspace=tmp_path, progress=simgan.SILENT)
    file = tmp_path / "x.csv"
    frame()["ONE"].rename("close").to_csv(file)
    options = ["--prices", str(file), "--prior", "BOOK", "--workspace", str(tmp_path)]
    assert run(["fit", "X", *options]) == 1
    assert "prior = 'BOOK' is not possible" in capfd.readouterr().err


@pytest.mark.tensorflow
def test_two_assets_learn_what_they_have_in_common(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A whole fit: scenarios have the correlation of the history, and each asset its spread."""
    monkeypatch.setattr(workflow, "verdict_on_forecasts", verdict_on_forecasts)
    panel = made_panel(500)
    prices = pd.DataFrame(
        panel.prices[:, :2], pd.bdate_range("2019-01-01", periods=500), ["ONE", "TWO"]
    )
    options = {"warm_steps": 40}
    request = JointRequest.of(
        ("ONE", "TWO"), Workspace(tmp_path), prices=prices, settings=options, name="PAIR"
    )
    fitted = fit_together(request)
    model = simgan.load("PAIR", workspace=tmp_path)
    days = model.sample(20_000, 1, as_of="stationary").log_returns[:, 0].astype(float)
    real = panel.log_returns[:, :2]
    assert np.corrcoef(days.T)[0, 1] == pytest.approx(np.corrcoef(real.T)[0, 1], abs=0.1)
    assert days.std(axis=0) == pytest.approx(real.std(axis=0), rel=0.35)
    assert "In the correlations of a day the latest days have" in fitted.sentences[0]
    assert fitted.sentences[1].startswith("Short histories lean on a prior")
    kept = forecasts_in(read_bundle(fitted.path).manifest.verdict)
    assert [one.name for one in kept] == ["one-day forecasts", "ten-day forecasts"]
    assert all(one.against == "gjr-dcc-fhs" and one.basis for one in kept)
