"""Orders: the same request is the same job, and no value becomes an option or a path."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import click
import pytest
from pydantic import ValidationError

from simgan.cli.main import cli
from simgan.errors import SimganError, UnknownNameError
from simgan.recipe.recipe import Recipe
from simgan.service.database import database_of
from simgan.service.jobs.identity import identity_of
from simgan.service.jobs.orders import ORDERS
from simgan.service.jobs.orders.order import Desk, Place
from simgan.service.uploads import Upload, UploadStore
from simgan.workflows.data import DataRequest, add_file
from simgan.workspace import Workspace

FIT = {"kind": "fit", "tickers": ["SP500"], "source": "sample"}
BACKTEST = {**FIT, "kind": "backtest"}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    workspace = Workspace(tmp_path)
    uploads = UploadStore(database_of(workspace), workspace)
    return Desk(workspace, uploads, "ann", date(2026, 11, 27))


@pytest.fixture
def upload(desk: Desk, tmp_path: Path) -> Upload:
    (tmp_path / "sent").write_text("date,close\n")
    return desk.uploads.add("ann", "-prices.csv", tmp_path / "sent", "f" * 64, 5)


def identity(request: Mapping[str, object], desk: Desk) -> str:
    order = ORDERS.validate_python(request)
    checked = order.checked(desk)
    return identity_of(order.kind, checked.request, checked.data)


def place(desk: Desk, upload: Upload | None = None, resumes: bool = False) -> Place:
    path = upload and desk.uploads.path(upload).relative_to(desk.workspace.root)
    return Place(desk.workspace, Path("service/jobs/x"), path, 2, resumes)


def read_by_click(words: list[str]) -> dict[str, object]:
    """Return the values that the command line understands."""
    command: click.Command = cli
    context = click.Context(cli)
    while isinstance(command, click.Group):
        found = command.get_command(context, words[0])
        assert found is not None
        command, words = found, words[1:]
    return command.make_context("x", list(words)).params


@pytest.mark.parametrize(
    "other",
    [
        {**FIT, "tickers": "SP500"},
        {**FIT, "name": "SP500"},
        {**FIT, "preset": "standard", "seed": 0},
        {**FIT, "recipe": {"preset": "standard"}},
        {**FIT, "recipe": Recipe().to_json()},
        {**FIT, "settings": {"training.overlap": Recipe().training.overlap}},
        dict(reversed(FIT.items())),
    ],
)
def test_the_same_request_is_the_same_job(other: dict[str, object], desk: Desk) -> None:
    assert identity(other, desk) == identity(FIT, desk)


@pytest.mark.parametrize(
    "other",
    [
        {**FIT, "tickers": ["NASDAQ"]},
        {**FIT, "tickers": ["SP500", "NASDAQ"]},
        {**FIT, "seed": 1},
        {**FIT, "end": "2010-01-01"},
        {**FIT, "start": "2010-01-01"},
        {**FIT, "name": "other"},
        {**FIT, "source": "yahoo"},
        {**FIT, "preset": "quick"},
        BACKTEST,
    ],
)
def test_another_request_is_another_job(other: dict[str, object], desk: Desk) -> None:
    assert identity(other, desk) != identity(FIT, desk)


def test_downloads_that_end_today_are_those_of_today(desk: Desk) -> None:
    tomorrow = desk._replace(today=date(2026, 11, 28))
    for request, is_same in (
        ({"kind": "fit", "tickers": "KO"}, False),
        ({"kind": "fit", "tickers": "KO", "end": "2020-01-01"}, True),
        (FIT, True),
    ):
        assert (identity(request, desk) == identity(request, tomorrow)) is is_same


def test_prices_that_were_added_are_told_apart_by_their_content(desk: Desk) -> None:
    asked = {"kind": "fit", "tickers": "KO", "end": "2020-01-01"}
    before = identity(asked, desk)
    rows = [f"2019-01-{day:02},{100 + day % 7}" for day in range(1, 29)]
    seen = {before}
    for last in ("120", "121"):
        file = desk.workspace.root / "ko.csv"
        file.write_text("\n".join(["date,close", *rows, f"2019-01-29,{last}"]))
        add_file(DataRequest(workspace=desk.workspace, prices=str(file)), "KO", force=True)
        seen.add(identity(asked, desk))
    assert len(seen) == 3
    assert identity(FIT, desk) == identity(FIT, desk)


def test_an_upload_belongs_to_its_owner(desk: Desk, upload: Upload) -> None:
    asked = {"kind": "fit", "tickers": "KO", "upload": upload.id}
    assert ORDERS.validate_python(asked).uses == upload.id
    identity(asked, desk)
    with pytest.raises(SimganError, match="unknown upload"):
        identity(asked, desk._replace(owner="bob"))


@pytest.mark.parametrize("hostile", ["--help", "-o", "--prices=/etc/passwd", "../../etc/passwd"])
def test_words_of_a_caller_are_no_options(hostile: str, desk: Desk, upload: Upload) -> None:
    fit = ORDERS.validate_python(
        {"kind": "fit", "tickers": [hostile, "KO"], "upload": upload.id, "column": hostile}
    )
    found = read_by_click(fit.words(place(desk, upload)))
    assert found["tickers"] == (hostile, "KO") and found["column"] == hostile
    assert "/" not in str(found["name"])
    backtest = ORDERS.validate_python(
        {"kind": "backtest", "tickers": [hostile], "name": hostile, "models": [hostile]}
    )
    found = read_by_click(backtest.words(place(desk)))
    assert (found["tickers"], found["name"], found["models"]) == ((hostile,), hostile, hostile)
    report = ORDERS.validate_python({"kind": "report", "name": hostile})
    assert read_by_click(report.words(place(desk)))["name"] == hostile
    inspect = ORDERS.validate_python({"kind": "inspect", "upload": upload.id, "ticker": hostile})
    found = read_by_click(inspect.words(place(desk, upload)))
    assert found["ticker"] == hostile
    assert str(found["prices"]).startswith("service/uploads/")


@pytest.mark.parametrize("text", ["", "  ", "a\0b", "a\nb", "\ud800", "x" * 201])
def test_words_that_are_no_words_are_refused(text: str) -> None:
    for request in (
        {"kind": "fit", "tickers": [text]},
        {"kind": "fit", "tickers": ["KO"], "name": text},
        {"kind": "report", "name": text},
    ):
        with pytest.raises(ValidationError):
            ORDERS.validate_python(request)


@pytest.mark.parametrize(
    ("request_", "sentence"),
    [
        ({**FIT, "settings": {"rate": -1}}, "rate = -1.0 is not possible"),
        ({**FIT, "architecture": "mpl"}, "did you mean|unknown"),
        ({**FIT, "tickers": ["SP600"]}, "unknown sample series"),
        ({**FIT, "tickers": ["SP500", "SP500"]}, "each of them once"),
        ({**FIT, "start": "2010-01-01", "end": "2009-01-01"}, "not later than"),
        ({**FIT, "prior": "mine"}, "unknown prior"),
        ({**FIT, "column": "Close"}, "left out without an upload"),
        ({"kind": "fit"}, "one or more"),
        ({**BACKTEST, "horizons": [1, 1]}, "each of them once"),
        ({**BACKTEST, "rebalance": "daily"}, "left out without weights"),
        ({"kind": "report", "name": "../secret"}, "unknown model"),
    ],
)
def test_impossible_orders_are_refused_with_a_sentence(
    request_: dict[str, object], sentence: str, desk: Desk
) -> None:
    with pytest.raises(SimganError, match=sentence):
        identity(request_, desk)


@pytest.mark.parametrize(
    "request_",
    [
        {"kind": "fit", "tickers": "KO", "prices": "/etc/passwd"},
        {"kind": "fit", "tickers": "KO", "upload": "../../etc/passwd"},
        {"kind": "backtest", "tickers": "KO", "weights": "/etc/passwd"},
        {"kind": "report", "name": "x", "n": 10**9},
        {"kind": "sample", "name": "x"},
    ],
)
def test_paths_and_unknown_fields_are_refused(request_: dict[str, object]) -> None:
    with pytest.raises((ValidationError, UnknownNameError)):
        ORDERS.validate_python(request_)


@pytest.mark.parametrize("request_", [FIT, {**FIT, "regimes": 3}, {**BACKTEST, "preset": "quick"}])
def test_the_file_of_the_recipe_gives_the_recipe(request_: dict[str, object], desk: Desk) -> None:
    from simgan.recipe.options import recipe_of

    order = ORDERS.validate_python(request_)
    file = desk.workspace.root / "recipe.json"
    file.write_text(order.files()["recipe.json"])
    defaults = {"preset": "quick"} if request_["kind"] == "backtest" else None
    found = recipe_of({"recipe": file}, defaults)
    assert found.to_json() == json.loads(file.read_text())
    assert found.regimes == request_.get("regimes", 0)


def test_weights_are_a_file_of_the_job(desk: Desk) -> None:
    shares = {"EURUSD=X": 0.5, 'a,"b"': 0.5}
    order = ORDERS.validate_python({**BACKTEST, "tickers": list(shares), "weights": shares})
    (desk.workspace.root / "weights.csv").write_text(order.files()["weights.csv"])
    from simgan.workflows.weights import weights_in

    assert weights_in(str(desk.workspace.root / "weights.csv"), list(shares)) == shares
    found = read_by_click(order.words(place(desk)))
    assert found["weights"] == "service/jobs/x/weights.csv"


def test_a_fit_goes_on_only_where_something_is_left(desk: Desk) -> None:
    order = ORDERS.validate_python(FIT)
    assert "--resume" not in order.words(place(desk, resumes=True))
    desk.workspace.checkpoint("SP500").mkdir(parents=True)
    assert "--resume" in order.words(place(desk, resumes=True))
    assert "--resume" not in order.words(place(desk, resumes=False))


@pytest.mark.parametrize("kind", ["fit", "backtest", "report", "inspect"])
def test_a_result_has_facts_that_are_named_and_no_others(
    kind: str, desk: Desk, upload: Upload
) -> None:
    orders: dict[str, dict[str, object]] = {
        "report": {"name": "reference"},
        "inspect": {"upload": upload.id},
    }
    order = ORDERS.validate_python(
        {**FIT, "kind": kind} if kind not in orders else {"kind": kind, **orders[kind]}
    )
    printed = {"model": "SP500", "verdict": {"judged": 3}, "path": "/home", "facts": {"a": 1}}
    result = order.outcome(place(desk, upload), {**printed, "page": "/p", "hidden": 1}).result
    assert {"path", "page", "hidden"} & set(result) == set()
    assert result.get("verdict", result.get("facts")) in (printed["verdict"], printed["facts"])
