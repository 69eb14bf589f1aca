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
from simgan.service.jobs.orders.order import OrderContext, Place
from simgan.service.problems import Problem
from simgan.service.uploads import Upload, UploadStore
from simgan.workflows.data import DataRequest, add_file
from simgan.workspace import Workspace

FIT = {"kind": "fit", "tickers": ["SP500"], "source": "sample"}
BACKTEST = {**FIT, "kind": "backtest"}
PAIR = {**BACKTEST, "tickers": ["SP500", "NASDAQ"]}


@pytest.fixture
def context(tmp_path: Path) -> OrderContext:
    workspace = Workspace(tmp_path)
    uploads = UploadStore(database_of(workspace), workspace)
    return OrderContext(workspace, uploads, "ann", date(2026, 11, 27))


@pytest.fixture
def upload(context: OrderContext, tmp_path: Path) -> Upload:
    (tmp_path / "sent").write_text("date,close\n")
    return context.uploads.add("ann", "-prices.csv", tmp_path / "sent", "f" * 64, 5)


def identity(request: Mapping[str, object], context: OrderContext) -> str:
    order = ORDERS.validate_python(request)
    checked = order.checked(context)
    return identity_of(order.kind, checked.request, checked.data)


def place(context: OrderContext, upload: Upload | None = None, resumes: bool = False) -> Place:
    path = upload and context.uploads.path(upload).relative_to(context.workspace.root)
    return Place(context.workspace, Path("service/jobs/x"), path, 2, resumes)


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
def test_the_same_request_is_the_same_job(other: dict[str, object], context: OrderContext) -> None:
    assert identity(other, context) == identity(FIT, context)


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
def test_another_request_is_another_job(other: dict[str, object], context: OrderContext) -> None:
    assert identity(other, context) != identity(FIT, context)


def test_downloads_that_end_today_are_those_of_today(context: OrderContext) -> None:
    tomorrow = context._replace(today=date(2026, 11, 28))
    for request, is_same in (
        ({"kind": "fit", "tickers": "KO"}, False),
        ({"kind": "fit", "tickers": "KO", "end": "2020-01-01"}, True),
        (FIT, True),
    ):
        assert (identity(request, context) == identity(request, tomorrow)) is is_same


def test_prices_that_were_added_are_told_apart_by_their_content(context: OrderContext) -> None:
    asked = {"kind": "fit", "tickers": "KO", "end": "2020-01-01"}
    before = identity(asked, context)
    rows = [f"2019-01-{day:02},{100 + day % 7}" for day in range(1, 29)]
    seen = {before}
    for last in ("120", "121"):
        file = context.workspace.root / "ko.csv"
        file.write_text("\n".join(["date,close", *rows, f"2019-01-29,{last}"]))
        add_file(DataRequest(workspace=context.workspace, prices=str(file)), "KO", force=True)
        seen.add(identity(asked, context))
    assert len(seen) == 3
    assert identity(FIT, context) == identity(FIT, context)


def test_an_upload_belongs_to_its_owner(context: OrderContext, upload: Upload) -> None:
    asked = {"kind": "fit", "tickers": "KO", "upload": upload.id}
    assert ORDERS.validate_python(asked).uses == upload.id
    identity(asked, context)
    with pytest.raises(SimganError, match="unknown upload"):
        identity(asked, context._replace(owner="bob"))


@pytest.mark.parametrize("hostile", ["--help", "-o", "--prices=/etc/passwd", "../../etc/passwd"])
def test_words_of_a_caller_are_no_options(
    hostile: str, context: OrderContext, upload: Upload
) -> None:
    fit = ORDERS.validate_python(
        {"kind": "fit", "tickers": [hostile, "KO"], "upload": upload.id, "column": hostile}
    )
    found = read_by_click(fit.words(place(context, upload)))
    assert found["tickers"] == (hostile, "KO") and found["column"] == hostile
    assert "/" not in str(found["name"])
    backtest = ORDERS.validate_python(
        {"kind": "backtest", "tickers": [hostile], "name": hostile, "models": [hostile]}
    )
    found = read_by_click(backtest.words(place(context)))
    assert (found["tickers"], found["name"], found["models"]) == ((hostile,), hostile, hostile)
    report = ORDERS.validate_python({"kind": "report", "name": hostile})
    assert read_by_click(report.words(place(context)))["name"] == hostile
    inspect = ORDERS.validate_python({"kind": "inspect", "upload": upload.id, "ticker": hostile})
    found = read_by_click(inspect.words(place(context, upload)))
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
        ({"kind": "fit"}, "^tickers is missing; an upload of several"),
        ({"kind": "backtest", "name": "reference"}, "^tickers is missing"),
        (
            {**FIT, "start": "2018-10-15"},
            "start = '2018-10-15' .* early enough for 60 log returns until 2018-12-31",
        ),
        (
            {**FIT, "end": "1999-02-01"},
            "end = '1999-02-01' .* late enough for 60 log returns from 1999-01-04",
        ),
        ({**FIT, "start": "1998-01-01", "end": "1999-02-01"}, "end = .* from 1999-01-04"),
        ({**FIT, "start": "1999-01-05", "end": "1999-02-01"}, "start = .* until 1999-02-01"),
        ({**BACKTEST, "horizons": [1, 1]}, "each of them once"),
        ({**BACKTEST, "rebalance": "daily"}, "without weights there is no book"),
        ({**BACKTEST, "models": ["nope"]}, "unknown model of a backtest 'nope'; known: simgan, "),
        ({**BACKTEST, "models": ["simgan", "a,b"]}, "unknown model of a backtest 'a,b'"),
        ({**BACKTEST, "models": ["historical-0"]}, "window = 0 is not possible"),
        ({**BACKTEST, "weights": {"SP500": 1}}, "a book holds two assets or more"),
        ({**PAIR, "weights": {"SP500": 0.5, "WTI": 0.5}}, "unknown .*'WTI'"),
        ({**PAIR, "weights": {"SP500": 1e308, "CASH": 1e308}}, "sum"),
        ({"kind": "report", "name": "../secret"}, "unknown model"),
        ({"kind": "report", "name": "reference", "weights": {"nope": 1}}, "about one asset"),
        ({"kind": "report", "name": "reference", "rebalance": "daily"}, "about one asset"),
    ],
)
def test_impossible_orders_are_refused_with_a_sentence(
    request_: dict[str, object], sentence: str, context: OrderContext
) -> None:
    with pytest.raises((SimganError, Problem), match=sentence):
        identity(request_, context)


def test_a_backtest_of_known_models_and_of_a_book_is_possible(context: OrderContext) -> None:
    identity({**BACKTEST, "models": ["simgan", "historical-500", "gjr-fhs"]}, context)
    identity({**PAIR, "weights": {"SP500": 0.5, "CASH": 0.5}, "rebalance": "daily"}, context)


@pytest.mark.parametrize(
    "request_",
    [
        {"kind": "fit", "tickers": "KO", "prices": "/etc/passwd"},
        {"kind": "fit", "tickers": "KO", "upload": "../../etc/passwd"},
        {"kind": "backtest", "tickers": "KO", "weights": "/etc/passwd"},
        {"kind": "report", "name": "x", "n": 10**9},
        {"kind": "sample", "name": "x"},
        {**BACKTEST, "window": 10**400},
        {**BACKTEST, "window": 2**63},
        {**BACKTEST, "weights": dict.fromkeys(map(str, range(1001)), 1.0)},
        {"kind": "report", "name": "x", "weights": dict.fromkeys(map(str, range(1001)), 1.0)},
    ],
)
def test_paths_unknown_fields_and_endless_numbers_are_refused(
    request_: dict[str, object],
) -> None:
    with pytest.raises((ValidationError, UnknownNameError, Problem)):
        ORDERS.validate_python(request_)


@pytest.mark.parametrize("request_", [FIT, {**FIT, "regimes": 3}, {**BACKTEST, "preset": "quick"}])
def test_the_file_of_the_recipe_gives_the_recipe(
    request_: dict[str, object], context: OrderContext
) -> None:
    from simgan.recipe.options import recipe_of

    order = ORDERS.validate_python(request_)
    file = context.workspace.root / "recipe.json"
    file.write_text(order.files()["recipe.json"])
    defaults = {"preset": "quick"} if request_["kind"] == "backtest" else None
    found = recipe_of({"recipe": file}, defaults)
    assert found.to_json() == json.loads(file.read_text())
    assert found.regimes == request_.get("regimes", 0)


def test_weights_are_a_file_of_the_job(context: OrderContext) -> None:
    shares = {"EURUSD=X": 0.5, 'a,"b"': 0.5}
    order = ORDERS.validate_python({**BACKTEST, "tickers": list(shares), "weights": shares})
    (context.workspace.root / "weights.csv").write_text(order.files()["weights.csv"])
    from simgan.workflows.weights import weights_in

    assert weights_in(str(context.workspace.root / "weights.csv"), list(shares)) == shares
    found = read_by_click(order.words(place(context)))
    assert found["weights"] == "service/jobs/x/weights.csv"


def test_a_fit_goes_on_only_where_something_is_left(context: OrderContext) -> None:
    order = ORDERS.validate_python(FIT)
    assert "--resume" not in order.words(place(context, resumes=True))
    context.workspace.checkpoint("SP500").mkdir(parents=True)
    assert "--resume" in order.words(place(context, resumes=True))
    assert "--resume" not in order.words(place(context, resumes=False))


@pytest.mark.parametrize("kind", ["fit", "backtest", "report", "inspect"])
def test_a_result_has_facts_that_are_named_and_no_others(
    kind: str, context: OrderContext, upload: Upload
) -> None:
    orders: dict[str, dict[str, object]] = {
        "report": {"name": "reference"},
        "inspect": {"upload": upload.id},
    }
    order = ORDERS.validate_python(
        {**FIT, "kind": kind} if kind not in orders else {"kind": kind, **orders[kind]}
    )
    printed = {"model": "SP500", "verdict": {"judged": 3}, "path": "/home", "facts": {"a": 1}}
    result = order.outcome(place(context, upload), {**printed, "page": "/p", "hidden": 1}).result
    assert {"path", "page", "hidden"} & set(result) == set()
    assert result.get("verdict", result.get("facts")) in (printed["verdict"], printed["facts"])
