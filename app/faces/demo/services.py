"""Writes of the demo company: load it into an empty house, take it out in one step.

Refuses to stand beside real users or their data, and takes out nothing but itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from sqlalchemy import Table, func, insert, select, text
from sqlalchemy.orm import Session

from app.base import formatting, scope
from app.base.db import analyze, is_sqlite, metadata
from app.base.errors import Conflict
from app.faces.demo import fmea, generator, queries
from app.faces.demo.cast import LAST_DAY, SEED
from app.faces.demo.contract_money import add_contract_money
from app.faces.demo.removal import RemovalResult, take_out
from app.faces.demo.rows import Row, Rows
from app.faces.demo.screening import add_screening
from app.facts.deliveries import rollup
from app.facts.deliveries.agreements import schedules
from app.facts.deliveries.agreements.models import SchedulingAgreement
from app.facts.deliveries.models import ScheduleLine
from app.platform.audit import marking
from app.platform.audit import services as audit
from app.platform.sources.models import BatchState, BeforeImage, SourceBatch

# The morning after the last day: when the demo's data say they were imported.
LOADED_AT = datetime(2026, 11, 1, 6, 10, tzinfo=UTC)
# When the demo company's suppliers were last reviewed: what moved is told since then.
LAST_REVIEW_ON = date(2026, 7, 31)
FILE_NAME = "demo company"
# Columns that hold a key of another table without a constraint that says so.
LOOSE_KEYS = {
    ("schedule_line", "category_id"): "category",
    ("schedule_line", "site_id"): "site",
    ("site", "owner_key"): "supplier",
    ("stock_level", "site_id"): "site",
    ("fmea_cause", "rating_id"): "fmea_rating",
}
# Tables without a batch of their own: what was inserted is noted beside the batch.
NOTED = (
    "category", "part", "site", "manual_criterion", "custom_measure", "fmea_register",
    "risk_meeting", "upstream_spelling", "alert_rule", "disruption_event",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What was loaded: rows by table, and the batch under which they stand."""

    batch_id: int
    rows: Mapping[str, int]


def check_loadable(session: Session, *, by: str = "") -> None:
    """Raise Conflict where the demo company stands already, or real users or their data do.

    `by` is who asks: somebody alone in an empty house may have the demo.
    """
    if queries.is_loaded(session):
        raise Conflict("E-DEM-01", "The demo company is loaded already. Nothing was changed.")
    for count, one, many in (
        (queries.real_suppliers(session), "supplier of your own", "suppliers of your own"),
        (queries.real_batches(session), "import of your own", "imports of your own"),
        (
            queries.real_users(session, apart_from=by),
            "person with an account",
            "people with an account",
        ),
    ):
        if count:
            raise Conflict(
                "E-DEM-02",
                "The demo company is not loaded beside real users or their data: this database "
                f"has {formatting.count(count, one, many)}. "
                "Use an empty database, named by DATABASE_URL.",
            )


def load(session: Session, *, by: str, rows: Rows | None = None) -> LoadResult:
    """Load the demo company and bring the roll-up up to date.

    `rows` are the generator's, for a caller that makes them before its transaction.
    """
    check_loadable(session, by=by)
    made = rows or generator.build()
    batch_id = _add_batch(session, made, by)
    with rollup.change(session, until=LAST_DAY) as change:
        firsts = _insert(session, made, batch_id)
        change.touch_new(select(ScheduleLine.id).where(ScheduleLine.batch_id == batch_id))
        agreements = select(SchedulingAgreement.id).where(SchedulingAgreement.batch_id == batch_id)
        schedules.settle(session, change, session.scalars(agreements).all())
    rollup.refresh_events(session, None)
    _note_created(session, made, batch_id, firsts)
    add_screening(session, batch_id)
    add_contract_money(session)
    analyze(session)
    counted = {name: len(table) for name, table in made.tables.items()}
    _note(session, "demo.load", batch_id, counted)
    return LoadResult(batch_id, counted)


def remove(session: Session) -> RemovalResult:
    """Take out the demo company with all that was made of it, and nothing else."""
    batch_id = queries.batch_id(session)
    if batch_id is None:
        raise Conflict("E-DEM-03", "The demo company is not loaded. Nothing was changed.")
    others = queries.batches_on_demo(session, batch_id)
    if others:
        named = ", ".join(f"#{batch}" for batch in others)
        raise Conflict(
            "E-DEM-04",
            f"Imports {named} hold deliveries of the demo company's suppliers. "
            "Undo them first; then the demo company can go. Nothing was changed.",
        )
    removed = take_out(session, batch_id)
    _note(session, "demo.remove", batch_id, {"rows": removed.rows, "suppliers": removed.suppliers})
    return removed


def _note(session: Session, action: str, batch_id: int, counted: Mapping[str, int]) -> None:
    audit.record(
        session,
        action=action,
        entity="source_batch",
        entity_id=batch_id,
        after=counted,
        covers=marking.marked_tables().keys(),
    )


def _add_batch(session: Session, made: Rows, by: str) -> int:
    digest = digest_of(made)
    lines = len(made.of(ScheduleLine))
    batch = SourceBatch(
        public_id=UUID(digest[:32]),
        kind=queries.BATCH_KIND,
        file_name=FILE_NAME,
        file_sha256=digest,
        fingerprint=digest,
        mapping_name=queries.BATCH_KIND,
        mapping_version=str(SEED),
        state=BatchState.PUBLISHED,
        rows_read=lines,
        rows_published=lines,
        rows_new=lines,
        summary={"created": {name: len(table) for name, table in made.tables.items()}},
        latest_fact_on=LAST_DAY,
        staged_by=by,
        published_by=by,
        published_at=LOADED_AT,
        rows_digest=digest,
        created_at=LOADED_AT,
        updated_at=LOADED_AT,
    )
    session.add(batch)
    session.flush()
    return batch.id


def digest_of(made: Rows) -> str:
    """Return the sha256 of all rows, so that two loads can be told to be the same."""
    digest = hashlib.sha256()
    for name, table in made.tables.items():
        digest.update(name.encode())
        for row in table:
            digest.update(repr(row).encode())
    return digest.hexdigest()


def _insert(session: Session, made: Rows, batch_id: int) -> dict[str, int]:
    """Insert all rows, parents first, and return the key before each table's first one."""
    tables = [table for table in metadata.sorted_tables if table.name in made.tables]
    before = {table.name: _reserve(session, table, made) for table in tables}
    before |= fmea.standards_before(session)
    for table in tables:
        added = _stamps(table, batch_id)
        keys = _keys(table, before)
        rows = [_keyed(row, keys) | added for row in made.tables[table.name]]
        session.execute(insert(table), rows)
    return before


def _stamps(table: Table, batch_id: int) -> Row:
    stamps: Row = {"batch_id": batch_id, "created_at": LOADED_AT, "updated_at": LOADED_AT}
    return {name: value for name, value in stamps.items() if name in table.columns}


def _reserve(session: Session, table: Table, made: Rows) -> int:
    """Return the last key that is taken, with as many after it reserved for us."""
    if is_sqlite(session):
        return session.scalar(select(func.max(table.c.id))) or 0
    sequence = f"pg_get_serial_sequence('\"{table.name}\"', 'id')"
    count = len(made.tables[table.name])
    last: int = session.execute(
        # The name is our own table's, not an input. Nobody writes beside us: the house is empty.
        # allowed: built-sql: the name of our own table
        text(f"SELECT setval({sequence}, nextval({sequence}) + :more)"),
        {"more": count - 1},
    ).scalar_one()
    return last - count


def _keys(table: Table, before: Mapping[str, int]) -> dict[str, int]:
    """Return by column what to add to a row's number to make it a key."""
    shifts = {"id": before[table.name]}
    for column in table.columns:
        named = scope.named_by(column)
        loose = LOOSE_KEYS.get((table.name, column.name))
        target = loose if named is None else named.name
        if target is not None and target in before:
            shifts[column.name] = before[target]
    return shifts


def _keyed(row: Row, shifts: Mapping[str, int]) -> Row:
    keyed = dict(row)
    for column, shift in shifts.items():
        # 0 stands for “own” or “none”, and keeps standing for it.
        if keyed.get(column):
            keyed[column] += shift
    return keyed


def _note_created(session: Session, made: Rows, batch_id: int, before: Mapping[str, int]) -> None:
    notes = [
        {
            "batch_id": batch_id,
            "table_name": name,
            "row_id": row["id"] + before[name],
            "before": None,
            "at": LOADED_AT,
        }
        for name in NOTED
        for row in made.tables[name]
    ]
    session.execute(insert(BeforeImage), notes)
