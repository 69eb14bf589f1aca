"""What the history of a training says: trends, oscillations, lost modes, over-fitting, divergence, and one verdict."""
