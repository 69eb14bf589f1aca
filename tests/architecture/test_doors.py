"""The package opens quickly, and every public name exists."""

from __future__ import annotations

import pickle
import statistics
import subprocess
import sys
import time
import warnings

import pytest

import simgan

HEAVY = {"numpy", "pandas", "tensorflow", "keras", "scipy", "arch", "pyarrow", "matplotlib", "rich"}
QUICK = 0.5  # seconds; generous: it takes a fifth of that where nothing else runs


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True)


def test_import_simgan_loads_neither_tensorflow_nor_pandas() -> None:
    python(
        "-c", "import simgan, sys; assert not {'tensorflow', 'pandas', 'numpy'} & set(sys.modules)"
    )


def test_the_package_can_be_sent_to_another_process() -> None:
    """Dask and joblib send functions of a script together with the modules that they name."""
    assert pickle.loads(pickle.dumps(simgan)) is simgan  # noqa: S301 (made here)


def test_the_test_of_imports_can_fail() -> None:
    with pytest.raises(subprocess.CalledProcessError):
        python(
            "-c",
            (
                "import simgan.arrays, sys; assert not {'tensorflow', 'pandas', 'numpy'} & "
                "set(sys.modules)"
            ),
        )


def loaded(*arguments: str) -> set[str]:
    """Packages that Python loads on the way, as ``-X importtime`` tells them."""
    lines = python("-X", "importtime", *arguments).stderr.splitlines()
    return {
        line.rsplit("|")[-1].strip().split(".")[0]
        for line in lines
        if line.startswith("import time:")
    }


def median_seconds(*arguments: str) -> float:
    """Median of five runs, so that a machine that does other things, too, disturbs little."""
    seconds = []
    for _ in range(5):
        started = time.perf_counter()
        python(*arguments)
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


def test_help_loads_nothing_heavy() -> None:
    assert loaded("-m", "simgan", "--help") & HEAVY == set()


def test_the_test_of_help_can_fail() -> None:
    assert loaded("-c", "import simgan.arrays") & HEAVY == {"numpy"}


PACKAGES = ("tensorflow", "keras", "pandas", "matplotlib", "arch", "statsmodels", "scipy.stats")


def after(code: str) -> set[str]:
    """Which of the heavy packages are loaded after some Python."""
    found = python("-c", f"{code}\nimport sys; print(*({set(PACKAGES)} & set(sys.modules)))")
    return set(found.stdout.splitlines()[-1].split())


@pytest.mark.parametrize(
    "arguments",
    [
        ["fit", "--list-settings"],
        ["fit", "SP500", "--source", "sample", "--objective", "hingle"],
        ["fit", "SP500", "--source", "sample", "--set", "rate=99"],
        ["fit", "SP500", "--recipe", "nosuch.toml"],
        ["backtest", "SP500", "--source", "sample", "--set", "rte=1"],
    ],
    ids=" ".join,
)
def test_a_wrong_setting_is_told_before_anything_heavy_is_loaded(arguments: list[str]) -> None:
    code = f"from simgan.cli.main import run; run({arguments})"
    assert after(f"{code}\nimport sys; assert 'simgan.workflows.fit' not in sys.modules") == set()


def test_a_model_is_loaded_and_sampled_without_what_it_does_not_use() -> None:
    code = "import simgan; simgan.load('reference').sample(3)"
    assert after(code) == set()
    assert after("import simgan; simgan.value_at_risk; simgan.Recipe; simgan.Seed") == set()
    assert after("import simgan; simgan.baseline") == set()


def test_the_test_of_heavy_packages_can_fail() -> None:
    assert after("import pandas") == {"pandas"}


def test_help_is_quick() -> None:
    assert median_seconds("-m", "simgan", "--help") < QUICK


def test_the_test_of_quickness_can_fail() -> None:
    assert median_seconds("-c", f"import time, simgan; time.sleep({QUICK})") > QUICK


def test_the_public_names_are_those_that_the_readme_uses() -> None:
    promised = {
        "fit",
        "load",
        "compare",
        "Model",
        "Scenarios",
        "value_at_risk",
        "expected_shortfall",
        "SimganError",
    }
    assert promised <= set(simgan.__all__) <= set(dir(simgan))


@pytest.mark.parametrize("name", simgan.__all__)
def test_every_public_name_exists(name: str) -> None:
    assert getattr(simgan, name) is not None


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nothing"):
        _ = simgan.nothing


@pytest.mark.parametrize("category", [DeprecationWarning, PendingDeprecationWarning, FutureWarning])
def test_what_simgan_uses_may_not_be_on_its_way_out_but_other_packages_may(
    category: type[Warning],
) -> None:
    with pytest.raises(category):
        warnings.warn_explicit("made up", category, "made_up.py", 1, module="simgan.made_up")
    with warnings.catch_warnings(record=True):
        warnings.warn_explicit("made up", category, "made_up.py", 1, module="another.made_up")
