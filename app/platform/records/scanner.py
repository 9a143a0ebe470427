"""A virus scanner, where the house runs one: ClamAV's daemon behind its socket.

Without one a file stays “not scanned” and says so; nobody claims more.
"""

from __future__ import annotations

import logging
import socket
import struct
from pathlib import Path

from app.base.errors import InvalidInput, Unavailable
from app.base.logging import event
from app.platform.records.models import ScanState

log = logging.getLogger(__name__)

REJECTED = "E-FIL-10"
LONGEST_SECONDS = 60
BLOCK = 1 << 16
LONGEST_VERDICT = 1000


def scan(content: bytes, scanner: Path | None) -> ScanState:
    """Return what the scanner says of a file.

    Raises InvalidInput where it found something, Unavailable (E-FIL-14) where a scanner is
    configured and does not answer: then nothing is taken unseen.
    """
    if scanner is None:
        return ScanState.NOT_SCANNED
    try:
        verdict = _verdict(content, scanner)
    except OSError as error:
        event(log, "scanner.silent", level=logging.ERROR, words=str(error))
        verdict = ""
    if verdict.endswith("OK"):
        return ScanState.CLEAN
    if verdict.endswith("FOUND"):
        event(log, "scanner.found", level=logging.WARNING, verdict=verdict)
        raise InvalidInput(REJECTED, "The file was rejected by the scanner. Nothing was stored.")
    raise Unavailable(
        "E-FIL-14", "The virus scanner does not answer. Nothing was stored; try again."
    )


def _verdict(content: bytes, scanner: Path) -> str:
    """Speak ClamAV's INSTREAM: blocks with their lengths, then an empty one."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(LONGEST_SECONDS)
        line.connect(str(scanner))
        line.sendall(b"zINSTREAM\0")
        for start in range(0, len(content), BLOCK):
            block = content[start : start + BLOCK]
            line.sendall(struct.pack(">I", len(block)) + block)
        line.sendall(struct.pack(">I", 0))
        said = b""
        while not said.endswith(b"\0") and len(said) < LONGEST_VERDICT:
            block = line.recv(BLOCK)
            if not block:
                break
            said += block
    return said.rstrip(b"\0").decode("utf-8", errors="replace").strip()
