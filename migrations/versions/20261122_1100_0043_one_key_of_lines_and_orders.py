"""a line refers to its order and that order's supplier by one key

Revision ID: 0043
Revises: 0042
"""

from __future__ import annotations

import re

import sqlalchemy as sa
from alembic import op

from app.base.errors import Conflict

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

LINES, ORDERS = "schedule_line", "purchase_order"
KEY, COLUMNS = "fk_schedule_line_supplier_id_order_id", ["supplier_id", "order_id"]
TO_ORDER, TO_SUPPLIER = "fk_schedule_line_order_id", "fk_schedule_line_supplier_id"
# As SQLite keeps them in the words of the table, each with the comma before it.
WORDS = {
    KEY: f"CONSTRAINT {KEY} FOREIGN KEY(supplier_id, order_id)"
    " REFERENCES purchase_order (supplier_id, id)",
    TO_ORDER: f"CONSTRAINT {TO_ORDER} FOREIGN KEY(order_id) REFERENCES purchase_order (id)",
    TO_SUPPLIER: f"CONSTRAINT {TO_SUPPLIER} FOREIGN KEY(supplier_id) REFERENCES supplier (id)",
}
DISAGREEING = (
    "FROM schedule_line l JOIN purchase_order o ON o.id = l.order_id"
    " WHERE o.supplier_id <> l.supplier_id"
)


def upgrade() -> None:
    lift_limit()
    refuse_lines_of_other_suppliers()
    if op.get_bind().dialect.name == "sqlite":
        replace_words([TO_ORDER, TO_SUPPLIER], [KEY])
    op.create_index("ix_purchase_order_id_supplier_id", ORDERS, ["id", "supplier_id"], unique=True)
    op.create_index("ix_schedule_line_supplier_id_order_id", LINES, COLUMNS)
    op.drop_index("ix_schedule_line_supplier_id", LINES)
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(TO_ORDER, LINES, type_="foreignkey")
        op.drop_constraint(TO_SUPPLIER, LINES, type_="foreignkey")
        # Not first NOT VALID: in the one transaction of an upgrade the lock is held anyway.
        op.create_foreign_key(KEY, LINES, ORDERS, COLUMNS, ["supplier_id", "id"])


def downgrade() -> None:
    lift_limit()
    if op.get_bind().dialect.name == "sqlite":
        replace_words([KEY], [TO_ORDER, TO_SUPPLIER])
    else:
        op.drop_constraint(KEY, LINES, type_="foreignkey")
    op.drop_index("ix_purchase_order_id_supplier_id", ORDERS)
    op.create_index("ix_schedule_line_supplier_id", LINES, ["supplier_id"])
    op.drop_index("ix_schedule_line_supplier_id_order_id", LINES)
    if op.get_bind().dialect.name == "postgresql":
        op.create_foreign_key(TO_ORDER, LINES, ORDERS, ["order_id"], ["id"])
        op.create_foreign_key(TO_SUPPLIER, LINES, "supplier", ["supplier_id"], ["id"])


def lift_limit() -> None:
    """Let millions of lines be read and indexed; the application's limit is 30 s."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SET LOCAL statement_timeout = 0")


def refuse_lines_of_other_suppliers() -> None:
    """Refuse before anything is changed: nobody but people knows which of the two is right.

    Two files staged before either was published, or an agreement with the number of another
    supplier's order, could leave such lines.
    """
    bind = op.get_bind()
    count, first = bind.execute(sa.text(f"SELECT count(*), min(l.id) {DISAGREEING}")).one()
    if not count:
        return
    number, batch_id = bind.execute(
        sa.text(f"SELECT o.number, l.batch_id {DISAGREEING} AND l.id = :first"), {"first": first}
    ).one()
    of_batch = "" if batch_id is None else f" (import #{batch_id})"
    raise Conflict(
        "E-SYS-05",
        f"{count:,} schedule lines name another supplier than their order, the first one order"
        f" {number}{of_batch}. Nothing was changed. Mend them as docs/operations.md says under"
        " “Lines of other suppliers”, then upgrade again.",
    )


def replace_words(old: list[str], new: list[str]) -> None:
    """Write a table's foreign keys anew, as SQLite's “Making Other Kinds Of Table Schema Changes”
    has it: five million lines stay where they are, and so does what refers to them.
    """
    bind = op.get_bind()
    found = "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'schedule_line'"
    words = str(bind.execute(sa.text(found)).scalar_one())
    for name in old:
        words, times = re.subn(r",\s*" + re.escape(WORDS[name]), "", words)
        if times != 1:
            raise Conflict(
                "E-SYS-05",
                f"The table schedule_line was changed by hand: its key {name} is not as Mainstay"
                " wrote it. Nothing was changed; restore the table's words, then upgrade again.",
            )
    body, end = words.rstrip().rsplit(")", 1)
    body = body.rstrip() + "".join(f",\n\t{WORDS[name]}" for name in new)
    op.execute("PRAGMA writable_schema = ON")
    bind.execute(
        sa.text("UPDATE sqlite_master SET sql = :words WHERE type = 'table' AND name = :table"),
        {"words": f"{body}\n){end}", "table": LINES},
    )
    # Reads the schema anew here. The indexes made next let other connections do so.
    op.execute("PRAGMA writable_schema = RESET")
