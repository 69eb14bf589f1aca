"""The report of a backtest: numbers, a verdict, a page and a table."""
