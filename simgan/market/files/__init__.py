"""Price files as people have them.

`read_quotes` is the whole sequence: bytes and text (`content`), cells (`sheet`, `books`), header
(`layouts`), columns of one asset (`columns`), dates (`dates`, `days`) and numbers (`numbers`). Each
step decides by a visible reason, or refuses with a sentence.
"""

from __future__ import annotations

from simgan.market.files.reading import read_quotes, read_table

__all__ = ["read_quotes", "read_table"]
