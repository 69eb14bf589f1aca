"""The pictures of the service: its pages, served with the reference model.

``python benchmarks/service_pictures.py`` serves an empty workspace and writes docs/pictures/*.png.
It needs the packages of tests, and Chromium.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from simgan.market.sources.sample import Sample

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "pictures"
COLOURS = 192  # of a picture
WIDE, PHONE = (1280, 1075), (390, 900)


class View(NamedTuple):
    """A page in a window."""

    name: str
    path: str
    size: tuple[int, int] = WIDE
    scheme: str = "light"
    ready: str = "#fan canvas"  # stands on the page when it is ready


VIEWS = (
    View("model", "/models/reference?paths=1"),
    View("stress", "/models/reference?start=2008-09-12&horizon=63"),
    View("phone", "/models/reference", PHONE, "dark"),
    View("guess", "/models/reference/real-or-fake", (1280, 1010), ready=".window canvas"),
    View("fit", "/fit", (1280, 1060), ready="#send"),
)


@contextmanager
def served(workspace: Path) -> Iterator[str]:
    """Serve a workspace, and give the address."""
    command = [sys.executable, "-m", "simgan", "serve", "--port", "0", "--workspace"]
    with subprocess.Popen(
        [*command, str(workspace)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        yield process.stdout.readline().split()[-1].rstrip("/")
        process.terminate()


def picture(browser: Browser, address: str, view: View, prices: Path) -> None:
    """Take the picture of a page, in few colours."""
    width, height = view.size
    page = browser.new_page(
        viewport={"width": width, "height": height},
        color_scheme=view.scheme,  # type: ignore[arg-type]
        reduced_motion="reduce",
        locale="en-US",
    )
    page.goto(address + view.path)
    page.locator(view.ready).first.wait_for()
    if view.name == "fit":
        upload(page, prices)
    if view.name == "guess":
        page.keyboard.press("2")
        page.locator("#next").wait_for()
    page.wait_for_load_state("networkidle")
    file = FOLDER / f"{view.name}.png"
    page.screenshot(path=file)
    page.close()
    Image.open(file).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(
        file, optimize=True
    )
    print(f"{file}: {file.stat().st_size / 1024:.0f} KiB")


def upload(page: Page, prices: Path) -> None:
    """Send a price file, and wait until it was understood."""
    page.get_by_label("Price file").first.check()
    page.locator("#file").set_input_files(prices)
    page.locator(".sheet").wait_for(timeout=120_000)


def written_prices(folder: Path) -> Path:
    """Write a file of prices as somebody may have it: German numbers, the newest first."""
    quotes = Sample().quotes("SP500")
    days = quotes.dates.astype("datetime64[D]").tolist()
    lines = [
        f"{day:%d.%m.%Y};" + f"{price:.2f}".replace(".", ",")
        for day, price in zip(days, quotes.closes, strict=True)
    ]
    file = folder / "sp500-export.csv"
    file.write_text("\n".join(["Datum;Schluss", *reversed(lines)]), encoding="utf-8")
    return file


def main() -> None:
    """Take all pictures."""
    FOLDER.mkdir(exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with (
        tempfile.TemporaryDirectory() as folder,
        served(Path(folder)) as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium)
        prices = written_prices(Path(folder))
        for view in VIEWS:
            picture(browser, address, view, prices)
        browser.close()


if __name__ == "__main__":
    main()
