"""A finished file appears whole under its name, or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from app.base.errors import Unavailable


def write_file(data: bytes, path: Path) -> None:
    """Write `data` to `path` so that no reader, crash or full disk leaves half a file.

    1. Write and fsync a temporary file in the same folder.
    2. Rename it to its name and fsync the folder.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise Unavailable(
            "E-SYS-01",
            f"{path.name} could not be written ({error.strerror}). Nothing was stored; "
            "free space, then print it again.",
        ) from error


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
