"""Tampers with an audit log in every way somebody with the database could, and counts what
verifying finds. `run` is for the fault harness; the suite runs it short.

Each attempt happens in a transaction with the triggers off, is verified there, and is taken
back, so that hundreds of attempts start from the same log.
"""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, text, update
from sqlalchemy.orm import Session

from app.base import db
from app.base.db import Base, Database
from app.facts.suppliers.models import Category, Supplier
from app.platform.audit import anchoring, canonical, keys, verifying
from app.platform.audit.appending import canonical_event
from app.platform.audit.verifying import Anchor

EVENTS = 60
ANCHOR_EVERY = 9
EDITABLE = (
    "actor_id", "actor_name", "actor_role", "on_behalf_of", "source", "network", "action",
    "entity", "entity_id", "before_json", "after_json", "reason", "import_batch_id",
    "code_version", "request_id", "approval_ref", "entity_version", "prev_hash", "hash", "mac",
)  # fmt: skip
NUMBERS = {"actor_id", "import_batch_id", "entity_version"}
TRIGGERS = (
    "audit_event_no_update", "audit_event_no_delete", "audit_head_no_delete", "audit_head_forward",
)  # fmt: skip

Row = dict[str, Any]
Tamper = Callable[[Connection, random.Random], str]
_events = Base.metadata.tables["audit_event"]
_head = Base.metadata.tables["audit_head"]


def fill(events: int = EVENTS) -> list[Anchor]:
    """Write a log of some events and return anchors of it, the last one at its end."""
    anchors = []
    for number in range(events):
        with db.transaction() as session:
            if number % 3 == 2:
                supplier = session.scalars(select(Supplier).order_by(Supplier.id.desc())).first()
                assert supplier is not None
                supplier.country = "DEU" if supplier.country == "FRA" else "FRA"
            elif number % 3 == 1:
                session.add(Supplier(number=f"S{number}", name=f"Supplier {number}"))
            else:
                session.add(Category(name=f"Category {number}"))
        if number % ANCHOR_EVERY == 0 or number == events - 1:
            with db.reading() as session:
                head = anchoring.head_of(session)
            anchors.append(Anchor(head.seq, head.hash, head.count, f"anchor at {head.seq}"))
    return anchors


def run(
    database: Database, anchors: list[Anchor], *, attempts: int = 500, seed: int = 20261121
) -> dict[str, Any]:
    """Tamper `attempts` times; return the seed, counts by kind, and what was not found."""
    chance = random.Random(seed)  # noqa: S311 — to be repeated, not to be secret
    started = time.perf_counter()
    tried: Counter[str] = Counter()
    missed: list[str] = []
    for _ in range(attempts):
        kind = chance.choice(list(KINDS))
        said, found = _attempt(database, anchors, KINDS[kind], chance)
        tried[kind] += 1
        if not found:
            missed.append(f"{kind}: {said}")
    return {
        "scenario": "audit-tampering",
        "engine": "sqlite" if database.is_sqlite else "postgresql",
        "seed": seed,
        "runs": attempts,
        "found": attempts - len(missed),
        "missed": missed,
        "by_kind": dict(sorted(tried.items())),
        "verdict": "ok" if not missed else "missed",
        "seconds": round(time.perf_counter() - started, 2),
    }


def _attempt(
    database: Database, anchors: list[Anchor], tamper: Tamper, chance: random.Random
) -> tuple[str, bool]:
    with database.write_engine.connect() as connection:
        _disarm(connection)
        said = tamper(connection, chance)
        with Session(bind=connection) as session:
            holds = verifying.verify(session, anchors).holds
        connection.rollback()
    return said, not holds


def _disarm(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        for trigger in TRIGGERS:
            connection.execute(text(f"DROP TRIGGER {trigger}"))
    else:
        for table in ("audit_event", "audit_head"):
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))


def _edit(connection: Connection, chance: random.Random) -> str:
    seq, column = _any_seq(connection, chance), chance.choice(EDITABLE)
    value: object = chance.randrange(10**6, 10**7) if column in NUMBERS else "ab" * 8
    if column.endswith("_json"):
        value = '{"name":"another"}'
    if column == "source":
        held = connection.scalar(select(_events.c.source).where(_events.c.seq == seq))
        value = "cli" if held != "cli" else "api"
    _set(connection, seq, {column: value})
    return f"{column} of {seq}"


def _clock(connection: Connection, chance: random.Random) -> str:
    seq = _any_seq(connection, chance)
    at = connection.scalar(select(_events.c.at_utc).where(_events.c.seq == seq))
    assert at is not None
    _set(connection, seq, {"at_utc": at + timedelta(seconds=chance.randrange(1, 10**6))})
    return f"the time of {seq}"


def _remove(connection: Connection, chance: random.Random) -> str:
    seq = _any_seq(connection, chance)
    connection.execute(delete(_events).where(_events.c.seq == seq))
    return f"removed {seq}"


def _cut_head(connection: Connection, chance: random.Random) -> str:
    seq = _any_seq(connection, chance)
    connection.execute(delete(_events).where(_events.c.seq <= seq))
    return f"removed up to {seq}"


def _cut_tail(connection: Connection, chance: random.Random) -> str:
    seq = _any_seq(connection, chance)
    connection.execute(delete(_events).where(_events.c.seq >= seq))
    _mend_head(connection)
    return f"removed from {seq}, and mended the head"


def _swap(connection: Connection, chance: random.Random) -> str:
    one, other = chance.sample(range(1, _last(connection) + 1), 2)
    for seq, to in ((one, -1), (other, one), (-1, other)):
        _set(connection, seq, {"seq": to})
    return f"exchanged {one} and {other}"


def _insert(connection: Connection, chance: random.Random) -> str:
    seq = _any_seq(connection, chance)
    rows = _rows(connection)
    forged = {**rows[seq - 1], "reason": "it was always so"}
    connection.execute(delete(_events).where(_events.c.seq >= seq))
    _write(connection, [forged, *rows[seq - 1 :]], first=seq, key=None)
    return f"put one in before {seq}, and rebuilt what follows"


def _append(connection: Connection, chance: random.Random) -> str:
    rows = _rows(connection)
    _write(connection, [{**rows[-1], "action": "forged"}], first=len(rows) + 1, key=None)
    return "appended one without the key"


def _rebuild(connection: Connection, chance: random.Random) -> str:
    """Change one event and make everything after it follow, without the key."""
    return _rebuilt(connection, chance, key=None)


def _rebuild_with_key(connection: Connection, chance: random.Random) -> str:
    """The same by somebody who has the key too: only anchors tell."""
    return _rebuilt(connection, chance, key=keys.audit_key())


def _rebuilt(connection: Connection, chance: random.Random, key: bytes | None) -> str:
    seq = _any_seq(connection, chance)
    rows = _rows(connection)
    rows[seq - 1]["reason"] = "another reason than the true one"
    connection.execute(delete(_events).where(_events.c.seq >= seq))
    _write(connection, rows[seq - 1 :], first=seq, key=key)
    return f"changed {seq} and rebuilt what follows"


def _empty(connection: Connection, chance: random.Random) -> str:
    connection.execute(delete(_events))
    connection.execute(update(_head).values(seq=0, hash=canonical.GENESIS, count=0))
    return "emptied the log"


def _forge_head(connection: Connection, chance: random.Random) -> str:
    seq = _any_seq(connection, chance)
    connection.execute(update(_head).values(hash=f"{seq:064d}"))
    return "set another head"


KINDS: Mapping[str, Tamper] = {
    "edit": _edit,
    "clock": _clock,
    "remove": _remove,
    "cut head": _cut_head,
    "cut tail": _cut_tail,
    "reorder": _swap,
    "insert": _insert,
    "append": _append,
    "rebuild": _rebuild,
    "rebuild with key": _rebuild_with_key,
    "empty": _empty,
    "forge head": _forge_head,
}


def _write(connection: Connection, rows: list[Row], *, first: int, key: bytes | None) -> None:
    """Write rows as a chain of their own from `first` on; without a key the MACs are guesses."""
    previous = canonical.GENESIS
    if first > 1:
        query = select(_events.c.hash).where(_events.c.seq == first - 1)
        previous = connection.scalar(query) or canonical.GENESIS
    for seq, row in enumerate(rows, start=first):
        row.update(seq=seq, prev_hash=previous)
        row["hash"] = previous = canonical.hash_of(previous, canonical_event(row))
        if key is not None:
            row["mac"] = canonical.mac_of(key, previous)
    connection.execute(insert(_events), rows)
    _mend_head(connection)


def _mend_head(connection: Connection) -> None:
    rows = _rows(connection)
    last = rows[-1] if rows else {"seq": 0, "hash": canonical.GENESIS}
    connection.execute(update(_head).values(seq=last["seq"], hash=last["hash"], count=len(rows)))


def _rows(connection: Connection) -> list[Row]:
    found = connection.execute(select(_events).order_by(_events.c.seq))
    return [dict(row) for row in found.mappings()]


def _set(connection: Connection, seq: int, values: Row) -> None:
    connection.execute(update(_events).where(_events.c.seq == seq).values(**values))


def _last(connection: Connection) -> int:
    return connection.scalar(select(func.max(_events.c.seq))) or 0


def _any_seq(connection: Connection, chance: random.Random) -> int:
    return chance.randrange(1, _last(connection) + 1)


def line(result: Mapping[str, Any]) -> str:
    """Return a run's outcome as one JSON line."""
    return json.dumps(result, sort_keys=True)
