"""Exports of the log with a manifest: range, count, first and last hash, the file's sha256.

JSON lines are exact, and `scripts/verify_audit.py` proves them without the product. A range
has no holes: whoever filters gets a list, not a proof.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base.db import Base
from app.platform.audit import canonical
from app.platform.audit.appending import canonical_event
from app.platform.audit.models import AuditEvent

FILE, MANIFEST = "audit.jsonl", "manifest.json"
AT_ONCE = 5_000
_events = Base.metadata.tables[AuditEvent.__tablename__]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an export says of itself. prev_hash: the hash that its first event follows."""

    first_seq: int
    last_seq: int
    count: int
    prev_hash: str
    first_hash: str
    last_hash: str
    file_sha256: str
    form: str = "jsonl"

    def text(self) -> str:
        """Return it as JSON."""
        return json.dumps(asdict(self), indent=1, sort_keys=True) + "\n"


def lines(session: Session, *, first: int = 1, last: int | None = None) -> Iterator[dict[str, Any]]:
    """Yield events of a range of numbers, in order, as JSON values (Any)."""
    query = select(_events).where(_events.c.seq >= first).order_by(_events.c.seq)
    if last is not None:
        query = query.where(_events.c.seq <= last)
    for found in session.connection().execute(query.execution_options(yield_per=AT_ONCE)):
        row = dict(zip(_events.columns.keys(), found, strict=True))
        event = canonical_event(row)
        yield {**event, **{name: row[name] for name in sorted(canonical.CHAINED)}}


class Exporter:
    """Turns events into bytes and keeps count of them for the manifest."""

    def __init__(self, *, first: int) -> None:
        self._digest = hashlib.sha256()
        self._first = first
        self._begin: dict[str, Any] | None = None
        self._last: dict[str, Any] | None = None
        self._count = 0

    def line(self, event: dict[str, Any]) -> bytes:
        """Return one event as a line."""
        self._begin = self._begin or event
        self._last = event
        self._count += 1
        text = (canonical.written(event) + "\n").encode("ascii")
        self._digest.update(text)
        return text

    def manifest(self) -> Manifest:
        """Return what was written so far."""
        begin, last = self._begin, self._last
        return Manifest(
            first_seq=self._first if begin is None else begin["seq"],
            last_seq=0 if last is None else last["seq"],
            count=self._count,
            prev_hash=canonical.GENESIS if begin is None else begin["prev_hash"],
            first_hash="" if begin is None else begin["hash"],
            last_hash=canonical.GENESIS if last is None else last["hash"],
            file_sha256=self._digest.hexdigest(),
        )


def export_to(
    session: Session, folder: Path, *, first: int = 1, last: int | None = None
) -> Manifest:
    """Write `audit.jsonl` and `manifest.json` into a folder; return the manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    exporter = Exporter(first=first)
    with (folder / FILE).open("wb") as file:
        for event in lines(session, first=first, last=last):
            file.write(exporter.line(event))
    manifest = exporter.manifest()
    (folder / MANIFEST).write_text(manifest.text(), encoding="ascii")
    return manifest
