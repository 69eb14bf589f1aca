"""Real against fake: rows with intervals and noise floors, a verdict, and their renderers."""
