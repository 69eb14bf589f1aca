"""Prices are shown as they were understood, and kept under names, without a model."""

from __future__ import annotations

import hashlib
import os
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_quotes import business_days, made_closes
from page_tags import expect_sound
from yahoo_server import YahooServer

from simgan.errors import ConfigError, PriceError, SourceError, UnknownNameError, WriteError
from simgan.files import _swept
from simgan.market.files.content import bytes_of
from simgan.market.prices import NoteKind, Scope
from simgan.market.sources.price_file import PriceFile
from simgan.progress import Silent
from simgan.report.prices import page as page_of_prices
from simgan.report.prices.inspection import Inspection
from simgan.workflows import data as workflow
from simgan.workflows.data import (
    DataRequest,
    add_file,
    add_tickers,
    draw,
    inspect,
    list_data,
    names_a_file,
    remove_data,
)
from simgan.workflows.options import PriceOrder
from simgan.workspace import Workspace


class Heard(Silent):
    """A progress that keeps its sentences."""

    def __init__(self) -> None:
        self.sentences: list[str] = []

    def say(self, sentence: str) -> None:
        self.sentences.append(sentence)


def written(path: Path, days: int = 60, **columns: object) -> Path:
    """Write a file of prices. `columns` are values by name, by default one column close."""
    named = columns or {"close": made_closes(days)}
    lines = [",".join(["date", *named])]
    for day, *cells in zip(business_days(days), *named.values(), strict=True):
        lines.append(",".join([str(day), *map(str, cells)]))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def request_(tmp_path: Path) -> DataRequest:
    return DataRequest(workspace=Workspace(tmp_path), prices=str(written(tmp_path / "ko.csv")))


def shown(request: DataRequest) -> Inspection:
    return inspect(request)


def test_a_file_is_told_from_a_ticker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "prices").write_text("date,close\n")
    (tmp_path / "AAPL").mkdir()
    for file in ("prices", "ko.csv", "KO.XLSX", "a/b", "ko.csv.gz", "./KO"):
        assert names_a_file(file), file
    for ticker in ("AAPL", "BRK.B", "^GSPC", "EURUSD=X", "005930.KS", "BTC-USD"):
        assert not names_a_file(ticker), ticker


def test_a_file_is_shown_with_its_facts(request_: DataRequest) -> None:
    found = shown(request_)
    assert found.refusal == ""
    [asset] = found.assets
    assert (asset.name, asset.days, asset.rhythm) == ("ko", 60, "1")
    assert found.topics["column"] == "close"
    assert found.topics["separator"] == "comma"
    assert request_.page == request_.workspace.reports / "ko-data.html"


def test_a_refused_row_leaves_all_facts_and_rows(request_: DataRequest) -> None:
    closes = made_closes(60)
    closes[3] = -1.0
    written(Path(request_.prices), close=closes)
    found = shown(request_)
    assert "1 price below zero: -1 at line 5" in found.refusal
    assert found.topics["dates"] and len(found.assets[0].quotes) == 60
    dropped = shown(replace(request_, scope=Scope(on_bad_rows="drop")))
    assert dropped.refusal == "" and dropped.assets[0].days == 59


def test_a_file_with_ambiguous_dates_shows_its_columns_and_rows(request_: DataRequest) -> None:
    path = Path(request_.prices)
    path.write_text("date;close\n03/04/2018;1,5\n05/06/2018;1,6\n01/02/2019;1,7\n")
    found = shown(request_)
    assert str(path) in found.refusal and "03/04/2018" in found.refusal
    assert found.topics["separator"] == "semicolon"
    assert found.topics["columns"] == "close"
    [asset] = found.assets
    assert asset.names == ("date", "close")
    assert [(row.place, row.cells) for row in asset.raw] == [
        ("line 2", ("03/04/2018", "1,5")),
        ("line 3", ("05/06/2018", "1,6")),
        ("line 4", ("01/02/2019", "1,7")),
    ]
    draw(found, request_.page)
    page = request_.page.read_text(encoding="utf-8")
    expect_sound(page)
    assert "05/06/2018" in page and "Refused." in page


def test_a_file_without_a_layout_shows_its_encoding(request_: DataRequest) -> None:
    Path(request_.prices).write_bytes("이름;값\n가;나\n".encode())
    found = shown(request_)
    assert found.assets == () and "no column holds dates" in found.refusal
    assert found.facts["file"] == "ko.csv" and "encoding" in found.facts
    assert found.facts["separator"] == "semicolon"
    draw(found, request_.page)
    expect_sound(request_.page.read_text(encoding="utf-8"))


def test_several_tickers_come_with_their_panel(request_: DataRequest) -> None:
    gappy = [str(price) for price in made_closes(60, 2)]
    gappy[10] = ""
    written(Path(request_.prices), KO=made_closes(60), PEP=gappy)
    found = shown(request_)
    assert [(asset.name, asset.days) for asset in found.assets] == [("KO", 60), ("PEP", 59)]
    assert found.panel is not None and found.panel.values.shape == (59, 2)
    [left_out] = found.panel_repairs
    assert left_out.startswith("59 days have prices of") and left_out.endswith("1 of KO")
    one = shown(replace(request_, ticker="PEP"))
    assert [asset.name for asset in one.assets] == ["PEP"]
    assert [asset.name for asset in shown(replace(request_, column="PEP")).assets] == ["PEP"]
    strange = shown(replace(request_, ticker="XOM"))
    assert "holds 2 tickers (KO, PEP)" in strange.refusal


def test_all_refused_tickers_are_named_with_the_reasons_of_the_first(
    request_: DataRequest,
) -> None:
    columns = {f"T{number:02d}": made_closes(60, number) for number in range(30)}
    for name in list(columns)[5:]:
        columns[name][3] = 0.0
    written(Path(request_.prices), **columns)
    refusal = shown(request_).refusal
    assert refusal.startswith(f"{request_.prices}: 25 of 30 tickers cannot be used (T05, T06, ")
    assert "T24 and 5 more); T05: 1 price of zero: 0 at line 5" in refusal
    assert refusal.count("price of zero") == 3
    assert refusal.endswith("; correct them, or use only the others, such as T00")
    with pytest.raises(PriceError) as refused:
        PriceFile(path=request_.prices).panel()
    assert str(refused.value) == refusal
    with pytest.raises(PriceError, match=r"ko\.csv: 1 price of zero: 0 at line 5"):
        PriceFile(path=request_.prices).panel(("T05",))


def test_a_panel_keeps_shared_facts_and_names_the_assets_of_notes(request_: DataRequest) -> None:
    gappy = [str(price) for price in made_closes(60, 2)]
    gappy[10] = ""
    written(Path(request_.prices), KO=made_closes(60), PEP=gappy)
    book = PriceFile(path=request_.prices).panel()
    assert (book.facts["separator"], "column" in book.facts) == ("comma", False)
    told = [note.text for note in book.notes]
    assert "PEP: 1 row without a price left out" in told and len(told) == len(set(told)) == 4


def test_options_of_files_are_refused_for_tickers(request_: DataRequest) -> None:
    with pytest.raises(ConfigError, match="column"):
        inspect(replace(request_, prices="AAPL", column="Close"))
    with pytest.raises(SourceError, match="no-such"):
        inspect(replace(request_, prices="no-such.csv"))
    with pytest.raises(UnknownNameError, match="close"):
        inspect(replace(request_, column="clos"))
    with pytest.raises(ConfigError, match=r"\.html"):
        _ = replace(request_, out=Path("page.pdf")).page


def test_a_ticker_is_downloaded_once_and_then_shown_from_data(
    request_: DataRequest, yahoo_server: YahooServer
) -> None:
    request = replace(request_, prices="AAPL")
    assert shown(request).assets[0].days == 300
    asked = len(yahoo_server.paths)
    found = shown(replace(request, download="never"))
    assert len(yahoo_server.paths) == asked
    assert found.origin == str(request.workspace.prices("AAPL"))
    with pytest.raises(SourceError, match="--offline forbids"):
        inspect(replace(request, prices="MSFT", download="never"))


def test_added_prices_are_used_without_a_file(request_: DataRequest) -> None:
    entry = add_file(request_, "my-ko")
    file = Path(request_.prices)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert (entry.ticker, entry.source, entry.days) == ("my-ko", "price_file", 60)
    assert digest.encode() in entry.path.read_bytes()
    original = shown(request_).assets[0]
    file.unlink()
    prices = PriceOrder(ticker="my-ko").fetched(request_.workspace)
    assert np.array_equal(prices.dates, original.dates)
    assert np.array_equal(prices.values[:, 0], original.closes)
    [told] = [str(note) for note in prices.notes if "added from" in str(note)]
    assert f"60 prices from {entry.path}, added from {file} on 20" in told


def test_added_prices_are_never_replaced_by_a_download(
    request_: DataRequest, yahoo_server: YahooServer
) -> None:
    entry = add_file(request_, "AAPL")
    for download in ("always", "force"):
        with pytest.raises(SourceError, match=r"was added from .* cannot be downloaded again"):
            inspect(replace(request_, prices="AAPL", download=download))
    late = PriceOrder(ticker="AAPL", end="2026-01-01")
    assert len(late.fetched(request_.workspace).dates) == 60
    assert yahoo_server.paths == []
    entry.path.write_bytes(entry.path.read_bytes()[:-2])
    with pytest.raises(SourceError):
        inspect(replace(request_, prices="AAPL", download="never"))


def test_a_name_is_not_taken_twice(request_: DataRequest) -> None:
    add_file(request_, "KO")
    with pytest.raises(WriteError, match=r"KO\.parquet exists, from .*ko\.csv; .* --force"):
        add_file(request_, "KO")
    written(Path(request_.prices), 50)
    assert add_file(request_, "KO", force=True).days == 50
    foreign = request_.workspace.prices("PEP")
    foreign.write_bytes(b"")
    foreign.unlink()
    foreign.mkdir()
    with pytest.raises(WriteError, match="not written by simgan"):
        add_file(request_, "PEP", force=True)


def test_kept_prices_have_repairs_and_bars_and_lose_their_warnings(request_: DataRequest) -> None:
    closes = made_closes(60)
    dates = list(business_days(60))
    rows = [f"{d},{c},{c + 1},{c - 1},{c},9" for d, c in zip(dates, closes, strict=True)]
    del rows[10:40]  # a gap
    text = "\n".join(["date,open,high,low,close,volume", *reversed(rows)])
    Path(request_.prices).write_text(text)
    heard = Heard()
    add_file(request_, "KO", progress=heard)
    assert any("order of time" in sentence for sentence in heard.sentences)
    [asset] = shown(replace(request_, prices="KO")).assets
    assert asset.fields == ("open", "high", "low", "volume")
    assert any("order of time" in text for text in asset.texts(NoteKind.REPAIR))
    gaps = [text for text in asset.texts(NoteKind.WARNING) if "no prices for more than" in text]
    assert len(gaps) == 1


def test_a_file_that_cannot_be_used_is_not_added(request_: DataRequest) -> None:
    written(Path(request_.prices), KO=made_closes(60), PEP=made_closes(60, 2))
    with pytest.raises(PriceError, match=r"ko\.csv: it holds 2 tickers, KO, PEP; .* --ticker"):
        add_file(request_, "X")
    assert not request_.workspace.data.exists()
    assert add_file(replace(request_, ticker="PEP"), "X").days == 60


def test_a_ticker_chooses_its_file_in_a_zip_that_is_shown_or_added(request_: DataRequest) -> None:
    ko, pep = Path(request_.prices), written(Path(request_.prices).with_name("PEP.csv"), days=50)
    packed = ko.with_name("both.zip")
    with zipfile.ZipFile(packed, "w") as archive:
        for path in (ko, pep):
            archive.write(path, path.name)
    both = replace(request_, prices=str(packed))
    assert "a zip with 2 files" in shown(both).refusal
    (asset,) = shown(replace(both, ticker="KO")).assets
    assert asset.quotes.facts["packing"] == "zip with ko.csv"
    assert add_file(both, "PEP").days == 50
    assert add_file(replace(both, ticker="KO"), "PEP2").days == 60


def test_the_hash_belongs_to_the_bytes_that_were_read(
    request_: DataRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Path(request_.prices)
    first = path.read_bytes()

    def read_and_change(file: Path) -> bytes:
        content = bytes_of(file)
        written(file, 50)
        return content

    monkeypatch.setattr(workflow, "bytes_of", read_and_change)
    entry = add_file(request_, "KO")
    assert (entry.days, entry.sha256) == (60, hashlib.sha256(first).hexdigest())


@contextmanager
def killed_within(patch: pytest.MonkeyPatch, writer: str) -> Iterator[None]:
    """Let a run die when `writer` has written a part, without a chance to clean up."""

    def half(*arguments: object, **_: object) -> None:
        [path] = [part for part in arguments if isinstance(part, Path)]
        with path.open("wb") as file:
            file.write(b"PAR1 half")
        raise KeyboardInterrupt

    with patch.context() as during, pytest.raises(KeyboardInterrupt):
        during.setattr(writer, half)
        during.setattr("simgan.files.discard", lambda _: None)
        yield
    _swept.clear()  # the next run is another process


def test_a_run_that_is_killed_while_it_writes_prices_leaves_nothing_half_written(
    request_: DataRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = request_.workspace.data
    with killed_within(monkeypatch, "pyarrow.parquet.write_table"):
        add_file(request_, "KO")
    assert any(".tmp-" in path.name for path in data.iterdir())
    assert list_data(request_.workspace) == []
    with pytest.raises(UnknownNameError):
        remove_data(request_.workspace, ("KO",))
    entry = add_file(request_, "KO")
    assert [path for path in data.iterdir() if ".lock" not in path.name] == [entry.path]
    with killed_within(monkeypatch, "pyarrow.parquet.write_table"):
        add_file(request_, "KO", force=True)
    assert list_data(request_.workspace) == [entry]


def test_a_run_that_is_killed_while_it_draws_leaves_the_page_as_it_was(
    request_: DataRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, found = request_.page, shown(request_)
    monkeypatch.setattr(page_of_prices, "render_page", lambda _: "a page")
    draw(found, page)
    with killed_within(monkeypatch, "pathlib.Path.write_text"):
        draw(found, page)
    assert page.read_text() == "a page" and len(list(page.parent.glob(".*.tmp-*"))) == 1
    draw(found, page)
    assert list(page.parent.glob(".*.tmp-*")) == []


def test_a_pipe_is_added_in_one_reading(request_: DataRequest, tmp_path: Path) -> None:
    content = Path(request_.prices).read_bytes()
    os.mkfifo(pipe := tmp_path / "pipe.csv")
    writer = threading.Thread(target=pipe.write_bytes, args=(content,))
    writer.start()
    entry = add_file(replace(request_, prices=str(pipe)), "KO")
    writer.join()
    assert (entry.days, entry.sha256) == (60, hashlib.sha256(content).hexdigest())


def test_a_renamed_file_of_added_prices_has_a_remedy_that_works(request_: DataRequest) -> None:
    entry = add_file(request_, "KO")
    renamed = entry.path.rename(request_.workspace.prices("PEP"))
    with pytest.raises(SourceError, match=r"holds KO, added from .*, not PEP; rename the file"):
        shown(replace(request_, prices="PEP", download="never"))
    renamed.rename(entry.path)
    assert shown(replace(request_, prices="KO", download="never")).assets[0].refusal == ""


def test_a_copied_or_renamed_file_is_listed_under_its_name_and_can_be_removed(
    request_: DataRequest,
) -> None:
    kept = add_file(request_, "^KO")
    copy = kept.path.with_name("KO (copy).parquet")
    copy.write_bytes(kept.path.read_bytes())
    listed = list_data(request_.workspace)
    told = "under another name (it holds ^KO, rename it to ^KO.parquet)"
    assert [(entry.ticker, entry.trouble) for entry in listed] == [("KO (copy)", told), ("^KO", "")]
    assert listed[0].to_json()["days"] is None
    renamed = kept.path.rename(request_.workspace.prices("PEP"))
    assert [entry.trouble for entry in list_data(request_.workspace)] == [told, told]
    assert remove_data(request_.workspace, ("PEP",))[0].path == renamed
    copy.rename(kept.path)
    assert list_data(request_.workspace) == [kept]


def test_tickers_are_added_listed_and_removed(tmp_path: Path, yahoo_server: YahooServer) -> None:
    workspace = Workspace(tmp_path)
    assert list_data(workspace) == []
    [entry] = add_tickers(workspace, "yahoo", ("AAPL", "AAPL"))
    assert (entry.ticker, entry.days) == ("AAPL", 300)
    with pytest.raises(ConfigError, match="sample"):
        add_tickers(workspace, "sample", ("SP500",))
    (workspace.data / "README.md").write_text("about")
    (workspace.data / "notes.csv").write_text("date,close\n")
    (workspace.data / "torn.parquet").write_bytes(b"PAR1")
    listed = {e.ticker: e.trouble for e in list_data(workspace)}
    assert listed["AAPL"] == "" and listed["notes.csv"] == "not written by simgan"
    assert listed["torn"].startswith("damaged") and len(listed) == 3
    assert entry.to_json()["bytes"] == entry.path.stat().st_size > 0
    with pytest.raises(UnknownNameError, match="'MSFT'; known: AAPL, torn"):
        remove_data(workspace, ("AAPL", "MSFT"))
    assert entry.path.exists()
    assert [e.ticker for e in remove_data(workspace, ("AAPL", "torn", "AAPL"))] == ["AAPL", "torn"]
    assert sorted(p.name for p in workspace.data.iterdir()) == ["README.md", "notes.csv"]
