"""Statistics of log returns: moments, tails, dependence, divergences, intervals."""
