"""Pure statistics of log returns: moments, tails, dependence, divergences, intervals and noise floors; nothing here knows a model."""
