"""windows of incentives, earlier payment as what one gives, and yearly caps

Revision ID: 0040
Revises: 0039
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

WINDOWS = "window_kind IN ('month', 'quarter', 'year', 'rolling_year')"
PAYMENT = "payment_days IS NULL OR payment_days >= 0"
KINDS = ("bonus", "volume", "extension")
REWARDS = ("percent", "amount", "extension_months")
CAPS = ("delayed_portion", "contract")


def upgrade() -> None:
    with op.batch_alter_table("incentive") as batch:
        # Those that were agreed before were looked at by the quarter, as the page did.
        batch.add_column(
            sa.Column("window_kind", sa.String(14), nullable=False, server_default="quarter")
        )
        batch.add_column(sa.Column("payment_days", sa.SmallInteger()))
        batch.create_check_constraint(op.f("ck_incentive_window_kind"), WINDOWS)
        batch.create_check_constraint(op.f("ck_incentive_payment_days"), PAYMENT)
    with op.batch_alter_table("incentive") as batch:
        batch.alter_column(
            "window_kind", existing_type=sa.String(14), existing_nullable=False, server_default=None
        )
    _allow((*KINDS, "payment"), (*REWARDS, "payment_days"))
    _allow_caps((*CAPS, "year"))


def downgrade() -> None:
    op.execute("DELETE FROM incentive WHERE kind = 'payment'")
    op.execute("UPDATE damages_schedule SET cap_base = 'contract' WHERE cap_base = 'year'")
    _allow_caps(CAPS)
    _allow(KINDS, REWARDS)
    with op.batch_alter_table("incentive") as batch:
        batch.drop_constraint(op.f("ck_incentive_payment_days"), type_="check")
        batch.drop_constraint(op.f("ck_incentive_window_kind"), type_="check")
        batch.drop_column("payment_days")
        batch.drop_column("window_kind")


def _allow(kinds: Sequence[str], rewards: Sequence[str]) -> None:
    """Let an incentive be one of some kinds and give exactly one of some rewards."""
    named = ", ".join(repr(kind) for kind in kinds)
    given = " + ".join(f"CASE WHEN {name} IS NULL THEN 0 ELSE 1 END" for name in rewards)
    with op.batch_alter_table("incentive") as batch:
        batch.drop_constraint(op.f("ck_incentive_kind"), type_="check")
        batch.drop_constraint(op.f("ck_incentive_one_reward"), type_="check")
        batch.create_check_constraint(op.f("ck_incentive_kind"), f"kind IN ({named})")
        batch.create_check_constraint(op.f("ck_incentive_one_reward"), f"{given} = 1")


def _allow_caps(bases: Sequence[str]) -> None:
    """Let the cap on damages be a share of one of some bases."""
    named = ", ".join(repr(base) for base in bases)
    with op.batch_alter_table("damages_schedule") as batch:
        batch.drop_constraint(op.f("ck_damages_schedule_cap_base"), type_="check")
        batch.create_check_constraint(
            op.f("ck_damages_schedule_cap_base"), f"cap_base IN ({named})"
        )
