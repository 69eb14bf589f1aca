"""Risk of a position: results, terminal text and page."""
