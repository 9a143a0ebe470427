"""A QR code as one SVG path, so that the page needs no picture from elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

import segno

# The quiet zone around the code [modules], as the standard asks for.
QUIET = 4


@dataclass(frozen=True, slots=True)
class QrCode:
    """side: width and height [modules], quiet zone included. path: the dark modules."""

    side: int
    path: str


def qr_code(text: str) -> QrCode:
    """Return the QR code of a text."""
    rows = [bytes(row) for row in segno.make_qr(text, error="m").matrix]
    runs = [
        f"M{start + QUIET} {y + QUIET}h{length}v1h-{length}z"
        for y, row in enumerate(rows)
        for start, length in _runs(row)
    ]
    return QrCode(len(rows) + 2 * QUIET, "".join(runs))


def _runs(row: bytes) -> list[tuple[int, int]]:
    """Return the dark stretches of a row as (start, length).

    >>> _runs(bytes([1, 1, 0, 1]))
    [(0, 2), (3, 1)]
    """
    found: list[tuple[int, int]] = []
    for at, is_dark in enumerate(row):
        if not is_dark:
            continue
        if found and sum(found[-1]) == at:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        else:
            found.append((at, 1))
    return found
