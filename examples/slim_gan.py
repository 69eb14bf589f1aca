"""The shortest program that learns a distribution: a generator of 8-4-1 learns N(0, 1).

It learns from 1,000 points and makes as many fakes as you like. Run it as
``python examples/slim_gan.py``. It takes about 20 seconds.
"""

import numpy as np

import simgan

real = np.random.default_rng(0).standard_normal((1000, 1))
game = {"kind": "non-saturating", "penalty_weight": 0.0, "critic_steps": 2}
gan = simgan.PointGan(
    real,
    simgan.Recipe.parse({"objective": game}).objective,
    simgan.PointSettings(steps=5000, batch=200, rate=5e-3, cooling=0.01, average=0.99),
    simgan.Seed(0),
)
history = gan.train()

fake = gan.generate(100_000)[:, 0].astype(float)
critic, generator = (history.series[name][-5:].mean() for name in ("critic loss", "generator loss"))
probability = gan.probability(fake[:200, None])
normal = np.random.default_rng(1).standard_normal(100_000)
print(f"D-loss {critic:.4f} (log 4 = {np.log(4):.4f})")
print(f"G-loss {generator:.4f} (log 2 = {np.log(2):.4f})")
print(f"D(G(z)) from {probability.min():.3f} to {probability.max():.3f}")
print(f"fakes: mean {fake.mean():.3f}, standard deviation {fake.std():.3f}")
print(f"KL(real, fake) {simgan.kl_nearest_neighbour(normal, fake).value:.4f} nats")
