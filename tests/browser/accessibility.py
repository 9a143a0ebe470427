"""What axe finds wrong with a page, in one line per finding."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def findings(page: Page) -> list[str]:
    """Return every breach of WCAG 2.2 AA and of good practice that axe sees, with its place."""
    # A page that was only just opened may stand without its style sheets.
    page.wait_for_load_state("load")
    violations = Axe().run(page, options=RULES).response["violations"]
    return [
        f"{violation['id']}: {violation['help']}: {node['html']}"
        for violation in violations
        for node in violation["nodes"]
    ]
