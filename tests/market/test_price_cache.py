"""Downloads are kept, reused, replaced only by something whole, and never mistaken for
another ticker.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet
from yahoo_server import Fault, Series, YahooServer

from simgan.errors import Interrupted, PriceError, SourceError, UnknownNameError, WriteError
from simgan.locks import locked
from simgan.market.price_cache import Download, PriceCache
from simgan.market.prices import Scope
from simgan.market.sources.sample import Sample
from simgan.market.sources.yahoo import Yahoo
from simgan.progress import Silent, Stop
from simgan.workspace import Workspace

CLOSES = [100.0 + (7 * i) % 11 for i in range(300)]  # those of the fixture
YAHOO = Yahoo(attempts=1, pause=0.0, timeout=5.0)


@pytest.fixture
def cache(tmp_path: Path) -> PriceCache:
    return PriceCache(Workspace(tmp_path))


def test_a_second_fetch_asks_nobody_and_gives_the_same_bits(
    cache: PriceCache, yahoo_server: YahooServer
) -> None:
    first = cache.fetch(YAHOO, "AAPL")
    yahoo_server.paths.clear()
    second = cache.fetch(YAHOO, "AAPL")
    assert yahoo_server.paths == []
    assert np.array_equal(first.values, second.values)
    assert np.array_equal(first.dates, second.dates)
    assert second.dates.dtype == first.dates.dtype
    assert set(first.notes) < set(second.notes)
    origin = [note.text for note in second.notes if "300 prices from" in note.text]
    assert len(origin) == 1 and "downloaded 20" in origin[0]


def test_the_file_records_where_its_prices_are_from(
    cache: PriceCache, yahoo_server: YahooServer
) -> None:
    cache.fetch(YAHOO, "AAPL")
    table = parquet.read_table(cache.workspace.prices("AAPL"))
    facts = json.loads(table.schema.metadata[b"simgan"])
    assert table.column_names[:2] == ["date", "Adj Close"]
    assert {key: facts[key] for key in ("ticker", "source", "column")} == {
        "ticker": "AAPL",
        "source": "yahoo",
        "column": "Adj Close",
    }
    assert facts["fetched_at"].endswith("+00:00")
    assert facts["yfinance"][0].isdigit()


def test_refresh_downloads_again(cache: PriceCache, yahoo_server: YahooServer) -> None:
    cache.fetch(YAHOO, "AAPL")
    yahoo_server.series["AAPL"] = Series([*CLOSES, 101.0])
    assert len(cache.fetch(YAHOO, "AAPL").dates) == 300
    assert len(replace(cache, download=Download.ALWAYS).fetch(YAHOO, "AAPL").dates) == 301
    assert len(cache.fetch(YAHOO, "AAPL").dates) == 301


@pytest.mark.parametrize("fault", [Fault(500, "<html>"), Fault(429, "Too Many Requests")])
def test_a_refresh_that_fails_keeps_the_file_and_says_so(
    fault: Fault, cache: PriceCache, yahoo_server: YahooServer
) -> None:
    cache.fetch(YAHOO, "AAPL")
    before = cache.workspace.prices("AAPL").read_bytes()
    yahoo_server.faults = [fault]
    with pytest.raises(SourceError, match=r"AAPL\.parquet is kept as it was"):
        replace(cache, download=Download.ALWAYS).fetch(YAHOO, "AAPL")
    assert cache.workspace.prices("AAPL").read_bytes() == before


def test_offline_uses_the_file_and_nothing_else(
    cache: PriceCache, yahoo_server: YahooServer
) -> None:
    offline = replace(cache, download=Download.NEVER)
    with pytest.raises(
        SourceError,
        match=r"NOSUCHTICKER is not in .*/data/ and --offline forbids a download; .*--prices FILE",
    ):
        offline.fetch(YAHOO, "NOSUCHTICKER")
    assert yahoo_server.paths == []
    assert list(cache.workspace.root.iterdir()) == []
    cache.fetch(YAHOO, "AAPL")
    assert len(offline.fetch(YAHOO, "AAPL").dates) == 300


def test_a_failed_download_leaves_nothing_behind(
    cache: PriceCache, yahoo_server: YahooServer
) -> None:
    with pytest.raises(SourceError, match="no daily prices"):
        cache.fetch(YAHOO, "NOPE")
    assert list(cache.workspace.root.iterdir()) == []


@pytest.mark.parametrize("damage", ["cut", "text", "flipped", "empty"])
def test_a_damaged_file_is_downloaded_again_and_told(
    damage: str, cache: PriceCache, yahoo_server: YahooServer
) -> None:
    whole = cache.fetch(YAHOO, "AAPL")
    path = cache.workspace.prices("AAPL")
    content = path.read_bytes()
    middle = content.index(b"PAR1") + 60  # inside the first page of dates
    flipped = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
    path.write_bytes(
        {"cut": content[:-50], "text": b"date,close\n", "flipped": flipped, "empty": b""}[damage]
    )
    with pytest.raises(SourceError, match=r"is damaged .* --offline forbids"):
        replace(cache, download=Download.NEVER).fetch(YAHOO, "AAPL")
    again = cache.fetch(YAHOO, "AAPL")
    assert np.array_equal(again.values, whole.values)
    assert any("was damaged and has been downloaded again" in note.text for note in again.notes)
    assert path.read_bytes()[-4:] == b"PAR1"


def test_two_tickers_of_one_file_name_are_never_mixed_up(
    cache: PriceCache, yahoo_server: YahooServer
) -> None:
    yahoo_server.series["^GSPC"], yahoo_server.series["GSPC"] = (
        Series([10.0, 11.0]),
        Series([20.0, 21.0]),
    )
    cache.fetch(YAHOO, "^GSPC")
    kept = cache.workspace.prices("^GSPC").rename(cache.workspace.prices("GSPC"))
    with pytest.raises(
        SourceError, match=r"holds \^GSPC of yahoo, not GSPC of yahoo; use --refresh"
    ):
        cache.fetch(YAHOO, "GSPC")
    assert cache.entry("^GSPC").path == kept
    assert replace(cache, download=Download.ALWAYS).fetch(YAHOO, "GSPC").values[0, 0] == 10.0


def test_prices_under_the_name_of_an_earlier_version_are_still_used(
    cache: PriceCache, yahoo_server: YahooServer
) -> None:
    """Up to 0.1 the prices of ^GSPC were in GSPC.parquet."""
    yahoo_server.series["^GSPC"] = Series([10.0, 11.0])
    cache.fetch(YAHOO, "^GSPC")
    earlier = cache.workspace.prices("^GSPC").rename(cache.workspace.earlier_prices("^GSPC"))
    offline = replace(cache, download=Download.NEVER)
    assert earlier.name == "GSPC.parquet"
    assert offline.fetch(YAHOO, "^GSPC").values[0, 0] == 5.0
    [entry] = offline.entries()
    assert (entry.ticker, entry.trouble, entry.path) == ("^GSPC", "", earlier)
    with pytest.raises(SourceError, match="holds"):
        offline.fetch(YAHOO, "GSPC")


def test_a_parquet_file_of_someone_else_is_not_overwritten(
    cache: PriceCache, yahoo_server: YahooServer
) -> None:
    path = cache.workspace.prices("AAPL")
    path.parent.mkdir()
    parquet.write_table(pa.table({"x": [1]}), path)
    with pytest.raises(SourceError, match="was not written by simgan; move it away"):
        cache.fetch(YAHOO, "AAPL")
    assert parquet.read_table(path).column_names == ["x"]


@pytest.mark.parametrize("download", Download)
@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo], ids=["folder", "pipe"])
def test_a_folder_or_a_pipe_in_the_place_of_a_file_is_told_and_stays(
    make: Callable[[Path], None],
    download: Download,
    cache: PriceCache,
    yahoo_server: YahooServer,
) -> None:
    path = cache.workspace.prices("AAPL")
    path.parent.mkdir()
    make(path)
    with pytest.raises(SourceError, match=r"AAPL\.parquet is a folder or a device.*move it away"):
        replace(cache, download=download).fetch(YAHOO, "AAPL")
    assert list(cache.workspace.data.iterdir()) == [path]
    assert yahoo_server.paths == []


def test_a_file_in_the_place_of_the_folder_is_told(
    cache: PriceCache, yahoo_server: YahooServer
) -> None:
    cache.workspace.data.touch()
    with pytest.raises(WriteError, match=r"cannot write .*data.*choose another place"):
        cache.fetch(YAHOO, "AAPL")
    assert cache.entries() == []
    assert yahoo_server.paths == []


def test_sources_that_need_no_network_are_not_cached(cache: PriceCache) -> None:
    prices = replace(cache, download=Download.NEVER).fetch(Sample(), "SP500")
    assert len(prices.dates) == 5031
    assert list(cache.workspace.root.iterdir()) == []


def test_rows_are_kept_as_they_are_and_only_the_days_asked_for_are_judged(
    cache: PriceCache, yahoo_server: YahooServer
) -> None:
    """As of crude oil, whose price was negative on one day."""
    yahoo_server.series["CL=F"] = Series([18.0, -37.63, *CLOSES])
    for _ in range(2):  # from the server, then from the file
        with pytest.raises(PriceError, match="2018-01-03"):
            cache.fetch(YAHOO, "CL=F")
        assert len(cache.fetch(YAHOO, "CL=F", Scope("2018-01-04")).dates) == 300
    assert yahoo_server.chart_requests == 2


class Heard(Silent):
    """A progress that does something as soon as it hears a sentence."""

    def __init__(self, then: Callable[[], None]) -> None:
        self.then, self.said = then, list[str]()

    def say(self, sentence: str) -> None:
        self.said.append(sentence)
        self.then()


def test_two_runs_at_once_download_once(
    cache: PriceCache, yahoo_server: YahooServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server answers the first run when the second one says that it waits."""
    waits = threading.Event()
    progress = Heard(waits.set)
    answer = yahoo_server.answer

    def answer_later(path: str) -> Fault:
        assert waits.wait(30)
        return answer(path)

    monkeypatch.setattr(yahoo_server, "answer", answer_later)
    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(cache.quotes, YAHOO, "AAPL", progress) for _ in range(2)]
        first, second = (run.result(timeout=60) for run in runs)
    assert np.array_equal(first.closes, second.closes)
    assert yahoo_server.chart_requests == 2  # of one download: the time zone, then the prices
    assert len(progress.said) == 1 and "waiting for another run" in progress.said[0]
    assert [path.name for path in cache.workspace.data.iterdir()] == ["AAPL.parquet"]


def test_a_run_that_waits_for_a_download_says_so_and_can_be_stopped(
    cache: PriceCache, yahoo_server: YahooServer
) -> None:
    stop = Stop()
    with locked(cache.workspace.prices("AAPL")), ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(cache.quotes, YAHOO, "AAPL", Heard(stop.ask), stop)
        with pytest.raises(Interrupted, match=r"still writing .*AAPL\.parquet"):
            waiting.result(timeout=20)
    assert yahoo_server.paths == []


def test_what_is_cached_is_read_while_another_run_downloads(
    cache: PriceCache, yahoo_server: YahooServer
) -> None:
    cache.fetch(YAHOO, "AAPL")
    with locked(cache.workspace.prices("AAPL")):
        assert len(cache.fetch(YAHOO, "AAPL").dates) == 300
        assert len(replace(cache, download=Download.NEVER).fetch(YAHOO, "AAPL").dates) == 300


def test_offline_makes_no_lock_and_no_folder(cache: PriceCache) -> None:
    with pytest.raises(SourceError, match="forbids a download"):
        replace(cache, download=Download.NEVER).fetch(YAHOO, "AAPL")
    assert list(cache.workspace.root.iterdir()) == []


@pytest.mark.parametrize("facts", ["[]", "{}", '{"ticker": 1}', "not JSON", '{"notes": null}'])
def test_facts_that_cannot_be_read_are_of_someone_else(
    facts: str, cache: PriceCache, yahoo_server: YahooServer
) -> None:
    path = cache.workspace.prices("AAPL")
    path.parent.mkdir()
    table = pa.table({"date": [1], "Adj Close": [1.0]}, metadata={b"simgan": facts.encode()})
    parquet.write_table(table, path)
    with pytest.raises(SourceError, match="was not written by simgan; move it away"):
        cache.fetch(YAHOO, "AAPL")
    assert yahoo_server.paths == []


def test_what_is_kept_is_listed_by_ticker_and_by_span(
    cache: PriceCache, yahoo_server: YahooServer
) -> None:
    yahoo_server.series["^GSPC"] = Series([10.0, 11.0, 12.0])
    added = cache.add(YAHOO, ["^GSPC", "AAPL"])
    assert [entry.ticker for entry in added] == ["^GSPC", "AAPL"]
    cache.workspace.prices("TORN").write_bytes(b"PAR1")
    parquet.write_table(pa.table({"x": [1]}), cache.workspace.prices("OTHER"))
    first, second, torn, index = cache.entries()
    assert (first.ticker, first.source, first.first, first.last, first.days) == (
        "AAPL", "yahoo", "2018-01-02", "2018-10-28", 300,
    )  # fmt: skip
    assert first.fetched_at.endswith("+00:00") and first.trouble == ""
    assert (second.ticker, second.trouble) == ("OTHER", "not written by simgan")
    assert torn.ticker == "TORN" and torn.trouble.startswith("damaged (")
    assert (index.ticker, index.days, index.path.name) == ("^GSPC", 3, "^GSPC.parquet")


def test_kept_rows_are_those_of_the_download_and_a_name_near_theirs_is_told(
    cache: PriceCache, yahoo_server: YahooServer
) -> None:
    fetched = cache.quotes(YAHOO, "AAPL")
    yahoo_server.series.clear()
    kept = cache.quotes(YAHOO, "AAPL")
    assert np.array_equal(kept.closes, fetched.closes)
    assert kept.place(0) == "2018-01-02"
    with pytest.raises(UnknownNameError, match="unknown kept prices 'APPL'; known: AAPL"):
        cache.remove("APPL")


def test_what_is_kept_is_removed_by_its_own_name_only(
    cache: PriceCache, yahoo_server: YahooServer
) -> None:
    yahoo_server.series["^GSPC"] = Series([10.0, 11.0])
    cache.add(YAHOO, ["^GSPC"])
    with pytest.raises(UnknownNameError, match=r"unknown kept prices 'GSPC'; known: \^GSPC;"):
        cache.remove("GSPC")
    assert cache.remove("^GSPC").days == 2
    assert cache.entries() == []
    with pytest.raises(UnknownNameError, match=r"there is none yet; .simgan data add"):
        cache.remove("^GSPC")


def test_a_file_of_someone_else_is_not_removed_and_a_damaged_one_is(cache: PriceCache) -> None:
    path = cache.workspace.prices("AAPL")
    path.parent.mkdir()
    parquet.write_table(pa.table({"x": [1]}), path)
    with pytest.raises(SourceError, match="was not written by simgan and stays"):
        cache.remove("AAPL")
    path.write_bytes(b"torn")
    cache.remove("AAPL")
    assert not path.exists()


def test_removal_waits_for_a_download(cache: PriceCache, yahoo_server: YahooServer) -> None:
    cache.add(YAHOO, ["AAPL"])
    stop = Stop()
    with locked(cache.workspace.prices("AAPL")), ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(cache.remove, "AAPL", Heard(stop.ask), stop)
        with pytest.raises(Interrupted, match="still writing"):
            waiting.result(timeout=20)
    assert cache.entry("AAPL").days == 300


@pytest.mark.parametrize(
    ("closes", "told"),
    [
        (CLOSES[:-1], "it is shorter and lacks 1 of 300 days of the old file: 2018-10-28"),
        ([*CLOSES[:9], 150.0, *CLOSES[10:]], "contradicts the old file on 2 of 299 common days"),
    ],
)
def test_a_refresh_that_contradicts_the_file_needs_force(
    closes: list[float], told: str, cache: PriceCache, yahoo_server: YahooServer
) -> None:
    cache.fetch(YAHOO, "AAPL")
    before = cache.workspace.prices("AAPL").read_bytes()
    yahoo_server.series["AAPL"] = Series(closes)
    with pytest.raises(SourceError, match=f"{told}.*kept as it was.*--refresh --force"):
        replace(cache, download=Download.ALWAYS).quotes(YAHOO, "AAPL")
    assert cache.workspace.prices("AAPL").read_bytes() == before
    forced = replace(cache, download=Download.FORCE).quotes(YAHOO, "AAPL")
    assert any("replaced by force" in note.text for note in forced.notes)
    assert len(cache.quotes(YAHOO, "AAPL")) == len(closes)


def test_a_split_between_two_refreshes_rescales_the_older_days(
    cache: PriceCache, yahoo_server: YahooServer
) -> None:
    cache.fetch(YAHOO, "AAPL")
    yahoo_server.series["AAPL"] = Series([*(close / 4 for close in CLOSES), 26.0])
    renewed = replace(cache, download=Download.ALWAYS).quotes(YAHOO, "AAPL")
    assert len(renewed) == 301
    assert any("adjusted anew, the first by the factor 0.25" in n.text for n in renewed.notes)


def test_an_end_after_the_kept_days_downloads_again_and_offline_tells(
    cache: PriceCache, yahoo_server: YahooServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.fetch(YAHOO, "AAPL")
    yahoo_server.paths.clear()
    cache.quotes(YAHOO, "AAPL", scope=Scope(end="2099-01-01"))  # nobody asks twice in an hour
    assert yahoo_server.paths == []
    monkeypatch.setattr("simgan.market.price_cache.FRESH", timedelta(0))
    cache.quotes(YAHOO, "AAPL", scope=Scope(end="2018-10-31"))  # over at the download
    assert yahoo_server.paths == []
    offline = replace(cache, download=Download.NEVER)
    early = offline.quotes(YAHOO, "AAPL", scope=Scope(end="2099-01-01"))
    assert any("the prices end on 2018-10-28, before --end" in n.text for n in early.notes)
    cache.quotes(YAHOO, "AAPL", scope=Scope(end="2099-01-01"))
    assert yahoo_server.chart_requests == 2


def test_of_eight_tickers_two_that_fail_lose_no_other(
    cache: PriceCache, yahoo_server: YahooServer
) -> None:
    good = [f"T{i}" for i in range(6)]
    yahoo_server.series |= {name: Series(CLOSES) for name in good}
    with pytest.raises(SourceError, match=r"2 of 8 tickers failed, NO, NEVER: .*other 6 are kept"):
        cache.each(YAHOO, ["NO", *good, "NEVER"])
    assert [entry.ticker for entry in cache.entries()] == good


@pytest.mark.parametrize("notes", [["adjusted close"], [["read", "adjusted close"]]])
def test_files_of_the_first_version_are_read(notes: list[object], cache: PriceCache) -> None:
    """They have two columns, and at first their notes were texts."""
    facts = {"ticker": "AAPL", "source": "yahoo", "fetched_at": "2020-01-02T00:00:00+00:00"}
    days = np.datetime64("2018-01-02") + np.arange(3)
    path = cache.workspace.prices("AAPL")
    path.parent.mkdir()
    metadata = {b"simgan": json.dumps(facts | {"notes": notes}).encode()}
    columns = {"date": days, "Adj Close": [10.0, 11.0, 12.0]}
    parquet.write_table(pa.table(columns, metadata=metadata), path)
    quotes = replace(cache, download=Download.NEVER).quotes(YAHOO, "AAPL")
    assert quotes.closes.tolist() == [10.0, 11.0, 12.0]
    assert quotes.bars is None and quotes.raw_closes is None and quotes.splits is None
    assert quotes.notes[0].text == "adjusted close"


@pytest.mark.parametrize("download", Download)
def test_a_folder_that_must_not_be_read_is_told(
    download: Download, cache: PriceCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tests may run as root, whom the system refuses nothing."""
    cache.workspace.data.mkdir()
    (cache.workspace.data / "README.md").touch()

    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "exists", refuse)
    monkeypatch.setattr(Path, "iterdir", refuse)
    barred = replace(cache, download=download)
    for ask in (partial(barred.quotes, YAHOO, "AAPL"), barred.entries):
        with pytest.raises(SourceError, match=r"cannot be read \(permission denied\); change its"):
            ask()
