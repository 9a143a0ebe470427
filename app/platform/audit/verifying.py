"""Proves the log: every hash, every MAC, every number, the head, and every anchor.

Reads the events once, in order, in slices; a million take well under a minute. What is wrong
is told by the number of the event, and what it means for the rest.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from app.base.db import Base
from app.platform.audit import canonical, keys
from app.platform.audit.appending import FIELDS
from app.platform.audit.models import AuditAnchor, AuditEvent, AuditHead

SLICE = 20_000
MOST_FAULTS = 100
SHORTEST_PRINTED = 12
_events = Base.metadata.tables[AuditEvent.__tablename__]
_head = Base.metadata.tables[AuditHead.__tablename__]
_anchors = Base.metadata.tables[AuditAnchor.__tablename__]

Row = Mapping[str, Any]  # Any: values of different columns


@dataclass(frozen=True, slots=True)
class Anchor:
    """A head that was written down somewhere: the last number, its hash, how many events."""

    seq: int
    hash: str
    count: int
    place: str


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that does not hold. seq: the event it was found at."""

    seq: int
    kind: str
    words: str


@dataclass(slots=True)
class Verdict:
    """What verifying came to."""

    events: int = 0
    last_seq: int = 0
    last_hash: str = canonical.GENESIS
    anchors: int = 0
    faults: list[Fault] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults

    def add(self, seq: int, kind: str, words: str) -> None:
        """Note a fault, as long as a list of them can be read."""
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(Fault(seq, kind, words))


def verify(session: Session, anchors: Iterable[Anchor] = ()) -> Verdict:
    """Check the whole log against itself, its key, its head and the given anchors.

    Anchors kept in the database are checked too; they prove nothing against whoever holds
    the database, those from outside do.
    """
    connection = session.connection()
    wanted = [*anchors, *_own_anchors(connection)]
    verdict = Verdict(anchors=len(wanted))
    _check_chain(connection, verdict, {anchor.seq: [] for anchor in wanted}, wanted)
    _check_head(connection, verdict)
    return verdict


def anchors_in(folder_or_file: Path) -> list[Anchor]:
    """Return the anchors of a file, or of every file of a folder; a torn line is skipped."""
    files = sorted(folder_or_file.glob("*.jsonl")) if folder_or_file.is_dir() else [folder_or_file]
    found = []
    for file in files:
        if not file.exists():
            continue
        for number, line in enumerate(file.read_text(encoding="ascii").splitlines(), start=1):
            try:
                said = json.loads(line)
                place = f"{file.name}, line {number}"
                found.append(Anchor(said["seq"], said["hash"], said["count"], place))
            except (ValueError, KeyError, TypeError):
                continue
    return found


def printed_anchor(text: str) -> Anchor:
    """Return the anchor that a pack's footer prints: “1204 9f3ac2…”, the hash cut short.

    Raises ValueError for anything else.
    """
    seq, _, digest = " ".join(text.split()).partition(" ")
    if not seq.isdigit() or len(digest) < SHORTEST_PRINTED or set(digest) - set("0123456789abcdef"):
        raise ValueError(f"{text!r} is no head as a pack prints it, such as “1204 9f3ac21b07de”")
    # The log has no gaps: as many events as the last one's number.
    return Anchor(int(seq), digest, int(seq), f"the printed head {seq}")


def _check_chain(
    connection: Connection,
    verdict: Verdict,
    waiting: dict[int, list[Anchor]],
    anchors: Iterable[Anchor],
) -> None:
    for anchor in anchors:
        waiting[anchor.seq].append(anchor)
    _check_genesis(verdict, waiting.pop(0, []))
    key = keys.audit_key()
    for row in _rows(connection):
        _check_event(row, verdict, key)
        for anchor in waiting.pop(row["seq"], ()):
            _check_anchor(anchor, row["hash"], verdict)
    for anchor in (each for some in waiting.values() for each in some):
        verdict.add(anchor.seq, "anchor", f"The event that {anchor.place} names is gone.")


def _check_genesis(verdict: Verdict, anchors: Iterable[Anchor]) -> None:
    for anchor in anchors:
        if anchor.count or anchor.hash != canonical.GENESIS:
            verdict.add(0, "anchor", f"{anchor.place} is not the anchor of an empty log.")


def _check_event(row: Row, verdict: Verdict, key: bytes) -> None:
    seq = row["seq"]
    if seq != verdict.last_seq + 1:
        verdict.add(seq, "number", f"Event {verdict.last_seq + 1} is missing before {seq}.")
    if row["prev_hash"] != verdict.last_hash:
        verdict.add(seq, "chain", f"Event {seq} does not follow the event before it.")
    if _recomputed(row) != row["hash"]:
        verdict.add(seq, "content", f"Event {seq} was changed after it was written.")
    if canonical.mac_of(key, row["hash"]) != row["mac"]:
        verdict.add(seq, "mac", f"Event {seq} was not signed with this installation's key.")
    verdict.events += 1
    verdict.last_seq, verdict.last_hash = seq, row["hash"]


def _check_anchor(anchor: Anchor, found: str, verdict: Verdict) -> None:
    if not found.startswith(anchor.hash) or anchor.count != verdict.events:
        verdict.add(
            anchor.seq, "anchor", f"Event {anchor.seq} is not the one that {anchor.place} names."
        )


def _check_head(connection: Connection, verdict: Verdict) -> None:
    head = connection.execute(select(_head.c.seq, _head.c.hash, _head.c.count)).first()
    found = (verdict.last_seq, verdict.last_hash, verdict.events)
    if head is None or tuple(head) != found:
        verdict.add(verdict.last_seq, "head", "The log's head is not its last event.")


def _recomputed(row: Row) -> str:
    """Return the hash that the event's content gives; what is no event gives none."""
    try:
        event = {name: row[name] for name in FIELDS}
        event["before"] = None if row["before_json"] is None else json.loads(row["before_json"])
        event["after"] = None if row["after_json"] is None else json.loads(row["after_json"])
        event["at_utc"] = canonical.moment(_as_moment(row["at_utc"]))
        return canonical.hash_of(row["prev_hash"], event)
    except (ValueError, TypeError, UnicodeEncodeError):
        return ""


def _as_moment(value: datetime | str) -> datetime:
    """Return a moment as the driver gives it; SQLite's is text in UTC."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _rows(connection: Connection) -> Iterator[Row]:
    """Yield the events in order, a slice at a time, without the types' conversions."""
    last = None
    names = [column.name for column in _events.columns]
    while True:
        query = select(*_events.columns).order_by(_events.c.seq).limit(SLICE)
        if last is not None:
            query = query.where(_events.c.seq > last)
        rows = connection.execute(query).all()
        for row in rows:
            yield dict(zip(names, row, strict=True))
        if len(rows) < SLICE:
            return
        last = rows[-1][0]


def _own_anchors(connection: Connection) -> list[Anchor]:
    rows = connection.execute(
        select(_anchors.c.id, _anchors.c.seq, _anchors.c.hash, _anchors.c.count)
    )
    return [
        Anchor(seq, hash_, count, f"anchor {key} of the log") for key, seq, hash_, count in rows
    ]
