"""The result of a fit of several assets, and its sentences."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from simgan.bundle.manifest import Manifest
from simgan.bundle.store import Bundle
from simgan.bundle.summary import correlations_of_long_run
from simgan.report.aspects import forecasts_in, scores_of_forecasts
from simgan.report.risk.text import today
from simgan.risk.outlook import Outlook
from simgan.workflows.fit import risk_json


@dataclass(frozen=True)
class FittedTogether:
    """The result of a fit of several assets.

    Attributes
    ----------
    bundle : Bundle
        The model, as it was written.
    path : Path
        Folder of the model.
    today : Outlook
        VaR and ES of equal shares of all assets after the end of the history.
    """

    bundle: Bundle
    path: Path
    today: Outlook

    @property
    def manifest(self) -> Manifest:
        """Description of the model."""
        return self.bundle.manifest

    @property
    def verdict(self) -> str:
        """The verdict on joint forecasts of held-out days, or why there is none."""
        return str(self.manifest.verdict["sentence"])

    @property
    def sentences(self) -> list[str]:
        """Sentences on the model."""
        mix = self.bundle.weights["co_mix"]
        found = [
            f"{correlations_of_long_run(self.bundle)}. A score is a return without its volatility, "
            "on the scale of a normal distribution: correlations of returns differ. In the "
            f"correlations of a day the latest days have {100 * (1 - mix[0]):.0f} % of the "
            f"weight, and the long run {100 * mix[0]:.0f} %.",
            *self._leaning(),
            self.verdict,
            scores_of_forecasts(forecasts_in(self.manifest.verdict)),
            f"`simgan report {self.manifest.name}` compares its paths with those of the baselines.",
            today(self.today, self.manifest.name, " of equal shares"),
        ]
        return [line for line in found if line]

    def _leaning(self) -> list[str]:
        """Say how much of each asset is prior, in one sentence or none."""
        facts = self.manifest.joint
        assert facts is not None
        shares = {
            asset: member.prior["share"]
            for asset, member in zip(self.manifest.assets, facts.members, strict=True)
            if member.prior
        }
        each = ", ".join(
            f"{asset} {100 * share:.0f} %"
            for asset, share in sorted(shares.items(), key=lambda item: -item[1])
        )
        opening = "Short histories lean on a prior. Its share of the days behind their innovations"
        return [f"{opening}: {each}."] if each else []

    def to_json(self) -> dict[str, object]:
        """Return the JSON of ``simgan fit --json``."""
        manifest = self.manifest
        return {
            "model": manifest.name,
            "path": str(self.path),
            "assets": list(manifest.assets),
            "data": manifest.data.told(),
            "seconds": round(manifest.seconds, 1),
            "verdict": manifest.verdict,
            "risk": risk_json(self.today),
        }
