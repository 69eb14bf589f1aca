"""The examples of the texts that simgan grew out of, each with the numbers that the text or the theory has for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simgan.registry import Entry, Registry

if TYPE_CHECKING:
    from simgan.workflows.examples.base import Example

EXAMPLES: Registry[Example] = Registry(
    "example",
    {
        "normal": Entry("simgan.workflows.examples.normal:Normal"),
        "mixture": Entry("simgan.workflows.examples.mixture:Mixture"),
        "monitors": Entry("simgan.workflows.examples.monitors:Monitors"),
        "optimal-critic": Entry("simgan.workflows.examples.optimal_critic:OptimalCritic"),
    },
)
