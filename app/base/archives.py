"""Zip files from outside, judged by their directory before anything in them is unpacked.

A file of 199 KB can unpack to 416 MB of memory; the directory tells that without unpacking.
What the parts hold is looked at by who reads them.
"""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Sequence

from app.base.errors import InvalidInput, TooLarge

UNPACKS_TOO_LARGE = "E-FIL-01"
MEGABYTE = 1024 * 1024
LARGEST_UNPACKED = 100 * MEGABYTE
RATIO_LIMIT = 100
MOST_ENTRIES = 1_000
NESTED = (".zip", ".xlsx", ".xlsm", ".docx", ".pptx", ".7z", ".rar", ".gz")


def refuse_trouble(entries: Sequence[zipfile.ZipInfo], *, thing: str) -> None:
    """Refuse too many parts, archives in the archive, and links.

    `thing` is what the message calls the file (“workbook”).
    """
    if len(entries) > MOST_ENTRIES:
        raise TooLarge(
            UNPACKS_TOO_LARGE,
            f"The {thing} has {len(entries):,} parts; {MOST_ENTRIES:,} are allowed.",
        )
    for entry in entries:
        if entry.filename.lower().endswith(NESTED):
            raise InvalidInput(
                UNPACKS_TOO_LARGE,
                f"The {thing} contains another archive. Remove the embedded file.",
            )
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise InvalidInput(
                UNPACKS_TOO_LARGE, f"The {thing} contains a link to another file. Save it anew."
            )


def is_encrypted(entries: Sequence[zipfile.ZipInfo]) -> bool:
    """Tell whether any part can be read with a password only."""
    return any(entry.flag_bits & 1 for entry in entries)


def is_bomb(entries: Sequence[zipfile.ZipInfo]) -> bool:
    """Tell whether a part larger than a megabyte unpacks more than a hundredfold."""
    return any(
        entry.file_size > MEGABYTE and entry.file_size > RATIO_LIMIT * max(1, entry.compress_size)
        for entry in entries
    )


def unpacked_size(entries: Sequence[zipfile.ZipInfo]) -> int:
    """Return how many bytes the directory says that all parts have."""
    return sum(entry.file_size for entry in entries)


def is_too_large(entries: Sequence[zipfile.ZipInfo]) -> bool:
    """Tell whether the whole unpacks to more than is allowed."""
    return is_bomb(entries) or unpacked_size(entries) > LARGEST_UNPACKED


def too_large(entries: Sequence[zipfile.ZipInfo], *, remedy: str) -> InvalidInput:
    """Return the refusal of an archive that unpacks too large."""
    return InvalidInput(
        UNPACKS_TOO_LARGE,
        f"Unpacks to {unpacked_size(entries) / MEGABYTE:,.0f} MB"
        f" (limit {LARGEST_UNPACKED // MEGABYTE} MB, ratio limit {RATIO_LIMIT}). {remedy}",
    )
