"""Backtest: forecasts of VaR and ES, day after day before the outcome is known, by the GAN and by what is used today."""

from simgan.workflows.backtest.run import Backtested, BacktestRequest, backtest

__all__ = ["BacktestRequest", "Backtested", "backtest"]
