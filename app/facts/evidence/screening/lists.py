"""Editions of lists: check a file, put it in force, discard it, withdraw it.

What is checked is stored beside what is in force, so that a person sees what would change
before it does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from app.base import clock, db, formatting
from app.base.errors import Conflict, InvalidInput, NotFound
from app.facts.evidence.screening import settings
from app.facts.evidence.screening.models import Layout, ListState, ScreeningEntry, ScreeningList
from app.facts.evidence.screening.reading import ListFile
from app.platform.audit import services as audit

OFAC = "ofac"
SOURCE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
EARLIEST = date(1990, 1, 1)
LONGEST_FILE_NAME = 200
# A list that loses more than this part of its entries at once is likelier cut off than mended.
SHRINKS_FROM = 0.1


def layout_of(source: str) -> Layout:
    """Return how the files of a list are laid out."""
    return Layout.OFAC if source == OFAC else Layout.GENERIC


def check(
    session: Session, file: ListFile, *, source: str, edition: date, file_name: str
) -> ScreeningList:
    """Store an edition beside those in force, with what it would change.

    Raises InvalidInput E-SAN-03 for a day or a name of the list that can't be, Conflict
    E-SAN-02 for a file that is loaded already, E-SAN-04 for an edition not after that in force.
    """
    _check_name_and_day(source, edition)
    _refuse_same_file(session, source, file.sha256)
    former = newest_in_force(session, source)
    _refuse_older(former, source, edition)
    row = ScreeningList(
        source=source,
        layout=layout_of(source),
        edition=edition,
        file_name=file_name[-LONGEST_FILE_NAME:],
        file_sha256=file.sha256,
        entries=len(file.parties),
        counts=file.counts,
        changes=_changes(session, file, former),
        loaded_by=db.actor_of(session).name,
        loaded_at=clock.now(),
    )
    session.add(row)
    session.flush()
    insert_entries(session, row.id, file)
    return row


def put_in_force(session: Session, public_id: UUID) -> ScreeningList:
    """Let an edition that was checked count; suppliers are screened against it from now on."""
    row = edition_of(session, public_id, is_locked=True)
    _require(row, ListState.CHECKED, "It was decided already; look at its state.")
    _refuse_older(newest_in_force(session, row.source), row.source, row.edition)
    row.state = ListState.IN_FORCE
    row.put_in_force_by, row.put_in_force_at = db.actor_of(session).name, clock.now()
    session.flush()
    return row


def discard(session: Session, public_id: UUID) -> ScreeningList:
    """Drop an edition that was checked and never counted."""
    row = edition_of(session, public_id, is_locked=True)
    _require(row, ListState.CHECKED, "Only what was checked and never counted is discarded.")
    session.execute(delete(ScreeningEntry).where(ScreeningEntry.list_id == row.id))
    session.delete(row)
    session.flush()
    return row


def withdraw(session: Session, public_id: UUID, *, reason: str) -> ScreeningList:
    """Take the newest edition of a list out of force; the one before it counts again."""
    row = edition_of(session, public_id, is_locked=True)
    _require(row, ListState.IN_FORCE, "Only an edition in force is withdrawn.")
    newest = newest_in_force(session, row.source)
    if newest is None or newest.id != row.id:
        raise Conflict(
            "E-SAN-06", "A newer edition of the list is in force; this one counts no more anyway."
        )
    row.withdrawn_because = audit.give_reason(session, reason)
    row.state = ListState.WITHDRAWN
    row.withdrawn_by, row.withdrawn_at = db.actor_of(session).name, clock.now()
    session.flush()
    return row


def edition_of(session: Session, public_id: UUID, *, is_locked: bool = False) -> ScreeningList:
    """Return an edition; raises NotFound."""
    asked = select(ScreeningList).where(ScreeningList.public_id == public_id)
    row = session.scalar(asked.with_for_update() if is_locked else asked)
    if row is None:
        raise NotFound("E-SAN-01", "There is no such edition of a list.")
    return row


def in_force(session: Session) -> list[ScreeningList]:
    """Return of each list the newest edition in force, by the list's name."""
    row = ScreeningList
    rows = session.scalars(
        select(row).where(row.state == ListState.IN_FORCE).order_by(row.source, row.edition, row.id)
    )
    # Of each list the last one stands.
    return list({each.source: each for each in rows}.values())


def newest_in_force(session: Session, source: str) -> ScreeningList | None:
    """Return the edition of a list that counts now, None where none does."""
    return next((each for each in in_force(session) if each.source == source), None)


@dataclass(frozen=True, slots=True)
class EditionAge:
    """An edition in force and how old it is on a day."""

    source: str
    edition: date
    public_id: UUID
    days: int
    is_old: bool


def ages(session: Session, day: date) -> list[EditionAge]:
    """Return how old the editions in force are on a day, by the setting's measure."""
    stale_days = settings.in_force(session).stale_days
    return [
        EditionAge(row.source, row.edition, row.public_id, age, age > stale_days)
        for row in in_force(session)
        for age in ((day - row.edition).days,)
    ]


def is_shrinking(changes: Mapping[str, Any]) -> bool:  # Any: what JSON can hold
    """Tell whether an edition loses so much of the one before that its file may be cut off."""
    former = changes.get("former_entries", 0)
    return bool(former) and changes["gone"] > SHRINKS_FROM * former


def _changes(
    session: Session, file: ListFile, former: ScreeningList | None
) -> dict[str, Any]:  # Any: what JSON can hold
    told: dict[str, Any] = {"unread": list(file.unread)}
    if former is None:
        return told
    rows = session.execute(
        select(ScreeningEntry.entry_key, ScreeningEntry.digest).where(
            ScreeningEntry.list_id == former.id
        )
    )
    before = {row.entry_key: row.digest for row in rows}
    now = {each.entry_key: each.digest for each in file.parties}
    both = before.keys() & now.keys()
    changed = sum(1 for key in both if before[key] != now[key])
    return told | {
        "former_edition": former.edition.isoformat(),
        "former_entries": len(before),
        "new": len(now.keys() - before.keys()),
        "changed": changed,
        "gone": len(before.keys() - now.keys()),
        "unchanged": len(both) - changed,
    }


def insert_entries(session: Session, list_id: int, file: ListFile) -> None:
    """Store the entries of an edition."""
    rows = [
        {
            "list_id": list_id,
            "entry_key": each.entry_key,
            "kind": each.kind,
            "name": each.name,
            "aliases": list(each.aliases),
            "countries": list(each.countries),
            "program": each.program,
            "remarks": each.remarks,
            "digest": each.digest,
        }
        for each in file.parties
    ]
    session.execute(insert(ScreeningEntry), rows)


def _check_name_and_day(source: str, edition: date) -> None:
    if not SOURCE.fullmatch(source):
        raise InvalidInput(
            "E-SAN-03",
            "Name the list in at most 40 small letters, digits and hyphens: ofac, eu-consolidated.",
        )
    if not EARLIEST <= edition <= clock.today():
        raise InvalidInput(
            "E-SAN-03",
            f"{formatting.day(edition)} is no day of an edition: it lies after today, or before "
            f"{EARLIEST.year}. Give the day that the publisher names.",
        )


def _refuse_same_file(session: Session, source: str, sha256: str) -> None:
    same = session.scalar(
        select(ScreeningList).where(
            ScreeningList.source == source,
            ScreeningList.file_sha256 == sha256,
            ScreeningList.state != ListState.WITHDRAWN,
        )
    )
    if same is None:
        return
    waits = " It waits to be put in force." if same.state == ListState.CHECKED else ""
    raise Conflict(
        "E-SAN-02",
        f"The same file is loaded already as edition {formatting.day(same.edition)} of"
        f" {source}, on {formatting.day(same.loaded_at.date())} by {same.loaded_by}.{waits}",
    )


def _refuse_older(former: ScreeningList | None, source: str, edition: date) -> None:
    if former is not None and edition <= former.edition:
        raise Conflict(
            "E-SAN-04",
            f"Edition {formatting.day(former.edition)} of {source} is in force;"
            f" {formatting.day(edition)} is not after it. Give the right day, or withdraw that"
            " one.",
        )


def _require(row: ScreeningList, state: ListState, said: str) -> None:
    if row.state != state:
        raise Conflict("E-SAN-06", said)
