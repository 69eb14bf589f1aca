"""Latent noise, addressed by (seed, block): the reason why scenario i is the same whatever else is drawn with it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from simgan.arrays import Float32Array
from simgan.seeds import Seed

BLOCK = 256  # scenarios per block; to change it changes every scenario


def latents(seed: Seed, stream: str, block: int, steps: int, width: int) -> Iterator[Float32Array]:
    """Yield the noise of one block step by step, each (256, width): a shorter horizon is the beginning of a longer one."""
    generator = seed.stream(stream, block)
    for _ in range(steps):
        yield generator.standard_normal((BLOCK, width), dtype=np.float32)
