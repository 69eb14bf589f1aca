"""The product: scenarios, their views and their files."""
