"""Pure measures of risk and scores of forecasts; a loss is positive and nothing here knows where the scenarios came from."""
