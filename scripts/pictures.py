"""Make the README's pictures from the demo company: a screen and a page of a pack.

Runs a Mainstay of its own in a temporary folder, drives the installed Chromium, and writes
`docs/img/`. Needs chromium and pdftoppm (poppler-utils).

    .venv/bin/python scripts/pictures.py
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "img"
SUPPLIER = "Kestrel Castings GmbH"
WIDTH, HEIGHT = 1440, 1000
PAPER_DPI = 80
NOTHING_OF_ITS_OWN = ("--disable-background-networking", "--no-first-run", "--disable-gpu")


@dataclass(frozen=True, slots=True)
class Running:
    """A running Mainstay: how to sign in, and the pack that it printed."""

    link: str
    pack: Path


@contextmanager
def mainstay(folder: Path) -> Iterator[Running]:
    """Serve the demo company from `folder` until the block ends."""
    house = {
        "DATABASE_URL": f"sqlite:///{folder / 'pictures.sqlite3'}",
        "MAINSTAY_INSTANCE": str(folder),
        "PYTHONUNBUFFERED": "1",
    }
    server = subprocess.Popen(
        [sys.executable, "-m", "flask", "serve"],
        cwd=ROOT,
        env={**os.environ, **house},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield _greeting(server)
    finally:
        server.terminate()
        server.wait(timeout=30)


def _greeting(server: subprocess.Popen[str]) -> Running:
    """Read what the command prints until it has named the sign-in and the pack."""
    said = ""
    assert server.stdout is not None  # noqa: S101 # opened as a pipe above
    for line in server.stdout:
        said += line
        link = re.search(r"Sign in once with\s+(\S+)", said)
        pack = re.search(r"The newest pack is\s+(\S+)", said)
        if link and pack:
            return Running(link[1], Path(pack[1]))
    raise SystemExit(f"Mainstay did not start:\n{said}")


def take_screens(browser: Browser, link: str) -> None:
    """Sign in once, then take one supplier."""
    context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT})
    page = context.new_page()
    page.goto(link)
    # The first sign-in asks for a password; this house lives for a minute.
    password = secrets.token_urlsafe()
    for field in page.locator("input[type=password]").all():
        field.fill(password)
    page.get_by_role("button", name="Set password").click()
    page.wait_for_load_state("networkidle")
    page.get_by_role("link", name="Suppliers", exact=True).first.click()
    page.wait_for_load_state("networkidle")
    page.get_by_role("link", name=SUPPLIER).first.click()
    page.wait_for_load_state("networkidle")
    page.screenshot(path=IMAGES / "supplier.png")
    context.close()


def main() -> None:
    """Make every picture."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="mainstay-pictures-") as name,
        mainstay(Path(name)) as running,
        sync_playwright() as playwright,
    ):
        print_page(running.pack)
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", *NOTHING_OF_ITS_OWN],
        )
        take_screens(browser, running.link)
        browser.close()


def print_page(pack: Path, *, page: int = 3) -> None:
    """Turn one page of the pack into a picture."""
    subprocess.run(  # noqa: S603 # our own file
        [
            *(shutil.which("pdftoppm") or "pdftoppm", "-png", "-singlefile", "-gray"),
            *("-r", str(PAPER_DPI), "-f", str(page), "-l", str(page)),
            *(str(pack), str(IMAGES / "review-pack")),
        ],
        check=True,
    )


if __name__ == "__main__":
    main()
