"""The examples of a GAN tutorial, each with the numbers that the tutorial or the theory has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simgan.registry import Entry, Registry

if TYPE_CHECKING:
    from simgan.workflows.examples.base import Example

EXAMPLES: Registry[Example[object]] = Registry(
    "example",
    {
        "normal": Entry("simgan.workflows.examples.normal:NormalExample"),
        "mixture": Entry("simgan.workflows.examples.mixture:Mixture"),
        "monitors": Entry("simgan.workflows.examples.monitors:Monitors"),
        "optimal-critic": Entry("simgan.workflows.examples.optimal_critic:OptimalCritic"),
    },
)
