"""Restore a backup beside what there is, never over it, and prove what came back."""

from __future__ import annotations

import secrets
import shutil
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, make_url

from app.base.errors import AppError, Conflict, InvalidInput, Unavailable
from app.platform.operations import backups, engines, tables
from app.platform.operations.manifest import FILES, Manifest

Check = Callable[[Connection], list[str]]


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back: the database's address, the folder of files, and the backup's manifest."""

    url: str
    files: Path
    manifest: Manifest


def restore(
    backup: Path, into: str, *, files: Path | None = None, checks: tuple[Check, ...] = ()
) -> Restored:
    """Restore a backup into an empty place and prove it.

    into: for SQLite a folder that is empty or not there, which becomes an instance folder;
    for PostgreSQL the URL of an empty database, with `files` as the empty folder of files.
    checks: what else must hold of the restored database, each returning what is wrong.

    1. Prove the backup itself; nothing is touched where it is not whole.
    2. Refuse a place that holds anything.
    3. Unpack beside the place, check integrity, references, rows, checksums, audit chain
       and the files' digests, and only then give it its name.
    """
    said = backups.verify(backup)
    if said.engine == "sqlite":
        return _into_folder(backup, said, into, checks)
    return _into_database(backup, said, into, files, checks)


def _into_folder(backup: Path, said: Manifest, into: str, checks: tuple[Check, ...]) -> Restored:
    if "://" in into:
        raise InvalidInput(
            "E-BAK-06", "This is a backup of SQLite. Name an empty folder with --into."
        )
    folder = Path(into).resolve()
    _refuse_filled_folder(folder)
    with _room(folder) as room:
        _unpack(backup, said, database=room / engines.SQLITE_NAME, files=room / "files")
        _prove(f"sqlite:///{room / engines.SQLITE_NAME}", said, checks)
        _give_name(room, folder)
    return Restored(f"sqlite:///{folder / engines.SQLITE_NAME}", folder / "files", said)


def _into_database(
    backup: Path, said: Manifest, into: str, files: Path | None, checks: tuple[Check, ...]
) -> Restored:
    if make_url(into).get_backend_name() != "postgresql" if "://" in into else True:
        raise InvalidInput(
            "E-BAK-06",
            "This is a backup of PostgreSQL. Name an empty database with --into postgresql://….",
        )
    if files is None:
        raise InvalidInput("E-BAK-06", "Name an empty folder for the files with --files.")
    folder = files.resolve()
    _refuse_filled_folder(folder)
    engines.refuse_filled(into)
    with _room(folder) as room:
        dump = room.with_name(room.name + ".dump")
        try:
            _unpack(backup, said, database=dump, files=room)
            engines.fill_postgres(dump, into)
        finally:
            dump.unlink(missing_ok=True)
        _prove(into, said, checks)
        _give_name(room, folder)
    return Restored(into, folder, said)


def _refuse_filled_folder(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Conflict(
            "E-BAK-07", f"{folder} is not empty. A backup is restored into an empty place only."
        )
    if not folder.parent.is_dir():
        raise InvalidInput("E-BAK-06", f"There is no folder {folder.parent}.")


@contextmanager
def _room(folder: Path) -> Iterator[Path]:
    """Yield a new folder beside the place; nothing of it stays when something fails."""
    room = folder.with_name(f".{folder.name}.restoring-{secrets.token_hex(4)}")
    room.mkdir(mode=0o700)
    try:
        yield room
    finally:
        shutil.rmtree(room, ignore_errors=True)


def _unpack(backup: Path, said: Manifest, *, database: Path, files: Path) -> None:
    """Write the members that the manifest names, each proved on the way."""
    files.mkdir(exist_ok=True, mode=0o700)
    wanted = {said.database: (database, said.database_facts)}
    for place, facts in said.files.items():
        wanted[FILES + place] = (files / place, facts)
    try:
        with backups.opened(backup) as archive:
            for name, (target, facts) in wanted.items():
                if _written(archive, name, target) != facts:
                    raise Unavailable("E-BAK-08", f"{name} was not written as it was backed up.")
    except AppError:
        raise
    except OSError as error:
        raise Unavailable(
            "E-SYS-01", f"The place could not be written ({error.strerror}). Nothing was restored."
        ) from error


def _written(archive: tarfile.TarFile, name: str, target: Path) -> object:
    source = archive.extractfile(name)
    assert source is not None  # noqa: S101 — proved before
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with target.open("xb") as file:
        return backups.copied_digest(source, file)


def _prove(url: str, said: Manifest, checks: tuple[Check, ...]) -> None:
    """Compare the restored database with what the backup says of it."""
    with engines.opened(url) as connection:
        wrong = [
            *engines.check_integrity(connection),
            *tables.differences(said.tables, tables.table_facts(connection)),
        ]
        if tables.chain_head(connection) != said.chain:
            wrong.append("the audit log does not end where it did")
        for check in checks:
            wrong += check(connection)
    if wrong:
        raise Unavailable(
            "E-BAK-08", f"What was restored is not what was backed up: {'; '.join(wrong[:5])}."
        )


def _give_name(room: Path, folder: Path) -> None:
    # An empty folder of that name is replaced; a filled one would make this fail.
    room.rename(folder)
