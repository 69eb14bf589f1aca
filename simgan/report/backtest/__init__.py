"""The report of a backtest: forecasts of VaR and ES against what came, as numbers, a verdict, a page and a table."""
