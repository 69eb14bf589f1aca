"""Does a series swing? The highest peak of its periodogram against red noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.signal import lfilter

from simgan.arrays import AnyFloatArray, FloatArray
from simgan.errors import ConfigError
from simgan.seeds import Seed
from simgan.stats.training.trend import LAST, autocorrelations, last_part

SIZE = 0.01  # chance that red noise is said to swing
LEAST_SHARE = 0.2  # of the variance that a swing explains: a smaller one may be real but does not rule the series
DRAWS = 499
_FEWEST_CYCLES, _FEWEST_RECORDS = 3, 4  # cycles in the part; records in a cycle
_RUN_IN = 300  # steps until an AR(1) of at most .97 has forgotten its start


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
        Part of the variance about the trend that this frequency and its two neighbours hold.
    p_value : float
        Of red noise that has so high a peak at any frequency.
    records : int
        Length of the part.
    """

    period: float
    amplitude: float
    share: float
    p_value: float
    records: int

    def is_swinging(self, tolerance: float) -> bool:
        """Whether it is beyond chance, explains a fifth of the variance, and is larger than what matters."""
        return self.p_value < SIZE and self.share >= LEAST_SHARE and self.amplitude > tolerance


def oscillation(
    steps: AnyFloatArray, values: AnyFloatArray, seed: Seed, last: float = LAST
) -> Oscillation:
    r"""Find the peak of the periodogram in units of an AR(1) spectrum, after a parabola was taken off.

    .. math:: \max_f \frac{I(f)}{S(f)}, \qquad S(f) = \sigma^2\,\frac{1 - r^2}{1 + r^2 - 2 r \cos 2 \pi f}

    over the Fourier frequencies with at least three cycles in the part and at least four records in a cycle. Its law is drawn: 499
    AR(1) series with the same r go through all of this, the fit of r included.

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
        The part has fewer than 20 records, the steps are not equally spaced, or a value is not finite.

    References
    ----------
    Gilman, Fuglister & Mitchell (1963), "On the power spectrum of red noise"; Davison & Hinkley (1997), "Bootstrap methods and their
    application", equation 4.11, for the p-value.
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


def _without_parabola(series: FloatArray) -> FloatArray:
    """Residuals of series (count, records) about their least-squares parabolas."""
    x = np.linspace(-1, 1, series.shape[1])
    basis, _ = np.linalg.qr(np.stack([np.ones_like(x), x, x * x], axis=1))
    rest: FloatArray = series - (series @ basis) @ basis.T
    return np.where(np.abs(rest) > 1e-12 * np.abs(series).max(initial=0.0), rest, 0.0)


def _peaks(rest: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """I(f) / S(f) of series (count, records) at the frequencies looked at, the power at all (0 included), and r of each series."""
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
