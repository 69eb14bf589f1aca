"""Many scenarios in parallel: Dask draws ranges of them, and only the losses come back.

Run it as ``python examples/ranges_with_dask.py``. It needs ``pip install dask``. Scenario i is the
same wherever it is drawn, so the size of the ranges does not change the result. Any scenario can be
drawn again: ``model.sample(1, 10, first=i)``.
"""

import numpy as np
from dask import compute, delayed

import simgan

N, RANGE = 400_000, 50_000


@delayed
def ten_day_returns(model: simgan.Model, first: int) -> np.ndarray:
    """Ten-day log returns of one range of scenarios."""
    return model.sample(RANGE, 10, first=first).log_returns.sum(axis=1)[:, 0]


def main() -> None:
    """Print VaR and ES at 99.9 % with their Monte Carlo errors, and the worst scenario."""
    model = simgan.load("reference")
    parts = compute(
        *(ten_day_returns(model, first) for first in range(0, N, RANGE)), scheduler="threads"
    )
    ends = np.concatenate(parts)
    risk = simgan.risk_of(ends, level=0.999)
    print(f"VaR 99.9 % over ten days: {risk.value_at_risk:.4f} ± {risk.value_at_risk_error:.4f}")
    print(
        f"ES 99.9 % over ten days:  {risk.expected_shortfall:.4f} ± "
        f"{risk.expected_shortfall_error:.4f}"
    )
    worst = int(ends.argmin())
    again = model.sample(1, 10, first=worst).log_returns.sum()
    print(f"the worst is scenario {worst:,}: {ends[worst]:.4f}, and {again:.4f} drawn alone")


if __name__ == "__main__":
    main()
