"""Statistics of log returns: moments, tails, dependence, divergences, path risk, intervals."""
