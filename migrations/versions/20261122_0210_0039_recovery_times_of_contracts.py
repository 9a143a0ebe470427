"""the recovery time that a contract's continuity duty names

Revision ID: 0039
Revises: 0038
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

IN_RANGE = "recovery_days IS NULL OR recovery_days BETWEEN 0 AND 3660"


def upgrade() -> None:
    with op.batch_alter_table("contract_clause") as batch:
        batch.add_column(sa.Column("recovery_days", sa.SmallInteger()))
        batch.create_check_constraint(op.f("ck_contract_clause_recovery_days"), IN_RANGE)


def downgrade() -> None:
    with op.batch_alter_table("contract_clause") as batch:
        batch.drop_constraint(op.f("ck_contract_clause_recovery_days"), type_="check")
        batch.drop_column("recovery_days")
