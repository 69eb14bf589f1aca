"""Latent noise, addressed by (seed, block): the reason why scenario i is the same whatever else is drawn with it.

This is version 1 of the map from (seed, i) to noise, which the manifest of a bundle names. A change of it is a second version beside
the first, for new bundles only.
"""

from __future__ import annotations

import numpy as np

from simgan.arrays import Float32Array
from simgan.seeds import Seed

BLOCK = 256  # scenarios that share a stream of noise; to change it changes every scenario
GROUP = 8  # blocks that are computed together


def normals(
    seed: Seed, stream: str, group: int, rows: slice, steps: int, width: int
) -> Float32Array:
    """Return the noise (steps, 2048, width) of the blocks of a group that hold `rows`; that of the others is 0.

    The noise of a block comes step after step from a stream of its own: a shorter horizon is the beginning of a longer one. A group is
    always laid out whole: a scenario has the same place in every array, so that rounding cannot depend on what is drawn with it.
    """
    noise = np.zeros((steps, GROUP, BLOCK, width), np.float32)
    for place in range(rows.start // BLOCK, -(-rows.stop // BLOCK)):
        generator = seed.stream(stream, group * GROUP + place)
        noise[:, place] = generator.standard_normal((steps, BLOCK, width), dtype=np.float32)
    return noise.reshape(steps, GROUP * BLOCK, width)
