"""incidents, responses and backup suppliers

Revision ID: 0037
Revises: 0036
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# As revision 0016 has them: who a supplier's people are, and what they see.
ROLE = "mainstay_supplier"
OWN = "string_to_array(nullif(current_setting('app.supplier_ids', true), ''), ',')::bigint[]"
OF_SUPPLIER = ("backup_supplier", "incident_response", "incident", "incident_supplier")
OF_INCIDENT = ("incident_part", "incident_task", "incident_decision", "incident_link")
POLICIES = {
    **dict.fromkeys(OF_SUPPLIER, f"supplier_id = ANY ({OWN})"),
    **{
        name: f"EXISTS (SELECT 1 FROM incident o WHERE o.id = {name}.incident_id)"  # noqa: S608 — our tables
        for name in OF_INCIDENT
    },
}


def upgrade() -> None:
    create_backups()
    create_responses()
    create_incidents()
    create_what_hangs_on_them()
    if op.get_bind().dialect.name == "sqlite":
        return
    for table, condition in POLICIES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY suppliers ON {table} USING (current_user <> '{ROLE}' OR {condition})"
        )


def create_backups() -> None:
    op.create_table(
        "backup_supplier",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("part_id", BIG, nullable=False),
        sa.Column("supplier_id", BIG, nullable=False),
        sa.Column("stage", sa.String(length=10), nullable=False),
        sa.Column("stage_because", sa.String(length=500)),
        sa.Column("owner", sa.String(length=200), nullable=False),
        sa.Column("identified_on", sa.Date(), nullable=False),
        sa.Column("sampling_on", sa.Date()),
        sa.Column("qualified_on", sa.Date()),
        sa.Column("released_on", sa.Date()),
        sa.Column("due_on", sa.Date()),
        sa.Column("target_share", BIG),
        sa.Column("capacity", sa.BigInteger()),
        sa.Column("ready_days", sa.Integer()),
        sa.Column("rotate_days", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=1000)),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "stage IN ('identified', 'sampling', 'qualified', 'released', 'dropped')",
            name=op.f("ck_backup_supplier_stage"),
        ),
        sa.CheckConstraint(
            "capacity IS NULL OR capacity >= 0", name=op.f("ck_backup_supplier_capacity")
        ),
        sa.CheckConstraint(
            "ready_days IS NULL OR ready_days BETWEEN 0 AND 3650",
            name=op.f("ck_backup_supplier_ready_days"),
        ),
        sa.CheckConstraint(
            "rotate_days BETWEEN 1 AND 3650", name=op.f("ck_backup_supplier_rotate_days")
        ),
        sa.CheckConstraint(
            "target_share IS NULL OR target_share BETWEEN 0 AND 1000000",
            name=op.f("ck_backup_supplier_target_share"),
        ),
        sa.ForeignKeyConstraint(["part_id"], ["part.id"], name=op.f("fk_backup_supplier_part_id")),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_backup_supplier_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backup_supplier")),
        sa.UniqueConstraint(
            "part_id", "supplier_id", name=op.f("uq_backup_supplier_part_id_supplier_id")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_backup_supplier_public_id")),
    )
    op.create_index("ix_backup_supplier_supplier_id", "backup_supplier", ["supplier_id"])


def create_responses() -> None:
    op.create_table(
        "incident_response",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("rule_key", sa.String(length=40)),
        sa.Column("supplier_id", BIG),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("approver", sa.String(length=200), nullable=False),
        sa.Column("authority", sa.BigInteger()),
        sa.Column("currency", sa.String(length=3)),
        sa.Column("substitute_id", BIG),
        sa.Column("air_freight", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("author_id", BIG),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("decided_by", sa.String(length=200)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("ended_by", sa.String(length=200)),
        sa.Column("ended_because", sa.String(length=500)),
        sa.CheckConstraint(
            "state IN ('proposed', 'in_force', 'refused', 'replaced', 'retired')",
            name=op.f("ck_incident_response_state"),
        ),
        sa.CheckConstraint(
            "(authority IS NULL) = (currency IS NULL)", name=op.f("ck_incident_response_currency")
        ),
        sa.CheckConstraint(
            "authority IS NULL OR authority >= 0", name=op.f("ck_incident_response_authority")
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_incident_response_version")),
        sa.ForeignKeyConstraint(
            ["substitute_id"], ["supplier.id"], name=op.f("fk_incident_response_substitute_id")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_incident_response_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_response")),
        sa.UniqueConstraint("key", "version", name=op.f("uq_incident_response_key_version")),
        sa.UniqueConstraint("public_id", name=op.f("uq_incident_response_public_id")),
    )
    op.create_index("ix_incident_response_rule_key", "incident_response", ["rule_key", "state"])
    op.create_index("ix_incident_response_supplier_id", "incident_response", ["supplier_id"])


def create_incidents() -> None:
    op.create_table(
        "incident",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", BIG, nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("details", sa.String(length=2000)),
        sa.Column("cause", sa.String(length=12)),
        sa.Column("cause_text", sa.String(length=2000)),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("state_because", sa.String(length=500)),
        sa.Column("started_at", sa.DateTime(timezone=True)),
        sa.Column("signalled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.String(length=200), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True)),
        sa.Column("contained_at", sa.DateTime(timezone=True)),
        sa.Column("restored_at", sa.DateTime(timezone=True)),
        sa.Column("dismissed_at", sa.DateTime(timezone=True)),
        sa.Column("ended_by", sa.String(length=200)),
        sa.Column("cost", sa.BigInteger()),
        sa.Column("currency", sa.String(length=3)),
        sa.Column("response_id", BIG),
        sa.Column("response_key", sa.Uuid()),
        sa.Column("thing", sa.String(length=80)),
        sa.Column("trigger_key", sa.String(length=80)),
        sa.Column("alert_id", sa.Uuid()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(state = 'dismissed') = (dismissed_at IS NOT NULL)", name=op.f("ck_incident_dismissed")
        ),
        sa.CheckConstraint(
            "(state = 'restored') = (restored_at IS NOT NULL)", name=op.f("ck_incident_restored")
        ),
        sa.CheckConstraint(
            "cause IS NULL OR cause IN ('production', 'quality', 'logistics', 'financial', 'natural', 'labour', 'cyber', 'political', 'upstream', 'other')",
            name=op.f("ck_incident_cause"),
        ),
        sa.CheckConstraint(
            "state <> 'contained' OR contained_at IS NOT NULL", name=op.f("ck_incident_contained")
        ),
        sa.CheckConstraint(
            "state IN ('potential', 'confirmed', 'contained', 'restored', 'dismissed')",
            name=op.f("ck_incident_state"),
        ),
        sa.CheckConstraint(
            "(cost IS NULL) = (currency IS NULL)", name=op.f("ck_incident_currency")
        ),
        sa.CheckConstraint("cost IS NULL OR cost >= 0", name=op.f("ck_incident_cost")),
        sa.ForeignKeyConstraint(
            ["response_id"], ["incident_response.id"], name=op.f("fk_incident_response_id")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_incident_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
        sa.UniqueConstraint("public_id", name=op.f("uq_incident_public_id")),
        sa.UniqueConstraint("trigger_key", name=op.f("uq_incident_trigger_key")),
    )
    op.create_index("ix_incident_response_key", "incident", ["response_key", "supplier_id"])
    op.create_index("ix_incident_state", "incident", ["state", "opened_at"])
    op.create_index("ix_incident_supplier_id", "incident", ["supplier_id"])


def create_what_hangs_on_them() -> None:
    op.create_table(
        "incident_decision",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", BIG, nullable=False),
        sa.Column("said", sa.String(length=2000), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("decided_by", sa.String(length=200), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_by", sa.String(length=200), nullable=False),
        sa.Column("amount", sa.BigInteger()),
        sa.Column("currency", sa.String(length=3)),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('decided', 'proposed', 'refused')", name=op.f("ck_incident_decision_state")
        ),
        sa.CheckConstraint(
            "(amount IS NULL) = (currency IS NULL)", name=op.f("ck_incident_decision_currency")
        ),
        sa.CheckConstraint(
            "amount IS NULL OR amount > 0", name=op.f("ck_incident_decision_amount")
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_incident_decision_incident_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_decision")),
        sa.UniqueConstraint("public_id", name=op.f("uq_incident_decision_public_id")),
    )
    op.create_index("ix_incident_decision_incident_id", "incident_decision", ["incident_id"])
    op.create_table(
        "incident_part",
        sa.Column("id", BIG, nullable=False),
        sa.Column("incident_id", BIG, nullable=False),
        sa.Column("part_id", BIG, nullable=False),
        sa.Column("revenue_exposed", sa.BigInteger()),
        sa.Column("currency", sa.String(length=3)),
        sa.Column("survive_days", sa.Integer()),
        sa.Column("is_flown", sa.Boolean(), nullable=False),
        sa.Column("added_by", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_incident_part_incident_id")
        ),
        sa.ForeignKeyConstraint(["part_id"], ["part.id"], name=op.f("fk_incident_part_part_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_part")),
        sa.UniqueConstraint(
            "incident_id", "part_id", name=op.f("uq_incident_part_incident_id_part_id")
        ),
    )
    op.create_index("ix_incident_part_part_id", "incident_part", ["part_id"])
    op.create_table(
        "incident_supplier",
        sa.Column("id", BIG, nullable=False),
        sa.Column("incident_id", BIG, nullable=False),
        sa.Column("supplier_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_incident_supplier_incident_id")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_incident_supplier_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_supplier")),
        sa.UniqueConstraint(
            "incident_id", "supplier_id", name=op.f("uq_incident_supplier_incident_id_supplier_id")
        ),
    )
    op.create_index("ix_incident_supplier_supplier_id", "incident_supplier", ["supplier_id"])
    op.create_table(
        "incident_task",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", BIG, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("owner", sa.String(length=200), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_agreed_before", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("ended_by", sa.String(length=200)),
        sa.Column("outcome", sa.String(length=500)),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(state = 'open') = (ended_at IS NULL)", name=op.f("ck_incident_task_ended")
        ),
        sa.CheckConstraint(
            "state IN ('open', 'done', 'dropped')", name=op.f("ck_incident_task_state")
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_incident_task_incident_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_task")),
        sa.UniqueConstraint("public_id", name=op.f("uq_incident_task_public_id")),
    )
    op.create_index("ix_incident_task_incident_id", "incident_task", ["incident_id"])
    op.create_table(
        "incident_link",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("event_id", BIG),
        sa.Column("disruption_id", BIG),
        sa.Column("plan_id", BIG),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "(kind = 'disruption') = (disruption_id IS NOT NULL)",
            name=op.f("ck_incident_link_disruption"),
        ),
        sa.CheckConstraint(
            "(kind = 'event') = (event_id IS NOT NULL)", name=op.f("ck_incident_link_event")
        ),
        sa.CheckConstraint(
            "(kind = 'plan') = (plan_id IS NOT NULL)", name=op.f("ck_incident_link_plan")
        ),
        sa.CheckConstraint(
            "kind IN ('event', 'disruption', 'plan')", name=op.f("ck_incident_link_kind")
        ),
        sa.ForeignKeyConstraint(
            ["disruption_id"], ["disruption.id"], name=op.f("fk_incident_link_disruption_id")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["disruption_event.id"], name=op.f("fk_incident_link_event_id")
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_incident_link_incident_id")
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["continuity_plan.id"], name=op.f("fk_incident_link_plan_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_link")),
        sa.UniqueConstraint(
            "incident_id", "disruption_id", name=op.f("uq_incident_link_incident_id_disruption_id")
        ),
        sa.UniqueConstraint(
            "incident_id", "event_id", name=op.f("uq_incident_link_incident_id_event_id")
        ),
        sa.UniqueConstraint(
            "incident_id", "plan_id", name=op.f("uq_incident_link_incident_id_plan_id")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_incident_link_public_id")),
    )


def downgrade() -> None:
    # Incidents with all that was done and decided, responses and backups on their way are lost.
    if op.get_bind().dialect.name == "postgresql":
        for table in POLICIES:
            op.execute(f"DROP POLICY suppliers ON {table}")
    for table in (
        "incident_link", "incident_decision", "incident_task", "incident_part",
        "incident_supplier", "incident", "incident_response", "backup_supplier",
    ):  # fmt: skip
        op.drop_table(table)
