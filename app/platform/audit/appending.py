"""Appends events to the log: seals what is personal, chains, signs, moves the head.

The head's row is locked here and nowhere else, as the transaction's last act.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.orm import Session

from app.base import acting
from app.base.acting import Actor, Source
from app.base.db import Base
from app.base.errors import InvalidInput, Unavailable
from app.platform.audit import canonical, keys, marking
from app.platform.audit.canonical import Plain, written
from app.platform.audit.marking import Mark, Whose
from app.platform.audit.models import AuditEvent, AuditHead
from app.platform.audit.pending import Change, Explicit, Pending, Values
from app.platform.audit.sealing import SEALED, Sealer, named_subject, subject_of
from config import ROOT

SHORTEST_REASON, LONGEST_REASON = 10, 500
LONGEST_NAME, LONGEST_ROLES, LONGEST_VERSION = 200, 200, 40
# Nobody can be asked why in the middle of the night.
NEED_NO_REASON = frozenset({Source.JOB, Source.IMPORT, Source.MIGRATION})
# Acts that are judgements: refused without a reason.
REASONED_ACTS = frozenset(
    {
        "role.grant", "role.revoke", "token.revoke", "person.erase", "person.disable",
        "score.override", "rating.change", "term.change", "continuity.change",
        "supplier.block", "supplier.unblock", "method.activate", "method.change",
        "fact.correct", "record.remove",
    }
)  # fmt: skip
SECRET = {"secret": True}
USER = "user"

Row = dict[str, Any]  # Any: values of different columns
_events = Base.metadata.tables[AuditEvent.__tablename__]
_head = Base.metadata.tables[AuditHead.__tablename__]


class ReasonNeeded(InvalidInput):
    """A judgement was to be stored without saying why; `field` is where to say it."""

    field = "reason"

    def __init__(self, code: str = "E-AUD-01", message: str = "") -> None:
        super().__init__(
            code, message or f"Give a reason of at least {SHORTEST_REASON} characters."
        )


@dataclass(frozen=True, slots=True)
class Head:
    """Where the log ends: the last event's number and hash, and how many there are."""

    seq: int
    hash: str
    count: int

    def __str__(self) -> str:
        return f"{self.seq} {self.hash}"


def append(session: Session, transaction: Pending) -> None:
    """Write the transaction's events and move the head."""
    connection = session.connection()
    actor = session.info.get("actor") or acting.present()
    entries = list(_entries(transaction))
    for entry in entries:
        _demand_reason(entry, transaction, actor)
    sealer = Sealer(session, transaction.erasing)
    shared = _shared(sealer, actor)
    bodies = [_body(entry, transaction, sealer, actor) for entry in entries]
    head, at = _locked_head(connection)
    rows: list[Row] = []
    for body in bodies:
        row = {**shared, **body, "seq": head.seq + 1, "at_utc": at}
        head = _chained(row, head)
        rows.append(row)
    connection.execute(insert(_events), rows)
    connection.execute(
        update(_head).where(_head.c.id == 1).values(seq=head.seq, hash=head.hash, count=head.count)
    )


def clean_reason(text: str | None) -> str:
    """Return a reason of 10 to 500 characters in one line's spaces; refuse any other."""
    seen = "".join(sign for sign in text or "" if sign.isprintable() or sign.isspace())
    reason = " ".join(seen.split())
    if len(reason) < SHORTEST_REASON:
        raise ReasonNeeded
    if len(reason) > LONGEST_REASON:
        raise ReasonNeeded(message=f"Give the reason in at most {LONGEST_REASON} characters.")
    return reason


def canonical_event(row: Mapping[str, Any]) -> Row:
    """Return an event's row as its hash is taken over it: plain values, JSON as values."""
    event = {name: row[name] for name in FIELDS}
    event["at_utc"] = canonical.moment(row["at_utc"])
    for name in ("before", "after"):
        text = row[f"{name}_json"]
        event[name] = None if text is None else json.loads(text)
    return event


# Of the columns, those that stand in the canonical event under their own name.
FIELDS = tuple(
    column.name
    for column in _events.columns
    if column.name not in canonical.CHAINED | {"before_json", "after_json"}
)


@cache
def code_version() -> str:
    """Return the version of the code: the commit where it is known, else the release."""
    try:
        head = (ROOT / ".git" / "HEAD").read_text(encoding="ascii").strip()
        if head.startswith("ref: "):
            head = (ROOT / ".git" / head.removeprefix("ref: ")).read_text(encoding="ascii").strip()
        return head[:12]
    except OSError:
        import tomllib

        stated = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
        return str(stated["project"]["version"])[:LONGEST_VERSION]


def _entries(transaction: Pending) -> Iterator[Change | Explicit]:
    """Yield one entry per object: an explicit act takes its object's change in."""
    changes = dict(transaction.changes)
    for act in transaction.explicit:
        change = changes.pop((act.entity, act.entity_id), None)
        if change is not None:
            act = replace(
                act,
                before=act.before if act.before is not None else change.before,
                after=act.after if act.after is not None else change.after,
                version=act.version if act.version is not None else change.version,
            )
        elif act.before is None and act.after is not None:
            # Only what comes into being has an after without a before.
            act = replace(act, before={})
        elif act.after is None and act.before is not None:
            act = replace(act, after={})
        yield act
    yield from changes.values()


def _demand_reason(entry: Change | Explicit, transaction: Pending, actor: Actor) -> None:
    if _reason_of(entry) or transaction.reason or actor.source in NEED_NO_REASON:
        return
    is_import = isinstance(entry, Explicit) and entry.is_import
    if not is_import and _is_judgement(entry):
        raise ReasonNeeded


def _reason_of(entry: Change | Explicit) -> str | None:
    """Return an entry's own reason: given with the act, or held by the row itself."""
    if isinstance(entry, Explicit) and entry.reason:
        return entry.reason
    mark, after = marking.mark_of(entry.entity), entry.after or {}
    for name in () if mark is None else mark.reason_from:
        said = after.get(name)
        if isinstance(said, str) and said:
            return clean_reason(said)
    return None


def _is_judgement(entry: Change | Explicit) -> bool:
    mark = marking.mark_of(entry.entity)
    if entry.action in REASONED_ACTS:
        return True
    if mark is None:
        return False
    if entry.action == marking.Action.CHANGE:
        return bool(mark.reason_for & (entry.after or {}).keys())
    return entry.action in mark.reason_to


def _shared(sealer: Sealer, actor: Actor) -> Row:
    name: Plain = actor.name[:LONGEST_NAME]
    if actor.user_id is not None:
        name = written(sealer.seal(subject_of(USER, actor.user_id), name))
    behind: Plain = None
    if actor.behind:
        behind = written(sealer.seal(named_subject(actor.behind), actor.behind[:LONGEST_NAME]))
    return {
        "actor_id": actor.user_id,
        "actor_name": name,
        "actor_role": ",".join(sorted(actor.roles))[:LONGEST_ROLES],
        "on_behalf_of": behind,
        "session_hash": actor.session_hash,
        "request_id": actor.request_id,
        "network": actor.network or None,
        "code_version": code_version(),
        "job_run_id": getattr(actor, "job_run_id", None),
    }


def _body(entry: Change | Explicit, transaction: Pending, sealer: Sealer, actor: Actor) -> Row:
    act = entry if isinstance(entry, Explicit) else None
    mark = marking.mark_of(entry.entity)
    batch = act.batch if act is not None and act.batch is not None else transaction.batch
    row = {
        "source": Source.IMPORT if batch is not None else actor.source,
        "action": str(entry.action),
        "entity": entry.entity,
        "entity_id": entry.entity_id,
        "entity_version": entry.version,
        "before_json": _kept(entry.before, mark, entry, sealer),
        "after_json": _kept(entry.after, mark, entry, sealer),
        "reason": _reason_of(entry) or transaction.reason,
        "approval_ref": None if act is None else act.approval,
        "import_batch_id": batch,
    }
    row["source"] = str(row["source"])
    if act is not None and act.run is not None:
        row["job_run_id"] = act.run
    return row


def _kept(
    values: Values | None, mark: Mark | None, entry: Change | Explicit, sealer: Sealer
) -> str | None:
    """Return values as the log keeps them: secrets left out, personal ones sealed."""
    if values is None:
        return None
    if mark is None:
        return written(values)
    kept: Values = {}
    for name, value in values.items():
        if not mark.keeps(name):
            continue
        if name in mark.secret:
            kept[name] = None if value is None else dict(SECRET)
        elif name in mark.personal:
            kept[name] = sealer.seal(_whose(mark, name, value, entry), value)
        else:
            kept[name] = value
    return written(kept)


def _whose(mark: Mark, name: str, value: Plain, entry: Change | Explicit) -> str:
    if mark.personal[name] is Whose.OWN:
        return subject_of(entry.entity, entry.entity_id)
    return named_subject(str(value))


def _locked_head(connection: Connection) -> tuple[Head, datetime]:
    """Lock the head and read the database's clock."""
    is_sqlite = connection.dialect.name == "sqlite"
    clock = func.strftime("%Y-%m-%dT%H:%M:%f", "now") if is_sqlite else func.clock_timestamp()
    row = connection.execute(
        select(_head.c.seq, _head.c.hash, _head.c.count, clock.label("at"))
        .where(_head.c.id == 1)
        .with_for_update()
    ).first()
    if row is None:
        raise Unavailable(
            "E-AUD-02",
            "The audit log has lost its head. Nothing was stored; run: flask audit verify.",
        )
    at = datetime.fromisoformat(row.at).replace(tzinfo=UTC) if is_sqlite else row.at
    return Head(row[0], row[1], row[2]), at.astimezone(UTC)


def _chained(row: Row, head: Head) -> Head:
    """Give a row its hash and MAC; return the head behind it."""
    row["prev_hash"] = head.hash
    row["hash"] = canonical.hash_of(head.hash, canonical_event(row))
    row["mac"] = canonical.mac_of(keys.audit_key(), row["hash"])
    return Head(row["seq"], row["hash"], head.count + 1)


def opens_with_seal(text: str | None) -> bool:
    """Tell whether a name stands sealed."""
    return text is not None and text.startswith("{") and SEALED in text
