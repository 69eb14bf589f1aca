"""Numbers of a backtest in words, the same on the page and in the terminal."""

from __future__ import annotations

from simgan.report.backtest.calibration import SIGNIFICANT, Calibration, HitRate
from simgan.report.backtest.scores import ModelScore, ScoreRow
from simgan.risk.backtests import TestResult

SMALL = 0.1
VERDICTS = {"ahead": "better", "behind": "worse", "level": ""}


def glued(sentence: str) -> str:
    """Keep numbers and their percent signs on one line."""
    return sentence.replace(" %", "\N{NO-BREAK SPACE}%")


def decimals(row: ScoreRow) -> int:
    """Return the decimals of a row: four, or five where all scores are small.

    Differences between good models begin at the third decimal.
    """
    return 4 if max(abs(found.mean) for found in row.models.values()) >= SMALL else 5


def score(value: float, digits: int) -> str:
    """Show the mean of a score."""
    return f"{value:.{digits}f}".replace("-", "−")


def signed(value: float, digits: int) -> str:
    """Show a difference, with its sign."""
    return f"{value:+.{digits}f}".replace("-", "−")


def p_value(p: float) -> str:
    """Show a p-value with three decimals, or say that it is below .001."""
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def beside(found: ModelScore, digits: int) -> str:
    """Difference from the reference with its p-value, or nothing where there is none."""
    if found.difference is None or found.p_value is None:
        return ""
    return f"{signed(found.difference, digits)}, p\N{NO-BREAK SPACE}{p_value(found.p_value)}"


def share(found: HitRate) -> str:
    """Share in percent."""
    return f"{100 * found.share:.2f} %"


def interval(found: HitRate) -> str:
    """Interval of the share, in percent."""
    return f"[{100 * found.low:.2f}, {100 * found.high:.2f}]"


def is_rejected(result: TestResult) -> bool:
    """Whether a test rejects at 5 %."""
    return result.p < SIGNIFICANT


def holds_after_holm(found: Calibration, kind: str) -> bool:
    """Tell whether a rejection of the judged model remains after Holm's correction."""
    return found.adjusted.get(kind, 1.0) < SIGNIFICANT


def behind(result: TestResult) -> str:
    """Explain a p-value: statistic, number of forecasts, and both p-values if there are two."""
    reason = result.details.get("reason")
    if reason is not None:
        return f"not tested: {reason}"
    both = ""
    if result.p_value is not None and result.simulated_p_value is not None:
        both = (
            f"; p simulated {p_value(result.simulated_p_value)}, asymptotic "
            f"{p_value(result.p_value)}"
        )
    return f"statistic {result.statistic:.3f} of {result.days} forecasts{both}".replace("-", "−")
