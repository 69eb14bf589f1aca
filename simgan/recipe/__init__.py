"""The recipe of a model: which generator, which game and how long, as typed settings."""
