"""Options of the command line in the sentences that come over HTTP."""

from __future__ import annotations

import pytest

from simgan.errors import PriceError, in_shell
from simgan.service.problems import problem_of
from simgan.service.spelling import all_over_http, over_http


@pytest.mark.parametrize(
    ("sentence", "spelled"),
    [
        ("ask for more, such as --n 4000 (.npy holds no weights)", "n=4000 (npy holds no weights)"),
        ("use --end 2017-08-07 or --start 2017-10-21", "use end=2017-08-07 or start=2017-10-21"),
        ("or leave them out with --on-bad-rows drop", "with on_bad_rows=drop"),
        ("use --prices FILE or --source sample", "use upload or source=sample"),
        ("name others with --models, or another --from", "with models, or another first"),
        ("the same command with --resume goes on from there", "the same order goes on from there"),
        ("`simgan data show --json` shows it -- always", "`simgan data show --json` shows it -- "),
        ("a date; --prices takes a newer one", "a date; fit it again with newer prices"),
        ("reference.npy and well-known words stay", "reference.npy and well-known words stay"),
    ],
)
def test_options_are_spelled_as_fields(sentence: str, spelled: str) -> None:
    assert spelled in over_http(sentence)


@pytest.mark.parametrize("name", ["Close", "Client's $HOME", "a\\b", "'", "Adj Close"])
def test_a_quoted_name_is_read_as_a_shell_reads_it(name: str) -> None:
    sentence = f"--column {in_shell(name)} takes it, or --end 2017-08-07"
    assert over_http(sentence) == f"column={name!r} takes it, or end=2017-08-07"


def test_sentences_are_spelled_at_any_depth() -> None:
    found = all_over_http({"assets": [{"refused": "use --end 2017-08-07", "days": 3}]})
    assert found == {"assets": [{"refused": "use end=2017-08-07", "days": 3}]}


def test_a_refusal_names_no_option() -> None:
    problem = problem_of(PriceError("a jump; leave it out with --on-bad-rows drop"))
    assert problem.detail == "a jump; leave it out with on_bad_rows=drop"
