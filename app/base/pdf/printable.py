"""What a content must say of itself to be printed, and the limits of printing.

Knows neither the pages nor the engine that lays them out.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from app.base import formatting
from app.base.errors import AppError

MOST_ROWS = 3_000
MEGABYTE = 1024 * 1024


class PaperSize(StrEnum):
    """The sheet; the value is its name in CSS."""

    A4 = "A4"
    LETTER = "Letter"


class Printable(Protocol):
    """A frozen, picklable value that holds everything its template prints."""

    @property
    def title(self) -> str:
        """The document's title in its metadata."""

    @property
    def paper_size(self) -> PaperSize:
        """The sheet it is printed on."""

    @property
    def content_hash(self) -> str:
        """The sha256 of the content; it identifies the file."""

    def __hash__(self) -> int:
        """Its hash: what is printed never changes."""

    @property
    def row_count(self) -> int:
        """The number of table rows it would print."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one document may cost.

    wall_seconds, cpu_seconds: for one document. memory_bytes: address space of a child.
    rows: table rows of one document.
    """

    wall_seconds: float = 60.0
    cpu_seconds: int = 60
    memory_bytes: int = 1536 * MEGABYTE
    rows: int = MOST_ROWS


class RenderError(AppError):
    """A document could not be printed; the others are not affected.

    E-PDF-02 over the time limit, E-PDF-03 over the memory limit or a crash,
    E-PDF-04 a template and its content do not fit, E-PDF-05 the machine lacks something.
    """

    kind = "unavailable"


class DocumentTooLarge(RenderError):
    """E-PDF-01: more rows than one document may hold."""

    kind = "too_large"


def check_size(content: Printable, limits: Limits) -> DocumentTooLarge | None:
    """Return the refusal of a content with too many rows, before any work is done."""
    rows = content.row_count
    if rows <= limits.rows:
        return None
    return DocumentTooLarge(
        "E-PDF-01",
        f"too large: {formatting.number(rows)} rows; limit {formatting.number(limits.rows)}. "
        "Export the rows as CSV, or print a shorter period.",
    )
