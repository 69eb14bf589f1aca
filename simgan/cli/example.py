"""simgan example."""

from __future__ import annotations

from pathlib import Path

import click

from simgan.cli.options import (
    FILE,
    Common,
    common_options,
    json_option,
    show_json,
    terminal_progress,
)
from simgan.cli.terminal import tell
from simgan.workflows.examples import EXAMPLES


@click.command(context_settings={"max_content_width": 100})
@click.argument("name", type=click.Choice(list(EXAMPLES)))
@click.option(
    "-o",
    "--out",
    type=FILE,
    help="Figure, .svg or .png; default: reports/example-NAME.svg.",
)
@click.option(
    "--seeds",
    type=click.IntRange(min=1),
    default=5,
    show_default=True,
    help="Number of games to play.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Seed of the first game.",
)
@json_option
@common_options
def example(
    common: Common, name: str, out: Path | None, seeds: int, seed: int, as_json: bool
) -> None:
    """Play an example of a GAN tutorial and compare its numbers with those of the tutorial.

    normal: 1,000 points of N(0, 1) and the smallest GAN that learns them. mixture: four normals in
    the plane. optimal-critic: the critic of the theory, D* = p / (p + q). monitors: games built to
    converge, oscillate, collapse or over-fit, and the verdict on each.

    \b
    Example:
      simgan example normal
      simgan example mixture --seeds 1 -o mixture.png
    """
    from simgan.workflows.examples import example as play

    out = common.workspace.reports / f"example-{name}.svg" if out is None else out
    if out.suffix.lower() not in (".svg", ".png"):
        raise click.BadParameter(f"'{out}' ends neither in .svg nor in .png.", param_hint="--out")
    with terminal_progress(common) as progress:
        result = play(name, out, seeds, seed, progress)
    if as_json:
        show_json(result.to_json())
        return
    width = max(len(reading.name) for reading in result.readings)
    click.echo(f"{'':<{width}}  {'mean':>9}{'lowest':>10}{'highest':>10}   expected")
    for reading in result.readings:
        lowest, highest = min(reading.values), max(reading.values)
        numbers = f"{reading.mean:>9.4f}{lowest:>10.4f}{highest:>10.4f}"
        click.echo(f"{reading.name:<{width}}  {numbers}   {reading.expected}")
    tell(f"written to {result.figure}")
