"""continuity plans

Revision ID: 0036
Revises: 0034
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# As revision 0016 has them: who a supplier's people are, and what they see.
ROLE = "mainstay_supplier"
OWN = "string_to_array(nullif(current_setting('app.supplier_ids', true), ''), ',')::bigint[]"
OF_SUPPLIER = ("continuity_plan", "plan_question", "recovery_duty")
THROUGH = {
    "plan_version": ("plan_id", "continuity_plan"),
    "plan_contact": ("plan_id", "continuity_plan"),
    "plan_exercise": ("plan_id", "continuity_plan"),
    "plan_dependency": ("version_id", "plan_version"),
    "plan_scenario": ("version_id", "plan_version"),
}
POLICIES = {
    **dict.fromkeys(OF_SUPPLIER, f"supplier_id = ANY ({OWN})"),
    **{
        name: f"EXISTS (SELECT 1 FROM {owner} o WHERE o.id = {name}.{column})"  # noqa: S608 — our tables
        for name, (column, owner) in THROUGH.items()
    },
}


def upgrade() -> None:
    create_plans()
    create_versions()
    create_parts_of_versions()
    create_contacts_and_exercises()
    create_questions_and_duties()
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, condition in POLICIES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY suppliers ON {table} USING (current_user <> '{ROLE}' OR {condition})"
        )


def create_plans() -> None:
    op.create_table(
        "continuity_plan",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", BIG, nullable=False),
        sa.Column("scope", sa.String(length=12), nullable=False),
        sa.Column("site_id", BIG),
        sa.Column("category_id", BIG),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("opened_by", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.String(length=200), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_on", sa.Date()),
        sa.Column("ended_by", sa.String(length=200)),
        sa.Column("ended_because", sa.String(length=500)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(scope = 'part_family') = (category_id IS NOT NULL)",
            name=op.f("ck_continuity_plan_family"),
        ),
        sa.CheckConstraint(
            "(scope = 'site') = (site_id IS NOT NULL)", name=op.f("ck_continuity_plan_site")
        ),
        sa.CheckConstraint(
            "scope IN ('supplier', 'site', 'part_family')", name=op.f("ck_continuity_plan_scope")
        ),
        sa.CheckConstraint(
            "(ended_on IS NULL) = (ended_because IS NULL)", name=op.f("ck_continuity_plan_ended")
        ),
        sa.CheckConstraint("length(trim(title)) > 0", name=op.f("ck_continuity_plan_title_given")),
        sa.ForeignKeyConstraint(
            ["category_id"], ["category.id"], name=op.f("fk_continuity_plan_category_id")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_continuity_plan_site_id")),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_continuity_plan_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_continuity_plan")),
        sa.UniqueConstraint("public_id", name=op.f("uq_continuity_plan_public_id")),
    )
    op.create_index("ix_continuity_plan_supplier_id", "continuity_plan", ["supplier_id"])


def create_versions() -> None:
    op.create_table(
        "plan_version",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("begun_on", sa.Date(), nullable=False),
        sa.Column("changed_because", sa.String(length=500)),
        sa.Column("writers", sa.JSON(), nullable=False),
        sa.Column("owner", sa.String(length=200)),
        sa.Column("deputy", sa.String(length=200)),
        sa.Column("approved_on", sa.Date()),
        sa.Column("approved_at", sa.DateTime(timezone=True)),
        sa.Column("approved_by", sa.String(length=200)),
        sa.Column("is_independent", sa.Boolean()),
        sa.Column("retired_on", sa.Date()),
        sa.Column("last_reviewed_on", sa.Date()),
        sa.Column("next_review_on", sa.Date()),
        sa.Column("activation_trigger", sa.String(length=4000)),
        sa.Column("mtpd_days", sa.Integer()),
        sa.Column("rto_days", sa.Integer()),
        sa.Column("rpo_hours", sa.Integer()),
        sa.Column("mbco_percent", sa.SmallInteger()),
        sa.Column("peak_periods", sa.String(length=500)),
        sa.Column("comms_hours", sa.Integer()),
        sa.Column("alternate_site", sa.String(length=500)),
        sa.Column("alternate_km", sa.Integer()),
        sa.Column("alternate_percent", sa.SmallInteger()),
        sa.Column("alternate_days", sa.Integer()),
        sa.Column("finished_days", sa.Integer()),
        sa.Column("critical_days", sa.Integer()),
        sa.Column("is_stock_apart", sa.Boolean()),
        sa.Column("last_time_stock", sa.String(length=500)),
        sa.Column("has_sub_tier_plans", sa.Boolean()),
        sa.Column("insurance", sa.String(length=500)),
        sa.Column("iso_22301_scope", sa.String(length=500)),
        sa.Column("iso_22301_until", sa.Date()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "retired_on IS NULL OR state = 'retired'", name=op.f("ck_plan_version_retired")
        ),
        sa.CheckConstraint(
            "state <> 'draft' OR approved_on IS NULL", name=op.f("ck_plan_version_approved")
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'approved', 'retired')", name=op.f("ck_plan_version_state")
        ),
        sa.CheckConstraint(
            "alternate_days IS NULL OR alternate_days BETWEEN 0 AND 3650",
            name=op.f("ck_plan_version_alternate_days"),
        ),
        sa.CheckConstraint(
            "alternate_km IS NULL OR alternate_km BETWEEN 0 AND 20040",
            name=op.f("ck_plan_version_alternate_km"),
        ),
        sa.CheckConstraint(
            "alternate_percent IS NULL OR alternate_percent BETWEEN 0 AND 100",
            name=op.f("ck_plan_version_alternate_percent"),
        ),
        sa.CheckConstraint(
            "comms_hours IS NULL OR comms_hours BETWEEN 0 AND 87600",
            name=op.f("ck_plan_version_comms_hours"),
        ),
        sa.CheckConstraint(
            "critical_days IS NULL OR critical_days BETWEEN 0 AND 3650",
            name=op.f("ck_plan_version_critical_days"),
        ),
        sa.CheckConstraint(
            "finished_days IS NULL OR finished_days BETWEEN 0 AND 3650",
            name=op.f("ck_plan_version_finished_days"),
        ),
        sa.CheckConstraint(
            "mbco_percent IS NULL OR mbco_percent BETWEEN 0 AND 100",
            name=op.f("ck_plan_version_mbco_percent"),
        ),
        sa.CheckConstraint(
            "mtpd_days IS NULL OR mtpd_days BETWEEN 0 AND 3650",
            name=op.f("ck_plan_version_mtpd_days"),
        ),
        sa.CheckConstraint(
            "rpo_hours IS NULL OR rpo_hours BETWEEN 0 AND 87600",
            name=op.f("ck_plan_version_rpo_hours"),
        ),
        sa.CheckConstraint(
            "rto_days IS NULL OR rto_days BETWEEN 0 AND 3650", name=op.f("ck_plan_version_rto_days")
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["continuity_plan.id"], name=op.f("fk_plan_version_plan_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_version")),
        sa.UniqueConstraint("plan_id", "number", name=op.f("uq_plan_version_plan_id_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_plan_version_public_id")),
    )


def create_parts_of_versions() -> None:
    op.create_table(
        "plan_dependency",
        sa.Column("id", BIG, nullable=False),
        sa.Column("version_id", BIG, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("note", sa.String(length=500)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('site', 'utility', 'people', 'it', 'sub_tier')",
            name=op.f("ck_plan_dependency_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["plan_version.id"], name=op.f("fk_plan_dependency_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_dependency")),
    )
    op.create_index("ix_plan_dependency_version_id", "plan_dependency", ["version_id"])
    op.create_table(
        "plan_scenario",
        sa.Column("id", BIG, nullable=False),
        sa.Column("version_id", BIG, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("response", sa.String(length=4000)),
        sa.Column("recover_days", sa.Integer()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "recover_days IS NULL OR recover_days BETWEEN 0 AND 3650",
            name=op.f("ck_plan_scenario_recover_days"),
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["plan_version.id"], name=op.f("fk_plan_scenario_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_scenario")),
    )
    op.create_index("ix_plan_scenario_version_id", "plan_scenario", ["version_id"])


def create_contacts_and_exercises() -> None:
    op.create_table(
        "plan_contact",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", BIG, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=200)),
        sa.Column("reached_by", sa.String(length=254)),
        sa.Column("last_reached_on", sa.Date()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["continuity_plan.id"], name=op.f("fk_plan_contact_plan_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_contact")),
        sa.UniqueConstraint("public_id", name=op.f("uq_plan_contact_public_id")),
    )
    op.create_index("ix_plan_contact_plan_id", "plan_contact", ["plan_id"])
    op.create_table(
        "plan_exercise",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("scenario", sa.String(length=500), nullable=False),
        sa.Column("objectives", sa.String(length=4000)),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("planned_by", sa.String(length=200), nullable=False),
        sa.Column("done_on", sa.Date()),
        sa.Column("entered_by", sa.String(length=200)),
        sa.Column("achieved_rto_days", sa.Integer()),
        sa.Column("findings", sa.String(length=4000)),
        sa.Column("actions", sa.String(length=4000)),
        sa.Column("actions_closed_on", sa.Date()),
        sa.Column("called_off_because", sa.String(length=500)),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('notification', 'walkthrough', 'tabletop', 'functional', 'full')",
            name=op.f("ck_plan_exercise_kind"),
        ),
        sa.CheckConstraint(
            "achieved_rto_days IS NULL OR achieved_rto_days BETWEEN 0 AND 3650",
            name=op.f("ck_plan_exercise_achieved_rto_days"),
        ),
        sa.CheckConstraint(
            "achieved_rto_days IS NULL OR done_on IS NOT NULL",
            name=op.f("ck_plan_exercise_achieved"),
        ),
        sa.CheckConstraint(
            "done_on IS NULL OR called_off_because IS NULL",
            name=op.f("ck_plan_exercise_called_off"),
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["continuity_plan.id"], name=op.f("fk_plan_exercise_plan_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_exercise")),
        sa.UniqueConstraint("public_id", name=op.f("uq_plan_exercise_public_id")),
    )
    op.create_index("ix_plan_exercise_plan_id", "plan_exercise", ["plan_id"])


def create_questions_and_duties() -> None:
    op.create_table(
        "plan_question",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", BIG, nullable=False),
        sa.Column("topic", sa.String(length=10), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("asked_by", sa.String(length=200), nullable=False),
        sa.Column("answer", sa.String(length=6)),
        sa.Column("said", sa.String(length=4000)),
        sa.Column("answered_on", sa.Date()),
        sa.Column("entered_by", sa.String(length=200)),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "answer IS NULL OR answer IN ('yes', 'partly', 'no')",
            name=op.f("ck_plan_question_answer"),
        ),
        sa.CheckConstraint(
            "topic IN ('exists', 'covers', 'tested', 'targets')",
            name=op.f("ck_plan_question_topic"),
        ),
        sa.CheckConstraint(
            "(answer IS NULL) = (answered_on IS NULL)", name=op.f("ck_plan_question_answered")
        ),
        sa.CheckConstraint("due_on >= asked_on", name=op.f("ck_plan_question_days")),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_plan_question_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_question")),
        sa.UniqueConstraint("public_id", name=op.f("uq_plan_question_public_id")),
    )
    op.create_index("ix_plan_question_supplier_id", "plan_question", ["supplier_id", "asked_on"])
    op.create_table(
        "recovery_duty",
        sa.Column("id", BIG, nullable=False),
        sa.Column("supplier_id", BIG, nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("rto_days", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("rto_days BETWEEN 0 AND 3650", name=op.f("ck_recovery_duty_rto_days")),
        sa.CheckConstraint(
            "until_on IS NULL OR until_on >= from_on", name=op.f("ck_recovery_duty_days")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_recovery_duty_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_duty")),
        sa.UniqueConstraint(
            "supplier_id", "label", name=op.f("uq_recovery_duty_supplier_id_label")
        ),
    )


def downgrade() -> None:
    # Plans with their versions, contacts and exercises, questions and duties are lost.
    if op.get_bind().dialect.name == "postgresql":
        for table in POLICIES:
            op.execute(f"DROP POLICY suppliers ON {table}")
    for table in (
        "plan_scenario", "plan_dependency", "plan_version", "plan_exercise", "plan_contact",
        "continuity_plan", "recovery_duty", "plan_question",
    ):  # fmt: skip
        op.drop_table(table)
