"""Scenarios as the prior of a portfolio optimisation in skfolio, with a view as probabilities.

Run it as ``python examples/skfolio_prior.py``. It needs ``pip install skfolio``. The portfolio is
the S&P 500 and cash over ten days, because a model of simgan has one stock. The second run gives
more probability to scenarios in which the index falls.
"""

import numpy as np
from skfolio import RiskMeasure
from skfolio.optimization import MeanRisk, ObjectiveFunction
from skfolio.prior import BasePrior, ReturnDistribution

import simgan

CASH = 0.0008  # return of cash over ten days


class ScenarioPrior(BasePrior):
    """The law of the returns is that of given scenarios (paths, assets), whatever the history."""

    def __init__(self, scenarios=None, probabilities=None):
        self.scenarios, self.probabilities = scenarios, probabilities

    def fit(self, X, y=None, **params):
        """Keep the scenarios as the law that the optimiser uses. X is ignored."""
        self.return_distribution_ = ReturnDistribution(
            mu=np.average(self.scenarios, axis=0, weights=self.probabilities),
            covariance=np.cov(self.scenarios.T, aweights=self.probabilities)
            + 1e-12 * np.eye(self.scenarios.shape[1]),
            returns=self.scenarios,
            sample_weight=self.probabilities,
        )
        return self


def main() -> None:
    """Print the share of the index that keeps CVaR at 95 % below 3 %, without and with a view."""
    paths = (
        simgan.load("reference").sample(n=4000, horizon=10, seed=1).log_returns[:, :, 0].sum(axis=1)
    )
    index = (
        np.expm1(paths.astype(float)) + 0.004
    )  # a premium, for the mean of a history is a poor forecast
    scenarios = np.column_stack([index, np.full(index.size, CASH)])  # (paths, assets)
    tilted = np.where(index < np.median(index), 0.51, 0.49)
    for name, probabilities in (("as drawn", None), ("falls more likely", tilted / tilted.sum())):
        prior = ScenarioPrior(scenarios, probabilities)
        optimiser = MeanRisk(
            objective_function=ObjectiveFunction.MAXIMIZE_RETURN,
            risk_measure=RiskMeasure.CVAR,
            max_cvar=0.03,
            prior_estimator=prior,
        )
        weight = optimiser.fit(scenarios).weights_[0]
        loss = simgan.expected_shortfall(scenarios @ [weight, 1 - weight], 0.95, probabilities)
        print(f"{name:<20} index {weight:6.1%}   ES at 95 % over ten days {loss:.2%}")


if __name__ == "__main__":
    main()
