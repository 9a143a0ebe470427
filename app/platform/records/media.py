"""What a file really is, by its bytes: an allow-list of kinds, each with its check.

A file is taken when its name and its bytes say the same kind, and when it is whole. Images
are judged by what their header says before anybody decodes them; documents are never
parsed here, only looked at from outside: a parser of hostile files has no place in the web
process.
"""

from __future__ import annotations

import codecs
import io
import re
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

from app.base import archives
from app.base.errors import InvalidInput
from app.platform.records.names import extension_of

WRONG_KIND = "E-FIL-08"
TOO_MANY_PIXELS = "E-FIL-09"
NOT_WHOLE = "E-FIL-10"
MEGAPIXEL = 1_000_000
MOST_MEGAPIXELS = 25
HEAD = 1024
DAMAGED_ARCHIVE = "a damaged archive"
BOMS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file that is taken: its words, its media type, and the check of its bytes."""

    words: str
    media_type: str
    check: Callable[[bytes], None]


# What bytes begin with that are something else; for the message only.
OTHERS = (
    (b"MZ", "a Windows program"),
    (b"\x7fELF", "a program"),
    (b"#!", "a script"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office file"),
    (b"\x1f\x8b", "application/gzip"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"GIF8", "image/gif"),
    (b"{\\rtf", "application/rtf"),
)
SVG = re.compile(rb"<svg[\s>]", re.IGNORECASE)
MARKUP = re.compile(
    rb"\s*(?:<!doctype\s+html|<html|<head|<body|<script|<table|<iframe|<meta|<img)[\s>/]?",
    re.IGNORECASE,
)
XML = re.compile(rb"\s*<\?xml", re.IGNORECASE)


def checked_kind(name: str, content: bytes) -> Kind:
    """Return the kind of a file whose name and bytes agree.

    Raises InvalidInput: E-FIL-08 wrong or unknown kind, E-FIL-09 too many pixels, E-FIL-10
    empty or not whole, E-FIL-01 an archive that unpacks too large.
    """
    if not content:
        raise InvalidInput(NOT_WHOLE, "The file is empty. Choose another one.")
    kind = KINDS.get(extension_of(name))
    if kind is None:
        raise InvalidInput(
            WRONG_KIND, f"Files of this kind are not taken. Send {', '.join(NAMED_KINDS)}."
        )
    found = _found(content)
    if found != kind.media_type and not _may_be(found, kind):
        raise InvalidInput(
            WRONG_KIND, f"The content is {found}, not {kind.words}. Send the file itself."
        )
    kind.check(content)
    return kind


def _found(content: bytes) -> str:
    """Return what the bytes are: a media type, or words where we know no type for it."""
    head = content[:HEAD]
    for mark, media_type in MARKS:
        if head.startswith(mark):
            return media_type
    if head.startswith(b"PK"):
        return _found_in_archive(content)
    for mark, words in OTHERS:
        if head.startswith(mark):
            return words
    plain = head
    for mark in BOMS:
        plain = plain.removeprefix(mark)
    plain = plain.replace(b"\0", b"") if head.startswith(BOMS[1:]) else plain
    if SVG.search(plain):
        return "image/svg+xml"
    if MARKUP.match(plain):
        return "text/html"
    if XML.match(plain):
        return "application/xml"
    return "text/plain" if _is_readable(content) else "unknown to us"


def _found_in_archive(content: bytes) -> str:
    try:
        names = set(zipfile.ZipFile(io.BytesIO(content)).namelist())
    except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError):
        return DAMAGED_ARCHIVE
    if "[Content_Types].xml" in names:
        for part, media_type in (("word/document.xml", DOCX), ("xl/workbook.xml", XLSX)):
            if part in names:
                return media_type
    return "a zip archive"


def _may_be(found: str, kind: Kind) -> bool:
    """Tell whether the kind's own check is to say more: texts, and archives that are torn."""
    if found == DAMAGED_ARCHIVE:
        return kind.check is _check_office
    return found == "text/plain" and kind.media_type.startswith("text/")


def _is_readable(content: bytes) -> bool:
    if content.startswith(BOMS[1:]):
        encoding = "utf-16"
    elif b"\0" in content:
        return False
    else:
        encoding = "utf-8"
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        # Windows-1252 leaves five bytes undefined; anything else may be a text of it.
        return encoding == "utf-8" and not re.search(rb"[\x00-\x08\x0e-\x1f\x81\x8d\x8f]", content)
    return True


def _check_pdf(content: bytes) -> None:
    end = content[-HEAD:]
    found = re.search(rb"startxref\s+(\d+)\s+%%EOF", end)
    if found is None or not 0 < int(found[1]) < len(content):
        raise _torn("PDF")
    start = content[int(found[1]) :][:40]
    if not re.match(rb"\s*(?:xref\b|\d+\s+\d+\s+obj\b)", start):
        raise _torn("PDF")


def _check_png(content: bytes) -> None:
    if content[12:16] != b"IHDR" or len(content) < 45 or b"IEND" not in content[-16:]:
        raise _torn("PNG")
    _check_pixels(*struct.unpack(">II", content[16:24]))


def _check_jpeg(content: bytes) -> None:
    if b"\xff\xd9" not in content[-64:]:
        raise _torn("JPEG")
    place = 2
    while place + 9 < len(content):
        if content[place] != 0xFF:
            raise _torn("JPEG")
        mark = content[place + 1]
        if mark == 0xFF:
            place += 1
            continue
        # Start of frame, whichever coding; C4, C8 and CC are tables and extensions.
        if 0xC0 <= mark <= 0xCF and mark not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[place + 5 : place + 9])
            _check_pixels(width, height)
            return
        length = int.from_bytes(content[place + 2 : place + 4], "big")
        place += 2 if mark == 0x01 or 0xD0 <= mark <= 0xD8 else 2 + max(length, 2)
    raise _torn("JPEG")


def _check_pixels(width: int, height: int) -> None:
    if width == 0 or height == 0:
        raise _torn("an image")
    if width * height > MOST_MEGAPIXELS * MEGAPIXEL:
        raise InvalidInput(
            TOO_MANY_PIXELS,
            f"{width * height / MEGAPIXEL:,.0f} megapixels; limit {MOST_MEGAPIXELS}."
            " Send it smaller.",
        )


def _check_office(content: bytes) -> None:
    try:
        entries = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError):
        raise _torn("a document") from None
    if archives.is_encrypted(entries):
        raise InvalidInput(
            WRONG_KIND, "The content is password-protected. Save it without a password."
        )
    archives.refuse_trouble(entries, thing="document")
    if archives.is_too_large(entries):
        raise archives.too_large(entries, remedy="Send it smaller.")
    if any(entry.filename.lower().endswith("vbaproject.bin") for entry in entries):
        raise InvalidInput(WRONG_KIND, "The content has macros. Save it without macros.")


def _check_text(content: bytes) -> None:
    """Take any text: that it can be read was found out before."""


def _torn(words: str) -> InvalidInput:
    return InvalidInput(NOT_WHOLE, f"The file cannot be read as {words}. Save it again.")


DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PDF = "application/pdf"
MARKS = (
    (b"%PDF-", PDF),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
)
_JPEG = Kind("JPEG", "image/jpeg", _check_jpeg)
KINDS = {
    "pdf": Kind("PDF", PDF, _check_pdf),
    "png": Kind("PNG", "image/png", _check_png),
    "jpg": _JPEG,
    "jpeg": _JPEG,
    "csv": Kind("CSV", "text/csv", _check_text),
    "txt": Kind("text", "text/plain", _check_text),
    "xlsx": Kind("XLSX", XLSX, _check_office),
    "docx": Kind("DOCX", DOCX, _check_office),
}
NAMED_KINDS = ("PDF", "PNG", "JPEG", "CSV", "TXT", "XLSX", "DOCX")
