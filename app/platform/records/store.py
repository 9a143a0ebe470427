"""Where the bytes of attached files lie: in the file store, by id, never by a name from outside."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from app.base.errors import Unavailable
from app.base.logging import event
from app.base.pdf.files import write_file

log = logging.getLogger(__name__)

FOLDER = "attachments"
# Longer than any upload takes: a file younger than this may still get its row.
ORPHAN_SECONDS = 24 * 3600


def stored_path(files: Path, public_id: UUID) -> Path:
    """Return where an attached file lies: spread over folders by its id."""
    name = public_id.hex
    return files / FOLDER / name[:2] / f"{public_id}.bin"


def keep(content: bytes, files: Path, public_id: UUID) -> None:
    """Write a file whole, or not at all."""
    write_file(content, stored_path(files, public_id))


def load(files: Path, public_id: UUID, sha256: str) -> bytes:
    """Return a file's bytes; raises Unavailable (E-FIL-15) unless they are what was stored."""
    try:
        content = stored_path(files, public_id).read_bytes()
    except FileNotFoundError:
        content = b""
    if hashlib.sha256(content).hexdigest() != sha256:
        event(log, "file.damaged", level=logging.ERROR, file=str(public_id))
        raise Unavailable(
            "E-FIL-15", "The stored file is missing or damaged. Restore it from a backup."
        )
    return content


def drop(files: Path, public_id: UUID) -> None:
    """Remove a file's bytes; one that is gone already is no error."""
    with suppress(FileNotFoundError):
        stored_path(files, public_id).unlink()


def stored(files: Path) -> Iterator[tuple[Path, UUID | None]]:
    """Yield every file of the store with the id it is named after; None for any other."""
    for path in sorted((files / FOLDER).glob("*/*")):
        try:
            yield path, UUID(path.stem) if path.suffix == ".bin" else None
        except ValueError:
            yield path, None
