"""Tags of a page, for tests that it is well formed and names no other place."""

from __future__ import annotations

import re
from html.parser import HTMLParser

VOID = {"meta", "link", "br", "col"}


class Tags(HTMLParser):
    """Collects ids, references and attributes, and checks that tags close in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert tag == self.open.pop()

    def values(self, name: str) -> list[str]:
        return [str(attributes[name]) for _, attributes in self.found if name in attributes]


def expect_sound(page: str) -> None:
    """Assert that tags close in order, ids are unique, all references lead to one, and nothing
    outside the page is named.
    """
    tags = Tags(page)
    assert tags.open == []
    ids = tags.values("id")
    assert len(set(ids)) == len(ids)
    references = [value for name in ("src", "href", "xlink:href") for value in tags.values(name)]
    assert all(value.startswith(("#", "data:")) for value in references)
    targets = [value[1:] for value in references if value.startswith("#")] + re.findall(
        r"url\(#([^)]+)\)", page
    )
    assert targets
    assert set(targets) <= set(ids)
    assert not re.search(r"https?:|//[a-z]|@import", page)


def tick_labels(panel: str) -> list[list[str]]:
    """Return the labels of each axis of an SVG of matplotlib, those without text left out."""
    found = []
    for axis in re.split(r'id="[^"]*matplotlib\.axis_\d+"', panel)[1:]:
        ticks = re.split(r'id="[^"]*[xy]tick_\d+"', axis)[1:]
        labels = [re.findall(r"<text [^>]*>([^<]*)</text>", _whole(tick)) for tick in ticks]
        found.append([text for label in labels for text in label if text])
    return [labels for labels in found if labels]


def _whole(tick: str) -> str:
    """Cut a text after the group that is open at its beginning."""
    depth = 1
    for tag in re.finditer(r"<(/?)g\b", tick):
        depth += -1 if tag.group(1) else 1
        if depth == 0:
            return tick[: tag.start()]
    return tick
