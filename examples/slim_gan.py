"""The shortest program that learns a distribution: 1,000 points of N(0, 1), a generator of 8-4-1, and as many fakes as you like.

python examples/slim_gan.py        about 20 seconds
"""

import numpy as np

from simgan.gan.points import PointGan, PointSettings
from simgan.recipe.objectives import OBJECTIVES
from simgan.seeds import Seed
from simgan.stats.divergences import kl_nearest_neighbour

real = np.random.default_rng(0).standard_normal((1000, 1))
objective = OBJECTIVES.build("non-saturating", {"penalty_weight": 0.0, "critic_steps": 2})
gan = PointGan(
    real,
    objective,
    PointSettings(steps=5000, batch=200, rate=5e-3, cooling=0.01, average=0.99),
    Seed(0),
)
history = gan.train()

fake = gan.generate(100_000)[:, 0].astype(float)
print(f"D-loss {history.series['critic loss'][-5:].mean():.4f} (log 4 = {np.log(4):.4f})")
print(f"G-loss {history.series['generator loss'][-5:].mean():.4f} (log 2 = {np.log(2):.4f})")
print(
    f"D(G(z)) from {gan.probability(fake[:200, None]).min():.3f} to {gan.probability(fake[:200, None]).max():.3f}"
)
print(f"fakes: mean {fake.mean():.3f}, standard deviation {fake.std():.3f}")
print(
    f"KL(real, fake) {kl_nearest_neighbour(np.random.default_rng(1).standard_normal(100_000), fake).value:.4f} nats"
)
