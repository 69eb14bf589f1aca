"""Backtest: forecasts of VaR and ES, day after day, by the GAN and by classical models."""

from simgan.workflows.backtest.backtested import Backtested
from simgan.workflows.backtest.request import BacktestRequest
from simgan.workflows.backtest.run import backtest

__all__ = ["BacktestRequest", "Backtested", "backtest"]
