"""Make the reference model that ships with simgan, and its report.

    python benchmarks/reference_model.py fit      a new model: scenarios and documents change
    python benchmarks/reference_model.py judge    its verdict and its report anew, the same model

The model is a fit of the S&P 500 sample at the standard preset, with seed 0. The bundle leaves out
the returns, which are read again from the sample source. Another machine may give another fit.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import click

from simgan.bundle.store import read_bundle, write_bundle
from simgan.report.aspects import forecasts_in
from simgan.report.uses import judged_json
from simgan.workflows.fit import FitRequest
from simgan.workflows.fit import fit as fit_model
from simgan.workflows.report import Reported, ReportRequest, report
from simgan.workspace import Workspace

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT / "simgan" / "reference"


@click.group()
def main() -> None:
    """Make the reference model, or its verdict."""


@main.command()
def fit() -> None:
    """Fit, strip, write, report."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder))
        fitted = fit_model(FitRequest.of("SP500", workspace, source="sample", name="reference"))
        bundle = read_bundle(fitted.path)
        bare = replace(bundle, history=None, manifest=replace(bundle.manifest, files={}))
        write_bundle(bare, REFERENCE)
        click.echo(_reported(workspace).judgement.verdict.sentence)


@main.command()
def judge() -> None:
    """Judge the model that ships, and put the verdict into its manifest and its report."""
    with tempfile.TemporaryDirectory() as folder:
        judgement = _reported(Workspace(Path(folder))).judgement
    bundle = read_bundle(REFERENCE)
    known = bundle.manifest.verdict
    told = judgement.with_forecasts(forecasts_in(known)).verdict
    verdict = dict(known) | judged_json(judgement.comparison, told)
    manifest = replace(bundle.manifest, verdict=verdict, files={})
    write_bundle(replace(bundle, manifest=manifest), REFERENCE)
    click.echo(told.sentence)


def _reported(workspace: Workspace) -> Reported:
    page = ROOT / "reports" / "reference.html"
    return report(ReportRequest(workspace=workspace, name="reference", out=page))


if __name__ == "__main__":
    main()
