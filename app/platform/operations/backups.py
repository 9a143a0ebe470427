"""Make a backup, prove it, keep the right ones. One file holds everything but the keys.

The file is a tar: the database's copy, the files of the store, the manifest, and last the
manifest's digest, so that a truncated backup lacks its end. It appears whole under its
name or not at all.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO, Protocol

from app.base import clock
from app.base.db import Database
from app.base.errors import AppError, InvalidInput, Unavailable
from app.platform.operations import engines, manifest
from app.platform.operations.manifest import FILES, MANIFEST, SEAL, FileFacts, Manifest

ENDING = ".backup"
NAME = re.compile(r"mainstay-(\d{8}T\d{6}Z)\.backup")
MOMENT = "%Y%m%dT%H%M%SZ"
BLOCK = 1 << 20
DAILY, WEEKLY, MONTHLY = 7, 4, 3
DISK_FULL = {28, 122}


class Progress(Protocol):
    """Told how far the work is, between its steps (a job's run)."""

    def progress(self, done: int, total: int | None = None) -> None:
        """Note it."""


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was made: where, how large [bytes], what it holds, which ones went."""

    path: Path
    size: int
    manifest: Manifest
    dropped: tuple[Path, ...] = ()


def make(
    database: Database, *, files: Path, folder: Path, version: str, run: Progress | None = None
) -> Made:
    """Back up the database and the files of the store into `folder`.

    1. Copy the database, of one moment; count and digest its tables.
    2. Add the files: each row's file was written before its row, so none is missing.
    3. Seal the manifest, sync, rename, and drop what retention no longer keeps.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    at = clock.now()
    path = folder / f"mainstay-{at.astimezone(UTC).strftime(MOMENT)}{ENDING}"
    if path.exists():
        raise Unavailable("E-BAK-09", f"{path.name} is there already. Wait a second, try again.")
    with _disk_errors_named(), tempfile.TemporaryDirectory(prefix=".making-", dir=folder) as room:
        copy = Path(room) / "database"
        copied = engines.copy(database, copy)
        _tell(run, 1)
        part = Path(room) / "archive"
        made = _packed(part, copy, copied, files=files, at=at, version=version)
        _tell(run, 2)
        size = part.stat().st_size
        part.chmod(0o600)
        _sync(part)
        part.rename(path)
        _sync(folder)
    dropped = prune(folder, keep=path)
    _tell(run, 3)
    return Made(path, size, made, dropped)


def verify(path: Path) -> Manifest:
    """Prove that a backup is whole: every member there, with its size and digest.

    Raises InvalidInput: E-BAK-03 another format, E-BAK-04 truncated or no backup, E-BAK-05
    changed.
    """
    with opened(path) as archive:
        said = sealed_manifest(archive)
        members = {member.name: member for member in archive.getmembers()}
        wanted = {said.database: said.database_facts}
        wanted |= {FILES + name: facts for name, facts in said.files.items()}
        surplus = sorted(set(members) - set(wanted) - {MANIFEST, SEAL})
        if surplus:
            raise _changed(f"it holds {surplus[0]!r}, which its manifest doesn't name")
        for name, facts in wanted.items():
            member = members.get(name)
            if member is None or not member.isfile():
                raise _changed(f"{name} is missing")
            source = archive.extractfile(member)
            assert source is not None  # noqa: S101 — a regular file
            if copied_digest(source) != facts:
                raise _changed(f"{name} is not what was backed up")
    return said


@contextmanager
def opened(path: Path) -> Iterator[tarfile.TarFile]:
    """Yield an archive for reading; what can't be read is called by its name."""
    if not path.is_file():
        raise InvalidInput("E-BAK-04", f"There is no file {path}.")
    try:
        archive = tarfile.open(path, "r:")  # noqa: SIM115 — closed below
    except (tarfile.TarError, EOFError, OSError) as error:
        raise _truncated(path.name) from error
    with archive:
        try:
            yield archive
        except (tarfile.TarError, EOFError) as error:
            raise _truncated(path.name) from error


def sealed_manifest(archive: tarfile.TarFile) -> Manifest:
    """Return an archive's manifest, proved by its seal, which stands last."""
    names = archive.getnames()
    name = Path(str(archive.name)).name
    if names[-2:] != [MANIFEST, SEAL]:
        raise _truncated(name)
    written, seal = (_small(archive, each) for each in (MANIFEST, SEAL))
    if hashlib.sha256(written).hexdigest() != seal.decode("ascii", errors="replace").strip():
        raise _changed("its manifest doesn't match its seal")
    said = manifest.read(written)
    for each in said.files:
        place = PurePosixPath(each)
        if place.is_absolute() or ".." in place.parts or not place.parts:
            raise _changed(f"{each!r} is no path in the file store")
    return said


def copied_digest(source: IO[bytes], target: IO[bytes] | None = None) -> FileFacts:
    """Return digest and size of what `source` gives, copying it to `target` on the way."""
    digest, size = hashlib.sha256(), 0
    while block := source.read(BLOCK):
        digest.update(block)
        size += len(block)
        if target is not None:
            target.write(block)
    return FileFacts(digest.hexdigest(), size)


def backups_in(folder: Path) -> dict[datetime, Path]:
    """Return the backups of a folder by the moment they were made."""
    found = {}
    for path in folder.glob(f"*{ENDING}"):
        named = NAME.fullmatch(path.name)
        if named is not None:
            found[datetime.strptime(named[1], MOMENT).replace(tzinfo=UTC)] = path
    return dict(sorted(found.items()))


def kept(moments: Iterable[datetime]) -> set[datetime]:
    """Return which backups are kept: the newest of 7 days, of 4 weeks and of 3 months."""
    newest_first = sorted(moments, reverse=True)
    found: set[datetime] = set()
    for limit, period in (
        (DAILY, lambda at: (at.year, at.month, at.day)),
        (WEEKLY, lambda at: at.isocalendar()[:2]),
        (MONTHLY, lambda at: (at.year, at.month)),
    ):
        newest_of: dict[tuple[int, ...], datetime] = {}
        for at in newest_first:
            newest_of.setdefault(period(at), at)
        found |= set(list(newest_of.values())[:limit])
    return found


def prune(folder: Path, *, keep: Path | None = None) -> tuple[Path, ...]:
    """Remove the backups of a folder that retention does not keep; return them."""
    known = backups_in(folder)
    wanted = kept(known)
    gone = tuple(path for at, path in known.items() if at not in wanted and path != keep)
    for path in gone:
        path.unlink()
    return gone


def _packed(
    part: Path, copy: Path, copied: engines.Copied, *, files: Path, at: datetime, version: str
) -> Manifest:
    name = engines.SQLITE_NAME if copied.engine == "sqlite" else engines.POSTGRES_NAME
    with tarfile.open(part, "w") as archive:
        database_facts = _added(archive, copy, name, at)
        copy.unlink()
        kept_files = {}
        for path, place in _stored(files):
            try:
                kept_files[place] = _added(archive, path, FILES + place, at)
            except FileNotFoundError:
                # Collected since it was listed: no row names it.
                continue
        said = Manifest(
            made_at=at,
            engine=copied.engine,
            engine_version=copied.engine_version,
            version=version,
            revision=copied.revision,
            database=name,
            database_facts=database_facts,
            tables=copied.facts,
            chain=copied.chain,
            files=kept_files,
        )
        written = said.written()
        _add_bytes(archive, MANIFEST, written, at)
        _add_bytes(archive, SEAL, hashlib.sha256(written).hexdigest().encode("ascii"), at)
    return said


def _stored(files: Path) -> Iterator[tuple[Path, str]]:
    """Yield the whole files of the store; half-written ones begin with a point."""
    for path in sorted(files.rglob("*")):
        if path.is_file() and not path.is_symlink() and not path.name.startswith("."):
            yield path, path.relative_to(files).as_posix()


def _added(archive: tarfile.TarFile, path: Path, name: str, at: datetime) -> FileFacts:
    with path.open("rb") as source:
        entry = _entry(name, os.fstat(source.fileno()).st_size, at)
        reader = _Digesting(source)
        archive.addfile(entry, reader)
    return FileFacts(reader.digest.hexdigest(), entry.size)


def _add_bytes(archive: tarfile.TarFile, name: str, content: bytes, at: datetime) -> None:
    archive.addfile(_entry(name, len(content), at), io.BytesIO(content))


def _entry(name: str, size: int, at: datetime) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size = size
    entry.mode = 0o600
    entry.mtime = int(at.timestamp())
    return entry


class _Digesting:
    """Reads on, digesting what it gives."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        block = self._source.read(size)
        self.digest.update(block)
        return block


def _small(archive: tarfile.TarFile, name: str) -> bytes:
    source = archive.extractfile(name)
    if source is None:
        raise _changed(f"{name} is no file")
    return source.read()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _tell(run: Progress | None, done: int) -> None:
    if run is not None:
        run.progress(done, 3)


@contextmanager
def _disk_errors_named() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if isinstance(error, AppError) or error.errno not in DISK_FULL:
            raise
        raise Unavailable(
            "E-SYS-01", "The disk is full. No backup was made; free space, then try again."
        ) from error


def _truncated(name: str) -> InvalidInput:
    return InvalidInput(
        "E-BAK-04", f"{name} is no whole backup: its end is missing or it can't be read."
    )


def _changed(why: str) -> InvalidInput:
    return InvalidInput("E-BAK-05", f"The backup was changed since it was made: {why}.")
