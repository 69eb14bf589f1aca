"""Colours of figures in light and in dark mode, as CSS variables."""

from __future__ import annotations

import re

# A figure is drawn in the first colour. A page in dark mode shows the second, which stands out
# from a dark ground as the first does from a light one.
COLOURS = {
    "#222222": "#e4e4e2",  # ink
    "#e3e3e3": "#3a3f44",  # grid
    "#c9c9c9": "#5a6067",  # band of the history
    "#0072b2": "#5ab4f2",
    "#d55e00": "#ff8f45",
    "#009e73": "#35d0a2",
    "#cc79a7": "#e9a0c8",
    "#e69f00": "#ffbf40",
    "#56b4e9": "#a9d9f7",
    "#8c510a": "#d6a066",
    "#777777": "#a6abb0",
    "#6a3d9a": "#bb9fe8",
    "#b8860b": "#e2b548",
    "#a6325a": "#f083a8",
    "#bdbdbd": "#6d7379",
    "#7fb6dc": "#3f80ab",
    "#2d86c0": "#58aae2",
    "#004c78": "#a8daff",
    "#8b1a1a": "#ff7676",
    "#e6e6e6": "#34393e",
    "#cfe3f1": "#1b3a52",  # bands of a fan
    "#9fc7e3": "#245a80",
    "#62a5d0": "#2f7fb5",
    "#e2f2e9": "#1d3b2c",  # zones of the traffic light
    "#fdf3cd": "#433917",
    "#f9dcd3": "#4b271c",
    "#f4f4f2": "#2a2e32",  # cells of a heat map, from zero to far below
    "#f8d9c0": "#4a2c15",
    "#f0a265": "#8f4e1c",
    "#7a2e00": "#ffd3ad",
    "#fdfdfc": "#16181a",  # numbers in the cells that stand out most
}


def themed(text: str) -> str:
    """Put the variable of a colour in place of each colour in a text. Others stay as they are."""
    return re.sub(r"#[0-9a-f]{6}\b", lambda found: variable(found.group()), text)


def variable(colour: str) -> str:
    """Return the CSS variable of a colour, or the colour itself if it has none.

    Outside of a page, where nobody sets the variable, it is the colour.
    """
    return f"var(--fig-{colour[1:]}, {colour})" if colour in COLOURS else colour


def style_sheet() -> str:
    """Return the CSS that gives each variable its colour in either mode."""
    light, dark = (
        " ".join(f"--fig-{name[1:]}: {colours[name]};" for name in COLOURS)
        for colours in ({name: name for name in COLOURS}, COLOURS)
    )
    return (
        f":root {{ {light} }}\n"
        f"@media screen and (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}"
    )
