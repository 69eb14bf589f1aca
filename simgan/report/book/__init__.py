"""Reports on books: several assets together, as days that are vectors of returns."""
