"""Models of several assets side by side: one history, one rule, and every fault in a sentence."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from made_bundle import PRIOR, made_bundle
from made_joint import ASSETS, calm_joint, made_panel
from quick_comparison import with_few_resamples

from simgan.bundle.facts import PriorFacts
from simgan.bundle.store import Bundle, write_bundle
from simgan.cli.main import run
from simgan.errors import ConfigError, Interrupted
from simgan.market.history import History
from simgan.market.scalings.standard import Standard
from simgan.progress import Stop
from simgan.report.aspects import Aspect
from simgan.report.uses import uses_of
from simgan.sampling.model import Model
from simgan.seeds import Seed
from simgan.workflows.comparing import CompareRequest
from simgan.workflows.comparing_books import comparison_asked
from simgan.workflows.judging_books import RIVALS, long_run_together
from simgan.workflows.report_of_book import ReportedBook
from simgan.workspace import Workspace

DAYS, REVERSED = 450, tuple(reversed(ASSETS))
FORECASTS = {
    name: Aspect("one-day forecasts", outcome, "gjr-dcc-fhs")
    for name, outcome in (("CALM", "ahead of"), ("WILD", "behind"))
}


@cache
def model(name: str, size: float) -> Bundle:
    """A model whose returns have the standard deviations of the history, times a size."""
    bundle, panel = calm_joint(DAYS), made_panel(DAYS)
    paths = long_run_together(Model(bundle), DAYS, Seed(0), 50)
    ratios = size * panel.log_returns.std(axis=0) / paths.std(axis=(0, 1))
    scaling = bundle.manifest.scaling
    assert isinstance(scaling, Standard)
    sized = replace(scaling, scale=tuple((np.array(scaling.scale) * ratios).tolist()))
    facts = bundle.manifest.joint
    assert facts is not None
    prior = PriorFacts(PRIOR) if name == "WILD" else PriorFacts()
    joint = replace(facts, members=tuple(replace(one, prior=prior) for one in facts.members))
    manifest = replace(bundle.manifest, name=name, scaling=sized, joint=joint)
    return replace(bundle, manifest=manifest)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = Workspace(tmp_path_factory.mktemp("books"))
    for name, size in (("CALM", 1.0), ("WILD", 3.0)):
        bundle = model(name, size)
        manifest = replace(bundle.manifest, verdict={"aspects": [FORECASTS[name].to_json()]})
        write_bundle(replace(bundle, manifest=manifest), workspace.model(name))
    write_bundle(made_bundle("SINGLE", days=400), workspace.model("SINGLE"))
    return workspace


@pytest.fixture(scope="module")
def done(workspace: Workspace) -> ReportedBook:
    """Two models of the same assets on the history of the first, with few resamples."""
    with pytest.MonkeyPatch.context() as patch:
        with_few_resamples(patch)
        request = CompareRequest(
            workspace=workspace, names=("CALM", "WILD"), n=20, weights="ONE=.6,TWO=.4"
        )
        found = comparison_asked(request)
    assert isinstance(found, ReportedBook)
    return found


def test_both_models_are_judged_against_the_joint_rival(done: ReportedBook) -> None:
    comparison, verdicts = done.judgement.comparison, done.book.verdicts
    assert comparison.models == ("CALM", "WILD", *RIVALS)
    assert [(one.model, one.against) for one in verdicts] == [
        ("CALM", "gjr-dcc-fhs"),
        ("WILD", "gjr-dcc-fhs"),
    ]
    assert all(one.rivals == ("gjr-dcc-fhs",) and one.in_sample for one in verdicts)
    assert "your shares: standard deviation, 1 day" in {row.label for row in comparison.rows}


def test_the_forecasts_of_each_model_are_one_of_its_uses(done: ReportedBook) -> None:
    """A report had this use and a comparison had not, so their headlines were others."""
    fitness = {}
    for told in done.book.verdicts:
        assert told.forecasts == (FORECASTS[told.model],)
        uses = {use.name: use.fitness for use in uses_of(done.judgement.comparison, told)}
        fitness[told.model] = uses["forecasts of tomorrow"]
    assert fitness == {"CALM": "good for", "WILD": "not for"}


def test_returns_three_times_as_large_are_seen(done: ReportedBook) -> None:
    """By hand: every standard deviation is about three times that of the calm model."""
    rows = done.judgement.comparison.rows
    row = next(row for row in rows if row.name == "equal shares: standard deviation")
    assert row.models["WILD"] == pytest.approx(3 * row.models["CALM"], rel=0.2)
    assert row.mark("WILD") == "outside"
    calm, other = done.book.verdicts
    assert calm.within > other.within
    assert "WILD is behind gjr-dcc-fhs" in done.book.sentence


def test_each_asset_has_the_rows_of_both(done: ReportedBook) -> None:
    assert set(done.assets) == set(ASSETS)
    for asset, comparison in done.assets.items():
        assert comparison.models == ("CALM", "WILD", "gjr-dcc-fhs")
        calm, other = done.book.of_assets[asset]
        assert calm.rivals == other.rivals == ("gjr-dcc-fhs",)
        assert (calm.within, other.within) == tuple(map(comparison.within, ("CALM", "WILD")))
        assert calm.within > other.within


def test_the_page_the_numbers_and_the_tables_name_both(
    done: ReportedBook, workspace: Workspace
) -> None:
    assert done.page == workspace.reports / "CALM-WILD-compared.html"
    numbers = json.loads(done.numbers.read_text(encoding="utf-8"))
    assert [one["model"] for one in numbers["beside"]] == ["WILD"]
    assert [one["model"] for one in numbers["assets"]["ONE"]["beside"]] == ["WILD"]
    assert numbers["facts"]["commands"] == [
        "simgan compare CALM WILD --n 20 --weights ONE=.6,TWO=.4"
    ]
    page = done.page.read_text(encoding="utf-8")
    assert 'id="figure-pairs-correlations"' in page and 'id="figure-pairs-correlations-2"' in page
    assert "it has learned from 450 of the 450 days" in page and 'id="figure-fan"' not in page
    assert done.facts.leaning.startswith("WILD: 3 of 3 assets lean on a prior. ")
    assert done.facts.leaning in page
    assert "<dt>CALM</dt>" in page and "Judged on one history." in page
    text = done.to_text(100)
    assert "; outside of WILD: " in text and "WILD against gjr-dcc-fhs" in text


def test_assets_in_another_order_are_put_in_that_of_the_history(workspace: Workspace) -> None:
    """The paths of the model, column by column, under the names of the history."""
    from simgan.workflows.judging_books import _paths_of

    bundle, panel = calm_joint(DAYS), made_panel(DAYS)
    turned = History(panel.dates, panel.log_returns[:, ::-1], panel.last_price[::-1], REVERSED)
    own = long_run_together(Model(bundle), DAYS, Seed(bundle.manifest.recipe.seed), 20)
    assert (_paths_of(bundle, turned, 20, Stop()) == own[..., ::-1]).all()
    assert (_paths_of(bundle, panel, 20, Stop()) == own).all()


@pytest.mark.parametrize(
    ("names", "options", "message"),
    [
        (
            ("CALM", "SINGLE"),
            {},
            "CALM of ONE, TWO, THREE, and SINGLE of .* the same assets",
        ),
        (("CALM", "theirs.npy"), {}, "a file has one asset; name models of several assets only"),
        (("CALM", "CALM"), {}, "each model or file once"),
        (("CALM",), {"asset": "ONE"}, "about files of scenarios"),
        (
            ("CALM",),
            {"column": "close"},
            "compare: column = 'close' .* without a price",
        ),
        (("CALM",), {"weights": "ONE=.6"}, "of sum 1"),
        (("SINGLE",), {"weights": "ONE=1"}, "left out: the models are of one asset"),
        (("CALM",), {"out": Path("x.pdf")}, "ends in .html"),
    ],
)
def test_wrong_requests_are_refused_before_the_work(
    workspace: Workspace,
    names: tuple[str, ...],
    options: dict[str, object],
    message: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("simgan.workflows.comparing_books.judge_books", lambda *_: pytest.fail())
    request = CompareRequest(workspace=workspace, names=names, n=20)
    with pytest.raises(ConfigError, match=message):
        comparison_asked(replace(request, **options))  # type: ignore[arg-type]


def test_a_model_cannot_have_the_name_of_a_baseline(workspace: Workspace) -> None:
    write_bundle(model("gjr-dcc-fhs", 1.0), workspace.model("gjr-dcc-fhs"))
    with pytest.raises(ConfigError, match="no names of baselines"):
        comparison_asked(CompareRequest(workspace=workspace, names=("gjr-dcc-fhs",), n=20))


def test_a_model_that_knows_none_of_the_days_is_on_another_history(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of prices of the same days it has learned from all, and of later ones from none."""
    import pandas as pd

    seen = []

    def judge(contestants: dict[str, tuple[Bundle, bool]], *_: object) -> None:
        seen.append({name: one[1] for name, one in contestants.items()})
        raise Interrupted

    monkeypatch.setattr("simgan.workflows.comparing_books.judge_books", judge)
    panel = made_panel(DAYS)
    for later in (0, 3000):
        index = pd.to_datetime(panel.dates) + pd.Timedelta(days=later)
        file = workspace.root / f"{later}.csv"
        pd.DataFrame(panel.prices, pd.Index(index, name="Date"), list(ASSETS)).to_csv(file)
        with pytest.raises(Interrupted):
            comparison_asked(CompareRequest(workspace=workspace, names=("CALM",), against=file))
    assert seen == [{"CALM": True}, {"CALM": False}]


def test_a_stopped_comparison_writes_nothing(workspace: Workspace) -> None:
    stop, out = Stop(), workspace.root / "stopped.html"
    stop.ask()
    with pytest.raises(Interrupted):
        comparison_asked(
            CompareRequest(workspace=workspace, names=("CALM",), n=20, out=out), stop=stop
        )
    assert not out.exists()


def test_the_command_compares_books(
    workspace: Workspace,
    done: ReportedBook,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("simgan.workflows.comparing_books.judge_books", lambda *_: done.book)
    out = workspace.root / "both.md"
    words = ["compare", "CALM", "WILD", "-o", str(out), "--workspace", str(workspace.root)]
    assert run(words) == 0
    said = capfd.readouterr()
    assert "WILD against gjr-dcc-fhs" in said.out and f"written to {out}" in said.err + said.out
    text = out.read_text(encoding="utf-8")
    assert "| CALM | WILD | gjr-dcc-fhs | stationary-bootstrap |" in text
    assert not np.isnan(done.book.samples.fakes["WILD"]).any()
