"""Measure how often each detector of a training errs on noise, and how often it detects a fault.

    python benchmarks/monitors.py | tee benchmarks/monitors.txt

Series are AR(1) noise with lag-1 autocorrelation r. As in a training, the last half is judged.
There are 500 series of each kind, so that a share has a standard error of at most 2.2 %, and .4 %
where it is 1 %. Swings and verdicts are judged on 200. The run takes two minutes on one core.
"""

from __future__ import annotations

import numpy as np
import statsmodels.api as sm
from scipy.signal import lfilter

from simgan.arrays import FloatArray
from simgan.seeds import Seed
from simgan.stats.training.modes import coverage, kl_interval, spread
from simgan.stats.training.signs import gap, last_part, oscillation, rise, trend
from simgan.stats.training.verdict import Evidence, Watched, judge

COUNT, SWINGS, RUN_IN = 500, 200, 300
SIZES = (100, 200)
KINDS = (0.0, 0.5, 0.8)


def red(count: int, records: int, r: float) -> FloatArray:
    """Stationary series of unit variance."""
    noise = Seed(1).stream("baseline", records).standard_normal((count, records + RUN_IN))
    return np.sqrt(1 - r**2) * lfilter([1.0], [1.0, -r], noise, axis=1)[:, RUN_IN:]


def newey_west(values: FloatArray) -> bool:
    """A drift at 1 % by least squares with the HAC error of statsmodels, bandwidth 1.3 √n."""
    part = last_part(values)
    lags = {"maxlags": int(1.3 * np.sqrt(part.size))}
    fit = sm.OLS(part, sm.add_constant(np.arange(part.size))).fit(
        cov_type="HAC", cov_kwds=lags, use_t=True
    )
    return bool(fit.pvalues[1] < 0.01)


def series() -> None:
    """Drifts, swings and the verdict."""
    names = (
        "drift",
        "Newey-West",
        "unsettled",
        "swing",
        "converged",
        "drift of 3 sd",
        "swing of ±1 sd",
        "swing of ±2 sd",
    )
    print(
        "shares of series; the last half is judged\n records    r"
        + "".join(f"{name:>16}" for name in names)
    )
    for records in SIZES:
        steps = np.arange(1, records + 1) * 10
        ramp, wave = np.linspace(0, 6, records), np.sin(2 * np.pi * np.arange(records) / 12)
        for r in KINDS:
            made = red(COUNT, records, r)
            lines = [trend(values) for values in made]
            words = [
                judge(Evidence(series=[Watched("loss", steps, values, 0.0)]), Seed(0)).word
                for values in made[:SWINGS]
            ]
            shares = (
                np.mean([line.is_moving(0.0) for line in lines]),
                np.mean([newey_west(values) for values in made]),
                np.mean([not line.is_settled(0.0) for line in lines]),
                words.count("oscillating") / len(words),
                words.count("converged") / len(words),
                np.mean([not trend(values + ramp).is_settled(0.0) for values in made]),
                *(
                    np.mean(
                        [
                            oscillation(steps, v + a * wave, Seed(0)).is_swinging(0.0)
                            for v in made[:SWINGS]
                        ]
                    )
                    for a in (1, 2)
                ),
            )
            print(
                f"{records:>8}{r:>5}" + "".join(f"{share:>16.3f}" for share in shares), flush=True
            )


def samples() -> None:
    """Over-fitting, lost modes, spread and divergence."""
    rng = Seed(2).stream("baseline")
    print(
        "\nshares of samples                                                  nothing wrong   "
        "what it is for"
    )
    alarms = np.mean(
        [
            gap(rng.normal(0.5, 0.1, 50), rng.normal(0.5, 0.1, 500)).is_over_fitted
            for _ in range(COUNT)
        ]
    )
    found = np.mean(
        [
            gap(rng.normal(0.55, 0.1, 50), rng.normal(0.5, 0.1, 500)).is_over_fitted
            for _ in range(COUNT)
        ]
    )
    print(
        "D half a deviation higher on 50 training points than on 500 others  "
        f"{alarms:>10.3f}{found:>17.3f}"
    )
    for r in (0.0, 0.5):
        looks = [rng.standard_normal((10, 501)) for _ in range(COUNT)]
        scores = [list(noise[:, 1:] + r * noise[:, :-1]) for noise in looks]
        alarms = np.mean([rise(one).is_over_fitted for one in scores])
        found = np.mean([rise([*one[:-1], one[-1] + 0.4]).is_over_fitted for one in scores])
        print(
            f"last of 10 scores of 500 days .4 higher, moving average of {r:<4}     "
            f"{alarms:>10.3f}{found:>17.3f}"
        )
    quarters = np.full(4, 0.25)
    for wanted in (0.25, 0.125, 0.0625, 0.03, 0.0):
        weights = [wanted, *[(1 - wanted) / 3] * 3]
        lost = np.mean(
            [
                0 in coverage(rng.multinomial(1000, weights) / 1000, quarters, 1000).lost
                for _ in range(COUNT)
            ]
        )
        print(
            f"a mode of four with {wanted:<6} of 1,000 fakes instead of .25 is lost              "
            f"         {lost:>8.3f}"
        )
    for width in (1.0, 0.6, 0.5, 0.4):
        shrunk = np.mean(
            [
                spread(
                    rng.standard_normal((500, 2)), width * rng.standard_normal((500, 2))
                ).is_shrunk
                for _ in range(COUNT)
            ]
        )
        print(
            f"fakes with a spread of {width:<4} are shrunk                                       "
            f"       {shrunk:>8.3f}"
        )
    print(
        "\nKL of 1,000 real and 4,000 fake values: truth, mean estimate, coverage of the 95 % "
        "interval, mean half width (300 each)"
    )
    for mean, deviation in ((0.0, 1.0), (0.5, 1.0), (0.0, 1.3), (0.0, 0.7)):
        truth = np.log(deviation) + (1 + mean**2) / (2 * deviation**2) - 0.5
        told = [
            kl_interval(rng.standard_normal(1000), mean + deviation * rng.standard_normal(4000))
            for _ in range(300)
        ]
        covered = np.mean([one.low < truth < one.high for one in told])
        halves = np.mean([(one.high - one.low) / 2 for one in told])
        estimate = np.mean([one.value for one in told])
        print(
            (
                f"N(0, 1) from N({mean}, {deviation}²)  "
                f"{truth:>8.4f}{estimate:>9.4f}{covered:>8.3f}{halves:>8.3f}"
            ),
            flush=True,
        )


if __name__ == "__main__":
    series()
    samples()
