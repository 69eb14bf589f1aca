"""The identity of a job: the same request for the same data is the same job."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from simgan.provenance import library_versions, sha256_of_facts
from simgan.service.jobs.job import KeptFile

_DIGITS = 32  # of the hash: 128 bits
_CHUNK = 2**20


def identity_of(kind: str, request: Mapping[str, object], data: Mapping[str, object]) -> str:
    """Return the identity of a job under this version of simgan.

    Parameters
    ----------
    kind : str
    request : mapping
        Canonical: two requests that ask for the same are equal.
    data : mapping
        Whatever tells the data of today from those of another day.
    """
    facts = {
        "kind": kind,
        "request": dict(request),
        "data": dict(data),
        "version": library_versions()["simgan"],
    }
    return sha256_of_facts(facts)[:_DIGITS]


def sha256_of_file(path: Path) -> str:
    """Return the SHA-256 of a file, or nothing where it cannot be read."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
    except OSError:
        return ""
    return digest.hexdigest()


def stands(root: Path, file: KeptFile) -> bool:
    """Tell whether a file is still the one that a job wrote."""
    return sha256_of_file(root / file.path) == file.sha256
