"""Prints single documents for people who wait: one at a time, the same one once.

Each print starts a process of its own, and whoever waits holds one of the few threads that
answer: several clicks at once must not become several prints. Batches have their own renderer.
"""

from __future__ import annotations

from functools import lru_cache
from threading import Lock

from app.base.pdf.printable import Printable
from app.base.pdf.renderer import Renderer

KEPT = 16
_desk = Lock()


def print_one(template: str, content: Printable) -> bytes:
    """Return a document as PDF; raises RenderError when it can't be printed."""
    with _desk:
        return _printed(template, content)


@lru_cache(maxsize=KEPT)
def _printed(template: str, content: Printable) -> bytes:
    with Renderer(processes=1) as renderer:
        return renderer.render_one(template, content)
