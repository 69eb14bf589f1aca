"""The documentation site: it builds without a warning, needs no network, and has every page."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path

import pytest

import simgan

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(path.stem for path in (ROOT / "docs").glob("*.md"))
LOADED = {"img": "src", "link": "href", "script": "src", "iframe": "src", "source": "srcset"}
needs_sphinx = pytest.mark.skipif(
    any(find_spec(name) is None for name in ("sphinx", "furo", "myst_parser")),
    reason="sphinx, furo and myst-parser, which build the site, are not installed",
)


class Loaded(HTMLParser):
    """The addresses that a browser loads for a page by itself."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for key, value in attrs if key == LOADED.get(tag) and value]


def build(source: Path, site: Path) -> subprocess.CompletedProcess[str]:
    """Build a site as `make docs` does."""
    command = [sys.executable, "-m", "sphinx", "--quiet", "--fail-on-warning", "--keep-going"]
    folders = ["-c", str(ROOT / "docs"), "-d", str(site.with_name("trees")), str(source), str(site)]
    return subprocess.run([*command, *folders], capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site. A warning is an error."""
    site = tmp_path_factory.mktemp("docs") / "site"
    done = build(ROOT, site)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    return site


@needs_sphinx
@pytest.mark.slow
def test_the_site_has_every_page(site: Path) -> None:
    assert sorted(path.stem for path in (site / "docs").glob("*.html")) == sorted([*PAGES, "api"])
    assert {"DESIGN.html", "CONTRIBUTING.html", "CHANGELOG.html"} <= {
        p.name for p in site.iterdir()
    }
    assert "url=docs/index.html" in (site / "index.html").read_text("utf-8")


@needs_sphinx
@pytest.mark.slow
def test_the_site_loads_nothing_from_elsewhere(site: Path) -> None:
    pages = {page: Loaded(page.read_text("utf-8")).found for page in site.rglob("*.html")}
    assert sum(map(len, pages.values())) > 100
    far = {
        page.name: address for page, found in pages.items() for address in found if ":" in address
    }
    assert far == {}
    styles = [path.read_text("utf-8") for path in site.rglob("*.css")]
    assert [
        url for style in styles for url in re.findall(r"url\(['\"]?(https?:[^)]+)", style)
    ] == []


@needs_sphinx
@pytest.mark.slow
def test_the_api_has_every_public_name_and_formulas_are_drawn(site: Path) -> None:
    page = (site / "docs" / "api.html").read_text("utf-8")
    assert [name for name in simgan.__all__ if f'id="simgan.{name}"' not in page] == []
    assert (
        page.count("<math") >= 5
        and (site / "docs" / "methods.html").read_text().count("<math") > 20
    )


@needs_sphinx
@pytest.mark.slow
def test_a_page_with_a_broken_link_breaks_the_build(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text("# First\n\n[gone](gone.md)\n", encoding="utf-8")
    done = build(tmp_path, tmp_path / "site")
    assert done.returncode != 0 and "gone.md" in done.stderr


def test_the_first_page_leads_to_every_page() -> None:
    first = (ROOT / "docs" / "index.md").read_text("utf-8")
    linked = re.findall(r"\]\(([\w/.]+)\.(?:md|rst)\)", first)
    assert sorted(linked) == sorted(
        {*PAGES, "api", "../DESIGN", "../CONTRIBUTING", "../CHANGELOG"} - {"index"}
    )
