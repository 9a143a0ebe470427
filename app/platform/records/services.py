"""Writes of attached files: take one, remove one, collect what nobody needs any more."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import clock, db
from app.base.errors import Conflict, InvalidInput, TooLarge
from app.platform.accounts.models import User
from app.platform.audit import services as audit
from app.platform.records import media, names, queries, scanner, store
from app.platform.records.models import Attachment, ScanState
from config import Settings

MEGABYTE = 1024 * 1024
SUPPLIER_CONTACT = "supplier_contact"
SHORTEST_REASON = 10
LONGEST_REASON = 500
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where files are kept and how much of them.

    files: the file store. scanner: a virus scanner's socket, None without one. largest:
    [bytes]. per_account, per_contact: files that one account may have brought.
    """

    files: Path
    scanner: Path | None
    largest: int
    per_account: int
    per_contact: int

    @classmethod
    def of(cls, settings: Settings) -> Shelf:
        """Return the shelf that an application is set to."""
        return cls(
            files=settings.files,
            scanner=settings.scanner,
            largest=settings.file_limit_bytes,
            per_account=settings.files_per_account,
            per_contact=settings.files_per_contact,
        )


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was looked at and may be stored."""

    name: str
    media_type: str
    content: bytes
    scan_state: ScanState

    @property
    def sha256(self) -> str:
        """The digest of the bytes."""
        return hashlib.sha256(self.content).hexdigest()


def examine(raw_name: str, content: bytes, *, shelf: Shelf) -> Upload:
    """Look at a file's name and bytes; nothing is stored, no database is asked.

    Raises InvalidInput or TooLarge that says what it is instead and what to do.
    """
    if len(content) > shelf.largest:
        raise TooLarge(
            "E-FIL-17",
            f"{len(content) / MEGABYTE:,.0f} MB; limit {shelf.largest // MEGABYTE} MB."
            " Nothing was stored.",
        )
    name = names.shown_name(raw_name)
    kind = media.checked_kind(name, content)
    return Upload(name, kind.media_type, content, scanner.scan(content, shelf.scanner))


def attach(
    upload: Upload,
    *,
    entity: str,
    entity_id: int,
    supplier_id: int | None,
    evidence_on: date | None,
    shelf: Shelf,
    beside: Callable[[Session, uuid.UUID], object] | None = None,
) -> uuid.UUID:
    """Store a file about a record and return its id.

    The bytes are written whole before the row: a file without a row can't be reached and is
    collected later, a row without its file does not come about. `beside` writes what the record
    says of the file, in the same transaction; where it raises, nothing is stored. Raises
    TooLarge (E-FIL-11) where the account has brought as many as it may.
    """
    if evidence_on is not None and evidence_on > clock.today():
        raise InvalidInput("E-FIL-18", f"{evidence_on.isoformat()} lies in the future.")
    public_id = uuid.uuid4()
    with db.transaction() as session:
        check_quota(session, shelf=shelf)
    store.keep(upload.content, shelf.files, public_id)
    try:
        with db.transaction() as session:
            check_quota(session, shelf=shelf)
            session.add(
                _row(
                    session,
                    public_id,
                    upload,
                    entity=entity,
                    entity_id=entity_id,
                    supplier_id=supplier_id,
                    evidence_on=evidence_on,
                )
            )
            if beside is not None:
                beside(session, public_id)
    except BaseException:
        store.drop(shelf.files, public_id)
        raise
    return public_id


def check_quota(session: Session, *, shelf: Shelf) -> None:
    """Refuse one file more than the acting account may bring; locks the account's row."""
    actor = db.actor_of(session)
    if actor.user_id is None:
        return
    # Two uploads at once count one after the other.
    session.execute(select(User.id).where(User.id == actor.user_id).with_for_update())
    limit = shelf.per_contact if SUPPLIER_CONTACT in actor.roles else shelf.per_account
    if queries.files_brought_by(session, actor.user_id) >= limit:
        raise TooLarge(
            "E-FIL-11", f"Limit of {limit:,} files reached. Remove one that is not needed."
        )


def remove(
    session: Session, *, entity: str, entity_id: int, public_id: uuid.UUID, reason: str
) -> None:
    """Take a file away from a record; its row stays and says who did it and why.

    The bytes go later, by housekeeping. Raises InvalidInput unless a reason is given.
    """
    why = " ".join(reason.split())
    if not SHORTEST_REASON <= len(why) <= LONGEST_REASON:
        raise InvalidInput("E-FIL-19", "Give a reason of at least 10 characters.")
    queries.file_of(session, entity, entity_id, public_id)
    audit.give_reason(session, why)
    found = session.scalar(
        select(Attachment).where(Attachment.public_id == public_id).with_for_update()
    )
    if found is None or found.removed_at is not None:
        raise Conflict("E-FIL-20", "The file was removed meanwhile.")
    found.removed_at = clock.now()
    found.removed_by = db.actor_of(session).name
    found.removed_because = why
    session.flush()


def note_download(session: Session, file: queries.AttachedFile) -> None:
    """Record that somebody took a file out of the house."""
    audit.record(
        session,
        action="attachment.download",
        entity="attachment",
        entity_id=file.public_id,
        after={"name": file.name, "sha256": file.sha256},
    )


def drop_removed(files: Path, before: datetime, *, is_dry_run: bool = False) -> int:
    """Remove the bytes of files that were removed before a moment; return how many went."""
    with db.reading() as session:
        gone = queries.removed_before(session, before)
    lying = [each for each in gone if store.stored_path(files, each).exists()]
    if not is_dry_run:
        for each in lying:
            store.drop(files, each)
    return len(lying)


def collect_orphans(files: Path, at: datetime, *, is_dry_run: bool = False) -> int:
    """Remove files of the store that no row names and no upload is about to; return how many.

    Younger ones than a day may still get their row.
    """
    oldest = (at - timedelta(seconds=store.ORPHAN_SECONDS)).timestamp()
    known: list[tuple[Path, uuid.UUID | None]] = []
    for path, public_id in store.stored(files):
        if path.is_file() and path.stat().st_mtime < oldest:
            known.append((path, public_id))
    orphans = []
    for start in range(0, len(known), CHUNK):
        part = known[start : start + CHUNK]
        with db.reading() as session:
            named = queries.named_ids(session, [each for _, each in part if each is not None])
        orphans += [path for path, public_id in part if public_id not in named]
    if not is_dry_run:
        for path in orphans:
            path.unlink(missing_ok=True)
    return len(orphans)


def _row(
    session: Session,
    public_id: uuid.UUID,
    upload: Upload,
    *,
    entity: str,
    entity_id: int,
    supplier_id: int | None,
    evidence_on: date | None,
) -> Attachment:
    actor = db.actor_of(session)
    return Attachment(
        public_id=public_id,
        entity=entity,
        entity_id=entity_id,
        supplier_id=supplier_id,
        display_name=upload.name,
        media_type=upload.media_type,
        sha256=upload.sha256,
        size=len(upload.content),
        scan_state=upload.scan_state,
        evidence_on=evidence_on,
        uploaded_by=actor.name,
        uploaded_by_id=actor.user_id,
        uploaded_at=clock.now(),
    )
