"""A portfolio over a horizon: its log returns, and contributions of assets to VaR and ES."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from simgan.arrays import (
    AnyFloatArray,
    FloatArray,
    Numbers,
    expect_finite,
    expect_shape,
    numbers_of,
)
from simgan.errors import ConfigError
from simgan.readable import ByValue, Readable
from simgan.risk.holdings import CASH, Shares, cash_beside, held, shares_of
from simgan.risk.measures import expected_shortfall, value_at_risk
from simgan.risk.returns import Returns, as_one, is_drawn, unequal_probabilities

SILVERMAN = 1.06  # bandwidth of a normal kernel in units of the standard deviation times n^(−1/5)


@dataclass(frozen=True)
class Portfolio:
    """Assets that are bought once and held over a horizon.

    Attributes
    ----------
    assets : tuple of str
        Different names.
    weights : tuple of float
        Shares of the value at the start. A negative share is a short position. A list, an array, a
        series or a mapping by asset is read, too.
    cash : float
        Share without return. It and the weights have the sum 1. A mapping may name it ``CASH``.

    Raises
    ------
    ConfigError, UnknownNameError
        The weights do not fit the assets, or their sum is not 1.
    """

    assets: tuple[str, ...]
    weights: tuple[float, ...]
    cash: float = 0.0

    def __post_init__(self) -> None:
        assets: object = self.assets
        if isinstance(assets, str) or not isinstance(assets, Iterable):
            raise ConfigError("portfolio", "assets", assets, "a tuple of names")
        names = tuple(assets)
        if not names or len(set(names)) < len(names):
            raise ConfigError("portfolio", "assets", names, "one or more different names")
        shares = shares_of(self.weights, len(names), names, "portfolio", self.cash)
        object.__setattr__(self, "assets", names)
        object.__setattr__(self, "weights", tuple(shares.tolist()))
        object.__setattr__(self, "cash", cash_beside(shares))

    @classmethod
    def single(cls, *assets: str) -> Portfolio:
        """Return the portfolio of one asset.

        Raises
        ------
        ConfigError
            There are several assets, so that weights are needed.
        """
        if len(assets) != 1:
            raise ConfigError(
                "portfolio", "assets", assets, "one asset; give a portfolio with weights for more"
            )
        return cls(assets, (1.0,))

    @property
    def name(self) -> str:
        """Name in tables: that of a single asset, or such as "60 % A + 40 % B"."""
        if self._is_one:
            return self.assets[0]
        held = [*zip(self.weights, self.assets, strict=True)]
        held += [(round(self.cash, 12), CASH)] if self.cash else []
        return " + ".join(
            f"{'−' if weight < 0 else ''}{100.0 * abs(weight):g} % {asset}"
            for weight, asset in held
        )

    @property
    def _is_one(self) -> bool:
        """Whether all is one asset, whose log returns need no change."""
        return len(self.assets) == 1 and not self.cash

    def record(self) -> list[object]:
        """Plain JSON data that decide the returns of the portfolio, apart from those of assets."""
        return list(self.weights)

    def cumulative(self, log_returns: AnyFloatArray) -> FloatArray:
        """Return the log return from the start to each step.

        Parameters
        ----------
        log_returns : array of shape (…, horizon, assets)
            Log returns per step.

        Returns
        -------
        array of shape (…, horizon)

        Raises
        ------
        ConfigError
            There are other assets, or short positions lose more than everything.
        """
        return self._held(np.cumsum(self._own(log_returns), axis=-2))

    def total(self, log_returns: AnyFloatArray) -> FloatArray:
        """Return the log return over the whole horizon, of shape (…), from (…, horizon, assets)."""
        if self._is_one:
            # Summed along one axis of numbers, as NumPy adds them up pairwise.
            return np.asarray(self._own(log_returns)[..., 0].sum(axis=-1), np.float64)
        return self._held(self._own(log_returns).sum(axis=-2))

    def _own(self, log_returns: AnyFloatArray) -> FloatArray:
        if log_returns.ndim < 2 or log_returns.shape[-1] != len(self.assets):
            raise ConfigError(
                "portfolio", "shape", log_returns.shape, f"(…, horizon, {len(self.assets)})"
            )
        return np.asarray(log_returns, np.float64)

    def _held(self, sums: FloatArray) -> FloatArray:
        """Turn summed log returns (…, assets) of the assets into those of the portfolio (…)."""
        if self._is_one:
            return sums[..., 0]
        return held(sums, np.asarray(self.weights), "portfolio")


@dataclass(frozen=True, eq=False, repr=False)
class RiskContributions(Readable, ByValue):
    """VaR and ES of a portfolio and their derivatives by its weights.

    Losses are simple, as shares of the value at the start.

    Attributes
    ----------
    level : float
        Coverage.
    weights : array of shape (assets,)
        At the start of the horizon.
    value_at_risk, expected_shortfall : float
        Of the simple loss of the whole portfolio, positive for a loss.
    marginal_value_at_risk, marginal_expected_shortfall : arrays of shape (assets,)
        Derivatives by the weights: the mean simple loss of an asset where the portfolio is at its
        VaR, or beyond it.
    assets : tuple of str
        Their names, or nothing where an array had none.
    """

    level: float
    weights: FloatArray
    value_at_risk: float
    expected_shortfall: float
    marginal_value_at_risk: FloatArray
    marginal_expected_shortfall: FloatArray
    assets: tuple[str, ...] = ()

    def _title(self) -> str:
        return f"Risk contributions at {100 * self.level:g} %"

    def _facts(self) -> Iterator[tuple[str, str]]:
        names = self.assets or tuple(f"asset {1 + column}" for column in range(len(self.weights)))
        parts = self.component_value_at_risk, self.component_expected_shortfall
        whole = float(self.weights.sum()), self.value_at_risk, self.expected_shortfall
        yield "whole", _in_words(*whole)
        for name, *each in zip(names, self.weights, *parts, strict=True):
            yield name, _in_words(*map(float, each))

    @property
    def component_value_at_risk(self) -> FloatArray:
        """Weight times marginal VaR, of shape (assets,), with the VaR as sum."""
        return self.weights * self.marginal_value_at_risk

    @property
    def component_expected_shortfall(self) -> FloatArray:
        """Weight times marginal ES, of shape (assets,), with the ES as sum."""
        return self.weights * self.marginal_expected_shortfall

    @property
    def percentage_value_at_risk(self) -> FloatArray:
        """Components of the VaR in percent of it, shape (assets,), NaN where the VaR is 0."""
        return _percent(self.component_value_at_risk, self.value_at_risk)

    @property
    def percentage_expected_shortfall(self) -> FloatArray:
        """Components of the ES in percent of it, shape (assets,), NaN where the ES is 0."""
        return _percent(self.component_expected_shortfall, self.expected_shortfall)


def portfolio_log_returns(log_returns: Returns, weights: Shares) -> FloatArray:
    r"""Log return over the horizon of a portfolio that is bought and held.

    .. math:: r = \log \sum_a w_a \exp\Bigl(\sum_t r_{t,a}\Bigr)

    The weights are those of the start. Nothing is traded on the way, so that they drift. Simple
    returns add up over assets, log returns do not.

    Parameters
    ----------
    log_returns : Scenarios, several of them, or array of shape (paths, horizon, assets)
        Log returns per step. Several stand side by side, as by `Scenarios.beside`.
    weights : list, tuple, array, series, mapping by asset, or Portfolio
        Shares of the value at the start, of sum 1. Negative = short. Names need `Scenarios`, which
        know their assets, and may hold ``CASH``, a share without return.

    Returns
    -------
    array of shape (paths,)
        Log returns over the whole horizon. Weights of tilted scenarios are not in them.

    Raises
    ------
    ConfigError, UnknownNameError
        Shapes disagree, the weights do not sum to 1, a value is not finite, or a scenario loses
        everything, which has no log return.
    """
    sums, assets = _sums(log_returns)
    return held(sums, shares_of(weights, sums.shape[1], assets, "portfolio"), "portfolio")


def risk_contributions(
    log_returns: Returns,
    weights: Shares,
    level: float,
    probabilities: Numbers | None = None,
) -> RiskContributions:
    r"""Allocate VaR and ES of the simple loss L = Σ wₐ Lₐ to the assets, after Euler.

    .. math:: \frac{\partial\,\mathrm{ES}}{\partial w_a} = E[L_a \mid L \text{ in the tail}], \qquad
       \frac{\partial\,\mathrm{VaR}}{\partial w_a} = E[L_a \mid L = \mathrm{VaR}]

    The first is exact for the scenarios: the tail are those beyond VaR, and as much of the
    scenarios at VaR as fills the probability 1 − level. The second conditions on a single scenario
    and would be noise. It is the value at VaR of a local-linear regression of Lₐ on L with a normal
    kernel of Silverman's width. The regression of L on itself is L, so these components sum to the
    VaR without being rescaled.

    Parameters
    ----------
    log_returns : Scenarios, several of them, or array of shape (paths, horizon, assets)
        Log returns per step. The portfolio is bought and held. Several stand side by side, as by
        `Scenarios.beside`.
    weights : list, tuple, array, series, mapping by asset, or Portfolio
        Shares of the value at the start, of sum 1. A negative share is a short position. By name
        there may be ``CASH``, a share without return.
    level : float in (0, 1)
        Coverage.
    probabilities : numbers of shape (paths,), optional
        Of the scenarios. Without them all are equally probable. Scenarios of tilted noise bring
        their own.

    Returns
    -------
    RiskContributions

    Raises
    ------
    ConfigError
        As for `portfolio_log_returns` (a portfolio may lose everything here) and
        `simgan.risk.measures.value_at_risk`.

    References
    ----------
    Tasche (2000), "Risk contributions and performance measurement"; McNeil, Frey & Embrechts
    (2015), "Quantitative risk management",
    section 8.5. Fan & Gijbels (1996), "Local polynomial modelling and its applications", for the
    regression.
    """
    sums, assets = _sums(log_returns)
    shares = shares_of(weights, sums.shape[1], assets, "portfolio")
    if is_drawn(log_returns) and log_returns.weights is not None and probabilities is None:
        probabilities = log_returns.weights / log_returns.weights.sum()
    simple = np.expm1(sums)  # (paths, assets)
    portfolio = simple @ shares
    var, es = (
        float(measure(portfolio, level, probabilities))
        for measure in (value_at_risk, expected_shortfall)
    )
    paths = portfolio.size
    given = unequal_probabilities(probabilities, paths, "risk_contributions")
    p = np.full(paths, 1.0 / paths) if given is None else given
    tail, near = tail_weights(-portfolio, p, var, level), LocalLine.at(var, -portfolio, p)
    at_var, beyond = -near.value @ simple, -tail @ simple
    return RiskContributions(level, shares, var, es, at_var, beyond, assets)


def _sums(log_returns: Returns) -> tuple[FloatArray, tuple[str, ...]]:
    """Return log returns over the horizon (paths, assets), and the names of assets if known."""
    assets: tuple[str, ...] = ()
    log_returns = as_one(log_returns)
    if is_drawn(log_returns):
        steps, assets = log_returns.log_returns, log_returns.assets
    else:
        steps = numbers_of(log_returns, "portfolio", "log_returns")
    expect_shape(steps, ("paths", "horizon", "assets"), "portfolio")
    expect_finite(steps, "portfolio")
    sums = np.asarray(steps.sum(axis=1, dtype=np.float64), np.float64)
    return sums, assets


def tail_weights(losses: FloatArray, p: FloatArray, var: float, level: float) -> FloatArray:
    """Return the probabilities of the scenarios (paths,) given the tail.

    Probability that is missing beyond VaR is shared by the scenarios at VaR.
    """
    beyond, at = p * (losses > var), p * (losses == var)
    missing = 1.0 - level - beyond.sum()
    return np.asarray((beyond + at * (missing / at.sum())) / (1.0 - level), np.float64)


@dataclass(frozen=True)
class LocalLine:
    """Weights of a local-linear regression on the losses, with a normal kernel, at one of them.

    Attributes
    ----------
    value, slope : arrays of shape (paths,)
        The sums of numbers (paths,) with these weights are the regression at the loss, and its
        slope there.
    """

    value: FloatArray
    slope: FloatArray

    @classmethod
    def at(cls, var: float, losses: FloatArray, p: FloatArray) -> LocalLine:
        """Return the weights at `var` for losses (paths,) of probabilities p (paths,)."""
        mean = p @ losses
        width = SILVERMAN * np.sqrt(p @ (losses - mean) ** 2) * ((p**2).sum()) ** 0.2
        if width == 0.0:
            return cls(p, np.zeros_like(p))
        distance = losses - var
        kernel = p * np.exp(-0.5 * (distance / width) ** 2)
        kernel /= kernel.sum()
        centre = kernel @ distance
        variance = kernel @ (distance - centre) ** 2
        slope = kernel * (distance - centre) / variance if variance > 0.0 else np.zeros_like(p)
        return cls(kernel - centre * slope, slope)  # Σ value = 1 and Σ value (L − VaR) = 0


def _in_words(share: float, var: float, es: float) -> str:
    text = f"share {100 * share:.4g} %, VaR {100 * var:.2f} %, ES {100 * es:.2f} %"
    return text.replace("-", "−")


def _percent(components: FloatArray, total: float) -> FloatArray:
    return 100.0 * components / total if total else np.full(components.shape, np.nan)
