"""The browser for the tests: the Chromium that the system has installed, without a window.

`MAINSTAY_CHROMIUM` names another one. Without any, the browser tests are skipped, and
the last lines of the run say so. Nothing is downloaded.
"""

from __future__ import annotations

import os
import shutil
from typing import Any

REMEDY = "install chromium (apt-get install -y chromium) or name one in MAINSTAY_CHROMIUM"


def executable() -> str | None:
    """Return the path of the browser to use, or None where there is none."""
    given = os.environ.get("MAINSTAY_CHROMIUM")
    return given or shutil.which("chromium") or shutil.which("google-chrome")


def arguments() -> list[str]:
    """Return Chromium's switches: no sandbox for root, who can't have one."""
    return ["--no-sandbox"] if os.geteuid() == 0 else []


def missing_reason() -> str:
    """Return why there is no browser: the text of the skip."""
    return f"no Chromium: {REMEDY}"


def pytest_terminal_summary(terminalreporter: Any) -> None:  # Any: pytest exports no public type
    """Say aloud when nothing was tested in a browser."""
    if executable() is None:
        terminalreporter.section("NOT TESTED IN A BROWSER", yellow=True, bold=True)
        terminalreporter.line(f"The browser tests were skipped: {missing_reason()}.", yellow=True)
