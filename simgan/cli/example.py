"""simgan example."""

from __future__ import annotations

from pathlib import Path

import click

from simgan.cli.options import FILE, Common, common_options, json_option, show_json
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
    help="How many games to play.",
)
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed of the first."
)
@json_option
@common_options
def example(
    common: Common, name: str, out: Path | None, seeds: int, seed: int, as_json: bool
) -> None:
    """Play an example of the texts that simgan grew out of, and see its numbers beside theirs.

    normal: 1,000 points of N(0, 1), the smallest GAN that learns them. mixture: four normals in the plane. optimal-critic: the critic of
    the theory, D* = p / (p + q). monitors: games built to converge, oscillate, collapse or over-fit, and the verdict on each.

    \b
    Example:
      simgan example normal
      simgan example mixture --seeds 1 -o mixture.png
    """
    from simgan.workflows.example import example as play

    out = common.workspace.reports / f"example-{name}.svg" if out is None else out
    if out.suffix.lower() not in (".svg", ".png"):
        raise click.BadParameter(f"'{out}' ends neither in .svg nor in .png.", param_hint="--out")
    done = play(name, out, seeds, seed, common.say)
    if as_json:
        show_json(done.to_json())
        return
    width = max(len(reading.name) for reading in done.readings)
    click.echo(f"{'':<{width}}  {'mean':>9}{'lowest':>10}{'highest':>10}   expected")
    for reading in done.readings:
        click.echo(
            f"{reading.name:<{width}}  {reading.mean:>9.4f}{min(reading.values):>10.4f}{max(reading.values):>10.4f}   {reading.expected}"
        )
    click.echo(f"written to {done.figure}")
