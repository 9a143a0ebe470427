"""call-offs and expediting

Revision ID: 0019
Revises: 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# As revision 0016 has them: who a supplier's people are, and what they see.
ROLE = "mainstay_supplier"
OWN = "string_to_array(nullif(current_setting('app.supplier_ids', true), ''), ',')::bigint[]"
OF_AGREEMENT = "EXISTS (SELECT 1 FROM scheduling_agreement a WHERE a.id = {table}.agreement_id)"
POLICIES = {
    "scheduling_agreement": f"supplier_id = ANY ({OWN})",
    "release": OF_AGREEMENT.format(table="release"),
    "agreement_receipt": OF_AGREEMENT.format(table="agreement_receipt"),
    "call_off": "EXISTS (SELECT 1 FROM schedule_line l WHERE l.id = call_off.line_id)",
    "stock_level": "false",
    "contact": f"supplier_id = ANY ({OWN})",
    "outbox_attachment": "false",
}


def upgrade() -> None:
    create_agreements()
    create_releases()
    create_receipts()
    create_expediting()
    op.add_column("promise_change", sa.Column("quantity", sa.BigInteger()))
    if op.get_bind().dialect.name == "sqlite":
        return
    for table, condition in POLICIES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY suppliers ON {table} USING (current_user <> '{ROLE}' OR {condition})"
        )


def create_agreements() -> None:
    op.create_table(
        "scheduling_agreement",
        sa.Column("id", BIG, nullable=False),
        sa.Column("supplier_id", BIG, nullable=False),
        sa.Column("number", sa.String(length=200), nullable=False),
        sa.Column("part_id", BIG),
        sa.Column("site_id", BIG),
        sa.Column("unit", sa.String(length=20)),
        sa.Column("firm_zone_days", sa.SmallInteger(), nullable=False),
        sa.Column("trade_off_zone_days", sa.SmallInteger()),
        sa.Column("valid_from", sa.Date()),
        sa.Column("valid_to", sa.Date()),
        sa.Column("under_millionths", sa.Integer()),
        sa.Column("over_millionths", sa.Integer()),
        sa.Column("incoterm", sa.String(length=3)),
        sa.Column("unit_price", sa.BigInteger()),
        sa.Column("currency", sa.String(length=3)),
        sa.Column("contract_reference", sa.String(length=200)),
        sa.Column("opening_cumulative", sa.BigInteger(), nullable=False),
        sa.Column("order_id", BIG),
        sa.Column("batch_id", BIG),
        sa.CheckConstraint("firm_zone_days >= 0", name=op.f("ck_scheduling_agreement_firm_zone")),
        sa.CheckConstraint(
            "trade_off_zone_days IS NULL OR trade_off_zone_days >= firm_zone_days",
            name=op.f("ck_scheduling_agreement_trade_off_zone"),
        ),
        sa.CheckConstraint(
            "under_millionths BETWEEN 0 AND 1000000", name=op.f("ck_scheduling_agreement_under")
        ),
        sa.CheckConstraint("over_millionths >= 0", name=op.f("ck_scheduling_agreement_over")),
        sa.CheckConstraint("opening_cumulative >= 0", name=op.f("ck_scheduling_agreement_opening")),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_to >= valid_from",
            name=op.f("ck_scheduling_agreement_valid_range"),
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_scheduling_agreement_{column}")
            )
            for column, table in (
                ("supplier_id", "supplier"),
                ("part_id", "part"),
                ("site_id", "site"),
                ("order_id", "purchase_order"),
                ("batch_id", "source_batch"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheduling_agreement")),
        sa.UniqueConstraint("number", name=op.f("uq_scheduling_agreement_number")),
        sa.UniqueConstraint("order_id", name=op.f("uq_scheduling_agreement_order_id")),
    )
    op.create_index("ix_scheduling_agreement_supplier_id", "scheduling_agreement", ["supplier_id"])


def create_releases() -> None:
    op.create_table(
        "release",
        sa.Column("id", BIG, nullable=False),
        sa.Column("agreement_id", BIG, nullable=False),
        sa.Column("release_no", sa.Integer(), nullable=False),
        sa.Column("released_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("quantity", sa.BigInteger()),
        sa.Column("cumulative", sa.BigInteger()),
        sa.Column("batch_id", BIG),
        sa.CheckConstraint("quantity IS NULL OR quantity >= 0", name=op.f("ck_release_quantity")),
        sa.CheckConstraint(
            "cumulative IS NULL OR cumulative >= 0", name=op.f("ck_release_cumulative")
        ),
        sa.CheckConstraint(
            "(quantity IS NULL) <> (cumulative IS NULL)", name=op.f("ck_release_one_figure")
        ),
        *of_agreement("release"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release")),
        sa.UniqueConstraint(
            "agreement_id",
            "release_no",
            "due_on",
            name=op.f("uq_release_agreement_id_release_no_due_on"),
        ),
    )
    op.create_index("ix_release_batch_id", "release", ["batch_id"])
    op.create_table(
        "call_off",
        sa.Column("line_id", BIG, nullable=False, autoincrement=False),
        sa.Column("agreement_id", BIG, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("release_no", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["line_id"], ["schedule_line.id"], name=op.f("fk_call_off_line_id")
        ),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["scheduling_agreement.id"], name=op.f("fk_call_off_agreement_id")
        ),
        sa.PrimaryKeyConstraint("line_id", name=op.f("pk_call_off")),
        sa.UniqueConstraint("agreement_id", "due_on", name=op.f("uq_call_off_agreement_id_due_on")),
    )


def create_receipts() -> None:
    op.create_table(
        "agreement_receipt",
        sa.Column("id", BIG, nullable=False),
        sa.Column("agreement_id", BIG, nullable=False),
        sa.Column("source_key", sa.String(length=60), nullable=False),
        sa.Column("reverses_key", sa.String(length=60)),
        *(
            sa.Column(day, sa.Date())
            for day in ("ready_on", "dispatched_on", "arrived_on", "posted_on")
        ),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("quantity_rejected", sa.BigInteger()),
        sa.Column("quantity_returned", sa.BigInteger()),
        sa.Column("is_documents_ok", sa.Boolean()),
        sa.Column("is_undamaged", sa.Boolean()),
        sa.Column("carrier", sa.String(length=200)),
        sa.Column("batch_id", BIG),
        sa.CheckConstraint("quantity >= 0", name=op.f("ck_agreement_receipt_quantity")),
        sa.CheckConstraint(
            "quantity_rejected IS NULL OR quantity_rejected >= 0",
            name=op.f("ck_agreement_receipt_rejected"),
        ),
        sa.CheckConstraint(
            "quantity_returned IS NULL OR quantity_returned >= 0",
            name=op.f("ck_agreement_receipt_returned"),
        ),
        *of_agreement("agreement_receipt"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_receipt")),
        sa.UniqueConstraint(
            "agreement_id", "source_key", name=op.f("uq_agreement_receipt_agreement_id_source_key")
        ),
    )
    op.create_index("ix_agreement_receipt_batch_id", "agreement_receipt", ["batch_id"])


def of_agreement(table: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))
        for column, other in (
            ("agreement_id", "scheduling_agreement"),
            ("batch_id", "source_batch"),
        )
    ]


def create_expediting() -> None:
    op.create_table(
        "stock_level",
        sa.Column("id", BIG, nullable=False),
        sa.Column("part_id", BIG, nullable=False),
        sa.Column("site_id", BIG, nullable=False),
        sa.Column("on_hand", sa.BigInteger(), nullable=False),
        sa.Column("daily_usage", sa.BigInteger()),
        sa.Column("counted_on", sa.Date(), nullable=False),
        sa.Column("batch_id", BIG),
        sa.CheckConstraint("on_hand >= 0", name=op.f("ck_stock_level_on_hand")),
        sa.CheckConstraint(
            "daily_usage IS NULL OR daily_usage >= 0", name=op.f("ck_stock_level_daily_usage")
        ),
        sa.ForeignKeyConstraint(["part_id"], ["part.id"], name=op.f("fk_stock_level_part_id")),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["source_batch.id"], name=op.f("fk_stock_level_batch_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_level")),
        sa.UniqueConstraint("part_id", "site_id", name=op.f("uq_stock_level_part_id_site_id")),
    )
    op.create_table(
        "contact",
        sa.Column("id", BIG, nullable=False),
        sa.Column("supplier_id", BIG, nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=200)),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("batch_id", BIG),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_contact_supplier_id")
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["source_batch.id"], name=op.f("fk_contact_batch_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
        sa.UniqueConstraint("supplier_id", "email", name=op.f("uq_contact_supplier_id_email")),
    )
    op.create_table(
        "outbox_attachment",
        sa.Column("id", BIG, nullable=False),
        sa.Column("message_id", BIG, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["outbox_message.id"],
            name=op.f("fk_outbox_attachment_message_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_attachment")),
    )
    op.create_index("ix_outbox_attachment_message_id", "outbox_attachment", ["message_id"])


def downgrade() -> None:
    # Agreements are lost; the lines that were their call-offs stay as lines of their order.
    if op.get_bind().dialect.name == "postgresql":
        for table in POLICIES:
            op.execute(f"DROP POLICY suppliers ON {table}")
    op.drop_column("promise_change", "quantity")
    for table in (
        "outbox_attachment",
        "contact",
        "stock_level",
        "agreement_receipt",
        "call_off",
        "release",
        "scheduling_agreement",
    ):
        op.drop_table(table)
