"""Writes the log's head down outside the database, so that a cut tail can be found.

A line in a file of the day under `instance/anchors`, opened for appending only and closed to
writing once the day is over; syslog where a setting names it; the pages of each pack.
"""

from __future__ import annotations

import json
import logging
import os
from logging.handlers import SysLogHandler
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.base import clock, db
from app.base.db import Base
from app.platform.audit.appending import Head
from app.platform.audit.canonical import moment
from app.platform.audit.models import AuditAnchor, AuditHead
from config import Settings

READ_ONLY = 0o440
APPENDED = 0o640
SYSLOG_PORT = 514

_anchors = Base.metadata.tables[AuditAnchor.__tablename__]
_head = Base.metadata.tables[AuditHead.__tablename__]


def head_of(session: Session) -> Head:
    """Return where the log ends now."""
    row = session.connection().execute(
        select(_head.c.seq, _head.c.hash, _head.c.count).where(_head.c.id == 1)
    )
    seq, hash_, count = row.one()
    return Head(seq, hash_, count)


def anchor_now(settings: Settings | None = None) -> Head:
    """Write the head down in the day's file and to syslog, and note where; return it."""
    settings = settings or Settings.from_env()
    with db.reading() as session:
        head = head_of(session)
    at = clock.now()
    line = json.dumps(
        {"at": moment(at), "seq": head.seq, "count": head.count, "hash": head.hash},
        separators=(",", ":"),
    )
    file = settings.anchors / f"{at:%Y-%m-%d}.jsonl"
    _append(file, line)
    places = [f"file {file.name}"]
    if settings.audit_syslog:
        _tell_syslog(settings.audit_syslog, line)
        places.append("syslog")
    with db.transaction() as session:
        session.connection().execute(
            insert(_anchors),
            {
                "at_utc": at, "seq": head.seq, "hash": head.hash, "count": head.count,
                "kept_in": ", ".join(places),
            },
        )  # fmt: skip
    return head


def anchor_job(arguments: dict[str, Any], run: object = None) -> dict[str, Any]:
    """Anchor as a job (Any: JSON)."""
    head = anchor_now()
    return {"summary": f"Anchored event {head.seq}, {head.hash[:12]}."}


def _append(file: Path, line: str) -> None:
    """Append a line that is on the disk when this returns; earlier days' files are closed."""
    file.parent.mkdir(parents=True, exist_ok=True)
    for earlier in file.parent.glob("*.jsonl"):
        if earlier.name < file.name and earlier.stat().st_mode & 0o222:
            earlier.chmod(READ_ONLY)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, APPENDED)
    try:
        os.write(handle, f"{line}\n".encode("ascii"))
        os.fsync(handle)
    finally:
        os.close(handle)


def _tell_syslog(address: str, line: str) -> None:
    """Send a line to a local socket (`/dev/log`) or to `host:port` by UDP."""
    host, _, port = address.rpartition(":")
    target = address if address.startswith("/") else (host, int(port or SYSLOG_PORT))
    handler = SysLogHandler(address=target, facility=SysLogHandler.LOG_AUTHPRIV)
    try:
        record = logging.LogRecord(
            "mainstay.audit", logging.NOTSET, "", 0, f"mainstay audit anchor {line}", None, None
        )
        record.levelname = "INFO"
        handler.emit(record)
    finally:
        handler.close()
