"""The secret of a workspace, which all its servers share and nobody else knows."""

from __future__ import annotations

import hmac
import re
import secrets
import shlex
import sys

from simgan.errors import WriteError
from simgan.service.database import Database

_BYTES = 32
_FORM = re.compile(f"[0-9a-f]{{{2 * _BYTES}}}")
_REMOVAL = (
    "import sqlite3, sys; "
    'sqlite3.connect(sys.argv[1], isolation_level=None).execute("DELETE FROM secret")'
)


class Secret:
    """A key, by which the service knows its own words again."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    @classmethod
    def of(cls, database: Database) -> Secret:
        """Return the secret of a database. It is made where it is missing.

        Raises
        ------
        WriteError
            It is damaged.
        """
        with database.writing() as connection:
            new = secrets.token_hex(_BYTES)
            connection.execute("INSERT OR IGNORE INTO secret (id, key) VALUES (1, ?)", (new,))
            key = connection.execute("SELECT key FROM secret").fetchone()[0]
        if not _FORM.fullmatch(key):
            remedy = shlex.join([sys.executable, "-c", _REMOVAL, str(database.file.absolute())])
            raise WriteError(f"the secret in {database.file} is damaged; remove it with: {remedy}")
        return cls(bytes.fromhex(key))

    def digest(self, purpose: str, words: str) -> bytes:
        """Return a digest of words, which nobody without the key can compute or foresee."""
        return hmac.new(self._key, f"{purpose}\0{words}".encode(), "sha256").digest()

    def signed(self, purpose: str, words: str) -> str:
        """Return the words with a signature."""
        return f"{words}.{self.digest(purpose, words).hex()}"

    def read(self, purpose: str, text: str) -> str | None:
        """Return the words of a signed text, or None where it is not of this service."""
        words, _, signature = text.rpartition(".")
        expected = self.digest(purpose, words).hex()
        is_own = hmac.compare_digest(signature.encode("utf-8", "replace"), expected.encode())
        return words if is_own else None
