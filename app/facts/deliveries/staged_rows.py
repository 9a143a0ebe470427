"""Staged delivery rows as a whole: what only the complete file shows.

Rows of the same line, orders that belong to another supplier, reversals of receipts that
nobody knows. Faulty rows leave staging; the caller puts them aside with their cells.
"""

from __future__ import annotations

import json
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from sqlalchemy import and_, bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from app.facts.deliveries.delivery_fields import LINE_COLUMNS, LINE_FIELDS
from app.facts.deliveries.models import PurchaseOrder, Receipt, ScheduleLine
from app.facts.deliveries.staging_models import StagedDelivery
from app.facts.suppliers import lookups
from app.facts.suppliers.models import Supplier
from app.platform.imports.bulk import insert_rows
from app.platform.imports.mapping import Mapping
from app.platform.imports.models import StagedKey
from app.platform.imports.problems import Code, Problem, place, quoted

ASKED_AT_ONCE = 5_000
LINE_CONTENT = [LINE_COLUMNS.get(each.name, each.name) for each in LINE_FIELDS]
FIELD_OF = {column: field for field, column in LINE_COLUMNS.items()}


@dataclass(frozen=True, slots=True)
class _Row:
    """A staged row as far as its key and its line's facts go."""

    row_no: int
    label: str
    receipt_no: str
    content: tuple[Any, ...]  # Any: values of different columns


def add_keys(
    session: Session,
    batch_id: int,
    entity: str,
    keys: Sequence[tuple[int, str, dict[str, Any]]],
) -> None:
    """Write keys that the file names: number, key, and what it says about them."""
    columns = ("batch_id", "entity", "key_no", "key", "attributes")
    rows = (
        (batch_id, entity, number, key, json.dumps(said, ensure_ascii=False) if said else "{}")
        for number, key, said in keys
    )
    if keys:
        insert_rows(session, "staged_key", columns, rows)


def settle_repeated_lines(
    session: Session, batch_id: int, row_nos: array[int], hashes: array[int], mapping: Mapping
) -> Iterator[Problem]:
    """Point rows of the same line to its first; report rows that contradict each other."""
    rows = _repeated(row_nos, hashes)
    if not rows:
        return
    followers: list[dict[str, int]] = []
    bad: list[int] = []
    for members in _by_line(session, batch_id, rows):
        found = list(_contradictions(members, mapping))
        if found:
            bad += [member.row_no for member in members]
            yield from found
            continue
        first = members[0].row_no
        followers += [{"b_row": member.row_no, "first": first} for member in members[1:]]
    if followers:
        session.connection().execute(
            update(StagedDelivery)
            .where(StagedDelivery.batch_id == batch_id, StagedDelivery.row_no == bindparam("b_row"))
            .values(line_row=bindparam("first")),
            followers,
        )
    remove(session, batch_id, bad)


def orders_of_others(session: Session, batch_id: int, mapping: Mapping) -> list[Problem]:
    """Report and remove rows of orders that are known to belong to another supplier."""
    staged = StagedDelivery
    query = (
        select(staged.row_no, staged.order_no, StagedKey.key, Supplier.number, Supplier.id)
        .join(
            PurchaseOrder,
            and_(
                PurchaseOrder.buyer_unit == staged.buyer_unit,
                PurchaseOrder.number == staged.order_no,
            ),
        )
        .join(
            StagedKey,
            and_(
                StagedKey.batch_id == batch_id,
                StagedKey.entity == "supplier",
                StagedKey.key_no == staged.supplier_key,
            ),
        )
        .join(Supplier, Supplier.id == PurchaseOrder.supplier_id)
        .where(staged.batch_id == batch_id, staged.order_row == staged.row_no)
        .where(Supplier.number != StagedKey.key)
    )
    found = session.execute(query).all()
    ids = lookups.ids_by_key(session, "supplier", {row.key for row in found}, source=mapping.name)
    others = {row.row_no: row for row in found if ids.get(row.key) != row.id}
    problems = []
    for some in _slices(list(others)):
        rows = select(staged.row_no, staged.order_row).where(
            staged.batch_id == batch_id, staged.order_row.in_(some)
        )
        for row_no, order_row in session.execute(rows).all():
            other = others[order_row]
            said = (
                f"order {other.order_no} belongs to supplier {quoted(other.number)}, not to"
                f" {quoted(other.key)}. Correct the row, or undo the import that says so."
            )
            problems.append(_problem(row_no, mapping, "supplier_no", other.key, said))
    remove(session, batch_id, [problem.row_no for problem in problems])
    return problems


def reversals_of_nothing(session: Session, batch_id: int, mapping: Mapping) -> list[Problem]:
    """Report and remove rows that take back a receipt that nobody knows."""
    if not mapping.gives("reverses_receipt_no"):
        return []
    staged = StagedDelivery
    taken_back = session.execute(
        select(
            staged.row_no,
            staged.line_row,
            staged.reverses_receipt_no,
            Receipt.id,
        )
        .outerjoin(
            PurchaseOrder,
            and_(
                PurchaseOrder.buyer_unit == staged.buyer_unit,
                PurchaseOrder.number == staged.order_no,
            ),
        )
        .outerjoin(
            ScheduleLine,
            and_(
                ScheduleLine.order_id == PurchaseOrder.id,
                ScheduleLine.line_no == staged.line_no,
                ScheduleLine.schedule_no == staged.schedule_no,
            ),
        )
        .outerjoin(
            Receipt,
            and_(
                Receipt.line_id == ScheduleLine.id,
                Receipt.source_key == staged.reverses_receipt_no,
            ),
        )
        .where(staged.batch_id == batch_id, staged.reverses_receipt_no.is_not(None))
    ).all()
    asked = [row for row in taken_back if row.id is None]
    given = _staged_receipts(session, batch_id, [row.line_row for row in asked])
    problems = [
        _problem(
            row.row_no,
            mapping,
            "reverses_receipt_no",
            row.reverses_receipt_no,
            f"receipt {quoted(row.reverses_receipt_no)} of this line is not known. Send it first.",
        )
        for row in asked
        if (row.line_row, row.reverses_receipt_no) not in given
    ]
    remove(session, batch_id, [problem.row_no for problem in problems])
    return problems


def remove(session: Session, batch_id: int, row_nos: Sequence[int]) -> None:
    """Take rows out of staging; rows that followed one of them follow the next."""
    staged = StagedDelivery
    for some in _slices(row_nos):
        session.execute(
            delete(staged).where(staged.batch_id == batch_id, staged.row_no.in_(some)),
            execution_options={"synchronize_session": False},
        )
    for column in (staged.order_row, staged.line_row):
        for some in _slices(row_nos):
            heads = (
                select(column, func.min(staged.row_no))
                .where(staged.batch_id == batch_id, column.in_(some))
                .group_by(column)
            )
            for old, new in session.execute(heads).all():
                session.execute(
                    update(staged)
                    .where(staged.batch_id == batch_id, column == old)
                    .values({column: new}),
                    execution_options={"synchronize_session": False},
                )


def _repeated(row_nos: array[int], hashes: array[int]) -> list[int]:
    """Return the rows whose hash another row shares."""
    if not hashes:
        return []
    values = np.frombuffer(hashes, dtype=np.int64)
    order = np.argsort(values, kind="stable")
    same = values[order][1:] == values[order][:-1]
    shared = np.zeros(len(values), dtype=bool)
    shared[order[1:][same]] = True
    shared[order[:-1][same]] = True
    return [int(row_no) for row_no in np.frombuffer(row_nos, dtype=np.int64)[shared]]


def _by_line(session: Session, batch_id: int, row_nos: list[int]) -> Iterator[list[_Row]]:
    """Yield the rows of each line that has several, in file order."""
    staged = StagedDelivery
    content = [getattr(staged, name) for name in LINE_CONTENT]
    lines: dict[tuple[str, str, str], list[_Row]] = defaultdict(list)
    for some in _slices(row_nos):
        query = (
            select(
                staged.buyer_unit,
                staged.order_no,
                staged.line_no,
                staged.schedule_no,
                staged.row_no,
                staged.receipt_no,
                staged.supplier_key,
                staged.part_key,
                *content,
            )
            .where(staged.batch_id == batch_id, staged.row_no.in_(some))
            .order_by(staged.row_no)
        )
        for unit, order, line, schedule, row_no, receipt, *rest in session.execute(query):
            label = f"{order}/{line}" + ("" if schedule == "1" else f"/{schedule}")
            key = (unit, order, f"{line}\0{schedule}")
            lines[key].append(_Row(row_no, label, receipt, tuple(rest)))
    return (members for members in lines.values() if len(members) > 1)


def _contradictions(members: list[_Row], mapping: Mapping) -> Iterator[Problem]:
    """Yield a problem per row where rows repeat a receipt or differ about their line."""
    receipts: dict[str, list[_Row]] = defaultdict(list)
    for member in members:
        receipts[member.receipt_no].append(member)
    for receipt_no, same in receipts.items():
        if len(same) > 1:
            receipt = "" if receipt_no == "1" else f", receipt {receipt_no}"
            label = same[0].label
            said = f"Rows {_listed(same)} have the same PO line {label}{receipt}. Keep one."
            for member in members:
                yield Problem(
                    member.row_no, _column(mapping, "line_no"), label, Code.SAME_KEY, said
                )
            return
    first = members[0]
    for member in members[1:]:
        if member.content != first.content:
            said = (
                f"Rows {first.row_no:,} and {member.row_no:,} tell PO line {first.label}"
                f" differently ({_difference(first, member)}). Repeat the line's cells unchanged."
            )
            for each in members:
                yield Problem(
                    each.row_no, _column(mapping, "line_no"), first.label, Code.DISAGREE, said
                )
            return


def _difference(one: _Row, other: _Row) -> str:
    names = ["supplier_no", "part_no", *(FIELD_OF.get(name, name) for name in LINE_CONTENT)]
    for name, left, right in zip(names, one.content, other.content, strict=True):
        if left != right:
            return name
    return "content"


def _listed(rows: Sequence[_Row]) -> str:
    shown = [f"{row.row_no:,}" for row in rows[:5]]
    if len(rows) > 5:
        return ", ".join(shown) + f" and {len(rows) - 5} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]])


def _staged_receipts(
    session: Session, batch_id: int, line_rows: Sequence[int]
) -> set[tuple[int, str]]:
    staged = StagedDelivery
    found: set[tuple[int, str]] = set()
    for some in _slices(line_rows):
        query = select(staged.line_row, staged.receipt_no).where(
            staged.batch_id == batch_id,
            staged.line_row.in_(some),
            staged.reverses_receipt_no.is_(None),
        )
        found.update((line_row, receipt_no) for line_row, receipt_no in session.execute(query))
    return found


def _problem(row_no: int, mapping: Mapping, field: str, value: str | None, reason: str) -> Problem:
    column = _column(mapping, field)
    code = Code.DISAGREE if field == "supplier_no" else Code.UNMATCHED
    return Problem(row_no, column, value, code, place(row_no, column, reason))


def _column(mapping: Mapping, field: str) -> str | None:
    return next((rule.column for rule in mapping.fields if rule.field == field), None)


def _slices(items: Iterable[int]) -> Iterator[list[int]]:
    rest = iter(list(items))
    while some := list(islice(rest, ASKED_AT_ONCE)):
        yield some
