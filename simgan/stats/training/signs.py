"""Signs that a training went wrong: drift, swings, and over-fitting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.signal import lfilter
from scipy.stats import rankdata
from scipy.stats import t as student

from simgan.arrays import AnyFloatArray, FloatArray, expect_finite, expect_shape
from simgan.errors import ConfigError
from simgan.seeds import Seed

LAST = 0.5  # share of the records, at the end, that is judged
LEAST_RECORDS = 20  # in that part; fewer cannot separate a drift or a swing from noise
SIZE = 0.01  # chance of a false alarm of each test
# A series wanders if its drift may be as large as this many times the scatter.
RESOLVED = 3.0
# A swing that explains less of the variance may be real but does not rule the series.
LEAST_SHARE = 0.2
DRAWS = 499  # of red noise
_FEWEST_EFFECTIVE = 3.0
_FEWEST_CYCLES, _FEWEST_RECORDS = 3, 4  # cycles in the part; records in a cycle
_RUN_IN = 300  # steps until an AR(1) of at most .97 has forgotten its start
_FEWEST_SCORES = 5  # of a sample of the critic's D


@dataclass(frozen=True)
class Trend:
    """The drift of a series over its last part.

    Attributes
    ----------
    drift, low, high : float
        Change over the part along the fitted line, in units of the series, with a 95 % interval.
    p_value : float
        Of the hypothesis that there is no drift.
    level, scatter : float
        Mean of the part, and standard deviation about the line.
    records : int
        Length of the part.
    """

    drift: float
    low: float
    high: float
    p_value: float
    level: float
    scatter: float
    records: int

    def is_moving(self, tolerance: float) -> bool:
        """Whether the drift is significant and larger than the tolerance."""
        return self.p_value < SIZE and abs(self.drift) > tolerance

    def is_settled(self, tolerance: float) -> bool:
        """Whether the series does not move, and a drift that matters would have been seen."""
        return not self.is_moving(tolerance) and (self.high - self.low) / 2 <= RESOLVED * max(
            tolerance, self.scatter
        )


def trend(values: AnyFloatArray, last: float = LAST) -> Trend:
    r"""Fit a line to the last part of a series by least squares.

    .. math:: \mathrm{se} = \frac{s}{\sqrt{\sum_t \tilde t^2}} \sqrt{\frac{1 + r}{1 - r}}, \qquad
        n_e = n \frac{1 - r}{1 + r}

    with Student's t of n_e − 2 degrees of freedom. The lag-1 autocorrelation r of the residuals is
    corrected for its bias.

    Parameters
    ----------
    values : array of shape (records,)
        Equally spaced.
    last : float in (0, 1]
        Share of the records that is judged.

    Raises
    ------
    ConfigError
        The part has fewer than 20 records, or a value is not finite.

    Notes
    -----
    The test at 1 % was applied to the last 50 records of 500 stationary series. It found a drift
    in .6 % of independent series and in 3.6 % of AR(1) series with r = .8. With a Newey–West error
    these were 9 % and 21 % (``benchmarks/monitors.py``).

    References
    ----------
    Santer et al. (2000), "Statistical significance of trends and trend differences in
    layer-average atmospheric temperature time series", equations 4 to 6.
    """
    part = last_part(values, last)
    n = part.size
    x = (np.arange(n) - (n - 1) / 2) / n
    drift = float(x @ part / (x @ x))
    residuals = part - part.mean() - drift * x
    scatter = float(np.sqrt(residuals @ residuals / (n - 2)))
    r = autocorrelation(residuals)
    error = scatter / np.sqrt(x @ x) * np.sqrt((1 + r) / (1 - r))
    freedom = max(n * (1 - r) / (1 + r), _FEWEST_EFFECTIVE) - 2
    half = float(student.ppf(0.975, freedom) * error)
    p_value = float(2 * student.sf(abs(drift) / error, freedom)) if error > 0 else float(drift == 0)
    return Trend(drift, drift - half, drift + half, p_value, float(part.mean()), scatter, n)


@dataclass(frozen=True)
class Oscillation:
    """The strongest swing of the last part of a series.

    Attributes
    ----------
    period : float
        In steps.
    amplitude : float
        Half the distance from trough to crest, in the units of the series.
    share : float
        Part of the variance about the trend at this frequency and its two neighbours.
    p_value : float
        Chance that red noise has so high a peak at any frequency.
    records : int
        Length of the part.
    """

    period: float
    amplitude: float
    share: float
    p_value: float
    records: int

    def is_swinging(self, tolerance: float) -> bool:
        """Whether it is significant, explains a fifth of the variance and exceeds the tolerance."""
        return self.p_value < SIZE and self.share >= LEAST_SHARE and self.amplitude > tolerance


def oscillation(
    steps: AnyFloatArray, values: AnyFloatArray, seed: Seed, last: float = LAST
) -> Oscillation:
    r"""Find the peak of the periodogram over an AR(1) spectrum, after removing a parabola.

    .. math:: \max_f \frac{I(f)}{S(f)}, \qquad
        S(f) = \sigma^2\,\frac{1 - r^2}{1 + r^2 - 2 r \cos 2 \pi f}

    over the Fourier frequencies with at least three cycles in the part and at least four records
    in a cycle. Its law is simulated: 499 AR(1) series with the same r go through the same steps,
    including the fit of r.

    Parameters
    ----------
    steps, values : arrays of shape (records,)
        The steps are equally spaced.
    seed : Seed
        Stream ``noise-floor``.
    last : float in (0, 1]
        Share of the records that is judged.

    Raises
    ------
    ConfigError
        The part has fewer than 20 records, the steps are not equally spaced, or a value is not
        finite.

    References
    ----------
    Gilman, Fuglister & Mitchell (1963), "On the power spectrum of red noise". Davison & Hinkley
    (1997), "Bootstrap methods and their application", equation 4.11, for the p-value.
    """
    part = last_part(values, last)
    n, spacing = part.size, np.diff(steps)
    if len(steps) != len(values) or not np.allclose(spacing, spacing[0]):
        raise ConfigError(
            "oscillation", "steps", "not equally spaced", "one step for each record, equally spaced"
        )
    rest = _without_parabola(part[None])
    if not rest.any():
        return Oscillation(0.0, 0.0, 0.0, 1.0, n)
    ratios, power, r = _peaks(rest)
    draws = lfilter(
        [1.0],
        [1.0, -r[0]],
        seed.stream("noise-floor", 2).standard_normal((DRAWS, n + _RUN_IN)),
        axis=1,
    )[:, _RUN_IN:]
    null = _peaks(_without_parabola(draws))[0].max(axis=1)
    at = int(ratios[0].argmax()) + _FEWEST_CYCLES  # cycles within the part
    about = power[0, at - 1 : at + 2].sum() / power[0].sum()
    return Oscillation(
        period=float(spacing[0]) * n / at,
        amplitude=float(2 * np.sqrt(power[0, at] / n)),
        share=float(about),
        p_value=float((1 + (null >= ratios.max()).sum()) / (DRAWS + 1)),
        records=n,
    )


def last_part(values: AnyFloatArray, last: float = LAST) -> FloatArray:
    """Return the last share of a series.

    Raises
    ------
    ConfigError
        It has fewer than 20 records, or a value is not finite.
    """
    expect_shape(values, ("records",), "training history")
    expect_finite(values, "training history")
    part = np.asarray(values[values.size - round(last * values.size) :], np.float64)
    if part.size < LEAST_RECORDS:
        raise ConfigError(
            "training history", "records", f"{part.size} to judge", f"at least {LEAST_RECORDS}"
        )
    return part


def autocorrelation(residuals: FloatArray) -> float:
    """Lag-1 autocorrelation of one series (records,)."""
    return float(autocorrelations(residuals[None])[0])


def autocorrelations(residuals: FloatArray) -> FloatArray:
    """R + (1 + 4 r) / n of series (count, n) of mean 0, within [0, .97].

    References
    ----------
    Kendall (1954), "Note on bias in the estimation of autocorrelation".
    """
    total, products = (residuals**2).sum(axis=1), (residuals[:, 1:] * residuals[:, :-1]).sum(axis=1)
    r = np.divide(products, total, out=np.zeros_like(total), where=total > 0)
    corrected: FloatArray = np.clip(r + (1 + 4 * r) / residuals.shape[1], 0.0, 0.97)
    return corrected


def _without_parabola(series: FloatArray) -> FloatArray:
    """Residuals of series (count, records) about their least-squares parabolas."""
    x = np.linspace(-1, 1, series.shape[1])
    basis, _ = np.linalg.qr(np.stack([np.ones_like(x), x, x * x], axis=1))
    rest: FloatArray = series - (series @ basis) @ basis.T
    return np.where(np.abs(rest) > 1e-12 * np.abs(series).max(initial=0.0), rest, 0.0)


def _peaks(rest: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Peak ratios, power and autocorrelation of series (count, records).

    The ratios I(f) / S(f) are at the examined frequencies. The power is at all, including 0.
    """
    n = rest.shape[1]
    power = np.abs(np.fft.rfft(rest, axis=1)) ** 2 / n  # I(f), whose mean is the variance
    r = autocorrelations(rest)[:, None]
    cycles = np.arange(_FEWEST_CYCLES, n // _FEWEST_RECORDS + 1)
    red = (
        rest.var(axis=1, keepdims=True)
        * (1 - r**2)
        / (1 + r**2 - 2 * r * np.cos(2 * np.pi * cycles / n))
    )
    return power[:, cycles] / red, power, r[:, 0]


@dataclass(frozen=True)
class Gap:
    """Difference between the critic's D on training data and on held-out data.

    Attributes
    ----------
    value, low, high : float
        Mean of D on training data less the mean on held-out real data, and the 98 % interval.
    auc : float
        Chance that a training point scores higher than a held-out one. It is .5 if the critic
        cannot tell them apart.
    """

    value: float
    low: float
    high: float
    auc: float

    @property
    def is_over_fitted(self) -> bool:
        """Whether the critic separates training from held-out data: the interval is above 0."""
        return self.low > 0


@dataclass(frozen=True)
class Rise:
    """Increase of the validation score since its best.

    Attributes
    ----------
    value, low : float
        Mean difference of the last scores to the best ones, and its lower bound.
    best : int
        Index of the best check.
    """

    value: float
    low: float
    best: int

    @property
    def is_over_fitted(self) -> bool:
        """Whether the score has risen significantly."""
        return self.low > 0


def gap(train: AnyFloatArray, held_out: AnyFloatArray) -> Gap:
    """Compare D on training data with D on held-out real data, by Welch's test.

    Parameters
    ----------
    train, held_out : arrays of shape (n,) and (m,)
        D of independent points, at least five each. Any score works that is high for real.

    Raises
    ------
    ConfigError
        A sample is too small or a value is not finite.

    Notes
    -----
    The chance of a false alarm is 1 % (one-sided) if both samples have one law. Held-out years that
    differ from the training years also make a gap.

    References
    ----------
    Welch (1947), "The generalization of Student's problem when several different population
    variances are involved".
    """
    for name, values in (("train", train), ("held_out", held_out)):
        expect_shape(values, ("values",), f"gap: {name}")
        expect_finite(values, f"gap: {name}")
        if values.size < _FEWEST_SCORES:
            raise ConfigError("gap", name, f"{values.size} values", f"at least {_FEWEST_SCORES}")
    a, b = np.asarray(train, np.float64), np.asarray(held_out, np.float64)
    parts = np.array([a.var(ddof=1) / a.size, b.var(ddof=1) / b.size])
    value, auc = float(a.mean() - b.mean()), _auc(a, b)
    if not parts.sum() > 0:
        return Gap(value, value, value, auc)
    freedom = parts.sum() ** 2 / (parts[0] ** 2 / (a.size - 1) + parts[1] ** 2 / (b.size - 1))
    half = float(student.ppf(1 - SIZE, freedom) * np.sqrt(parts.sum()))
    return Gap(value, value - half, value + half, auc)


def rise(checks: Sequence[FloatArray]) -> Rise:
    r"""Compare the last validation with the best one, day by day.

    .. math:: \bar d - t_{1 - .01 / (k - 1)} \frac{s_d}{\sqrt{n_e}}, \qquad
        n_e = n \frac{1 - r}{1 + r}

    with d the differences of the daily scores, r their lag-1 autocorrelation and k the number of
    checks. The level is divided by k − 1 because the best check was selected.

    Parameters
    ----------
    checks : sequence of arrays of shape (days,)
        Daily scores of every check in order, at least one. Low scores are good.
    """
    best = int(np.argmin([scores.mean() for scores in checks]))
    differences = checks[-1] - checks[best]
    if not differences.any():
        return Rise(0.0, 0.0, best)
    r = autocorrelation(differences - differences.mean())
    size = max(differences.size * (1 - r) / (1 + r), 2.0)
    error = differences.std(ddof=1) / np.sqrt(size)
    value, quantile = float(differences.mean()), 1 - SIZE / max(len(checks) - 1, 1)
    return Rise(value, float(value - student.ppf(quantile, size - 1) * error), best)


def _auc(a: FloatArray, b: FloatArray) -> float:
    """P(a > b) + P(a = b) / 2, by ranks."""
    ranks = rankdata(np.concatenate([a, b]))
    return float((ranks[: a.size].sum() - a.size * (a.size + 1) / 2) / (a.size * b.size))
