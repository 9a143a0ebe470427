"""sanctions screening

Revision ID: 0028
Revises: 0023
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0023"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# As revision 0016 has them: who a supplier's people are, and what they see.
ROLE = "mainstay_supplier"
OWN = "string_to_array(nullif(current_setting('app.supplier_ids', true), ''), ',')::bigint[]"
POLICIES = {
    "screening_list": "false",
    "screening_entry": "false",
    "screening_setting": "false",
    "screening_run": "false",
    "supplier_screening": f"supplier_id = ANY ({OWN})",
    "screening_match": f"supplier_id = ANY ({OWN})",
    "screening_decision": (
        "EXISTS (SELECT 1 FROM screening_match o WHERE o.id = screening_decision.match_id)"
    ),
}


def upgrade() -> None:
    op.create_table(
        "screening_setting",
        sa.Column("id", BIG, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("threshold", sa.Integer(), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("stale_days", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("decided_by", sa.String(length=200), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.String(length=200)),
        sa.Column("approved_at", sa.DateTime(timezone=True)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('proposed', 'agreed', 'refused')", name=op.f("ck_screening_setting_state")
        ),
        sa.CheckConstraint(
            "stale_days BETWEEN 1 AND 3660", name=op.f("ck_screening_setting_stale_days")
        ),
        sa.CheckConstraint(
            "threshold BETWEEN 50 AND 100", name=op.f("ck_screening_setting_threshold")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screening_setting")),
        sa.UniqueConstraint("version", name=op.f("uq_screening_setting_version")),
    )
    op.create_table(
        "screening_list",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("layout", sa.String(length=10), nullable=False),
        sa.Column("edition", sa.Date(), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("loaded_by", sa.String(length=200), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("put_in_force_by", sa.String(length=200)),
        sa.Column("put_in_force_at", sa.DateTime(timezone=True)),
        sa.Column("withdrawn_by", sa.String(length=200)),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
        sa.Column("withdrawn_because", sa.String(length=500)),
        sa.Column("batch_id", BIG),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("layout IN ('ofac', 'generic')", name=op.f("ck_screening_list_layout")),
        sa.CheckConstraint(
            "state IN ('checked', 'in_force', 'withdrawn')", name=op.f("ck_screening_list_state")
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["source_batch.id"], name=op.f("fk_screening_list_batch_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screening_list")),
        sa.UniqueConstraint("public_id", name=op.f("uq_screening_list_public_id")),
    )
    op.create_index("ix_screening_list_source", "screening_list", ["source", "edition"])

    op.create_table(
        "screening_run",
        sa.Column("id", BIG, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("because", sa.String(length=10), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.Column("basis", sa.JSON(), nullable=False),
        sa.Column("basis_digest", sa.String(length=64), nullable=False),
        sa.Column("setting_version", sa.Integer(), nullable=False),
        sa.Column("threshold", sa.Integer(), nullable=False),
        sa.Column("suppliers", sa.Integer(), nullable=False),
        sa.Column("names", sa.Integer(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("returned", sa.Integer(), nullable=False),
        sa.Column("gone", sa.Integer(), nullable=False),
        sa.Column("batch_id", BIG),
        sa.CheckConstraint(
            "because IN ('list', 'clock', 'asked')", name=op.f("ck_screening_run_because")
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["source_batch.id"], name=op.f("fk_screening_run_batch_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screening_run")),
    )
    op.create_table(
        "screening_entry",
        sa.Column("id", BIG, nullable=False),
        sa.Column("list_id", BIG, nullable=False),
        sa.Column("entry_key", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.Column("aliases", sa.JSON(), nullable=False),
        sa.Column("countries", sa.JSON(), nullable=False),
        sa.Column("program", sa.String(length=500)),
        sa.Column("remarks", sa.Text()),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "kind IN ('entity', 'individual', 'vessel', 'aircraft')",
            name=op.f("ck_screening_entry_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["list_id"], ["screening_list.id"], name=op.f("fk_screening_entry_list_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screening_entry")),
        sa.UniqueConstraint(
            "list_id", "entry_key", name=op.f("uq_screening_entry_list_id_entry_key")
        ),
    )
    op.create_table(
        "screening_match",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", BIG, nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("entry_key", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("own_name", sa.String(length=500), nullable=False),
        sa.Column("own_kind", sa.String(length=10), nullable=False),
        sa.Column("listed_name", sa.String(length=500), nullable=False),
        sa.Column("is_alias", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("entry_kind", sa.String(length=10), nullable=False),
        sa.Column("program", sa.String(length=500)),
        sa.Column("countries", sa.JSON(), nullable=False),
        sa.Column("entry_digest", sa.String(length=64), nullable=False),
        sa.Column("list_id", BIG, nullable=False),
        sa.Column("run_id", BIG, nullable=False),
        sa.Column("is_found", sa.Boolean(), nullable=False),
        sa.Column("first_found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("bound_digest", sa.String(length=64)),
        sa.Column("bound_names", sa.JSON(none_as_null=True)),
        sa.Column("decided_by", sa.String(length=200)),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("decided_because", sa.String(length=500)),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('candidate', 'cleared', 'confirmed', 'gone')",
            name=op.f("ck_screening_match_state"),
        ),
        sa.CheckConstraint("score BETWEEN 0 AND 100", name=op.f("ck_screening_match_score")),
        sa.ForeignKeyConstraint(
            ["list_id"], ["screening_list.id"], name=op.f("fk_screening_match_list_id")
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["screening_run.id"], name=op.f("fk_screening_match_run_id")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_screening_match_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screening_match")),
        sa.UniqueConstraint("public_id", name=op.f("uq_screening_match_public_id")),
        sa.UniqueConstraint(
            "supplier_id",
            "source",
            "entry_key",
            name=op.f("uq_screening_match_supplier_id_source_entry_key"),
        ),
    )
    op.create_index("ix_screening_match_state", "screening_match", ["state", "score"])

    op.create_table(
        "supplier_screening",
        sa.Column("id", BIG, nullable=False),
        sa.Column("supplier_id", BIG, nullable=False),
        sa.Column("run_id", BIG, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("names_digest", sa.String(length=64), nullable=False),
        sa.Column("basis_digest", sa.String(length=64), nullable=False),
        sa.Column("matches", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["screening_run.id"], name=op.f("fk_supplier_screening_run_id")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_supplier_screening_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier_screening")),
    )
    op.create_index(
        "ix_supplier_screening_supplier_id", "supplier_screening", ["supplier_id", "id"]
    )

    op.create_table(
        "screening_decision",
        sa.Column("id", BIG, nullable=False),
        sa.Column("match_id", BIG, nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("own_name", sa.String(length=500), nullable=False),
        sa.Column("listed_name", sa.String(length=500), nullable=False),
        sa.Column("edition", sa.Date(), nullable=False),
        sa.Column("from_on", sa.Date()),
        sa.Column("decided_by", sa.String(length=200), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.String(length=200)),
        sa.Column("approved_at", sa.DateTime(timezone=True)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('proposed', 'agreed', 'refused')", name=op.f("ck_screening_decision_state")
        ),
        sa.CheckConstraint(
            "verdict IN ('clear', 'confirm', 'lift', 'reopen', 'returned')",
            name=op.f("ck_screening_decision_verdict"),
        ),
        sa.ForeignKeyConstraint(
            ["match_id"], ["screening_match.id"], name=op.f("fk_screening_decision_match_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screening_decision")),
    )
    op.create_index("ix_screening_decision_match_id", "screening_decision", ["match_id", "id"])
    if op.get_bind().dialect.name == "sqlite":
        return
    for table, condition in POLICIES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY suppliers ON {table} USING (current_user <> '{ROLE}' OR {condition})"
        )


def downgrade() -> None:
    # Lists, screenings and what was decided of their matches are lost.
    if op.get_bind().dialect.name == "postgresql":
        for table in POLICIES:
            op.execute(f"DROP POLICY suppliers ON {table}")
    for table in (
        "screening_decision", "supplier_screening", "screening_match", "screening_entry",
        "screening_run", "screening_list", "screening_setting",
    ):  # fmt: skip
        op.drop_table(table)
