"""core data model

Revision ID: 0001
Revises:
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "category",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["category.id"], name=op.f("fk_category_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_category")),
        sa.UniqueConstraint("name", name=op.f("uq_category_name")),
    )
    op.create_table(
        "closing",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("closed_until", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closing")),
    )
    op.create_table(
        "index_method",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("approved_by", sa.String(length=200), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'active', 'retired')", name=op.f("ck_index_method_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_index_method")),
        sa.UniqueConstraint("name", "version", name=op.f("uq_index_method_name_version")),
    )
    op.create_table(
        "job_run",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("job", sa.String(length=40), nullable=False),
        sa.Column("period_key", sa.String(length=60), nullable=False),
        sa.Column("scope_key", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("arguments", sa.JSON(), nullable=False),
        sa.Column("requested_by", sa.String(length=200), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("progress_done", sa.Integer(), nullable=False),
        sa.Column("progress_total", sa.Integer(), nullable=True),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.Column("error_id", sa.String(length=40), nullable=True),
        sa.Column("error", sa.String(length=1000), nullable=True),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'succeeded', 'partial', 'failed')",
            name=op.f("ck_job_run_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_run")),
        sa.UniqueConstraint(
            "job", "period_key", "scope_key", name=op.f("uq_job_run_job_period_key_scope_key")
        ),
    )
    with op.batch_alter_table("job_run", schema=None) as batch_op:
        batch_op.create_index("ix_job_run_state", ["state", "queued_at"], unique=False)

    op.create_table(
        "line_verdict",
        sa.Column(
            "line_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "supplier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "category_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("part_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("window_end_on", sa.Date(), nullable=True),
        sa.Column("reference_on", sa.Date(), nullable=True),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("event", sa.String(length=10), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("on_time", sa.SmallInteger(), nullable=True),
        sa.Column("on_time_requested", sa.SmallInteger(), nullable=True),
        sa.Column("on_time_original", sa.SmallInteger(), nullable=True),
        sa.Column("on_time_current", sa.SmallInteger(), nullable=True),
        sa.Column("on_time_dock", sa.SmallInteger(), nullable=True),
        sa.Column("in_full", sa.SmallInteger(), nullable=True),
        sa.Column("otif", sa.SmallInteger(), nullable=True),
        sa.Column("quantity_due", sa.BigInteger(), nullable=True),
        sa.Column("quantity_in_window", sa.BigInteger(), nullable=True),
        sa.Column("value_due", sa.BigInteger(), nullable=True),
        sa.Column("value_in_window", sa.BigInteger(), nullable=True),
        sa.Column("completed_on", sa.Date(), nullable=True),
        sa.Column("lateness_days", sa.Integer(), nullable=True),
        sa.Column("lateness_scored_days", sa.Integer(), nullable=True),
        sa.Column("lead_time_days", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("line_id", name=op.f("pk_line_verdict")),
    )
    op.create_table(
        "monthly_event_rollup",
        sa.Column(
            "supplier_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("month", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("lots_inspected", sa.BigInteger(), nullable=False),
        sa.Column("lots_rejected", sa.BigInteger(), nullable=False),
        sa.Column("lots_first_pass_known", sa.BigInteger(), nullable=False),
        sa.Column("lots_first_pass", sa.BigInteger(), nullable=False),
        sa.Column("acknowledged", sa.BigInteger(), nullable=False),
        sa.Column("unacknowledged", sa.BigInteger(), nullable=False),
        sa.Column("acknowledge_minutes", sa.BigInteger(), nullable=False),
        sa.Column("acknowledge_minutes_squares", sa.BigInteger(), nullable=False),
        sa.Column("invoice_lines_known", sa.BigInteger(), nullable=False),
        sa.Column("invoice_lines_accurate", sa.BigInteger(), nullable=False),
        sa.Column("price_lines", sa.BigInteger(), nullable=False),
        sa.Column("price_billed", sa.BigInteger(), nullable=False),
        sa.Column("price_contract", sa.BigInteger(), nullable=False),
        sa.Column("line_stops", sa.BigInteger(), nullable=False),
        sa.Column("premium_freights", sa.BigInteger(), nullable=False),
        sa.Column("special_statuses", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("supplier_id", "month", name=op.f("pk_monthly_event_rollup")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "monthly_histogram",
        sa.Column(
            "supplier_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "category_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("month", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("days", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("lines", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "supplier_id", "category_id", "month", "kind", "days", name=op.f("pk_monthly_histogram")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "monthly_order_rollup",
        sa.Column(
            "supplier_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("month", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("measure", sa.String(length=8), nullable=False),
        sa.Column("orders", sa.BigInteger(), nullable=False),
        sa.Column("lines", sa.BigInteger(), nullable=False),
        sa.Column("lines_true", sa.BigInteger(), nullable=False),
        sa.Column("lines_squares", sa.BigInteger(), nullable=False),
        sa.Column("cross", sa.BigInteger(), nullable=False),
        sa.Column("true_squares", sa.BigInteger(), nullable=False),
        sa.Column("orders_known", sa.BigInteger(), nullable=False),
        sa.Column("orders_true", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "supplier_id", "month", "measure", name=op.f("pk_monthly_order_rollup")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "monthly_rollup",
        sa.Column(
            "supplier_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "category_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "site_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("month", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("n_due", sa.BigInteger(), nullable=False),
        sa.Column("n_pending", sa.BigInteger(), nullable=False),
        sa.Column("n_excluded", sa.BigInteger(), nullable=False),
        sa.Column("on_time_known", sa.BigInteger(), nullable=False),
        sa.Column("on_time_true", sa.BigInteger(), nullable=False),
        sa.Column("on_time_requested_known", sa.BigInteger(), nullable=False),
        sa.Column("on_time_requested_true", sa.BigInteger(), nullable=False),
        sa.Column("on_time_original_known", sa.BigInteger(), nullable=False),
        sa.Column("on_time_original_true", sa.BigInteger(), nullable=False),
        sa.Column("on_time_current_known", sa.BigInteger(), nullable=False),
        sa.Column("on_time_current_true", sa.BigInteger(), nullable=False),
        sa.Column("on_time_dock_known", sa.BigInteger(), nullable=False),
        sa.Column("on_time_dock_true", sa.BigInteger(), nullable=False),
        sa.Column("in_full_known", sa.BigInteger(), nullable=False),
        sa.Column("in_full_true", sa.BigInteger(), nullable=False),
        sa.Column("otif_known", sa.BigInteger(), nullable=False),
        sa.Column("otif_true", sa.BigInteger(), nullable=False),
        sa.Column("quantity_known", sa.BigInteger(), nullable=False),
        sa.Column("quantity_due", sa.BigInteger(), nullable=False),
        sa.Column("quantity_in_window", sa.BigInteger(), nullable=False),
        sa.Column("value_known", sa.BigInteger(), nullable=False),
        sa.Column("value_due", sa.BigInteger(), nullable=False),
        sa.Column("value_in_window", sa.BigInteger(), nullable=False),
        sa.Column("lead_time_n", sa.BigInteger(), nullable=False),
        sa.Column("lead_time_sum", sa.BigInteger(), nullable=False),
        sa.Column("lead_time_squares", sa.BigInteger(), nullable=False),
        sa.Column("lateness_n", sa.BigInteger(), nullable=False),
        sa.Column("lateness_sum", sa.BigInteger(), nullable=False),
        sa.Column("lateness_squares", sa.BigInteger(), nullable=False),
        sa.Column("lateness_scored_sum", sa.BigInteger(), nullable=False),
        sa.Column("lateness_scored_squares", sa.BigInteger(), nullable=False),
        sa.Column("n_event_fallback", sa.BigInteger(), nullable=False),
        sa.Column("n_very_early", sa.BigInteger(), nullable=False),
        sa.Column("receipts", sa.BigInteger(), nullable=False),
        sa.Column("receipts_known", sa.BigInteger(), nullable=False),
        sa.Column("quantity_received", sa.BigInteger(), nullable=False),
        sa.Column("quantity_rejected", sa.BigInteger(), nullable=False),
        sa.Column("receipts_undated", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "supplier_id", "category_id", "site_id", "month", name=op.f("pk_monthly_rollup")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "part_monthly_rollup",
        sa.Column(
            "supplier_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "part_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("month", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("n_due", sa.BigInteger(), nullable=False),
        sa.Column("lead_time_n", sa.BigInteger(), nullable=False),
        sa.Column("lead_time_sum", sa.BigInteger(), nullable=False),
        sa.Column("lead_time_squares", sa.BigInteger(), nullable=False),
        sa.Column("lateness_n", sa.BigInteger(), nullable=False),
        sa.Column("lateness_sum", sa.BigInteger(), nullable=False),
        sa.Column("lateness_squares", sa.BigInteger(), nullable=False),
        sa.Column("quantity_due", sa.BigInteger(), nullable=False),
        sa.Column("value_due", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "supplier_id", "part_id", "month", name=op.f("pk_part_monthly_rollup")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "scoring_method",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("approved_by", sa.String(length=200), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'active', 'retired')", name=op.f("ck_scoring_method_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scoring_method")),
        sa.UniqueConstraint("name", "version", name=op.f("uq_scoring_method_name_version")),
    )
    op.create_table(
        "source_batch",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("mapping_name", sa.String(length=200), nullable=False),
        sa.Column("mapping_version", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("rows_read", sa.Integer(), nullable=False),
        sa.Column("rows_published", sa.Integer(), nullable=False),
        sa.Column("rows_aside", sa.Integer(), nullable=False),
        sa.Column("rows_new", sa.Integer(), nullable=False),
        sa.Column("rows_changed", sa.Integer(), nullable=False),
        sa.Column("rows_unchanged", sa.Integer(), nullable=False),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.Column("latest_fact_on", sa.Date(), nullable=True),
        sa.Column("staged_by", sa.String(length=200), nullable=False),
        sa.Column("published_by", sa.String(length=200), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.String(length=200), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rows_digest", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('staged', 'published', 'discarded', 'undone')",
            name=op.f("ck_source_batch_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_batch")),
        sa.UniqueConstraint("public_id", name=op.f("uq_source_batch_public_id")),
    )
    with op.batch_alter_table("source_batch", schema=None) as batch_op:
        batch_op.create_index("ix_source_batch_fingerprint", ["fingerprint", "state"], unique=False)

    op.create_table(
        "batch_problem",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("row_no", sa.Integer(), nullable=False),
        sa.Column("column", sa.String(length=200), nullable=True),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("is_warning", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["source_batch.id"],
            name=op.f("fk_batch_problem_batch_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_problem")),
    )
    with op.batch_alter_table("batch_problem", schema=None) as batch_op:
        batch_op.create_index("ix_batch_problem_batch", ["batch_id", "row_no"], unique=False)

    op.create_table(
        "before_image",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("table_name", sa.String(length=60), nullable=False),
        sa.Column("row_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["source_batch.id"],
            name=op.f("fk_before_image_batch_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_before_image")),
        sa.UniqueConstraint(
            "batch_id",
            "table_name",
            "row_id",
            name=op.f("uq_before_image_batch_id_table_name_row_id"),
        ),
    )
    with op.batch_alter_table("before_image", schema=None) as batch_op:
        batch_op.create_index("ix_before_image_row", ["table_name", "row_id"], unique=False)

    op.create_table(
        "country_indicator",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("edition", sa.String(length=20), nullable=False),
        sa.Column("country", sa.String(length=3), nullable=False),
        sa.Column("indicator", sa.String(length=60), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("length(country) = 3", name=op.f("ck_country_indicator_country")),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["source_batch.id"], name=op.f("fk_country_indicator_batch_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_country_indicator")),
        sa.UniqueConstraint(
            "source",
            "edition",
            "country",
            "indicator",
            name=op.f("uq_country_indicator_source_edition_country_indicator"),
        ),
    )
    with op.batch_alter_table("country_indicator", schema=None) as batch_op:
        batch_op.create_index(
            "ix_country_indicator_country", ["country", "indicator"], unique=False
        )

    op.create_table(
        "part",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=True),
        sa.Column("unit", sa.String(length=20), nullable=True),
        sa.Column(
            "category_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("criticality", sa.String(length=20), nullable=True),
        sa.Column("annual_usage", sa.BigInteger(), nullable=True),
        sa.Column("unit_cost", sa.BigInteger(), nullable=True),
        sa.Column("revenue_exposed", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("survive_days", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["category_id"], ["category.id"], name=op.f("fk_part_category_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_part")),
        sa.UniqueConstraint("number", name=op.f("uq_part_number")),
    )
    with op.batch_alter_table("part", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_part_category_id"), ["category_id"], unique=False)

    op.create_table(
        "quarantined_row",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("row_no", sa.Integer(), nullable=False),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.Column("mended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["source_batch.id"],
            name=op.f("fk_quarantined_row_batch_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantined_row")),
        sa.UniqueConstraint("batch_id", "row_no", name=op.f("uq_quarantined_row_batch_id_row_no")),
    )
    op.create_table(
        "staged_file",
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["source_batch.id"],
            name=op.f("fk_staged_file_batch_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("batch_id", name=op.f("pk_staged_file")),
    )
    op.create_table(
        "supplier",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column(
            "effective_supplier_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
        ),
        sa.Column(
            "parent_supplier_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
        ),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column(
            "category_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("country", sa.String(length=3), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("vat", sa.String(length=20), nullable=True),
        sa.Column("duns", sa.String(length=9), nullable=True),
        sa.Column("lei", sa.String(length=20), nullable=True),
        sa.Column("owner", sa.String(length=200), nullable=True),
        sa.Column("segment", sa.String(length=40), nullable=True),
        sa.Column("financial_kind", sa.String(length=24), nullable=True),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "financial_kind IS NULL OR financial_kind IN ('public_manufacturer', 'private_manufacturer', 'other', 'financial_institution')",
            name=op.f("ck_supplier_financial_kind"),
        ),
        sa.CheckConstraint("kind IN ('supplier', 'own_warehouse')", name=op.f("ck_supplier_kind")),
        sa.CheckConstraint(
            "status IN ('prospect', 'qualifying', 'approved', 'preferred', 'improvement_plan', 'restricted', 'blocked', 'exited')",
            name=op.f("ck_supplier_status"),
        ),
        sa.CheckConstraint("length(trim(name)) > 0", name=op.f("ck_supplier_name_given")),
        sa.ForeignKeyConstraint(
            ["category_id"], ["category.id"], name=op.f("fk_supplier_category_id")
        ),
        sa.ForeignKeyConstraint(
            ["effective_supplier_id"],
            ["supplier.id"],
            name=op.f("fk_supplier_effective_supplier_id"),
        ),
        sa.ForeignKeyConstraint(
            ["parent_supplier_id"], ["supplier.id"], name=op.f("fk_supplier_parent_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier")),
        sa.UniqueConstraint("number", name=op.f("uq_supplier_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_supplier_public_id")),
    )
    with op.batch_alter_table("supplier", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_supplier_category_id"), ["category_id"], unique=False)
        batch_op.create_index("ix_supplier_name", ["name"], unique=False)

    op.create_table(
        "contract_price",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "supplier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("part_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("price > 0", name=op.f("ck_contract_price_price")),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_contract_price_valid_range")
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["source_batch.id"], name=op.f("fk_contract_price_batch_id")
        ),
        sa.ForeignKeyConstraint(["part_id"], ["part.id"], name=op.f("fk_contract_price_part_id")),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_contract_price_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_price")),
        sa.UniqueConstraint(
            "supplier_id",
            "part_id",
            "valid_from",
            name=op.f("uq_contract_price_supplier_id_part_id_valid_from"),
        ),
    )
    op.create_table(
        "financial_statement",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "supplier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("closed_on", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("working_capital", sa.BigInteger(), nullable=True),
        sa.Column("total_assets", sa.BigInteger(), nullable=True),
        sa.Column("retained_earnings", sa.BigInteger(), nullable=True),
        sa.Column("ebit", sa.BigInteger(), nullable=True),
        sa.Column("market_value_equity", sa.BigInteger(), nullable=True),
        sa.Column("book_value_equity", sa.BigInteger(), nullable=True),
        sa.Column("total_liabilities", sa.BigInteger(), nullable=True),
        sa.Column("sales", sa.BigInteger(), nullable=True),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["source_batch.id"], name=op.f("fk_financial_statement_batch_id")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_financial_statement_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_financial_statement")),
        sa.UniqueConstraint(
            "supplier_id", "closed_on", name=op.f("uq_financial_statement_supplier_id_closed_on")
        ),
    )
    op.create_table(
        "inspection_lot",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "supplier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("part_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("lot", sa.String(length=200), nullable=False),
        sa.Column("inspected_on", sa.Date(), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("sample", sa.BigInteger(), nullable=True),
        sa.Column("rejected", sa.BigInteger(), nullable=True),
        sa.Column("verdict", sa.String(length=12), nullable=False),
        sa.Column("is_first_pass", sa.Boolean(), nullable=True),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint(
            "verdict IN ('accepted', 'concession', 'rejected')",
            name=op.f("ck_inspection_lot_verdict"),
        ),
        sa.CheckConstraint(
            "rejected IS NULL OR rejected >= 0", name=op.f("ck_inspection_lot_rejected")
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["source_batch.id"], name=op.f("fk_inspection_lot_batch_id")
        ),
        sa.ForeignKeyConstraint(["part_id"], ["part.id"], name=op.f("fk_inspection_lot_part_id")),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_inspection_lot_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection_lot")),
        sa.UniqueConstraint("supplier_id", "lot", name=op.f("uq_inspection_lot_supplier_id_lot")),
    )
    with op.batch_alter_table("inspection_lot", schema=None) as batch_op:
        batch_op.create_index(
            "ix_inspection_lot_supplier_month", ["supplier_id", "month"], unique=False
        )

    op.create_table(
        "invoice_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "supplier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("invoice_number", sa.String(length=200), nullable=False),
        sa.Column("line_no", sa.String(length=40), nullable=False),
        sa.Column("part_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("invoiced_on", sa.Date(), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("is_accurate", sa.Boolean(), nullable=True),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["source_batch.id"], name=op.f("fk_invoice_line_batch_id")
        ),
        sa.ForeignKeyConstraint(["part_id"], ["part.id"], name=op.f("fk_invoice_line_part_id")),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_invoice_line_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_line")),
        sa.UniqueConstraint(
            "supplier_id",
            "invoice_number",
            "line_no",
            name=op.f("uq_invoice_line_supplier_id_invoice_number_line_no"),
        ),
    )
    with op.batch_alter_table("invoice_line", schema=None) as batch_op:
        batch_op.create_index(
            "ix_invoice_line_supplier_month", ["supplier_id", "month"], unique=False
        )

    op.create_table(
        "purchase_order",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("buyer_unit", sa.String(length=200), nullable=False),
        sa.Column("number", sa.String(length=200), nullable=False),
        sa.Column(
            "supplier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("status", sa.String(length=60), nullable=True),
        sa.Column("ordered_on", sa.Date(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("contract_reference", sa.String(length=200), nullable=True),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["source_batch.id"], name=op.f("fk_purchase_order_batch_id")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_purchase_order_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase_order")),
        sa.UniqueConstraint(
            "buyer_unit", "number", name=op.f("uq_purchase_order_buyer_unit_number")
        ),
    )
    with op.batch_alter_table("purchase_order", schema=None) as batch_op:
        batch_op.create_index("ix_purchase_order_supplier_id", ["supplier_id"], unique=False)

    op.create_table(
        "risk_snapshot",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=True),
        sa.Column(
            "supplier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("period_kind", sa.String(length=12), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column(
            "method_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("input_digest", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("lower", sa.Double(), nullable=True),
        sa.Column("upper", sa.Double(), nullable=True),
        sa.Column("band", sa.String(length=10), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("coverage", sa.Double(), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "supersedes_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("restated_because", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(
            ["method_id"], ["index_method.id"], name=op.f("fk_risk_snapshot_method_id")
        ),
        sa.ForeignKeyConstraint(
            ["supersedes_id"], ["risk_snapshot.id"], name=op.f("fk_risk_snapshot_supersedes_id")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_risk_snapshot_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_risk_snapshot")),
        sa.UniqueConstraint(
            "supplier_id",
            "period_kind",
            "period_end",
            "sequence",
            name=op.f("uq_risk_snapshot_supplier_id_period_kind_period_end_sequence"),
        ),
    )
    with op.batch_alter_table("risk_snapshot", schema=None) as batch_op:
        batch_op.create_index(
            "ix_risk_snapshot_period", ["period_kind", "period_end", "supplier_id"], unique=False
        )

    op.create_table(
        "scorecard_snapshot",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=True),
        sa.Column(
            "supplier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("period_kind", sa.String(length=12), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column(
            "method_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("input_digest", sa.String(length=64), nullable=False),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("lower", sa.Double(), nullable=True),
        sa.Column("upper", sa.Double(), nullable=True),
        sa.Column("grade", sa.String(length=2), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("coverage", sa.Double(), nullable=False),
        sa.Column("otif", sa.Double(), nullable=True),
        sa.Column("otif_n", sa.Integer(), nullable=True),
        sa.Column("ppm", sa.Double(), nullable=True),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "supersedes_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("restated_because", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(
            ["method_id"], ["scoring_method.id"], name=op.f("fk_scorecard_snapshot_method_id")
        ),
        sa.ForeignKeyConstraint(
            ["supersedes_id"],
            ["scorecard_snapshot.id"],
            name=op.f("fk_scorecard_snapshot_supersedes_id"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_scorecard_snapshot_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scorecard_snapshot")),
        sa.UniqueConstraint(
            "supplier_id",
            "period_kind",
            "period_end",
            "sequence",
            name=op.f("uq_scorecard_snapshot_supplier_id_period_kind_period_end_sequence"),
        ),
    )
    with op.batch_alter_table("scorecard_snapshot", schema=None) as batch_op:
        batch_op.create_index(
            "ix_scorecard_snapshot_period",
            ["period_kind", "period_end", "supplier_id"],
            unique=False,
        )

    op.create_table(
        "site",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "supplier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "owner_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("country", sa.String(length=3), nullable=True),
        sa.Column("time_zone", sa.String(length=60), nullable=True),
        sa.Column("role", sa.String(length=40), nullable=True),
        sa.Column(
            "volume_share", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("owner_key = coalesce(supplier_id, 0)", name=op.f("ck_site_owner_key")),
        sa.ForeignKeyConstraint(["supplier_id"], ["supplier.id"], name=op.f("fk_site_supplier_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
        sa.UniqueConstraint("owner_key", "name", name=op.f("uq_site_owner_key_name")),
    )
    with op.batch_alter_table("site", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_site_supplier_id"), ["supplier_id"], unique=False)

    op.create_table(
        "sub_tier_link",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "supplier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("upstream_name", sa.String(length=200), nullable=False),
        sa.Column("upstream_site", sa.String(length=200), nullable=False),
        sa.Column("upstream_country", sa.String(length=3), nullable=True),
        sa.Column("material", sa.String(length=200), nullable=False),
        sa.Column("part_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=True),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["source_batch.id"], name=op.f("fk_sub_tier_link_batch_id")
        ),
        sa.ForeignKeyConstraint(["part_id"], ["part.id"], name=op.f("fk_sub_tier_link_part_id")),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_sub_tier_link_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sub_tier_link")),
        sa.UniqueConstraint(
            "supplier_id",
            "upstream_name",
            "upstream_site",
            "material",
            name=op.f("uq_sub_tier_link_supplier_id_upstream_name_upstream_site_material"),
        ),
    )
    op.create_table(
        "supplier_alias",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "supplier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_supplier_alias_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier_alias")),
        sa.UniqueConstraint("source", "key", name=op.f("uq_supplier_alias_source_key")),
    )
    with op.batch_alter_table("supplier_alias", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_supplier_alias_supplier_id"), ["supplier_id"], unique=False
        )

    op.create_table(
        "acknowledgement",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "supplier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["source_batch.id"], name=op.f("fk_acknowledgement_batch_id")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["purchase_order.id"], name=op.f("fk_acknowledgement_order_id")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_acknowledgement_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acknowledgement")),
        sa.UniqueConstraint("order_id", name=op.f("uq_acknowledgement_order_id")),
    )
    with op.batch_alter_table("acknowledgement", schema=None) as batch_op:
        batch_op.create_index(
            "ix_acknowledgement_supplier_month", ["supplier_id", "month"], unique=False
        )

    op.create_table(
        "approved_source",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("part_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "supplier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("is_sole", sa.Boolean(), nullable=False),
        sa.Column(
            "target_share", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("qualified_on", sa.Date(), nullable=True),
        sa.Column("requalification_weeks", sa.Integer(), nullable=True),
        sa.Column("price", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("recover_days", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "role IN ('primary', 'secondary', 'alternate', 'emergency')",
            name=op.f("ck_approved_source_role"),
        ),
        sa.CheckConstraint(
            "requalification_weeks IS NULL OR requalification_weeks >= 0",
            name=op.f("ck_approved_source_requalification_weeks"),
        ),
        sa.CheckConstraint(
            "target_share IS NULL OR target_share BETWEEN 0 AND 1000000",
            name=op.f("ck_approved_source_target_share"),
        ),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_to >= valid_from",
            name=op.f("ck_approved_source_valid_range"),
        ),
        sa.ForeignKeyConstraint(["part_id"], ["part.id"], name=op.f("fk_approved_source_part_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_approved_source_site_id")),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_approved_source_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approved_source")),
        sa.UniqueConstraint(
            "part_id",
            "supplier_id",
            "valid_from",
            name=op.f("uq_approved_source_part_id_supplier_id_valid_from"),
        ),
    )
    with op.batch_alter_table("approved_source", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_approved_source_supplier_id"), ["supplier_id"], unique=False
        )

    op.create_table(
        "pack",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("audience", sa.String(length=20), nullable=False),
        sa.Column(
            "supplier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("period", sa.String(length=12), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column(
            "scorecard_snapshot_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
        ),
        sa.Column(
            "risk_snapshot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'frozen', 'superseded')", name=op.f("ck_pack_state")
        ),
        sa.ForeignKeyConstraint(
            ["risk_snapshot_id"], ["risk_snapshot.id"], name=op.f("fk_pack_risk_snapshot_id")
        ),
        sa.ForeignKeyConstraint(
            ["scorecard_snapshot_id"],
            ["scorecard_snapshot.id"],
            name=op.f("fk_pack_scorecard_snapshot_id"),
        ),
        sa.ForeignKeyConstraint(["supplier_id"], ["supplier.id"], name=op.f("fk_pack_supplier_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pack")),
        sa.UniqueConstraint("public_id", name=op.f("uq_pack_public_id")),
        sa.UniqueConstraint(
            "supplier_id",
            "kind",
            "period",
            "content_hash",
            name=op.f("uq_pack_supplier_id_kind_period_content_hash"),
        ),
    )
    with op.batch_alter_table("pack", schema=None) as batch_op:
        batch_op.create_index("ix_pack_supplier", ["supplier_id", "kind"], unique=False)

    op.create_table(
        "schedule_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=True),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("line_no", sa.String(length=40), nullable=False),
        sa.Column("schedule_no", sa.String(length=40), nullable=False),
        sa.Column(
            "supplier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "category_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("part_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("status", sa.String(length=60), nullable=True),
        sa.Column("is_counted", sa.Boolean(), nullable=False),
        sa.Column("ordered_on", sa.Date(), nullable=True),
        sa.Column("quantity_ordered", sa.BigInteger(), nullable=True),
        sa.Column("quantity_cancelled_buyer", sa.BigInteger(), nullable=False),
        sa.Column("quantity_cancelled_supplier", sa.BigInteger(), nullable=False),
        sa.Column("cancelled_on", sa.Date(), nullable=True),
        sa.Column("unit_price", sa.BigInteger(), nullable=True),
        sa.Column("line_value", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("requested_on", sa.Date(), nullable=True),
        sa.Column("promised_original_on", sa.Date(), nullable=True),
        sa.Column("promised_current_on", sa.Date(), nullable=True),
        sa.Column("incoterm", sa.String(length=3), nullable=True),
        sa.Column("early_days", sa.SmallInteger(), nullable=True),
        sa.Column("late_days", sa.SmallInteger(), nullable=True),
        sa.Column("under_millionths", sa.Integer(), nullable=True),
        sa.Column("over_millionths", sa.Integer(), nullable=True),
        sa.Column("is_split_allowed", sa.Boolean(), nullable=True),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint(
            "early_days IS NULL OR early_days >= 0", name=op.f("ck_schedule_line_early_days")
        ),
        sa.CheckConstraint(
            "late_days IS NULL OR late_days >= 0", name=op.f("ck_schedule_line_late_days")
        ),
        sa.CheckConstraint("over_millionths >= 0", name=op.f("ck_schedule_line_over")),
        sa.CheckConstraint(
            "quantity_cancelled_buyer >= 0", name=op.f("ck_schedule_line_cancelled_buyer")
        ),
        sa.CheckConstraint(
            "quantity_cancelled_supplier >= 0", name=op.f("ck_schedule_line_cancelled_supplier")
        ),
        sa.CheckConstraint(
            "quantity_ordered IS NULL OR quantity_ordered >= 0",
            name=op.f("ck_schedule_line_ordered"),
        ),
        sa.CheckConstraint(
            "under_millionths BETWEEN 0 AND 1000000", name=op.f("ck_schedule_line_under")
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["source_batch.id"], name=op.f("fk_schedule_line_batch_id")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["purchase_order.id"], name=op.f("fk_schedule_line_order_id")
        ),
        sa.ForeignKeyConstraint(["part_id"], ["part.id"], name=op.f("fk_schedule_line_part_id")),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_schedule_line_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedule_line")),
        sa.UniqueConstraint(
            "order_id",
            "line_no",
            "schedule_no",
            name=op.f("uq_schedule_line_order_id_line_no_schedule_no"),
        ),
    )
    with op.batch_alter_table("schedule_line", schema=None) as batch_op:
        batch_op.create_index("ix_schedule_line_batch_id", ["batch_id"], unique=False)
        batch_op.create_index("ix_schedule_line_supplier_id", ["supplier_id"], unique=False)

    op.create_table(
        "disruption",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "supplier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("hours", sa.BigInteger(), nullable=True),
        sa.Column("cost", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("caused_by", sa.String(length=16), nullable=False),
        sa.Column("line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("note", sa.String(length=1000), nullable=True),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "caused_by IN ('supplier', 'buyer', 'carrier', 'customs', 'force_majeure', 'unknown')",
            name=op.f("ck_disruption_caused_by"),
        ),
        sa.CheckConstraint(
            "kind IN ('line_stop', 'yard_hold', 'stop_ship', 'premium_freight', 'special_status')",
            name=op.f("ck_disruption_kind"),
        ),
        sa.CheckConstraint("hours IS NULL OR hours >= 0", name=op.f("ck_disruption_hours")),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["source_batch.id"], name=op.f("fk_disruption_batch_id")
        ),
        sa.ForeignKeyConstraint(
            ["line_id"], ["schedule_line.id"], name=op.f("fk_disruption_line_id")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_disruption_site_id")),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_disruption_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disruption")),
        sa.UniqueConstraint(
            "supplier_id", "reference", name=op.f("uq_disruption_supplier_id_reference")
        ),
    )
    with op.batch_alter_table("disruption", schema=None) as batch_op:
        batch_op.create_index(
            "ix_disruption_supplier_month", ["supplier_id", "month"], unique=False
        )

    op.create_table(
        "miss_attribution",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cause", sa.String(length=16), nullable=False),
        sa.Column("attributed_by", sa.String(length=200), nullable=False),
        sa.Column("note", sa.String(length=1000), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "cause IN ('supplier', 'buyer', 'carrier', 'customs', 'force_majeure', 'unknown')",
            name=op.f("ck_miss_attribution_cause"),
        ),
        sa.ForeignKeyConstraint(
            ["line_id"], ["schedule_line.id"], name=op.f("fk_miss_attribution_line_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_miss_attribution")),
        sa.UniqueConstraint("line_id", name=op.f("uq_miss_attribution_line_id")),
    )
    op.create_table(
        "promise_change",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("changed_by", sa.String(length=12), nullable=False),
        sa.Column("is_agreed", sa.Boolean(), nullable=False),
        sa.Column("changed_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint(
            "changed_by IN ('buyer', 'supplier')", name=op.f("ck_promise_change_changed_by")
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["source_batch.id"], name=op.f("fk_promise_change_batch_id")
        ),
        sa.ForeignKeyConstraint(
            ["line_id"], ["schedule_line.id"], name=op.f("fk_promise_change_line_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promise_change")),
        sa.UniqueConstraint(
            "line_id",
            "changed_on",
            "to_on",
            name=op.f("uq_promise_change_line_id_changed_on_to_on"),
        ),
    )
    op.create_table(
        "receipt",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source_key", sa.String(length=60), nullable=False),
        sa.Column("ready_on", sa.Date(), nullable=True),
        sa.Column("dispatched_on", sa.Date(), nullable=True),
        sa.Column("arrived_on", sa.Date(), nullable=True),
        sa.Column("posted_on", sa.Date(), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=True),
        sa.Column("quantity_rejected", sa.BigInteger(), nullable=True),
        sa.Column("quantity_returned", sa.BigInteger(), nullable=True),
        sa.Column("is_documents_ok", sa.Boolean(), nullable=True),
        sa.Column("is_undamaged", sa.Boolean(), nullable=True),
        sa.Column("completes_line", sa.Boolean(), nullable=False),
        sa.Column(
            "reverses_receipt_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
        ),
        sa.Column("mode", sa.String(length=40), nullable=True),
        sa.Column("carrier", sa.String(length=200), nullable=True),
        sa.Column("port", sa.String(length=200), nullable=True),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint(
            "quantity IS NULL OR quantity >= 0 OR reverses_receipt_id IS NOT NULL",
            name=op.f("ck_receipt_quantity"),
        ),
        sa.CheckConstraint(
            "quantity_rejected IS NULL OR quantity_rejected >= 0 OR reverses_receipt_id IS NOT NULL",
            name=op.f("ck_receipt_rejected"),
        ),
        sa.CheckConstraint(
            "quantity_returned IS NULL OR quantity_returned >= 0", name=op.f("ck_receipt_returned")
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["source_batch.id"], name=op.f("fk_receipt_batch_id")
        ),
        sa.ForeignKeyConstraint(["line_id"], ["schedule_line.id"], name=op.f("fk_receipt_line_id")),
        sa.ForeignKeyConstraint(
            ["reverses_receipt_id"], ["receipt.id"], name=op.f("fk_receipt_reverses_receipt_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt")),
        sa.UniqueConstraint("line_id", "source_key", name=op.f("uq_receipt_line_id_source_key")),
    )
    with op.batch_alter_table("receipt", schema=None) as batch_op:
        batch_op.create_index("ix_receipt_batch_id", ["batch_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("receipt", schema=None) as batch_op:
        batch_op.drop_index("ix_receipt_batch_id")

    op.drop_table("receipt")
    op.drop_table("promise_change")
    op.drop_table("miss_attribution")
    with op.batch_alter_table("disruption", schema=None) as batch_op:
        batch_op.drop_index("ix_disruption_supplier_month")

    op.drop_table("disruption")
    with op.batch_alter_table("schedule_line", schema=None) as batch_op:
        batch_op.drop_index("ix_schedule_line_supplier_id")
        batch_op.drop_index("ix_schedule_line_batch_id")

    op.drop_table("schedule_line")
    with op.batch_alter_table("pack", schema=None) as batch_op:
        batch_op.drop_index("ix_pack_supplier")

    op.drop_table("pack")
    with op.batch_alter_table("approved_source", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_approved_source_supplier_id"))

    op.drop_table("approved_source")
    with op.batch_alter_table("acknowledgement", schema=None) as batch_op:
        batch_op.drop_index("ix_acknowledgement_supplier_month")

    op.drop_table("acknowledgement")
    with op.batch_alter_table("supplier_alias", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_supplier_alias_supplier_id"))

    op.drop_table("supplier_alias")
    op.drop_table("sub_tier_link")
    with op.batch_alter_table("site", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_site_supplier_id"))

    op.drop_table("site")
    with op.batch_alter_table("scorecard_snapshot", schema=None) as batch_op:
        batch_op.drop_index("ix_scorecard_snapshot_period")

    op.drop_table("scorecard_snapshot")
    with op.batch_alter_table("risk_snapshot", schema=None) as batch_op:
        batch_op.drop_index("ix_risk_snapshot_period")

    op.drop_table("risk_snapshot")
    with op.batch_alter_table("purchase_order", schema=None) as batch_op:
        batch_op.drop_index("ix_purchase_order_supplier_id")

    op.drop_table("purchase_order")
    with op.batch_alter_table("invoice_line", schema=None) as batch_op:
        batch_op.drop_index("ix_invoice_line_supplier_month")

    op.drop_table("invoice_line")
    with op.batch_alter_table("inspection_lot", schema=None) as batch_op:
        batch_op.drop_index("ix_inspection_lot_supplier_month")

    op.drop_table("inspection_lot")
    op.drop_table("financial_statement")
    op.drop_table("contract_price")
    with op.batch_alter_table("supplier", schema=None) as batch_op:
        batch_op.drop_index("ix_supplier_name")
        batch_op.drop_index(batch_op.f("ix_supplier_category_id"))

    op.drop_table("supplier")
    op.drop_table("staged_file")
    op.drop_table("quarantined_row")
    with op.batch_alter_table("part", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_part_category_id"))

    op.drop_table("part")
    with op.batch_alter_table("country_indicator", schema=None) as batch_op:
        batch_op.drop_index("ix_country_indicator_country")

    op.drop_table("country_indicator")
    with op.batch_alter_table("before_image", schema=None) as batch_op:
        batch_op.drop_index("ix_before_image_row")

    op.drop_table("before_image")
    with op.batch_alter_table("batch_problem", schema=None) as batch_op:
        batch_op.drop_index("ix_batch_problem_batch")

    op.drop_table("batch_problem")
    with op.batch_alter_table("source_batch", schema=None) as batch_op:
        batch_op.drop_index("ix_source_batch_fingerprint")

    op.drop_table("source_batch")
    op.drop_table("scoring_method")
    op.drop_table("part_monthly_rollup")
    op.drop_table("monthly_rollup")
    op.drop_table("monthly_order_rollup")
    op.drop_table("monthly_histogram")
    op.drop_table("monthly_event_rollup")
    op.drop_table("line_verdict")
    with op.batch_alter_table("job_run", schema=None) as batch_op:
        batch_op.drop_index("ix_job_run_state")

    op.drop_table("job_run")
    op.drop_table("index_method")
    op.drop_table("closing")
    op.drop_table("category")
