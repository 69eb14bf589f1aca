"""The order of work of each use case; doors call these and nothing below."""
