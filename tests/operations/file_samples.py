"""Files as they come from outside: sound ones of each kind, and what pretends to be one."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib


def png(width: int = 2, height: int = 2) -> bytes:
    """A PNG; its header may claim any size, its data are of one row."""

    def part(name: bytes, data: bytes) -> bytes:
        seal = zlib.crc32(name + data)
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", seal)

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + part(b"IHDR", head)
        + part(b"IDAT", zlib.compress(b"\0\0\0"))
        + part(b"IEND", b"")
    )


def jpeg(width: int = 2, height: int = 2) -> bytes:
    """A JPEG's skeleton: application segment, frame, end."""
    frame = struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00"
    return (
        b"\xff\xd8\xff\xe0\x00\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0"
        + b"\xff\xc0"
        + struct.pack(">H", len(frame) + 2)
        + frame
        + b"\xff\xda\x00\x02data\xff\xd9"
    )


def pdf(extra: bytes = b"") -> bytes:
    """A small PDF with its cross-reference table."""
    body = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n" + extra
    return (
        body
        + b"xref\n0 2\n0000000000 65535 f \n0000000009 00000 n \n"
        + b"trailer\n<< /Size 2 /Root 1 0 R >>\nstartxref\n"
        + str(len(body)).encode()
        + b"\n%%EOF\n"
    )


def office(part: str = "word/document.xml", **more: bytes) -> bytes:
    """A Word document or, with another main part, a workbook."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(part, "<document/>")
        for name, content in more.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def with_link() -> bytes:
    """A document with a part that is a link to another file."""
    buffer = io.BytesIO(office())
    with zipfile.ZipFile(buffer, "a") as archive:
        entry = zipfile.ZipInfo("word/media/x")
        entry.external_attr = 0o120777 << 16
        archive.writestr(entry, "/etc/passwd")
    return buffer.getvalue()


def encrypted() -> bytes:
    """A document whose directory says that its parts need a password."""
    content = bytearray(office())
    place = content.find(b"PK\x01\x02")
    while place >= 0:
        content[place + 8] |= 1
        place = content.find(b"PK\x01\x02", place + 1)
    return bytes(content)


SOUND = {
    "certificate.pdf": pdf(),
    "scan.png": png(),
    "photo.jpg": jpeg(),
    "photo.jpeg": jpeg(),
    "list.csv": b"a;b\r\n1;2\r\n",
    "notes.txt": "Prüfbericht".encode(),
    "notes16.txt": "Prüfbericht".encode("utf-16"),
    "alt.txt": "Prüfbericht".encode("cp1252"),
    "sheet.xlsx": office("xl/workbook.xml"),
    "letter.docx": office(),
}
MEDIA_TYPES = {
    "certificate.pdf": "application/pdf",
    "scan.png": "image/png",
    "photo.jpg": "image/jpeg",
    "photo.jpeg": "image/jpeg",
    "list.csv": "text/csv",
    "notes.txt": "text/plain",
    "notes16.txt": "text/plain",
    "alt.txt": "text/plain",
    "sheet.xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "letter.docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
