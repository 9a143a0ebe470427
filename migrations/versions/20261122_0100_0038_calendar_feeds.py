"""calendar feeds

Revision ID: 0038
Revises: 0036
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# As revision 0016 has it: who a supplier's people are. A feed is of one of our own.
ROLE = "mainstay_supplier"
TRIES_BEFORE = "'password', 'one_time', 'second_factor', 'reset'"
TRIES = f"{TRIES_BEFORE}, 'calendar'"


def upgrade() -> None:
    op.create_table(
        "calendar_feed",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("hint", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("is_mine_only", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True)),
        sa.Column("last_used_from", sa.String(length=50)),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_calendar_feed_expiry")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_calendar_feed_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feed")),
        sa.UniqueConstraint("public_id", name=op.f("uq_calendar_feed_public_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_calendar_feed_token_hash")),
    )
    op.create_index("ix_calendar_feed_user_id", "calendar_feed", ["user_id"])
    count_tries_of(TRIES)
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("ALTER TABLE calendar_feed ENABLE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY suppliers ON calendar_feed USING (current_user <> '{ROLE}' OR false)"
    )


def count_tries_of(kinds: str) -> None:
    with op.batch_alter_table("sign_in_attempt") as batch:
        batch.drop_constraint(op.f("ck_sign_in_attempt_kind"), type_="check")
        batch.create_check_constraint(op.f("ck_sign_in_attempt_kind"), f"kind IN ({kinds})")


def downgrade() -> None:
    op.execute("DELETE FROM sign_in_attempt WHERE kind = 'calendar'")
    count_tries_of(TRIES_BEFORE)
    op.drop_table("calendar_feed")
