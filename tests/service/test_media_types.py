"""The choice of a format by the field Accept (RFC 9110, section 12.5.1)."""

from __future__ import annotations

from typing import get_args

import pytest

from simgan.scenarios.formats import FORMATS
from simgan.service.media import MEDIA_TYPES, FormatName, accepts, format_asked
from simgan.service.problems import Problem


def test_every_format_has_a_media_type_of_its_own() -> None:
    assert set(MEDIA_TYPES) == set(FORMATS) == set(get_args(FormatName))
    every = [each for types in MEDIA_TYPES.values() for each in types]
    assert len(set(every)) == len(every)


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("", "csv"),
        ("*/*", "csv"),
        ("text/*", "csv"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "csv"),
        ("application/x-ndjson", "jsonl"),
        ("Application/VND.apache.arrow.Stream", "arrows"),
        ("application/vnd.apache.arrow.file", "arrow"),
        ("application/vnd.apache.parquet, text/csv;q=0.5", "parquet"),
        ("text/csv;q=0.2, application/octet-stream ; q=0.3", "npy"),
        ("*/*, text/csv;q=0", "jsonl"),  # the more specific range counts
        ("application/gzip;q=1.0", "csv.gz"),
        ("application/vnd.apache.parquet;q=many, text/csv;q=0.1", "csv"),
    ],
)
def test_the_reader_gets_the_format_that_it_likes_most(accept: str, kind: str) -> None:
    assert format_asked(None, accept) == kind


def test_a_named_format_comes_before_the_field() -> None:
    assert format_asked("npy", "text/csv") == "npy"


@pytest.mark.parametrize("accept", ["image/png", "text/csv;q=0", "csv", ",", "application/*;q=0"])
def test_no_format_that_is_accepted_is_told(accept: str) -> None:
    with pytest.raises(Problem, match="text/csv, application/x-ndjson, ") as refusal:
        format_asked(None, accept)
    assert refusal.value.status == 406


def test_pages_are_chosen_in_the_same_way() -> None:
    offered = ("text/html", "application/json")
    assert accepts("", offered) == "text/html"
    assert accepts("application/json", offered) == "application/json"
    assert accepts("image/png", offered) == ""
