"""Measures of risk and scores of forecasts. A loss is positive."""
