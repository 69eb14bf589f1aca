"""Family of objectives: two losses, a penalty, and the number of critic steps."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from simgan.recipe.tensors import Tensor, tf
from simgan.registry import Entry, Registry
from simgan.settings import Settings, setting

Scorer = Callable[[Tensor], Tensor]


@dataclass(frozen=True, kw_only=True)
class Objective(Settings, ABC):
    """The losses that both players minimise.

    They depend on the scores (paths, 1) of the critic before any squashing.

    Attributes
    ----------
    critic : str
        The kind of critic that the objective needs.
    has_labels : bool
        Whether the critic's loss is the cross-entropy of σ(score) with the labels 1 for real and
        0 for fake.
    """

    kind: ClassVar[str]
    critic: ClassVar[str] = "windows"
    has_labels: ClassVar[bool] = False
    penalty_weight: float = setting(10.0, "weight γ of the gradient penalty", low=0)
    critic_steps: int = setting(1, "critic steps per generator step", low=1, high=20)

    @classmethod
    def owner(cls) -> str:
        return "objective"

    @abstractmethod
    def critic_loss(self, real: Tensor, fake: Tensor, balance: Tensor = 0.0) -> Tensor:
        """Return the loss of the critic, a scalar from the scores of real and fake windows.

        An objective may carry the number `balance` from step to step. It is 0 at first.
        """

    @abstractmethod
    def generator_loss(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return the loss of the generator."""

    def penalty(self, critic: Scorer, real: Tensor, fake: Tensor, uniform: Tensor) -> Tensor:
        """Return the gradient penalty without its weight, by default R1 / 2.

        `uniform` is noise from U[0, 1], shape (paths, 1).
        """
        return 0.5 * tf.reduce_mean(squared_gradient(critic, real))

    def next_balance(self, balance: Tensor, real: Tensor, fake: Tensor) -> Tensor:
        """Return the balance after a step of the critic that gave these scores."""
        return balance

    def metrics(self, real: Tensor, fake: Tensor, balance: Tensor) -> Mapping[str, Tensor]:
        """Return numbers of its own for the training history, by name."""
        return {}

    def constrain(self, weights: Sequence[tf.Variable]) -> None:
        """Bring the critic's weights back into their bounds after each of its steps.

        Most objectives have no bounds.
        """
        return  # AutoGraph cannot convert a body that is a docstring only


def squared_gradient(critic: Scorer, windows: Tensor) -> Tensor:
    """Return ‖∇ₓ D(x)‖² of each window, shape (paths,)."""
    with tf.GradientTape() as tape:
        tape.watch(windows)
        total = tf.reduce_sum(critic(windows))
    gradient = tape.gradient(total, windows)
    return tf.reduce_sum(tf.reshape(gradient, (windows.shape[0], -1)) ** 2, axis=1)


def between(real: Tensor, fake: Tensor, uniform: Tensor) -> Tensor:
    """Return points ε x + (1 − ε) G(z), with one ε of `uniform` (paths, 1) per path."""
    share = tf.reshape(uniform, (-1, *(1 for _ in real.shape[1:])))
    return share * real + (1.0 - share) * fake


OBJECTIVES: Registry[Objective] = Registry(
    "objective",
    {
        "relativistic": Entry("simgan.recipe.objectives.relativistic:Relativistic"),
        "non-saturating": Entry("simgan.recipe.objectives.non_saturating:NonSaturating"),
        "minimax": Entry("simgan.recipe.objectives.minimax:Minimax"),
        "lsgan": Entry("simgan.recipe.objectives.least_squares:LeastSquares"),
        "hinge": Entry("simgan.recipe.objectives.hinge:Hinge"),
        "ra-hinge": Entry("simgan.recipe.objectives.relativistic_hinge:RelativisticHinge"),
        "wgan": Entry("simgan.recipe.objectives.wgan:Wasserstein"),
        "wgan-gp": Entry("simgan.recipe.objectives.wgan_gp:WassersteinGP"),
        "wgan-div": Entry("simgan.recipe.objectives.wgan_div:WassersteinDivergence"),
        "f-gan": Entry("simgan.recipe.objectives.f_gan:FGan"),
        "ebgan": Entry("simgan.recipe.objectives.ebgan:EnergyBased"),
        "began": Entry("simgan.recipe.objectives.began:BoundaryEquilibrium"),
    },
)
