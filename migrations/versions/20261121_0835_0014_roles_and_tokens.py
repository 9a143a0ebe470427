"""roles and tokens

Revision ID: 0014
Revises: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    # Written out: with the check beside its column SQLite can drop both again without
    # copying the table, which would empty the tables that refer to it.
    op.execute(
        """
        ALTER TABLE "user" ADD COLUMN kind VARCHAR(10) DEFAULT 'internal' NOT NULL
        CONSTRAINT ck_user_kind CHECK (kind IN ('internal', 'supplier'))
        """
    )
    op.create_index("uq_user_id_kind", "user", ["id", "kind"], unique=True)
    op.add_column("source_batch", sa.Column("staged_by_id", BIG))
    op.create_table(
        "role_grant",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("user_kind", sa.String(length=10), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("category_id", BIG),
        sa.Column("site_id", BIG),
        sa.Column("supplier_id", BIG),
        sa.Column("object_types", sa.JSON(none_as_null=True)),
        sa.Column("value_limit", sa.BigInteger()),
        sa.Column("limit_currency", sa.String(length=3)),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date()),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("granted_by", sa.String(length=200), nullable=False),
        sa.Column("granted_by_id", BIG),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_independent", sa.Boolean()),
        sa.Column("revoked_by", sa.String(length=200)),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.Column("revoked_because", sa.String(length=500)),
        sa.CheckConstraint(
            "role IN ('administrator', 'risk_manager', 'buyer', 'auditor', 'approver', 'supplier_contact', 'service')",
            name=op.f("ck_role_grant_role"),
        ),
        sa.CheckConstraint("role != 'service'", name=op.f("ck_role_grant_people_only")),
        sa.CheckConstraint(
            "(role = 'supplier_contact' AND user_kind = 'supplier')"
            " OR (role != 'supplier_contact' AND user_kind = 'internal')",
            name=op.f("ck_role_grant_kind_of_account"),
        ),
        sa.CheckConstraint(
            "(role = 'supplier_contact' AND supplier_id IS NOT NULL)"
            " OR (role != 'supplier_contact' AND supplier_id IS NULL)",
            name=op.f("ck_role_grant_supplier"),
        ),
        sa.CheckConstraint(
            "role = 'buyer' OR (category_id IS NULL AND site_id IS NULL)",
            name=op.f("ck_role_grant_scope"),
        ),
        sa.CheckConstraint(
            "role = 'approver' OR (object_types IS NULL AND value_limit IS NULL)",
            name=op.f("ck_role_grant_approver"),
        ),
        sa.CheckConstraint(
            "(value_limit IS NULL AND limit_currency IS NULL)"
            " OR (value_limit IS NOT NULL AND limit_currency IS NOT NULL)",
            name=op.f("ck_role_grant_limit_currency"),
        ),
        sa.CheckConstraint(
            "until_on IS NULL OR until_on >= from_on", name=op.f("ck_role_grant_days")
        ),
        sa.ForeignKeyConstraint(
            ["user_id", "user_kind"], ["user.id", "user.kind"], name="fk_role_grant_account"
        ),
        sa.ForeignKeyConstraint(
            ["category_id"], ["category.id"], name=op.f("fk_role_grant_category_id")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_role_grant_site_id")),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_role_grant_supplier_id")
        ),
        sa.ForeignKeyConstraint(
            ["granted_by_id"], ["user.id"], name=op.f("fk_role_grant_granted_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
        sa.UniqueConstraint("public_id", name=op.f("uq_role_grant_public_id")),
    )
    op.create_index("ix_role_grant_user_id", "role_grant", ["user_id"])
    op.create_table(
        "api_token",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("hint", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("made_by_id", BIG),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True)),
        sa.Column("last_used_from", sa.String(length=50)),
        sa.Column("revoked_by", sa.String(length=200)),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.Column("revoked_because", sa.String(length=500)),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_api_token_expiry")),
        sa.ForeignKeyConstraint(["made_by_id"], ["user.id"], name=op.f("fk_api_token_made_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("public_id", name=op.f("uq_api_token_public_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_token_token_hash")),
    )


def downgrade() -> None:
    # Who held which role, and every service token, is lost.
    op.drop_table("api_token")
    op.drop_index("ix_role_grant_user_id", "role_grant")
    op.drop_table("role_grant")
    op.drop_column("source_batch", "staged_by_id")
    op.drop_index("uq_user_id_kind", "user")
    op.drop_column("user", "kind")
