"""Make the reference model that ships with simgan, and its report.

    python benchmarks/reference_model.py

The model is a fit of the S&P 500 sample at the standard preset, with seed 0. The bundle leaves out
the returns, which are read again from the sample source.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import click

from simgan.bundle.store import read_bundle, write_bundle
from simgan.workflows.fit import FitRequest, fit
from simgan.workflows.report import ReportRequest, report
from simgan.workspace import Workspace

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Fit, strip, write, report."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder))
        fitted = fit(FitRequest.of("SP500", workspace, source="sample", name="reference"))
        bundle = read_bundle(fitted.path)
        write_bundle(
            replace(bundle, history=None, manifest=replace(bundle.manifest, files={})),
            ROOT / "simgan" / "reference",
        )
        done = report(
            ReportRequest(
                workspace=workspace, name="reference", out=ROOT / "reports" / "reference.html"
            )
        )
    click.echo(done.judgement.verdict.sentence)


if __name__ == "__main__":
    main()
