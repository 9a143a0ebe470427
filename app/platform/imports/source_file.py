"""A file to import, as bytes or on disk: what it is, its digest, its encoding.

The whole file is looked at once before anything is parsed: it is hashed, its encoding is
proved from the first byte to the last, NUL characters are noticed. Nothing is guessed: a
file that is not what was declared is refused, or a question is asked.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from app.base.errors import InvalidInput
from app.platform.imports.mapping import CP1252, ENCODINGS, UTF_8, UTF_16
from app.platform.imports.problems import Code, NeedsAnswer, quoted

BLOCK = 1 << 20
UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
UTF_32_MARKS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
# Of western text every second byte is NUL in UTF-16, three of four in UTF-32.
UNMARKED_BYTES = 64
UNMARKED_NULS = 0.25
ZIP_MARK = b"PK\x03\x04"
OLE_MARK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED_MARK = "EncryptedPackage".encode("utf-16-le")
HTML = re.compile(rb"\s*<(?:!doctype html|html|table|head|body|meta)\b", re.IGNORECASE)
WORKBOOK_NAMES = (".xlsx", ".xlsm", ".xls")
WORD = re.compile(r"[^\s,;\t|\"]*[^\x00-\x7f][^\s,;\t|\"]*")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file's name with its bytes or its place."""

    name: str
    content: bytes | None = None
    path: Path | None = None

    def open(self) -> BinaryIO:
        """Open the bytes for reading."""
        if self.content is not None:
            return io.BytesIO(self.content)
        if self.path is None:
            raise ValueError("a source file needs its content or its path")
        return self.path.open("rb")

    def size(self) -> int:
        """Return the number of bytes."""
        if self.content is not None:
            return len(self.content)
        return self.path.stat().st_size if self.path is not None else 0


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What a look at the whole file told. `encoding` is a codec's name, None for a workbook.

    `sample` is a word that shows how Windows-1252 was read.
    """

    sha256: str
    size: int
    encoding: str | None
    has_nul: bool = False
    sample: str = ""

    @property
    def is_workbook(self) -> bool:
        """Tell whether the file is an Excel workbook."""
        return self.encoding is None


def examine(source: SourceFile, declared: str) -> FileFacts:
    """Look at the whole file; refuse what is not text in the declared encoding or a workbook."""
    if source.size() == 0:
        raise InvalidInput(Code.EMPTY, "No data rows. The file is empty.")
    with source.open() as file:
        head = file.read(BLOCK)
    if head.startswith(ZIP_MARK):
        return _workbook_facts(source)
    _refuse_other_formats(source, head)
    encoding = _encoding_of(head, declared)
    return _text_facts(source, encoding, declared)


def digest_of(source: SourceFile) -> str:
    """Return the SHA-256 of the file's bytes."""
    digest = hashlib.sha256()
    with source.open() as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _workbook_facts(source: SourceFile) -> FileFacts:
    return FileFacts(digest_of(source), source.size(), None)


def _refuse_other_formats(source: SourceFile, head: bytes) -> None:
    found = _other_format(source, head)
    if found is None and source.name.lower().endswith(WORKBOOK_NAMES):
        found = "a text file, such as CSV; name it .csv"
    if found is not None:
        raise InvalidInput(
            Code.WRONG_TYPE, f"{quoted(source.name)} is {found}. Send CSV or an .xlsx workbook."
        )


def _other_format(source: SourceFile, head: bytes) -> str | None:
    if head.startswith(OLE_MARK):
        with source.open() as file:
            is_encrypted = ENCRYPTED_MARK in file.read()
        if is_encrypted:
            return "a password-protected workbook; save it without a password"
        return "an old .xls workbook; save it as .xlsx"
    if head.startswith(b"%PDF"):
        return "a PDF document"
    if HTML.match(head.removeprefix(codecs.BOM_UTF8)):
        return "an HTML page"
    if head.startswith(b"\x1f\x8b"):
        return "a compressed file; unpack it"
    return None


def _encoding_of(head: bytes, declared: str) -> str:
    """Return the codec: what a byte order mark says is certain, else what was declared."""
    if head.startswith(UTF_32_MARKS):
        raise InvalidInput(Code.ENCODING, "File is UTF-32. Save the file as CSV UTF-8.")
    if head.startswith(UTF_16_MARKS):
        return UTF_16
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    first = head[:UNMARKED_BYTES]
    if declared == UTF_16 or first.count(0) >= UNMARKED_NULS * len(first):
        raise InvalidInput(
            Code.ENCODING,
            "File has no byte order mark, which UTF-16 needs. Save the file as CSV UTF-8.",
        )
    return "utf-8-sig" if declared == UTF_8 else declared


def _text_facts(source: SourceFile, encoding: str, declared: str) -> FileFacts:
    digest = hashlib.sha256()
    decoder = codecs.getincrementaldecoder(encoding)()
    as_utf_8: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder("utf-8")()
    has_nul, is_ascii, sample = False, True, ""
    with source.open() as file:
        while block := file.read(BLOCK):
            digest.update(block)
            try:
                text = decoder.decode(block)
                has_nul = has_nul or "\0" in text
            except UnicodeDecodeError:
                raise _not_decodable(source, encoding) from None
            if encoding == CP1252 and not block.isascii():
                is_ascii = False
                sample = sample or _first_word(text)
                as_utf_8 = _still_utf_8(as_utf_8, block)
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise _not_decodable(source, encoding) from None
    if encoding == CP1252 and not is_ascii and as_utf_8 is not None:
        raise NeedsAnswer(
            Code.ENCODING,
            f"The file is UTF-8, not {ENCODINGS[declared]}: read so it would say {quoted(sample)}."
            " Choose encoding utf-8.",
            question="encoding",
            proposals=(UTF_8,),
        )
    return FileFacts(digest.hexdigest(), source.size(), encoding, has_nul, sample)


def _still_utf_8(
    decoder: codecs.IncrementalDecoder | None, block: bytes
) -> codecs.IncrementalDecoder | None:
    if decoder is not None:
        try:
            decoder.decode(block)
        except UnicodeDecodeError:
            return None
    return decoder


def _first_word(text: str) -> str:
    match = WORD.search(text)
    return match.group() if match else ""


def _not_decodable(source: SourceFile, encoding: str) -> InvalidInput:
    """Return the refusal that names row and byte, and asks where Windows-1252 would do."""
    with source.open() as file:
        content = file.read()
    try:
        content.decode(encoding)
        start = len(content)
    except UnicodeDecodeError as error:
        start = error.start
    name = ENCODINGS["utf-8" if encoding == "utf-8-sig" else encoding]
    row = _row_of(content[:start].decode(encoding, errors="replace"))
    byte = f"byte 0x{content[start]:02X}" if start < len(content) else "the end of the file"
    said = f"Row {row:,}: {byte} is not valid in {name}."
    if encoding not in {CP1252, UTF_16}:
        try:
            sample = _word_at(content, start)
        except UnicodeDecodeError:
            return InvalidInput(Code.ENCODING, f"{said} Save the file as CSV UTF-8.")
        return NeedsAnswer(
            Code.ENCODING,
            f"{said} Read as Windows-1252 it says {quoted(sample)};"
            " if that is right, choose encoding cp1252, else save the file as CSV UTF-8.",
            question="encoding",
            proposals=(CP1252,),
            sample=sample,
        )
    return InvalidInput(Code.ENCODING, f"{said} Save the file as CSV UTF-8.")


def _word_at(content: bytes, start: int) -> str:
    text = content.decode(CP1252)
    before, after = text[max(0, start - 60) : start], text[start : start + 60]
    left = re.split(r"[\s,;\t|\"]", before)[-1]
    return left + re.split(r"[\s,;\t|\"]", after)[0]


def _row_of(text: str) -> int:
    """Return the row that follows a text: quoted line ends are no new row."""
    try:
        rows = sum(1 for _ in csv.reader(io.StringIO(text + "x", newline="")))
    except csv.Error:
        return 1 + text.count("\n")
    return max(rows, 1)
