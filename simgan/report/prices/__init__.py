"""Prices as they were understood: facts, notes and figures before a model learns from them."""
