"""one row of order sums a month, with the measures beside one another

Revision ID: 0044
Revises: 0043
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

# As revision 0016 has it: who a supplier's people are, and which rows are theirs.
ROLE = "mainstay_supplier"
OWN = "string_to_array(nullif(current_setting('app.supplier_ids', true), ''), ',')::bigint[]"
TABLE, BEFORE = "monthly_order_rollup", "monthly_order_rollup_before"
MEASURES = ("otif", "otd", "in_full")
SUMS = (
    "orders", "lines", "lines_true", "lines_squares", "cross", "true_squares", "orders_known",
    "orders_true", "orders_unknown",
)  # fmt: skip
COLUMNS = tuple(f"{measure}_{name}" for measure in MEASURES for name in SUMS)
KEYS = ("supplier_id", "month")


def upgrade() -> None:
    put_aside()
    make_table(*(sa.Column(name, sa.BigInteger(), nullable=False) for name in COLUMNS))
    b = sa.table(BEFORE, *map(sa.column, (*KEYS, "measure", *SUMS))).c
    # A measure has one row at the most: its sum is picked, not added up.
    sums = (
        sa.func.coalesce(sa.func.max(sa.case((b.measure == measure, b[name]))), 0)
        for measure in MEASURES
        for name in SUMS
    )
    rows = sa.select(b.supplier_id, b.month, *sums).group_by(b.supplier_id, b.month)
    fill(rows.order_by(b.month, b.supplier_id), *KEYS, *COLUMNS)
    op.drop_table(BEFORE)


def downgrade() -> None:
    put_aside()
    make_table(
        sa.Column("measure", sa.String(length=8), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in SUMS[:-1]),
        sa.Column(SUMS[-1], sa.BigInteger(), nullable=False, server_default="0"),
        by="measure",
    )
    b = sa.table(BEFORE, *map(sa.column, (*KEYS, *COLUMNS))).c
    # A measure without any order in a month had no row.
    of_measures = (
        sa.select(
            b.supplier_id,
            b.month,
            sa.literal(measure).label("measure"),
            *(b[f"{measure}_{name}"].label(name) for name in SUMS),
        ).where(sa.or_(b[f"{measure}_orders"] != 0, b[f"{measure}_orders_unknown"] != 0))
        for measure in MEASURES
    )
    rows = sa.union_all(*of_measures)
    fill(rows.order_by("month", "supplier_id", "measure"), *KEYS, "measure", *SUMS)
    op.drop_table(BEFORE)


def put_aside() -> None:
    """Name the table that is there another name, and its key, which PostgreSQL keeps by name."""
    op.rename_table(TABLE, BEFORE)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER INDEX pk_{TABLE} RENAME TO pk_{BEFORE}")


def make_table(*columns: sa.Column[int] | sa.Column[str], by: str | None = None) -> None:
    """Make the table of these columns, with a further key, and on PostgreSQL with its policy."""
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        TABLE,
        sa.Column("supplier_id", big, autoincrement=False, nullable=False),
        sa.Column("month", sa.Integer(), autoincrement=False, nullable=False),
        *columns,
        sa.PrimaryKeyConstraint(*KEYS, *([by] if by else []), name=op.f(f"pk_{TABLE}")),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name != "postgresql":
        return
    condition = f"current_user <> '{ROLE}' OR supplier_id = ANY ({OWN})"
    op.execute(f"ALTER TABLE {TABLE} ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY suppliers ON {TABLE} USING ({condition})")


def fill(rows: sa.Select[Any] | sa.CompoundSelect[Any], *names: str) -> None:
    """Fill the table in the order of the rows: month by month, as a rebuild leaves it."""
    op.execute(sa.insert(sa.table(TABLE, *map(sa.column, names))).from_select(names, rows))
