"""Real against generated: rows with intervals and noise floors, a verdict, and their renderers."""
