"""corrective actions, debit notes, manual and custom measures

Revision ID: 0020
Revises: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# As revision 0016 has them: who a supplier's people are, and what they see.
ROLE = "mainstay_supplier"
OWN = "string_to_array(nullif(current_setting('app.supplier_ids', true), ''), ',')::bigint[]"
OF_SUPPLIER = ("corrective_action", "debit_note", "manual_score")
THROUGH = {
    "corrective_answer": ("action_id", "corrective_action"),
    "corrective_due": ("action_id", "corrective_action"),
    "debit_item": ("note_id", "debit_note"),
}
POLICIES = {
    **dict.fromkeys(OF_SUPPLIER, f"supplier_id = ANY ({OWN})"),
    **{
        name: f"EXISTS (SELECT 1 FROM {owner} o WHERE o.id = {name}.{column})"  # noqa: S608 — our tables
        for name, (column, owner) in THROUGH.items()
    },
    "custom_measure": "false",
    "manual_criterion": "false",
}
WITHDRAWING = ("lines_hit", "withdrawn_at", "withdrawn_by", "withdrawn_because")


def upgrade() -> None:
    op.create_table(
        "custom_measure",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=80), nullable=False),
        sa.Column("short", sa.String(length=200), nullable=False),
        sa.Column("unit", sa.String(length=80), nullable=False),
        sa.Column("better", sa.String(length=6), nullable=False),
        sa.Column("is_leading", sa.Boolean(), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True)),
        sa.Column("retired_by", sa.String(length=200)),
        sa.Column("retired_because", sa.String(length=500)),
        sa.CheckConstraint("better IN ('higher', 'lower')", name=op.f("ck_custom_measure_better")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_custom_measure_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custom_measure")),
        sa.UniqueConstraint("key", "version", name=op.f("uq_custom_measure_key_version")),
        sa.UniqueConstraint("public_id", name=op.f("uq_custom_measure_public_id")),
    )
    op.create_table(
        "manual_criterion",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("short", sa.String(length=200), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(trim(name)) > 0", name=op.f("ck_manual_criterion_name_given")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_manual_criterion")),
        sa.UniqueConstraint("name", name=op.f("uq_manual_criterion_name")),
        sa.UniqueConstraint("public_id", name=op.f("uq_manual_criterion_public_id")),
    )
    op.create_table(
        "corrective_action",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", BIG, nullable=False),
        sa.Column("part_id", BIG),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("problem", sa.String(length=4000), nullable=False),
        sa.Column("severity", sa.String(length=10), nullable=False),
        sa.Column("is_safety", sa.Boolean(), nullable=False),
        sa.Column("line_down_hours", sa.BigInteger()),
        sa.Column("same_mode_days", sa.Integer()),
        sa.Column("defect_millionths", sa.Integer()),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("ended_by", sa.String(length=200)),
        sa.Column("ended_because", sa.String(length=500)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(state = 'open') = (ended_at IS NULL)", name=op.f("ck_corrective_action_ended")
        ),
        sa.CheckConstraint(
            "severity IN ('critical', 'major', 'minor')", name=op.f("ck_corrective_action_severity")
        ),
        sa.CheckConstraint(
            "state IN ('open', 'closed', 'withdrawn')", name=op.f("ck_corrective_action_state")
        ),
        sa.CheckConstraint(
            "defect_millionths IS NULL OR defect_millionths BETWEEN 0 AND 1000000",
            name=op.f("ck_corrective_action_defects"),
        ),
        sa.CheckConstraint(
            "line_down_hours IS NULL OR line_down_hours >= 0",
            name=op.f("ck_corrective_action_line_down_hours"),
        ),
        sa.CheckConstraint(
            "same_mode_days IS NULL OR same_mode_days >= 0",
            name=op.f("ck_corrective_action_same_mode_days"),
        ),
        sa.ForeignKeyConstraint(
            ["part_id"], ["part.id"], name=op.f("fk_corrective_action_part_id")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_corrective_action_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrective_action")),
        sa.UniqueConstraint("public_id", name=op.f("uq_corrective_action_public_id")),
    )
    op.create_index("ix_corrective_action_supplier_id", "corrective_action", ["supplier_id"])
    op.create_table(
        "debit_note",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", BIG, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("text", sa.String(length=1000)),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        sa.Column("settled_at", sa.DateTime(timezone=True)),
        sa.Column("settled_amount", sa.BigInteger()),
        sa.Column("state_because", sa.String(length=500)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(state = 'settled') = (settled_amount IS NOT NULL)", name=op.f("ck_debit_note_settled")
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'sent', 'disputed', 'settled', 'discarded')",
            name=op.f("ck_debit_note_state"),
        ),
        sa.CheckConstraint(
            "settled_amount IS NULL OR settled_amount >= 0",
            name=op.f("ck_debit_note_settled_amount"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_debit_note_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_debit_note")),
        sa.UniqueConstraint("public_id", name=op.f("uq_debit_note_public_id")),
    )
    op.create_index("ix_debit_note_supplier_id", "debit_note", ["supplier_id"])
    op.create_table(
        "manual_score",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("criterion_id", BIG, nullable=False),
        sa.Column("supplier_id", BIG, nullable=False),
        sa.Column("value", sa.SmallInteger(), nullable=False),
        sa.Column("period_from", sa.Date(), nullable=False),
        sa.Column("period_to", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("evidence", sa.String(length=1000), nullable=False),
        sa.Column("scored_by", sa.String(length=200), nullable=False),
        sa.Column("scored_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
        sa.Column("withdrawn_by", sa.String(length=200)),
        sa.Column("withdrawn_because", sa.String(length=500)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("expires_on >= period_to", name=op.f("ck_manual_score_expiry")),
        sa.CheckConstraint("period_to >= period_from", name=op.f("ck_manual_score_period")),
        sa.CheckConstraint("value BETWEEN 0 AND 100", name=op.f("ck_manual_score_value")),
        sa.ForeignKeyConstraint(
            ["criterion_id"], ["manual_criterion.id"], name=op.f("fk_manual_score_criterion_id")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_manual_score_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_manual_score")),
        sa.UniqueConstraint("public_id", name=op.f("uq_manual_score_public_id")),
    )
    op.create_index("ix_manual_score_supplier_id", "manual_score", ["supplier_id"])
    op.create_table(
        "corrective_answer",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("action_id", BIG, nullable=False),
        sa.Column("step", sa.String(length=2), nullable=False),
        sa.Column("said", sa.String(length=4000), nullable=False),
        sa.Column("occurrence_cause", sa.String(length=4000)),
        sa.Column("escape_cause", sa.String(length=4000)),
        sa.Column("corrected_on", sa.Date()),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.String(length=200), nullable=False),
        sa.Column("entered_by_id", BIG),
        sa.Column("accepted", sa.Boolean()),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("decided_by", sa.String(length=200)),
        sa.Column("decided_because", sa.String(length=500)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "step IN ('D1', 'D2', 'D3', 'D4', 'D5', 'D6', 'D7', 'D8')",
            name=op.f("ck_corrective_answer_step"),
        ),
        sa.CheckConstraint(
            "(accepted IS NULL) = (decided_at IS NULL)", name=op.f("ck_corrective_answer_decided")
        ),
        sa.ForeignKeyConstraint(
            ["action_id"], ["corrective_action.id"], name=op.f("fk_corrective_answer_action_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrective_answer")),
        sa.UniqueConstraint("public_id", name=op.f("uq_corrective_answer_public_id")),
    )
    op.create_index("ix_corrective_answer_action_id", "corrective_answer", ["action_id"])
    op.create_table(
        "corrective_due",
        sa.Column("id", BIG, nullable=False),
        sa.Column("action_id", BIG, nullable=False),
        sa.Column("step", sa.String(length=2), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agreed_by", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "step IN ('D1', 'D2', 'D3', 'D4', 'D5', 'D6', 'D7', 'D8')",
            name=op.f("ck_corrective_due_step"),
        ),
        sa.ForeignKeyConstraint(
            ["action_id"], ["corrective_action.id"], name=op.f("fk_corrective_due_action_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrective_due")),
    )
    op.create_index("ix_corrective_due_action_id", "corrective_due", ["action_id"])
    op.create_table(
        "debit_item",
        sa.Column("id", BIG, nullable=False),
        sa.Column("note_id", BIG, nullable=False),
        sa.Column("disruption_id", BIG, nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_debit_item_amount")),
        sa.ForeignKeyConstraint(
            ["disruption_id"], ["disruption.id"], name=op.f("fk_debit_item_disruption_id")
        ),
        sa.ForeignKeyConstraint(["note_id"], ["debit_note.id"], name=op.f("fk_debit_item_note_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_debit_item")),
        sa.UniqueConstraint("disruption_id", name=op.f("uq_debit_item_disruption_id")),
    )
    op.create_index("ix_debit_item_note_id", "debit_item", ["note_id"])
    # Written out: with the check beside its column SQLite can drop both again without
    # copying the table, which others refer to.
    op.execute(
        "ALTER TABLE disruption ADD COLUMN lines_hit INTEGER CONSTRAINT ck_disruption_lines_hit "
        "CHECK (lines_hit IS NULL OR lines_hit >= 0)"
    )
    op.add_column("disruption", sa.Column("withdrawn_at", sa.DateTime(timezone=True)))
    op.add_column("disruption", sa.Column("withdrawn_by", sa.String(length=200)))
    op.add_column("disruption", sa.Column("withdrawn_because", sa.String(length=500)))
    if op.get_bind().dialect.name == "sqlite":
        return
    for table, condition in POLICIES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY suppliers ON {table} USING (current_user <> '{ROLE}' OR {condition})"
        )


def downgrade() -> None:
    # Corrective actions, debit notes, manual scores and custom measures are lost; disruptions
    # that were withdrawn count again.
    if op.get_bind().dialect.name == "postgresql":
        for table in POLICIES:
            op.execute(f"DROP POLICY suppliers ON {table}")
    for column in reversed(WITHDRAWING):
        op.drop_column("disruption", column)
    for table in (
        "debit_item", "corrective_due", "corrective_answer", "manual_score", "debit_note",
        "corrective_action", "manual_criterion", "custom_measure",
    ):  # fmt: skip
        op.drop_table(table)
