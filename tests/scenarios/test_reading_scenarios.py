"""Files of scenarios of any generator: read right, or refused with the place of the fault."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from simgan.errors import ConfigError, ScenarioError
from simgan.scenarios.reading import read_scenarios

PATHS = np.array([[0.01, -0.02, 0.03], [0.0, 0.01, -0.01]])
WIDE = "scenario,1,2,3\n0,0.01,-0.02,0.03\n1,0.0,0.01,-0.01\n"
LONG = "scenario,step,asset,value\n" + "".join(
    f"{path},{step + 1},{asset},{sign * PATHS[path, step]}\n"
    for step in (2, 0, 1)
    for path in (1, 0)
    for asset, sign in (("KO", 1.0), ("PEP", -1.0))
)


def written(folder: Path, name: str, content: str | bytes | np.ndarray) -> Path:
    path = folder / name
    if isinstance(content, np.ndarray):
        np.save(path, content)
    elif isinstance(content, bytes):
        path.write_bytes(content)
    elif name.endswith(".gz"):
        path.write_bytes(gzip.compress(content.encode()))
    else:
        path.write_text(content, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("wide.csv", WIDE),
        ("WIDE.CSV.GZ".lower(), WIDE),
        ("no-index.csv", WIDE.replace("scenario,", "").replace("\n0,", "\n").replace("\n1,", "\n")),
        ("from-zero.csv", WIDE.replace("scenario,1,2,3", "scenario,0,1,2")),
        ("paths.npy", PATHS),
        ("one-asset.npy", PATHS[:, :, None]),
    ],
)
def test_every_form_gives_the_same_paths(tmp_path: Path, name: str, content: str) -> None:
    read = read_scenarios(written(tmp_path, name, content))
    np.testing.assert_allclose(read.log_returns, PATHS)
    assert (read.asset, read.notes) == ("", ())


def test_rows_in_any_order_and_one_of_several_assets(tmp_path: Path) -> None:
    path = written(tmp_path, "long.csv", LONG)
    read = read_scenarios(path, asset="PEP")
    np.testing.assert_allclose(read.log_returns, -PATHS)
    assert read.asset == "PEP"
    both = written(tmp_path, "both.npy", np.stack([PATHS, -PATHS], axis=2))
    np.testing.assert_allclose(read_scenarios(both, asset="2").log_returns, -PATHS)


def test_numbers_of_scenarios_may_begin_anew_in_each_group(tmp_path: Path) -> None:
    grouped = "scenario,path,1,2\ncalm,0,.1,.2\nwild,0,.1,.3\ncalm,1,.1,.4\n"
    read = read_scenarios(written(tmp_path, "g.csv", grouped))
    np.testing.assert_array_equal(read.log_returns, [[0.1, 0.2], [0.1, 0.3], [0.1, 0.4]])


def test_prices_and_simple_returns_become_log_returns(tmp_path: Path) -> None:
    prices = 100 * np.exp(np.cumsum(np.hstack([np.zeros((2, 1)), PATHS]), axis=1))
    read = read_scenarios(written(tmp_path, "p.npy", prices), values="prices")
    np.testing.assert_allclose(read.log_returns, PATHS)
    simple = read_scenarios(written(tmp_path, "r.npy", np.expm1(PATHS)), values="returns")
    np.testing.assert_allclose(simple.log_returns, PATHS)


def test_a_file_of_simgan_names_the_kind_of_its_values(tmp_path: Path) -> None:
    table = pa.table({"scenario": [0, 1], "1": np.expm1(PATHS[:, 0]), "2": np.expm1(PATHS[:, 1])})
    told = table.replace_schema_metadata({"simgan": '{"values": "returns"}'})
    path = tmp_path / "s.parquet"
    parquet.write_table(told, path)
    read = read_scenarios(path)
    np.testing.assert_allclose(read.log_returns, PATHS[:, :2])
    assert read.notes == (f"{path} holds returns",)
    plain = read_scenarios(path, values="log-returns")
    np.testing.assert_allclose(plain.log_returns, np.expm1(PATHS[:, :2]))


@pytest.mark.parametrize(
    ("name", "content", "values", "sentence"),
    [
        ("a.csv", "date,close\n1,2\n", "", "columns date, close; give scenario, 1, 2"),
        ("a.csv", "scenario,1,3\n0,.1,.2\n", "", "columns 1, 3; give"),
        ("a.csv", "scenario,1,2\n0,.1,\n", "", "the value in row 1, step 2 is missing"),
        ("a.csv", "scenario,1,2\n0,.1,\n1,,.2\n", "", "2 values are missing.*row 1, step 2"),
        ("a.csv", "scenario,1,2\n0,.1,x\n", "", "column 2 holds string, not numbers"),
        ("a.csv", "scenario,1,2\n", "", "no scenario"),
        ("a.csv", "", "", "cannot be read"),
        ("a.csv", "scenario,weight,1,2\n0,1,.1,.2\n", "", "have weights"),
        ("a.csv", "scenario,A:1,B:1\n0,.1,.2\n", "", r"holds 2 assets \(A, B\); name one with"),
        (
            "a.csv",
            "scenario,step,value\n0,1,.1\n0,2,.1\n1,1,.1\n",
            "",
            "scenario 1 has 1, others 2",
        ),
        ("a.csv", "scenario,step,value\n0,1,.1\n0,3,.1\n", "", "steps are not 1, 2"),
        ("a.csv", "scenario,step,value\n0,1.5,.1\n0,2.5,.2\n", "", "steps are not 1, 2"),
        ("a.csv", "scenario,step,value\n0,5,.1\n0,6,.2\n", "", "steps are not 1, 2"),
        ("a.csv", "scenario,step,value\n0,1,.1\n,1,.2\n", "", "1 row has no scenario; fill"),
        ("a.csv", "scenario,step,value\n0,,.1\n1,,.2\n", "", "2 rows have no step"),
        ("a.csv", "scenario,step,asset,value\n0,1,,.1\n0,1,A,.2\n", "", "1 row has no asset"),
        ("a.csv", "scenario,step,value\n", "", "no scenario; draw some"),
        ("a.csv", "scenario,1,2\n0,.1,.2\n0,.1,.3\n", "", "1 of 2 rows have the scenario of"),
        ("a.csv", "scenario,1,1\n0,.1,.2\n", "", "2 columns '1'; leave one of them"),
        ("a.csv", "scenario,step,value,value\n0,1,.1,.2\n", "", "2 columns 'value'"),
        ("a.csv", "scenario,1,01,2\n0,.1,.2,.3\n", "", "columns 1 and 01 are the same step"),
        ("a.csv", f"scenario,1,{'9' * 5000}\n0,.1,.2\n", "", "columns 1, 9{40}…; give"),
        ("a.csv", b"scen\xe4rio,1\n0,.1\n", "", "a column name is not UTF-8; write"),
        (
            "a.csv",
            b"scenario,step,asset,value\n0,1,\xe4,.1\n",
            "",
            "asset holds binary, not text; write it in UTF-8",
        ),
        ("a.csv", "scenario,1,2\n0,.1,.1\n1,0,0\n", "", "every scenario is constant"),
        ("a.csv", "scenario,1,2\n0,101,102\n", "", "are they prices"),
        ("a.csv", "scenario,1,2\n0,1.1,-2\n", "", "are they percent"),
        ("a.csv", "scenario,1,2\n0,1.1,-2\n", "prices", "all above 0"),
        ("a.csv", "scenario,1,2\n0,1.1,-2\n", "returns", "is it in percent"),
        ("a.npy", np.zeros(5), "", r"shape \(5,\); give numbers of shape"),
        ("a.npy", np.array([["x"]]), "", "array of <U1"),
        ("a.npy", np.zeros((2, 3, 2)), "", "holds 2 assets"),
        ("a.npy", np.array([[0.1, np.inf]]), "", "not finite"),
        ("a.npy", "no array", "", "cannot be read"),
        ("a.npy", b"", "", "cannot be read"),
        ("a.npy", b"PK\x03\x04", "", "cannot be read"),
        ("a.npy", None, "", "no such file; give a file of scenarios"),
        ("a.csv", None, "", "no such file; give a file of scenarios"),
        ("a.parquet", "no table", "", "cannot be read"),
        ("a.xlsx", "no table", "", "an ending that is not read; give one of .csv"),
    ],
)
def test_whatever_cannot_be_used_is_said(
    tmp_path: Path, name: str, content: str | bytes | np.ndarray | None, values: str, sentence: str
) -> None:
    path = tmp_path / name
    if content is not None:
        written(tmp_path, name, content)
    with pytest.raises(ScenarioError, match=sentence) as told:
        read_scenarios(path, values)
    assert str(path) in str(told.value)


def test_an_unknown_kind_and_an_unknown_asset_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "long.csv", LONG)
    with pytest.raises(ConfigError, match="log-returns, returns, prices"):
        read_scenarios(path, "levels")
    with pytest.raises(ScenarioError, match="no asset T; it holds"):
        read_scenarios(path, asset="T")


def test_some_constant_scenarios_are_told_and_kept(tmp_path: Path) -> None:
    path = written(tmp_path, "c.npy", np.vstack([PATHS, np.full((1, 3), 0.01)]))
    read = read_scenarios(path)
    assert read.log_returns.shape == (3, 3)
    assert read.notes == (f"{path}: warning: 1 of 3 scenarios are constant",)


@pytest.mark.parametrize("sheet", [b"[" * 100_000, b"\xff\xfe", b"[1]", b'{"values": ["prices"]}'])
def test_a_foreign_sheet_in_the_metadata_says_nothing(tmp_path: Path, sheet: bytes) -> None:
    table = pa.table({"1": PATHS[:, 0], "2": PATHS[:, 1]})
    path = tmp_path / "s.parquet"
    parquet.write_table(table.replace_schema_metadata({b"simgan": sheet}), path)
    read = read_scenarios(path)
    np.testing.assert_array_equal(read.log_returns, PATHS[:, :2])
    assert read.notes == ()


def test_an_archive_of_arrays_is_no_array(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    with path.open("wb") as file:
        np.savez(file, paths=PATHS)
    with pytest.raises(ScenarioError, match="cannot be read"):
        read_scenarios(path)
