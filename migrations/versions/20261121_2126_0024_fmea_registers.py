"""fmea registers

Revision ID: 0024
Revises: 0023
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# As revision 0016 has it: who a supplier's people are. They see nothing of what we think.
ROLE = "mainstay_supplier"
TABLES = (
    "fmea_matrix",
    "fmea_scale",
    "fmea_register",
    "fmea_mode",
    "fmea_cause",
    "fmea_effect",
    "fmea_control",
    "fmea_rating",
)


def upgrade() -> None:
    op.create_table(
        "fmea_matrix",
        sa.Column("reason", sa.String(length=500)),
        sa.Column("author", sa.String(length=200)),
        sa.Column("writers", sa.JSON(none_as_null=True)),
        sa.Column("revision", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("approved_by", sa.String(length=200)),
        sa.Column("approved_at", sa.DateTime(timezone=True)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'active', 'retired')", name=op.f("ck_fmea_matrix_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fmea_matrix")),
        sa.UniqueConstraint("name", "version", name=op.f("uq_fmea_matrix_name_version")),
    )
    op.create_table(
        "fmea_scale",
        sa.Column("reason", sa.String(length=500)),
        sa.Column("author", sa.String(length=200)),
        sa.Column("writers", sa.JSON(none_as_null=True)),
        sa.Column("revision", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("approved_by", sa.String(length=200)),
        sa.Column("approved_at", sa.DateTime(timezone=True)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'active', 'retired')", name=op.f("ck_fmea_scale_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fmea_scale")),
        sa.UniqueConstraint("name", "version", name=op.f("uq_fmea_scale_name_version")),
    )
    op.create_table(
        "fmea_register",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.String(length=10), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("supplier_id", BIG),
        sa.Column("category_id", BIG),
        sa.Column("site_id", BIG),
        sa.Column("lane", sa.String(length=200)),
        sa.Column("note", sa.String(length=1000)),
        sa.Column("owner", sa.String(length=200)),
        sa.Column("review_on", sa.Date()),
        sa.Column("scale_name", sa.String(length=200), nullable=False),
        sa.Column("opened_by", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.String(length=200), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("writers", sa.JSON(), nullable=False),
        sa.Column("approved_version", sa.Integer()),
        sa.Column("approved_hash", sa.String(length=64)),
        sa.Column("approved_at", sa.DateTime(timezone=True)),
        sa.Column("approved_by", sa.String(length=200)),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.Column("closed_by", sa.String(length=200)),
        sa.Column("closed_because", sa.String(length=500)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "subject <> 'category' OR category_id IS NOT NULL",
            name=op.f("ck_fmea_register_category"),
        ),
        sa.CheckConstraint(
            "subject <> 'lane' OR lane IS NOT NULL", name=op.f("ck_fmea_register_lane")
        ),
        sa.CheckConstraint(
            "subject <> 'site' OR site_id IS NOT NULL", name=op.f("ck_fmea_register_site")
        ),
        sa.CheckConstraint(
            "subject <> 'supplier' OR supplier_id IS NOT NULL",
            name=op.f("ck_fmea_register_supplier"),
        ),
        sa.CheckConstraint(
            "subject IN ('supplier', 'category', 'site', 'lane')",
            name=op.f("ck_fmea_register_subject"),
        ),
        sa.CheckConstraint("length(trim(title)) > 0", name=op.f("ck_fmea_register_title_given")),
        sa.ForeignKeyConstraint(
            ["category_id"], ["category.id"], name=op.f("fk_fmea_register_category_id")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_fmea_register_site_id")),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_fmea_register_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fmea_register")),
        sa.UniqueConstraint("public_id", name=op.f("uq_fmea_register_public_id")),
    )
    op.create_index("ix_fmea_register_supplier_id", "fmea_register", ["supplier_id"])

    op.create_table(
        "fmea_mode",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("register_id", BIG, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("step", sa.String(length=200)),
        sa.Column("family", sa.String(length=12)),
        sa.Column("measured_kind", sa.String(length=24)),
        sa.Column("library_key", sa.String(length=40)),
        sa.Column("part_id", BIG),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.String(length=200), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True)),
        sa.Column("removed_by", sa.String(length=200)),
        sa.Column("removed_because", sa.String(length=500)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "family IS NULL OR family IN ('supply', 'demand', 'logistics', 'process', 'quality', 'geopolitical', 'cyber')",
            name=op.f("ck_fmea_mode_family"),
        ),
        sa.CheckConstraint("length(trim(name)) > 0", name=op.f("ck_fmea_mode_name_given")),
        sa.ForeignKeyConstraint(["part_id"], ["part.id"], name=op.f("fk_fmea_mode_part_id")),
        sa.ForeignKeyConstraint(
            ["register_id"], ["fmea_register.id"], name=op.f("fk_fmea_mode_register_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fmea_mode")),
        sa.UniqueConstraint("public_id", name=op.f("uq_fmea_mode_public_id")),
    )
    op.create_index("ix_fmea_mode_register_id", "fmea_mode", ["register_id"])

    op.create_table(
        "fmea_cause",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("mode_id", BIG, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.Column("action", sa.String(length=1000)),
        sa.Column("occurrence", sa.SmallInteger()),
        sa.Column("undetected", sa.SmallInteger()),
        sa.Column("severity", sa.SmallInteger()),
        sa.Column("detection", sa.SmallInteger()),
        sa.Column("rpn", sa.SmallInteger()),
        sa.Column("priority", sa.String(length=1)),
        sa.Column("rating_id", BIG),
        sa.Column("removed_at", sa.DateTime(timezone=True)),
        sa.Column("removed_by", sa.String(length=200)),
        sa.Column("removed_because", sa.String(length=500)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "priority IS NULL OR priority IN ('H', 'M', 'L')", name=op.f("ck_fmea_cause_priority")
        ),
        sa.CheckConstraint(
            "detection IS NULL OR detection BETWEEN 1 AND 10", name=op.f("ck_fmea_cause_detection")
        ),
        sa.CheckConstraint(
            "occurrence IS NULL OR occurrence BETWEEN 1 AND 10",
            name=op.f("ck_fmea_cause_occurrence"),
        ),
        sa.CheckConstraint(
            "severity IS NULL OR severity BETWEEN 1 AND 10", name=op.f("ck_fmea_cause_severity")
        ),
        sa.CheckConstraint(
            "undetected IS NULL OR undetected BETWEEN 1 AND 10",
            name=op.f("ck_fmea_cause_undetected"),
        ),
        sa.ForeignKeyConstraint(["mode_id"], ["fmea_mode.id"], name=op.f("fk_fmea_cause_mode_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fmea_cause")),
        sa.UniqueConstraint("public_id", name=op.f("uq_fmea_cause_public_id")),
    )
    op.create_index("ix_fmea_cause_mode_id", "fmea_cause", ["mode_id"])

    op.create_table(
        "fmea_effect",
        sa.Column("id", BIG, nullable=False),
        sa.Column("mode_id", BIG, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.Column("severity", sa.SmallInteger()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "severity IS NULL OR severity BETWEEN 1 AND 10", name=op.f("ck_fmea_effect_severity")
        ),
        sa.ForeignKeyConstraint(["mode_id"], ["fmea_mode.id"], name=op.f("fk_fmea_effect_mode_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fmea_effect")),
    )
    op.create_index("ix_fmea_effect_mode_id", "fmea_effect", ["mode_id"])

    op.create_table(
        "fmea_control",
        sa.Column("id", BIG, nullable=False),
        sa.Column("cause_id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.Column("detection", sa.SmallInteger()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind = 'detection' OR detection IS NULL", name=op.f("ck_fmea_control_rated_kind")
        ),
        sa.CheckConstraint(
            "kind IN ('prevention', 'detection')", name=op.f("ck_fmea_control_kind")
        ),
        sa.CheckConstraint(
            "detection IS NULL OR detection BETWEEN 1 AND 10",
            name=op.f("ck_fmea_control_detection"),
        ),
        sa.ForeignKeyConstraint(
            ["cause_id"], ["fmea_cause.id"], name=op.f("fk_fmea_control_cause_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fmea_control")),
    )
    op.create_index("ix_fmea_control_cause_id", "fmea_control", ["cause_id"])

    op.create_table(
        "fmea_rating",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("cause_id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("severity", sa.SmallInteger()),
        sa.Column("occurrence", sa.SmallInteger()),
        sa.Column("detection", sa.SmallInteger()),
        sa.Column("rpn", sa.SmallInteger()),
        sa.Column("priority", sa.String(length=1)),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("scale_id", BIG, nullable=False),
        sa.Column("matrix_id", BIG, nullable=False),
        sa.Column("rated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rated_by", sa.String(length=200), nullable=False),
        sa.Column("rated_by_id", BIG),
        sa.Column("reason", sa.String(length=500)),
        sa.Column("evidence", sa.String(length=1000)),
        sa.CheckConstraint(
            "kind IN ('inherent', 'current', 'planned', 'revised')",
            name=op.f("ck_fmea_rating_kind"),
        ),
        sa.CheckConstraint(
            "priority IS NULL OR priority IN ('H', 'M', 'L')", name=op.f("ck_fmea_rating_priority")
        ),
        sa.CheckConstraint(
            "detection IS NULL OR detection BETWEEN 1 AND 10", name=op.f("ck_fmea_rating_detection")
        ),
        sa.CheckConstraint(
            "occurrence IS NULL OR occurrence BETWEEN 1 AND 10",
            name=op.f("ck_fmea_rating_occurrence"),
        ),
        sa.CheckConstraint(
            "severity IS NULL OR severity BETWEEN 1 AND 10", name=op.f("ck_fmea_rating_severity")
        ),
        sa.ForeignKeyConstraint(
            ["cause_id"], ["fmea_cause.id"], name=op.f("fk_fmea_rating_cause_id")
        ),
        sa.ForeignKeyConstraint(
            ["matrix_id"], ["fmea_matrix.id"], name=op.f("fk_fmea_rating_matrix_id")
        ),
        sa.ForeignKeyConstraint(
            ["scale_id"], ["fmea_scale.id"], name=op.f("fk_fmea_rating_scale_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fmea_rating")),
        sa.UniqueConstraint("public_id", name=op.f("uq_fmea_rating_public_id")),
    )
    op.create_index("ix_fmea_rating_cause_id", "fmea_rating", ["cause_id", "id"])
    if op.get_bind().dialect.name == "sqlite":
        return
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY suppliers ON {table} USING (current_user <> '{ROLE}')")


def downgrade() -> None:
    # Registers, their ratings, and the versions of scales and matrix are lost.
    if op.get_bind().dialect.name == "postgresql":
        for table in TABLES:
            op.execute(f"DROP POLICY suppliers ON {table}")
    for table in reversed(TABLES):
        op.drop_table(table)
