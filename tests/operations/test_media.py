"""What a file is, is said by its bytes: rows 35, 36 and 38 of the acceptance table."""

from __future__ import annotations

import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.base.errors import AppError, InvalidInput, TooLarge, Unavailable
from app.platform.records import scanner
from app.platform.records.media import checked_kind
from app.platform.records.models import ScanState
from app.platform.records.names import LONGEST_NAME, is_drawn, shown_name
from tests.operations import file_samples as samples

SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
HTML = b"<!DOCTYPE html><script>alert(1)</script>"


@pytest.mark.parametrize("name", samples.SOUND)
def test_a_sound_file_is_taken_as_what_it_is(name: str) -> None:
    assert checked_kind(name, samples.SOUND[name]).media_type == samples.MEDIA_TYPES[name]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.pdf", HTML, "E-FIL-08: The content is text/html, not PDF."),
        ("a.txt", HTML, "E-FIL-08: The content is text/html, not text."),
        ("a.csv", b"\xef\xbb\xbf <script>x", "E-FIL-08: The content is text/html, not CSV."),
        ("a.txt", HTML.decode().encode("utf-16"), "E-FIL-08: The content is text/html, not text."),
        ("a.pdf", SVG, "E-FIL-08: The content is image/svg+xml, not PDF."),
        ("a.png", SVG, "E-FIL-08: The content is image/svg+xml, not PNG."),
        ("a.txt", b"  <svg/onload=x>" + SVG, "E-FIL-08: The content is image/svg+xml"),
        ("a.pdf", b"MZ\x90\0\x03", "E-FIL-08: The content is a Windows program, not PDF."),
        ("a.jpg", b"\x7fELF\x02", "E-FIL-08: The content is a program, not JPEG."),
        ("a.pdf", b"\0\x01\x02\x81", "E-FIL-08: The content is unknown to us, not PDF."),
        ("a.pdf", b"GIF89a", "E-FIL-08: The content is image/gif, not PDF."),
        ("a.png", samples.jpeg(), "E-FIL-08: The content is image/jpeg, not PNG."),
        ("a.docx", samples.office("xl/workbook.xml"), "E-FIL-08: The content is application/vnd"),
        ("a.xlsx", samples.office("payload.js"), "E-FIL-08: The content is a zip archive, not"),
        ("a.docx", samples.encrypted(), "E-FIL-08: The content is password-protected"),
        ("a.docx", samples.office(**{"word/vbaProject.bin": b""}), "E-FIL-08: The content has"),
    ],
)  # fmt: skip
def test_35_a_file_that_is_something_else_is_refused_by_what_it_is(
    name: str, content: bytes, words: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        checked_kind(name, content)
    assert str(refused.value).startswith(words)


@pytest.mark.parametrize(
    "name", ["a.svg", "a.html", "a.exe", "a.xlsm", "a.pdf.js", "pdf", ".pdf", "a."]
)
def test_35_a_kind_that_is_not_on_the_list_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match=r"E-FIL-08: Files of this kind are not taken\."):
        checked_kind(name, samples.pdf())


@pytest.mark.parametrize("name", ["a.png", "a.jpg"])
def test_36_a_flood_of_pixels_is_refused_before_anything_is_drawn(name: str) -> None:
    content = samples.png(30_000, 30_000) if name == "a.png" else samples.jpeg(30_000, 30_000)
    with pytest.raises(InvalidInput, match=r"E-FIL-09: 900 megapixels; limit 25\."):
        checked_kind(name, content)


def test_36_twenty_five_megapixels_are_taken() -> None:
    assert checked_kind("a.png", samples.png(5_000, 5_000)).media_type == "image/png"


@pytest.mark.parametrize("name", samples.SOUND)
def test_38_an_empty_file_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match="E-FIL-10: The file is empty"):
        checked_kind(name, b"")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("certificate.pdf", "PDF"), ("scan.png", "PNG"), ("photo.jpg", "JPEG"),
    ],
)  # fmt: skip
def test_38_a_truncated_file_is_refused(name: str, words: str) -> None:
    whole = samples.SOUND[name]
    for kept in (len(whole) - 12, len(whole) // 2):
        with pytest.raises(InvalidInput, match=f"E-FIL-10: The file cannot be read as {words}"):
            checked_kind(name, whole[:kept])


def test_38_a_torn_document_is_refused() -> None:
    with pytest.raises(InvalidInput, match="E-FIL-10: The file cannot be read as a document"):
        checked_kind("letter.docx", samples.office()[:-30])


@pytest.mark.parametrize(
    "content",
    [
        samples.office(**{"word/x": b"0" * 120_000_000}),
        samples.office(**{"word/x.zip": b"PK"}),
        samples.office(**{f"word/{number}": b"" for number in range(1_001)}),
        samples.with_link(),
    ],
    ids=["bomb", "nested", "entries", "link"],
)
def test_an_archive_that_means_trouble_is_refused_unopened(content: bytes) -> None:
    with pytest.raises(AppError, match="E-FIL-01"):
        checked_kind("letter.docx", content)


@given(st.sampled_from(sorted(samples.SOUND)), st.binary(max_size=300), st.integers(0, 300))
def test_whatever_the_bytes_a_file_is_taken_or_refused_by_name(
    name: str, noise: bytes, at: int
) -> None:
    sound = samples.SOUND[name]
    with suppress(InvalidInput, TooLarge):
        checked_kind(name, sound[:at] + noise + sound[at:])


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\windows\\win.ini", "win.ini"),
        ("/etc/passwd", "passwd"),
        ("..", "file"),
        ("", "file"),
        (" . ", "file"),
        ('a";x=\r\nSet-Cookie: y.pdf', 'a";x=��Set-Cookie: y.pdf'),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("a\0.pdf", "a�.pdf"),
        ("Prüfbericht 🙂.pdf", "Prüfbericht 🙂.pdf"),
        ("\ud800.pdf", "�.pdf"),
        ("%2e%2e%2fx.pdf", "%2e%2e%2fx.pdf"),
        ("CON", "CON"),
    ],
)
def test_37_a_name_is_shown_without_what_deceives(raw: str, shown: str) -> None:
    assert shown_name(raw) == shown


def test_37_a_long_name_keeps_its_end() -> None:
    assert shown_name("x" * 300 + ".pdf") == "x" * 145 + "….pdf"


@given(st.text())
def test_37_any_name_can_be_drawn_and_is_no_path(raw: str) -> None:
    name = shown_name(raw)
    assert 0 < len(name) <= LONGEST_NAME
    assert "/" not in name
    assert name not in (".", "..")
    assert all(is_drawn(sign) for sign in name)


@pytest.fixture
def clamd() -> Iterator[Path]:
    """A daemon that speaks ClamAV's language and finds the test virus."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clamd"
        door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        door.bind(str(path))
        door.listen()
        thread = threading.Thread(target=_serve, args=(door,), daemon=True)
        thread.start()
        yield path
        door.shutdown(socket.SHUT_RDWR)
        door.close()
        thread.join()


def test_38_what_the_scanner_rejects_is_refused(clamd: Path) -> None:
    with pytest.raises(InvalidInput, match="E-FIL-10: The file was rejected by the scanner"):
        scanner.scan(b"x" * 200_000 + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE", clamd)


def test_what_the_scanner_lets_pass_is_called_clean(clamd: Path) -> None:
    assert scanner.scan(b"x", clamd) is ScanState.CLEAN


def test_without_a_scanner_nobody_claims_anything() -> None:
    assert scanner.scan(b"x", None) is ScanState.NOT_SCANNED


def test_a_silent_scanner_lets_nothing_pass(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="E-FIL-14"):
        scanner.scan(b"x", tmp_path / "nobody")


def _serve(door: socket.socket) -> None:
    while True:
        try:
            line, _ = door.accept()
        except OSError:
            return
        with line, line.makefile("rb") as said:
            assert said.read(10) == b"zINSTREAM\0"
            content = b""
            while length := int.from_bytes(said.read(4), "big"):
                content += said.read(length)
            is_virus = b"EICAR" in content
            line.sendall(b"stream: Eicar FOUND\0" if is_virus else b"stream: OK\0")
