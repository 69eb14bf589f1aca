"""Pages on disk: one that can be written, and one that appears with its numbers."""

from __future__ import annotations

from pathlib import Path

from simgan.errors import ConfigError
from simgan.files import expect_writable, sync, whole_file

PAGE = (".html", ".htm")
PAGE_OR_MARKDOWN = (*PAGE, ".md")


def expect_page(owner: str, page: Path, endings: tuple[str, ...] = PAGE) -> None:
    """Refuse a page that cannot be written, before the work for it.

    Raises
    ------
    ConfigError, WriteError
        It has another ending, is a folder, or its place cannot be written to.
    """
    if page.suffix.lower() not in endings:
        markdown = ", or in .md for Markdown" if ".md" in endings else ""
        allowed = f"a name that ends in .html{markdown}; the numbers go beside it and end in .json"
        raise ConfigError(owner, "out", str(page), allowed)
    for path in (page, page.with_suffix(".json")):
        if path.is_dir():
            raise ConfigError(owner, "out", str(page), f"a new name: {path} is a folder")
    expect_writable(page.parent)


def publish(page: Path, html: str, numbers: str) -> None:
    """Write a page and its numbers so that both are of one generation.

    Both are complete on disk before the first gets its name. The older numbers are removed before
    the page is replaced, and the new ones follow it. A run that is killed in between leaves a page
    without numbers, but never a page beside the numbers of another one.
    """
    beside = page.with_suffix(".json")
    with whole_file(beside) as new_numbers, whole_file(page) as new_page:
        for file, content in ((new_numbers, numbers), (new_page, html)):
            file.write_text(content, encoding="utf-8")
            sync(file)
        beside.unlink(missing_ok=True)
