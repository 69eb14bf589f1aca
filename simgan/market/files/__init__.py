"""Price files as people have them.

`reading` is the whole sequence. Bytes and text (`content`) become cells (`sheet`, or `books` with
the marks of `excel`), below a header (`layouts`, `names`, `unknown_layouts`). An asset has
columns and rows (`columns`, `rows`, `consistency`), dates (`dates`, `days`) and numbers (`numbers`,
`ends`).
Each step decides by a visible reason, or refuses with a sentence.
"""

from __future__ import annotations

from simgan.market.files.reading import read_quotes, read_table

__all__ = ["read_quotes", "read_table"]
