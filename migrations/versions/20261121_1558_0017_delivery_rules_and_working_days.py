"""delivery rules and working days

Revision ID: 0017
Revises: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# As revision 0016 has them: who a supplier's people are, and what they see.
ROLE = "mainstay_supplier"
OWN = "string_to_array(nullif(current_setting('app.supplier_ids', true), ''), ',')::bigint[]"
POLICIES = {
    "calendar": "false",
    "holiday": "false",
    "delivery_rule": f"supplier_id = ANY ({OWN})",
}
CAUSES = ("supplier", "buyer", "carrier", "customs", "force_majeure", "unknown")
CAUSED = {"disruption": "caused_by", "miss_attribution": "cause"}


def upgrade() -> None:
    create_working_days()
    create_rules()
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    # Written out: a key beside its column can be dropped with it on SQLite, without copying
    # a table that others refer to.
    op.execute(
        f"ALTER TABLE site ADD COLUMN calendar_id {'INTEGER' if is_sqlite else 'BIGINT'} "
        "CONSTRAINT fk_site_calendar_id REFERENCES calendar (id)"
    )
    allow_causes((*CAUSES[:4], "receiving", *CAUSES[4:]))
    if is_sqlite:
        return
    for table, condition in POLICIES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY suppliers ON {table} USING (current_user <> '{ROLE}' OR {condition})"
        )


def create_working_days() -> None:
    op.create_table(
        "calendar",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("weekend", sa.String(length=6), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(trim(name)) > 0", name=op.f("ck_calendar_name_given")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar")),
        sa.UniqueConstraint("name", name=op.f("uq_calendar_name")),
        sa.UniqueConstraint("public_id", name=op.f("uq_calendar_public_id")),
    )
    op.create_table(
        "holiday",
        sa.Column("id", BIG, nullable=False),
        sa.Column("calendar_id", BIG, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["calendar_id"], ["calendar.id"], name=op.f("fk_holiday_calendar_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holiday")),
        sa.UniqueConstraint("calendar_id", "day", name=op.f("uq_holiday_calendar_id_day")),
    )


def create_rules() -> None:
    op.create_table(
        "delivery_rule",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("scope", sa.String(length=12), nullable=False),
        sa.Column("category_id", BIG),
        sa.Column("supplier_id", BIG),
        sa.Column("part_id", BIG),
        sa.Column("contract_reference", sa.String(length=200)),
        sa.Column("valid_from", sa.Date()),
        sa.Column("valid_to", sa.Date()),
        sa.Column("reference", sa.String(length=10), nullable=False),
        sa.Column("event", sa.String(length=10)),
        sa.Column("early_days", sa.SmallInteger()),
        sa.Column("late_days", sa.SmallInteger(), nullable=False),
        sa.Column("day_count", sa.String(length=10), nullable=False),
        sa.Column("under_millionths", sa.Integer()),
        sa.Column("over_millionths", sa.Integer()),
        sa.Column("is_split_allowed", sa.Boolean(), nullable=False),
        sa.Column("accepted_only", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(scope = 'default' AND category_id IS NULL AND supplier_id IS NULL AND part_id IS NULL AND contract_reference IS NULL)"
            " OR (scope = 'category' AND category_id IS NOT NULL AND supplier_id IS NULL AND part_id IS NULL AND contract_reference IS NULL)"
            " OR (scope = 'supplier' AND category_id IS NULL AND supplier_id IS NOT NULL AND part_id IS NULL AND contract_reference IS NULL)"
            " OR (scope = 'part' AND category_id IS NULL AND supplier_id IS NULL AND part_id IS NOT NULL AND contract_reference IS NULL)"
            " OR (scope = 'contract' AND category_id IS NULL AND supplier_id IS NOT NULL AND part_id IS NULL AND contract_reference IS NOT NULL)",
            name=op.f("ck_delivery_rule_keys_fit_scope"),
        ),
        sa.CheckConstraint(
            "day_count IN ('calendar', 'business')", name=op.f("ck_delivery_rule_day_count")
        ),
        sa.CheckConstraint(
            "event IS NULL OR event IN ('hand_over', 'dispatch', 'arrival', 'posting')",
            name=op.f("ck_delivery_rule_event"),
        ),
        sa.CheckConstraint(
            "reference IN ('requested', 'original', 'current')",
            name=op.f("ck_delivery_rule_reference"),
        ),
        sa.CheckConstraint(
            "early_days IS NULL OR early_days >= 0", name=op.f("ck_delivery_rule_early_days")
        ),
        sa.CheckConstraint("late_days >= 0", name=op.f("ck_delivery_rule_late_days")),
        sa.CheckConstraint("length(trim(label)) > 0", name=op.f("ck_delivery_rule_label_given")),
        sa.CheckConstraint("over_millionths >= 0", name=op.f("ck_delivery_rule_over")),
        sa.CheckConstraint(
            "under_millionths >= 0 AND under_millionths < 1000000",
            name=op.f("ck_delivery_rule_under"),
        ),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_to >= valid_from",
            name=op.f("ck_delivery_rule_valid_range"),
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_delivery_rule_version")),
        sa.ForeignKeyConstraint(
            ["category_id"], ["category.id"], name=op.f("fk_delivery_rule_category_id")
        ),
        sa.ForeignKeyConstraint(["part_id"], ["part.id"], name=op.f("fk_delivery_rule_part_id")),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_delivery_rule_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_rule")),
        sa.UniqueConstraint("label", "version", name=op.f("uq_delivery_rule_label_version")),
        sa.UniqueConstraint("public_id", name=op.f("uq_delivery_rule_public_id")),
    )
    op.create_index("ix_delivery_rule_supplier_id", "delivery_rule", ["supplier_id"])


def allow_causes(causes: tuple[str, ...]) -> None:
    """Let both tables of causes hold these; nothing refers to either, so they can be copied."""
    allowed = ", ".join(f"'{cause}'" for cause in causes)
    for table, column in CAUSED.items():
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(op.f(f"ck_{table}_{column}"), type_="check")
            batch.create_check_constraint(op.f(f"ck_{table}_{column}"), f"{column} IN ({allowed})")


def downgrade() -> None:
    # Rules and calendars are lost; what our own dock caused is the buyer's again.
    if op.get_bind().dialect.name == "postgresql":
        for table in POLICIES:
            op.execute(f"DROP POLICY suppliers ON {table}")
    for table, column in CAUSED.items():
        op.execute(f"UPDATE {table} SET {column} = 'buyer' WHERE {column} = 'receiving'")  # noqa: S608 — our tables
    allow_causes(CAUSES)
    op.drop_column("site", "calendar_id")
    op.drop_index("ix_delivery_rule_supplier_id", "delivery_rule")
    op.drop_table("delivery_rule")
    op.drop_table("holiday")
    op.drop_table("calendar")
