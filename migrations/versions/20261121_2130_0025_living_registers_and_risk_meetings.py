"""living registers and risk meetings

Revision ID: 0025
Revises: 0024
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# As revision 0016 has it: who a supplier's people are. They see nothing of what we think.
ROLE = "mainstay_supplier"
TABLES = (
    "fmea_acceptance",
    "fmea_action",
    "fmea_joint",
    "fmea_cadence",
    "fmea_link",
    "fmea_review",
    "fmea_suggestion",
    "risk_meeting",
    "meeting_attendee",
    "meeting_commitment",
    "meeting_decision",
    "meeting_point",
)


def upgrade() -> None:
    create_actions()
    create_reviews()
    create_meetings()
    if op.get_bind().dialect.name == "sqlite":
        return
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY suppliers ON {table} USING (current_user <> '{ROLE}')")


def create_actions() -> None:
    op.create_table(
        "fmea_acceptance",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("cause_id", BIG, nullable=False),
        sa.Column("rating_id", BIG, nullable=False),
        sa.Column("accepted_by", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked_by", sa.String(length=200), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.String(length=200)),
        sa.Column("approved_at", sa.DateTime(timezone=True)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("ended_by", sa.String(length=200)),
        sa.Column("ended_because", sa.String(length=500)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('proposed', 'confirmed', 'refused', 'ended')",
            name=op.f("ck_fmea_acceptance_state"),
        ),
        sa.ForeignKeyConstraint(
            ["cause_id"], ["fmea_cause.id"], name=op.f("fk_fmea_acceptance_cause_id")
        ),
        sa.ForeignKeyConstraint(
            ["rating_id"], ["fmea_rating.id"], name=op.f("fk_fmea_acceptance_rating_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fmea_acceptance")),
        sa.UniqueConstraint("public_id", name=op.f("uq_fmea_acceptance_public_id")),
    )
    op.create_index("ix_fmea_acceptance_cause_id", "fmea_acceptance", ["cause_id"])
    op.create_index("ix_fmea_acceptance_until_on", "fmea_acceptance", ["until_on"])
    op.create_table(
        "fmea_action",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("cause_id", BIG, nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("owner", sa.String(length=200), nullable=False),
        sa.Column("owner_id", BIG),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("cost", sa.BigInteger()),
        sa.Column("currency", sa.String(length=3)),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("state_because", sa.String(length=500)),
        sa.Column("planned_rating_id", BIG),
        sa.Column("before_rating_id", BIG),
        sa.Column("revised_rating_id", BIG),
        sa.Column("evidence", sa.String(length=2000)),
        sa.Column("effect_change", sa.String(length=12)),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("ended_by", sa.String(length=200)),
        sa.Column("told_at", sa.DateTime(timezone=True)),
        sa.Column("escalated_at", sa.DateTime(timezone=True)),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(state IN ('completed', 'not_implemented')) = (ended_at IS NOT NULL)",
            name=op.f("ck_fmea_action_ended"),
        ),
        sa.CheckConstraint(
            "effect_change IS NULL OR effect_change IN ('dual_source', 'buffer', 'redesign')",
            name=op.f("ck_fmea_action_effect_change"),
        ),
        sa.CheckConstraint(
            "kind IN ('prevention', 'detection', 'contingency')", name=op.f("ck_fmea_action_kind")
        ),
        sa.CheckConstraint(
            "revised_rating_id IS NULL OR state = 'completed'", name=op.f("ck_fmea_action_revised")
        ),
        sa.CheckConstraint(
            "state <> 'completed' OR evidence IS NOT NULL", name=op.f("ck_fmea_action_evidence")
        ),
        sa.CheckConstraint(
            "state IN ('open', 'decision_pending', 'implementation_pending', 'completed', 'not_implemented')",
            name=op.f("ck_fmea_action_state"),
        ),
        sa.CheckConstraint(
            "(cost IS NULL) = (currency IS NULL)", name=op.f("ck_fmea_action_currency")
        ),
        sa.CheckConstraint("cost IS NULL OR cost >= 0", name=op.f("ck_fmea_action_cost")),
        sa.ForeignKeyConstraint(
            ["before_rating_id"], ["fmea_rating.id"], name=op.f("fk_fmea_action_before_rating_id")
        ),
        sa.ForeignKeyConstraint(
            ["cause_id"], ["fmea_cause.id"], name=op.f("fk_fmea_action_cause_id")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name=op.f("fk_fmea_action_owner_id")),
        sa.ForeignKeyConstraint(
            ["planned_rating_id"], ["fmea_rating.id"], name=op.f("fk_fmea_action_planned_rating_id")
        ),
        sa.ForeignKeyConstraint(
            ["revised_rating_id"], ["fmea_rating.id"], name=op.f("fk_fmea_action_revised_rating_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fmea_action")),
        sa.UniqueConstraint("public_id", name=op.f("uq_fmea_action_public_id")),
    )
    op.create_index("ix_fmea_action_cause_id", "fmea_action", ["cause_id"])
    op.create_index("ix_fmea_action_due_on", "fmea_action", ["due_on"])
    op.create_table(
        "fmea_joint",
        sa.Column("id", BIG, nullable=False),
        sa.Column("cause_id", BIG, nullable=False),
        sa.Column("rating_id", BIG),
        sa.Column("met_on", sa.Date(), nullable=False),
        sa.Column("spoke_with", sa.String(length=200), nullable=False),
        sa.Column("severity", sa.SmallInteger()),
        sa.Column("occurrence", sa.SmallInteger()),
        sa.Column("detection", sa.SmallInteger()),
        sa.Column("note", sa.String(length=2000)),
        sa.Column("entered_by", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "detection IS NULL OR detection BETWEEN 1 AND 10", name=op.f("ck_fmea_joint_detection")
        ),
        sa.CheckConstraint(
            "occurrence IS NULL OR occurrence BETWEEN 1 AND 10",
            name=op.f("ck_fmea_joint_occurrence"),
        ),
        sa.CheckConstraint(
            "severity IS NULL OR severity BETWEEN 1 AND 10", name=op.f("ck_fmea_joint_severity")
        ),
        sa.ForeignKeyConstraint(
            ["cause_id"], ["fmea_cause.id"], name=op.f("fk_fmea_joint_cause_id")
        ),
        sa.ForeignKeyConstraint(
            ["rating_id"], ["fmea_rating.id"], name=op.f("fk_fmea_joint_rating_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fmea_joint")),
    )
    op.create_index("ix_fmea_joint_cause_id", "fmea_joint", ["cause_id"])


def create_reviews() -> None:
    op.create_table(
        "fmea_cadence",
        sa.Column("id", BIG, nullable=False),
        sa.Column("high_months", sa.SmallInteger(), nullable=False),
        sa.Column("medium_months", sa.SmallInteger(), nullable=False),
        sa.Column("low_months", sa.SmallInteger(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("set_by", sa.String(length=200), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("high_months BETWEEN 1 AND 60", name=op.f("ck_fmea_cadence_high")),
        sa.CheckConstraint("low_months BETWEEN 1 AND 60", name=op.f("ck_fmea_cadence_low")),
        sa.CheckConstraint("medium_months BETWEEN 1 AND 60", name=op.f("ck_fmea_cadence_medium")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fmea_cadence")),
    )
    op.create_table(
        "fmea_link",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("mode_id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("part_id", BIG),
        sa.Column("linked_supplier_id", BIG),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(kind = 'part') = (part_id IS NOT NULL)", name=op.f("ck_fmea_link_part")
        ),
        sa.CheckConstraint(
            "(kind = 'supplier') = (linked_supplier_id IS NOT NULL)",
            name=op.f("ck_fmea_link_supplier"),
        ),
        sa.CheckConstraint(
            "kind IN ('part', 'supplier', 'contract', 'plan')", name=op.f("ck_fmea_link_kind")
        ),
        sa.ForeignKeyConstraint(
            ["linked_supplier_id"], ["supplier.id"], name=op.f("fk_fmea_link_linked_supplier_id")
        ),
        sa.ForeignKeyConstraint(["mode_id"], ["fmea_mode.id"], name=op.f("fk_fmea_link_mode_id")),
        sa.ForeignKeyConstraint(["part_id"], ["part.id"], name=op.f("fk_fmea_link_part_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fmea_link")),
        sa.UniqueConstraint(
            "mode_id", "kind", "label", name=op.f("uq_fmea_link_mode_id_kind_label")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_fmea_link_public_id")),
    )
    op.create_table(
        "fmea_review",
        sa.Column("id", BIG, nullable=False),
        sa.Column("cause_id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("raised_on", sa.Date(), nullable=False),
        sa.Column("because", sa.String(length=500), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True)),
        sa.Column("done_by", sa.String(length=200)),
        sa.Column("outcome", sa.String(length=500)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('cadence', 'drift', 'acceptance')", name=op.f("ck_fmea_review_kind")
        ),
        sa.CheckConstraint(
            "(done_at IS NULL) = (done_by IS NULL)", name=op.f("ck_fmea_review_done")
        ),
        sa.ForeignKeyConstraint(
            ["cause_id"], ["fmea_cause.id"], name=op.f("fk_fmea_review_cause_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fmea_review")),
        sa.UniqueConstraint(
            "cause_id", "kind", "key", name=op.f("uq_fmea_review_cause_id_kind_key")
        ),
    )
    op.create_table(
        "fmea_suggestion",
        sa.Column("id", BIG, nullable=False),
        sa.Column("cause_id", BIG, nullable=False),
        sa.Column("dimension", sa.String(length=10), nullable=False),
        sa.Column("quarter_end", sa.Date(), nullable=False),
        sa.Column("suggested", sa.SmallInteger()),
        sa.Column("stored", sa.SmallInteger()),
        sa.Column("basis", sa.JSON(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "stored IS NULL OR stored BETWEEN 1 AND 10", name=op.f("ck_fmea_suggestion_stored")
        ),
        sa.CheckConstraint(
            "suggested IS NULL OR suggested BETWEEN 1 AND 10",
            name=op.f("ck_fmea_suggestion_suggested"),
        ),
        sa.ForeignKeyConstraint(
            ["cause_id"], ["fmea_cause.id"], name=op.f("fk_fmea_suggestion_cause_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fmea_suggestion")),
        sa.UniqueConstraint(
            "cause_id",
            "dimension",
            "quarter_end",
            name=op.f("uq_fmea_suggestion_cause_id_dimension_quarter_end"),
        ),
    )


def create_meetings() -> None:
    op.create_table(
        "risk_meeting",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("chair", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("minutes", sa.String(length=20000)),
        sa.Column("agenda_hash", sa.String(length=64)),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("planned_by", sa.String(length=200), nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True)),
        sa.Column("held_by", sa.String(length=200)),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.Column("closed_by", sa.String(length=200)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(state = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_risk_meeting_closed")
        ),
        sa.CheckConstraint(
            "(state = 'planned') = (held_at IS NULL)", name=op.f("ck_risk_meeting_held")
        ),
        sa.CheckConstraint(
            "state IN ('planned', 'held', 'closed')", name=op.f("ck_risk_meeting_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_risk_meeting")),
        sa.UniqueConstraint("planned_on", name=op.f("uq_risk_meeting_planned_on")),
        sa.UniqueConstraint("public_id", name=op.f("uq_risk_meeting_public_id")),
    )
    op.create_table(
        "meeting_attendee",
        sa.Column("id", BIG, nullable=False),
        sa.Column("meeting_id", BIG, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("part", sa.String(length=200)),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["risk_meeting.id"], name=op.f("fk_meeting_attendee_meeting_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_attendee")),
        sa.UniqueConstraint(
            "meeting_id", "place", name=op.f("uq_meeting_attendee_meeting_id_place")
        ),
    )
    op.create_table(
        "meeting_commitment",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", BIG, nullable=False),
        sa.Column("supplier_id", BIG),
        sa.Column("what", sa.String(length=2000), nullable=False),
        sa.Column("owner", sa.String(length=200), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("noted_by", sa.String(length=200), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("ended_by", sa.String(length=200)),
        sa.Column("ended_because", sa.String(length=500)),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(state = 'open') = (ended_at IS NULL)", name=op.f("ck_meeting_commitment_ended")
        ),
        sa.CheckConstraint(
            "state IN ('open', 'done', 'dropped')", name=op.f("ck_meeting_commitment_state")
        ),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["risk_meeting.id"], name=op.f("fk_meeting_commitment_meeting_id")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_meeting_commitment_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_commitment")),
        sa.UniqueConstraint("public_id", name=op.f("uq_meeting_commitment_public_id")),
    )
    op.create_index("ix_meeting_commitment_meeting_id", "meeting_commitment", ["meeting_id"])
    op.create_index("ix_meeting_commitment_supplier_id", "meeting_commitment", ["supplier_id"])
    op.create_table(
        "meeting_decision",
        sa.Column("id", BIG, nullable=False),
        sa.Column("meeting_id", BIG, nullable=False),
        sa.Column("supplier_id", BIG),
        sa.Column("said", sa.String(length=2000), nullable=False),
        sa.Column("noted_by", sa.String(length=200), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["risk_meeting.id"], name=op.f("fk_meeting_decision_meeting_id")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_meeting_decision_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_decision")),
    )
    op.create_index("ix_meeting_decision_meeting_id", "meeting_decision", ["meeting_id"])
    op.create_index("ix_meeting_decision_supplier_id", "meeting_decision", ["supplier_id"])
    op.create_table(
        "meeting_point",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", BIG, nullable=False),
        sa.Column("supplier_id", BIG),
        sa.Column("section", sa.String(length=20), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=400), nullable=False),
        sa.Column("detail", sa.String(length=2000)),
        sa.Column("link", sa.JSON()),
        sa.Column("note", sa.String(length=4000)),
        sa.Column("noted_by", sa.String(length=200)),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["risk_meeting.id"], name=op.f("fk_meeting_point_meeting_id")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_meeting_point_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_point")),
        sa.UniqueConstraint("meeting_id", "place", name=op.f("uq_meeting_point_meeting_id_place")),
        sa.UniqueConstraint("public_id", name=op.f("uq_meeting_point_public_id")),
    )
    op.create_index("ix_meeting_point_supplier_id", "meeting_point", ["supplier_id"])


def downgrade() -> None:
    # What was done about risks, and the minutes of meetings, are lost.
    if op.get_bind().dialect.name == "postgresql":
        for table in TABLES:
            op.execute(f"DROP POLICY suppliers ON {table}")
    for table in reversed(TABLES):
        op.drop_table(table)
