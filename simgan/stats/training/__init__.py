"""Questions that the history of a training answers, and one verdict from the answers."""
