"""The page of a model in headless Chromium: settings, risk, stress, and files."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from browsing import CHROMIUM, PHONE, Site, outlooks_of
from click.testing import CliRunner
from made_joint import calm_joint
from playwright.sync_api import Page, expect

from simgan.bundle.store import write_bundle
from simgan.cli.main import cli

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")


@pytest.fixture
def book(site: Site) -> str:
    """The address of a book."""
    write_bundle(calm_joint(400), site.service.workspace.models / "BOOK")
    return "/models/BOOK"


def test_a_reader_of_one_model_sees_risk_and_stress(page: Page) -> None:
    asked = outlooks_of(page)
    page.goto("/models/reference")
    expect(page.locator("#fan canvas")).to_be_visible()
    expect(page.locator("#fan-reader")).to_contain_text("nine of ten scenarios lie between")
    expect(page.locator("#risk tr")).to_have_count(3)
    page.locator("#start").select_option("2008: Lehman Brothers")
    expect(page.locator("#fan")).to_have_attribute("aria-busy", "false")
    page.locator("#condition").select_option(label="the price ends lower by")
    dimmed = "document.querySelectorAll('#fan.stale, #risk-figures.stale').length"
    assert page.evaluate(dimmed) == 2  # before their condition is asked for
    page.get_by_label("at least").fill("5")
    page.locator("#n").select_option("2,000")
    page.get_by_label("Position").fill("-250000")
    page.get_by_label("show sample paths").check()
    expect(page.locator("#expression")).to_have_text('--given "cumulative<-0.0513"')
    expect(page.locator("#command")).to_have_text(
        "simgan sample reference --n 2000 --horizon 21 --as-of 2008-09-12 "
        "--given 'cumulative<-0.0513' --out reference-scenarios.csv"
    )
    expect(page.locator("#curl")).to_contain_text("curl --fail --output reference-scenarios.csv ")
    expect(page.locator("#risk-caption")).to_contain_text("-250,000")
    words = "the price ends lower by at least 5 %"
    expect(page.locator("#risk-caption")).to_contain_text(f"given that {words}")
    told = re.compile(
        r"^Only scenarios in which the price ends lower by at least 5\s% \(cumulative<-0\.0513\)\. "
        r"They are [\d.]+\s% ± [\d.]+\s% of all"
    )
    expect(page.locator("#given")).to_have_text(told)
    expect(page.locator("#notes")).to_contain_text("Note: the condition was met by")
    expect(page.locator(".stale")).to_have_count(0)
    assert asked[-1]["as_of"] == "2008-09-12"
    assert asked[-1]["given"] == "cumulative<-0.0513"
    assert "condition=lower" in page.url  # a link to this page shows the same


def test_a_book_has_weights_and_conditions_of_its_assets(page: Page, book: str) -> None:
    asked = outlooks_of(page)
    page.goto("/models/BOOK?n=2000&horizon=5")
    expect(page.locator("#cash")).to_have_text("0.00 %")
    page.get_by_label("ONE", exact=True).fill("120")
    page.get_by_label("TWO", exact=True).fill("-30")
    page.get_by_label("THREE", exact=True).fill("0")
    expect(page.locator("#cash")).to_have_text("10.00 %")
    page.get_by_label("restore the weights daily").check()
    page.locator("#condition").select_option(label="the drawdown exceeds")
    page.get_by_label("at least").fill("1")
    shares = "--weights ONE=1.2,TWO=-0.3,CASH=0.1 --rebalance daily"
    expect(page.locator("#command")).to_contain_text(shares)
    page.locator("#of").select_option("TWO")
    expect(page.locator("#expression")).to_have_text('--given "TWO:max-drawdown>0.01"')
    expect(page.locator("#command")).not_to_contain_text("--weights")
    expect(page.locator("#state")).to_contain_text("2,000 scenarios")
    page.wait_for_timeout(300)  # until the last change is asked for
    expect(page.locator("#fan")).to_have_attribute("aria-busy", "false")
    assert {name: asked[-1][name] for name in ("weights", "rebalance", "given")} == {
        "weights": "ONE=1.2,TWO=-0.3,CASH=0.1",
        "rebalance": "daily",
        "given": "TWO:max-drawdown>0.01",
    }
    page.locator("#level").select_option("0.99")
    page.goto(page.url)  # a link to this page shows the same
    expect(page.locator("#expression")).to_have_text('--given "TWO:max-drawdown>0.01"')
    expect(page.locator("#daily")).to_be_checked()
    expect(page.locator("#risk tr.chosen th")).to_have_text("99 %")


def test_the_keyboard_reads_a_chart_and_moves_the_horizon(page: Page) -> None:
    asked = outlooks_of(page)
    page.goto("/models/reference?horizon=5")
    expect(page.locator("#fan canvas")).to_be_visible()
    page.locator("#fan").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#fan-reader")).to_contain_text(re.compile(r"2018: [\d,.]+"))
    page.get_by_label("Horizon").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#fan-reader")).to_contain_text("+6 d")
    assert asked[-1]["horizon"] == "6"
    page.get_by_text("Quantiles as a table").click()
    expect(page.locator("#fan-table tbody tr")).to_have_count(5)  # days 1, 2, 3, 5 and 6


def test_the_lines_of_a_book_have_the_shares_of_its_condition(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_bundle(calm_joint(400), site.service.workspace.models / "BOOK")
    page = site.browser.new_page(base_url=site.address)
    page.goto("/models/BOOK?n=2000&horizon=5&condition=lower&bound=0.5&weights=90,30,0&daily=1")
    page.locator("#download-n").fill("7")
    sent = page.request.get(page.locator("#file").get_attribute("href") or "").body()
    monkeypatch.chdir(tmp_path)
    _, *words = shlex.split(page.locator("#command").inner_text())
    code = page.locator("#python").inner_text()
    page.close()
    workspace = str(site.service.workspace.root)
    assert CliRunner().invoke(cli, [*words, "--quiet", "--workspace", workspace]).exit_code == 0
    file = tmp_path / "BOOK-scenarios.csv"
    assert file.read_bytes() == sent
    file.unlink()
    exec(compile(code.replace('("BOOK"', f'("BOOK", workspace={workspace!r}'), "page", "exec"), {})
    assert file.read_bytes() == sent


@pytest.mark.parametrize("format", ["csv", "parquet", "npy"])
def test_the_lines_of_a_page_write_the_file_of_its_button(
    format: str, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = site.browser.new_page(base_url=site.address)
    page.goto("/models/reference?start=2008-09-12&horizon=3&seed=5&condition=higher&bound=1")
    page.locator("#download-n").fill("7")
    page.locator("#values").select_option("prices")
    page.locator("#layout").select_option("wide" if format == "npy" else "long")
    page.locator("#format").select_option(format)
    sent = page.request.get(page.locator("#file").get_attribute("href") or "").body()
    file = tmp_path / f"reference-scenarios.{format}"
    monkeypatch.chdir(tmp_path)
    program, *words = shlex.split(page.locator("#command").inner_text())
    code = page.locator("#python").inner_text()
    page.close()
    assert program == "simgan"
    assert CliRunner().invoke(cli, [*words, "--quiet"]).exit_code == 0
    assert file.read_bytes() == sent
    file.unlink()
    exec(compile(code, "the page", "exec"), {})
    assert read(file) == read_bytes(sent, tmp_path / f"sent.{format}")


def test_a_book_shows_the_parts_of_its_assets(page: Page, book: str) -> None:
    page.goto(f"{book}?n=2000&horizon=5&weights=120,-30,0")
    rows = page.locator("#parts tr")
    expect(rows).to_have_count(4)  # ONE, TWO, CASH and the sum
    expect(rows.last.locator("td").first).to_have_text(
        page.locator("#risk tr.chosen td").first.inner_text(), use_inner_text=True
    )
    page.locator("#level").select_option("0.99")
    expect(page.locator("#parts-caption")).to_have_text("Parts of the assets at 99 %")


def test_a_level_that_a_condition_is_too_rare_for_hides_nothing_else(page: Page) -> None:
    page.goto("/models/reference?condition=lower&bound=40&n=10000")
    expect(page.locator("#risk tr").last.locator("td")).to_have_text(["too few", "too few"])
    expect(page.locator("#few")).to_contain_text("Choose more scenarios, a milder condition")
    expect(page.locator("#fan canvas")).to_be_visible()
    expect(page.locator("#given")).to_contain_text("lower by at least 40 %")


def test_the_page_shows_only_quantiles_that_its_scenarios_are_worth(page: Page) -> None:
    page.goto("/models/reference?horizon=21&condition=lower&bound=60")
    expect(page.locator("#fan canvas")).to_be_visible()
    expect(page.locator("#given")).to_contain_text("lower by at least 60 %")
    expect(page.locator("#fan-reader")).to_be_empty()
    expect(page.locator("#fan-legend li:visible")).to_have_text(["real history", "median"])
    few, median = ["too few"] * 3, re.compile(r"^\d")
    cells = page.locator("#fan-table tr").last.locator("td")
    expect(cells).to_have_text([*few, median, *few])


def test_the_page_names_only_remedies_that_it_has(page: Page) -> None:
    """Of 60 % even 50,000 scenarios are worth fewer than the 400 for the lowest level."""
    page.goto("/models/reference?horizon=21&condition=lower&bound=60")
    expect(page.locator("#few")).to_contain_text("in all. Choose a milder condition or a longer")
    notes = page.locator("#notes")
    expect(notes).to_contain_text("too few to rely on; its probability without the tilt is")


def test_a_share_that_is_next_to_nothing_has_no_digits(page: Page) -> None:
    page.goto("/models/reference?horizon=21&condition=lower&bound=95&n=2000")
    told = re.compile(r"They are less than 0\.0001\s% of all\.$")
    expect(page.locator("#given")).to_have_text(told)


def test_a_gain_is_called_a_gain(page: Page) -> None:
    page.goto("/models/reference?position=-250000&horizon=10&condition=lower&bound=10&n=2000")
    told = re.compile(r"^In 95\s% of the scenarios the gain is larger than 2\d,\d{3}\.$")
    expect(page.locator("#distribution-reader")).to_have_text(told)
    expect(page.locator("#risk-caption")).to_contain_text("(negative: a gain)")


def test_nothing_stands_in_the_place_of_refused_figures(site: Site) -> None:
    """A fall of 99 % in a day is impossible. Without the condition all is there again."""
    page = site.browser.new_page(base_url=site.address)
    with page.expect_response("**/outlook?*"):
        page.goto("/models/reference?horizon=1&condition=drawdown&bound=99")
    expect(page.locator("#problem")).to_contain_text("over 1 step meet max-drawdown>0.99")
    expect(page.locator("#horizon-shown")).to_have_text("1 day")
    for part in ("#fan", "#level", "#risk"):
        expect(page.locator(part)).to_be_hidden()
    page.locator("#condition").select_option("")
    expect(page.locator("#risk tr")).to_have_count(3)
    expect(page.locator("#risk-caption")).to_have_text("Loss of 1,000,000 over 1 day")
    page.close()


def test_a_broken_link_names_the_parts_that_are_left_out(page: Page) -> None:
    asked = outlooks_of(page)
    page.goto("/models/reference?horizon=999&position=zz&n=3&seed=-1&day=x&typo=1&paths=0")
    expect(page.locator("#ignored")).to_have_text(
        "The link has parts that this page cannot take, and leaves out: "
        "typo=1, horizon=999, day=x, position=zz, n=3, seed=-1, paths=0."
    )
    expect(page.locator("#risk-caption")).to_have_text("Loss of 1,000,000 over 21 days")
    assert [asked[0][name] for name in ("horizon", "position", "n")] == ["21", "1000000", "10000"]


@pytest.mark.parametrize("words", ["condition=foo", "condition=lower&bound=abc", "of=SP500"])
def test_a_link_whose_condition_is_lost_shows_no_figures(words: str, page: Page) -> None:
    asked = outlooks_of(page)
    page.goto(f"/models/reference?{words}")
    expect(page.locator("#ignored")).to_contain_text(words.split("&")[-1])
    expect(page.locator("#fan")).to_be_hidden()
    expect(page.locator("#download")).to_be_hidden()
    assert asked == []
    page.locator("#condition").select_option("higher")
    expect(page.locator("#risk tr")).to_have_count(3)
    expect(page.locator("#ignored")).to_be_hidden()
    expect(page.locator("#download")).to_be_visible()


def test_the_settings_of_a_file_follow_the_page_and_are_in_its_address(page: Page) -> None:
    page.goto("/models/reference?n=2000&horizon=2")
    expect(page.locator("#command")).to_contain_text("--n 2000 ")
    page.locator("#n").select_option("50,000")
    expect(page.locator("#command")).to_contain_text("--n 50000 ")
    page.locator("#download-n").fill("7")
    page.locator("#n").select_option("10,000")
    page.locator("#values").select_option("prices")
    page.locator("#layout").select_option("long")
    page.locator("#format").select_option("parquet")
    line = page.locator("#command").inner_text()
    assert "--n 7 --horizon 2 --values prices --layout long" in line
    page.goto(page.url)
    expect(page.locator("#command")).to_have_text(line)


def test_a_file_that_cannot_be_is_not_offered(page: Page) -> None:
    page.goto("/models/reference?n=2000&horizon=2")
    file, problem = page.locator("#file"), page.locator("#file-problem")
    for n in ("0", "-5", "2.5", ""):
        page.locator("#download-n").fill(n)
        expect(problem).to_have_text("The number of scenarios must be a whole number from 1 on.")
        expect(file).not_to_have_attribute("href", re.compile(""))
        expect(page.locator("#command")).to_be_hidden()
    page.locator("#download-n").fill("7")
    expect(problem).to_be_hidden()
    page.locator("#format").select_option("npy")
    expect(page.locator("#layout option[value=long]")).to_be_disabled()
    with page.expect_download() as download:
        file.click()
    assert download.value.suggested_filename == "reference-scenarios.npy"
    page.goto("/models/reference?n=2000&horizon=2&layout=long&format=npy")
    expect(problem).to_have_text("A NumPy file has a row per scenario only.")
    expect(file).to_have_attribute("aria-disabled", "true")


def test_a_refused_file_has_its_sentence_on_the_page(site: Site) -> None:
    """Weights of a rare condition have no place in an array."""
    page = site.browser.new_page(base_url=site.address)
    page.goto("/models/reference?n=2000&condition=lower&bound=40&format=npy&download-n=5")
    page.locator("#file").click()
    expect(page.locator("#file-problem")).to_contain_text("an array has no column for them")
    page.close()


def test_a_table_of_a_large_position_fits_a_korean_phone(page: Page, book: str) -> None:
    page.set_viewport_size(PHONE)
    for position in ("123456789", "-123456789012345"):
        page.goto(f"{book}?n=2000&horizon=5&position={position}&lang=ko")
        expect(page.locator("#risk tr")).to_have_count(3)
        for table in ("#risk", "#parts"):
            around = page.locator(f".scroll:has({table})")
            assert around.evaluate("it => it.scrollWidth - it.clientWidth") == 0
    page.goto(f"{book}?lang=en")


def read(file: Path) -> object:
    """Return the content of a file. Two Parquet files of the same table may differ in bytes."""
    return pq.read_table(file).to_pydict() if file.suffix == ".parquet" else file.read_bytes()


def read_bytes(content: bytes, file: Path) -> object:
    """Return the content of a file that was sent."""
    file.write_bytes(content)
    return read(file)
