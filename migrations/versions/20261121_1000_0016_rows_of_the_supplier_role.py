"""rows of the supplier role

Revision ID: 0016
Revises: 0015
"""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

# Sessions of suppliers' people take this role, where a database administrator made it
# (docs/operations.md), and name their suppliers in the setting. Nobody else is held by it.
ROLE = "mainstay_supplier"
OWN = "string_to_array(nullif(current_setting('app.supplier_ids', true), ''), ',')::bigint[]"

ITSELF = ("supplier",)
OF_SUPPLIER = (
    "acknowledgement", "approved_source", "attachment", "contract_price", "disruption",
    "financial_statement", "inspection_lot", "invoice_line", "line_verdict",
    "monthly_event_rollup", "monthly_histogram", "monthly_order_rollup", "monthly_rollup",
    "pack", "part_monthly_rollup", "purchase_order", "risk_snapshot", "schedule_line",
    "scorecard_snapshot", "site", "sub_tier_link", "supplier_alias",
)  # fmt: skip
THROUGH_LINE = ("miss_attribution", "promise_change", "receipt")
NAMED_BY = {"category": ("supplier", "category_id"), "part": ("schedule_line", "part_id")}
NOT_THEIRS = (
    "approval", "approval_decision", "batch_problem", "before_image", "delegation",
    "index_method", "job_item", "job_run", "publication", "quarantined_row", "scoring_method",
    "source_batch", "staged_delivery", "staged_file", "staged_key", "staged_row",
)  # fmt: skip


def policies() -> dict[str, str]:
    """Return the condition under which a supplier's person sees a row, by table."""
    return (
        dict.fromkeys(ITSELF, f"id = ANY ({OWN})")
        | dict.fromkeys(OF_SUPPLIER, f"supplier_id = ANY ({OWN})")
        | {
            name: f"EXISTS (SELECT 1 FROM schedule_line l WHERE l.id = {name}.line_id)"  # noqa: S608 — our tables
            for name in THROUGH_LINE
        }
        | {
            name: f"EXISTS (SELECT 1 FROM {user} u WHERE u.{column} = {name}.id)"  # noqa: S608 — as above
            for name, (user, column) in NAMED_BY.items()
        }
        | dict.fromkeys(NOT_THEIRS, "false")
    )


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, condition in policies().items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY suppliers ON {table} USING (current_user <> '{ROLE}' OR {condition})"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in policies():
        op.execute(f"DROP POLICY suppliers ON {table}")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
