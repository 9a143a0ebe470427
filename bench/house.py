"""A house to measure on: suppliers, parts, orders, lines and receipts, made by the database.

Plain arithmetic on row numbers spreads the figures, so the same size is the same house on
both engines. Lines come in the order of time and their suppliers in none, as in real life.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.base.db import Database, analyze, is_sqlite
from app.facts.deliveries import rollup
from app.facts.deliveries.models import ScheduleLine

FIRST_DAY = date(2023, 11, 1)
DAYS = 1_096
LAST_DAY = FIRST_DAY + timedelta(days=DAYS - 1)
# After every lead time and lateness, so that each window has closed.
UNTIL = LAST_DAY + timedelta(days=150)
LINES_PER_ORDER = 4
PARTS_PER_SUPPLIER = 10
SITES, CATEGORIES = 2, 24
AT_ONCE = 250_000
# Large primes scatter neighbouring numbers; each figure has its own.
SUPPLIER_PRIME, PART_PRIME, LEAD_PRIME, LATE_PRIME, SHORT_PRIME = (
    1_000_003, 15_485_863, 32_452_843, 49_979_687, 67_867_967,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Size:
    """How large the house is; `share` 1 is the full size."""

    suppliers: int
    lines: int
    day_lines: int

    @classmethod
    def of(cls, share: float) -> Size:
        """Return the full size, 10,000 suppliers and 5 million lines, times a share."""
        return cls(
            suppliers=max(20, round(10_000 * share)),
            lines=max(10_000, round(5_000_000 * share)),
            day_lines=max(40, round(1_250 * share) * LINES_PER_ORDER),
        )


def build(database: Database, size: Size) -> None:
    """Fill an empty, migrated database with the house's facts; judge nothing."""
    with database.transaction() as session:
        lift_limits(session)
        _masters(session, size)
    for first in range(0, size.lines, AT_ONCE):
        with database.transaction() as session:
            lift_limits(session)
            add_lines(session, size, first, min(first + AT_ONCE, size.lines))
    with database.transaction() as session:
        lift_limits(session)
        analyze(session)


def judge(database: Database) -> None:
    """Judge every line and build the roll-up."""
    with database.transaction() as session:
        rollup.rebuild(session, until=UNTIL)
    with database.transaction() as session:
        lift_limits(session)
        analyze(session)


def tidy(database: Database) -> None:
    """Do at once what PostgreSQL does by itself in the minutes after a load of this size."""
    if database.is_sqlite:
        return
    with database.write_engine.connect() as connection:
        bare = connection.execution_options(isolation_level="AUTOCOMMIT")
        bare.execute(text("SET statement_timeout = 0"))
        bare.execute(text("VACUUM (ANALYZE)"))


def add_a_day(session: Session, size: Size, number: int) -> None:
    """Add the lines of one more day, by the same rules, inside one bracket."""
    first = size.lines + number * size.day_lines
    with rollup.change(session, until=UNTIL) as facts:
        add_lines(session, size, first, first + size.day_lines)
        added = ScheduleLine.id.between(first + 1, first + size.day_lines)
        facts.touch_new(select(ScheduleLine.id).where(added))


def add_lines(session: Session, size: Size, first: int, last: int) -> None:
    """Add the lines numbered from `first` up to but without `last`, with their receipts."""
    numbers = _numbers(session)
    given = {"first": first, "last": last - 1, "suppliers": size.suppliers, "lines": size.lines}
    # An order begins with its first line, so slices that split one add it once.
    session.execute(text(_ORDERS.format(numbers=numbers, **_words(session))), given)
    session.execute(text(_LINES.format(numbers=numbers, **_words(session))), given)
    session.execute(text(_RECEIPTS.format(numbers=numbers, **_words(session))), given)
    _go_on_after(session, "purchase_order", "schedule_line")


def lift_limits(session: Session) -> None:
    """Let statements take their time on PostgreSQL."""
    if not is_sqlite(session):
        session.execute(text("SET LOCAL statement_timeout = 0"))


def _numbers(session: Session) -> str:
    if is_sqlite(session):
        return (
            "(WITH RECURSIVE counting(n) AS (SELECT :first UNION ALL"
            " SELECT n + 1 FROM counting WHERE n < :last) SELECT n FROM counting) AS numbers"
        )
    return (
        "(SELECT n FROM generate_series(CAST(:first AS BIGINT), CAST(:last AS BIGINT)) AS n)"
        " AS numbers"
    )


def _words(session: Session) -> dict[str, str]:
    """The dates of a line by its number, and what the engines spell differently."""
    supplier = f"(1 + (n / {LINES_PER_ORDER}) * {SUPPLIER_PRIME} % :suppliers)"
    # Lines beyond the size are more days of the same house.
    ordered = f"((n / {LINES_PER_ORDER} * {LINES_PER_ORDER}) % :lines * {DAYS} / :lines)"
    # A supplier has a lead time of its own and keeps it within nine days.
    lead = f"(10 + {supplier} * 7 % 40 + (n * {LEAD_PRIME}) % 9)"
    # Of 20 lines 17 come up to 2 days early or on the day, 3 up to 12 days late.
    draw = f"((n * {LATE_PRIME}) % 20)"
    late = f"(CASE WHEN {draw} < 17 THEN -((n * {LATE_PRIME}) / 20 % 3) ELSE {draw} % 4 * 4 END)"

    def day(expression: str) -> str:
        if is_sqlite(session):
            return f"date('{FIRST_DAY}', ({expression}) || ' days')"
        return f"(DATE '{FIRST_DAY}' + CAST({expression} AS INTEGER))"

    return {
        "ordered_on": day(ordered),
        "due_on": day(f"{ordered} + {lead}"),
        "arrived_on": day(f"{ordered} + {lead} + {late}"),
        "supplier": supplier,
        "yes": "1" if is_sqlite(session) else "true",
        "no": "0" if is_sqlite(session) else "false",
    }


_QUANTITY = f"(100 + (n * {PART_PRIME}) % 900)"
_ORDERS = f"""
INSERT INTO purchase_order (id, buyer_unit, number, supplier_id, ordered_on, currency)
SELECT 1 + n / {LINES_PER_ORDER}, '', 'B' || (n / {LINES_PER_ORDER}), {{supplier}}, {{ordered_on}},
       'EUR'
FROM {{numbers}} WHERE n % {LINES_PER_ORDER} = 0
"""
_LINES = f"""
INSERT INTO schedule_line (id, order_id, line_no, schedule_no, supplier_id, category_id, site_id,
    part_id, is_counted, ordered_on, quantity_ordered, quantity_cancelled_buyer,
    quantity_cancelled_supplier, unit_price, currency, promised_original_on, incoterm)
SELECT 1 + n, 1 + n / {LINES_PER_ORDER}, n % {LINES_PER_ORDER} + 1, '1', {{supplier}},
       1 + {{supplier}} % {CATEGORIES}, 1 + {{supplier}} % {SITES},
       ({{supplier}} - 1) * {PARTS_PER_SUPPLIER} + 1 + (n * {PART_PRIME}) % {PARTS_PER_SUPPLIER},
       {{yes}}, {{ordered_on}}, {_QUANTITY} * 1000000, 0, 0, 10000 + (n * {PART_PRIME}) % 90000,
       'EUR', {{due_on}}, CASE n % 4 WHEN 0 THEN 'DAP' WHEN 1 THEN 'DDP' END
FROM {{numbers}}
"""
_RECEIPTS = f"""
INSERT INTO receipt (line_id, source_key, arrived_on, quantity, quantity_rejected, completes_line)
SELECT 1 + n, 'R' || n, {{arrived_on}},
       {_QUANTITY} * CASE WHEN (n * {SHORT_PRIME}) % 50 = 0 THEN 900000 ELSE 1000000 END,
       CASE WHEN (n * {SHORT_PRIME}) % 200 = 0 THEN 1000000 ELSE 0 END, {{no}}
FROM {{numbers}}
"""


def _masters(session: Session, size: Size) -> None:
    words, numbers = _words(session), _numbers(session)
    made = "'2026-01-01 00:00:00.000000'"
    key = "lower(hex(randomblob(16)))" if is_sqlite(session) else "gen_random_uuid()"
    for statement, last in (
        (
            f"INSERT INTO category (id, name, created_at, updated_at)"
            f" SELECT n, 'Category ' || n, {made}, {made} FROM {numbers}",
            CATEGORIES,
        ),
        (
            f"INSERT INTO site (id, owner_key, name, created_at, updated_at)"
            f" SELECT n, 0, 'Plant ' || n, {made}, {made} FROM {numbers}",
            SITES,
        ),
        (
            "INSERT INTO supplier (id, public_id, number, name, kind, status, category_id,"
            " currency, is_demo, version, created_at, updated_at)"
            f" SELECT n, {key}, 'B' || n, 'Supplier ' || n, 'supplier', 'approved',"
            f" 1 + n % {CATEGORIES}, 'EUR', {words['no']}, 1, {made}, {made} FROM {numbers}",
            size.suppliers,
        ),
        (
            "INSERT INTO part (id, number, unit, created_at, updated_at)"
            f" SELECT n, 'P' || n, 'pc', {made}, {made} FROM {numbers}",
            size.suppliers * PARTS_PER_SUPPLIER,
        ),
    ):
        session.execute(text(statement), {"first": 1, "last": last})
    _go_on_after(session, "category", "site", "supplier", "part")


def _go_on_after(session: Session, *tables: str) -> None:
    """Let PostgreSQL number new rows after ours; SQLite does by itself."""
    if is_sqlite(session):
        return
    for table in tables:
        numbering = f"pg_get_serial_sequence('{table}', 'id')"
        session.execute(text(f"SELECT setval({numbering}, max(id)) FROM {table}"))
