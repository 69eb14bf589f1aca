"""simgan learns how the returns of a stock behave and turns that into as many scenarios as you ask for."""
