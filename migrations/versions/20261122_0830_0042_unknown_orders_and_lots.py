"""orders of unknown outcome, and what tells that rejects come by lot

Revision ID: 0042
Revises: 0041
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

LOT_COLUMNS = ("receipts_gone", "rejected_squares")
FLAG_OF_MEASURE = {"otif": "otif", "otd": "on_time", "in_full": "in_full"}
# State 1 waits, 2 is due; call-offs of agreements are of no order.
UNKNOWN = """
SELECT supplier_id, month, '{measure}' AS measure, COUNT(*) AS orders_unknown FROM (
    SELECT supplier_id, MAX(CASE WHEN state = 2 THEN month END) AS month FROM line_verdict
    WHERE order_id NOT IN (
        SELECT order_id FROM scheduling_agreement WHERE order_id IS NOT NULL
    )
    GROUP BY order_id, supplier_id
    HAVING MAX(state) = 2 AND COUNT(CASE WHEN state = 1 THEN 1 END) = 0
        AND COUNT({flag}) < COUNT(CASE WHEN state = 2 THEN 1 END)
) AS unknown_order GROUP BY supplier_id, month
"""
# Months of no other orders get a row. SQLite reads ON CONFLICT after a bare FROM as a join's.
FILL = """
INSERT INTO monthly_order_rollup (
    supplier_id, month, measure, orders, lines, lines_true, lines_squares, "cross", true_squares,
    orders_known, orders_true, orders_unknown
)
SELECT supplier_id, month, measure, 0, 0, 0, 0, 0, 0, 0, 0, orders_unknown
FROM unknown_before WHERE true
ON CONFLICT (supplier_id, month, measure) DO UPDATE SET orders_unknown = excluded.orders_unknown
"""


def upgrade() -> None:
    # Counted before the table is locked for its new column: the verdicts are many.
    counted = " UNION ALL ".join(
        UNKNOWN.format(measure=measure, flag=flag) for measure, flag in FLAG_OF_MEASURE.items()
    )
    op.execute(f"CREATE TEMPORARY TABLE unknown_before AS {counted}")
    column = sa.Column("orders_unknown", sa.BigInteger(), nullable=False, server_default="0")
    op.add_column("monthly_order_rollup", column)
    op.execute(FILL)
    op.execute("DROP TABLE unknown_before")
    # A rebuild of the roll-up fills these: until then the interval of PPM is the plain one.
    for name in LOT_COLUMNS:
        column = sa.Column(name, sa.BigInteger(), nullable=False, server_default="0")
        op.add_column("monthly_rollup", column)


def downgrade() -> None:
    # A month in which nothing but unknown orders ended had no row.
    op.execute("DELETE FROM monthly_order_rollup WHERE orders = 0")
    op.drop_column("monthly_order_rollup", "orders_unknown")
    for name in LOT_COLUMNS:
        op.drop_column("monthly_rollup", name)
