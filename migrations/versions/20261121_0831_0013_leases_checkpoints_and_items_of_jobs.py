"""leases, checkpoints and items of jobs

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

STATES = "'due', 'queued', 'running', 'succeeded', 'partial', 'failed', 'skipped'"
STATES_BEFORE = "'queued', 'running', 'succeeded', 'partial', 'failed'"
ORIGINS = "'timetable', 'person', 'command'"


def upgrade() -> None:
    op.create_table(
        "job_item",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item", sa.String(length=200), nullable=False),
        sa.Column("error_code", sa.String(length=20), nullable=True),
        sa.Column("error", sa.String(length=1000), nullable=False),
        sa.Column("error_id", sa.String(length=40), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["job_run.id"], name=op.f("fk_job_item_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_item")),
        sa.UniqueConstraint("run_id", "item", name=op.f("uq_job_item_run_id_item")),
    )
    with op.batch_alter_table("job_run") as batch_op:
        batch_op.drop_constraint(op.f("ck_job_run_state"), type_="check")
        batch_op.add_column(
            sa.Column("origin", sa.String(length=12), server_default="person", nullable=False)
        )
        batch_op.add_column(sa.Column("params_hash", sa.String(length=64), nullable=True))
        batch_op.add_column(
            sa.Column(
                "actor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
            )
        )
        batch_op.add_column(
            sa.Column("attempts_allowed", sa.Integer(), server_default="3", nullable=False)
        )
        batch_op.add_column(
            sa.Column("interruptions", sa.Integer(), server_default="0", nullable=False)
        )
        batch_op.add_column(sa.Column("heartbeat_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("next_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("checkpoint", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("checkpoint_words", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("resumed_at", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("input_watermark", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("rows_in", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("rows_out", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("error_code", sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column("note", sa.String(length=500), nullable=True))
        batch_op.add_column(sa.Column("code_version", sa.String(length=60), nullable=True))
        batch_op.create_check_constraint(op.f("ck_job_run_state"), f"state IN ({STATES})")
        batch_op.create_check_constraint(op.f("ck_job_run_origin"), f"origin IN ({ORIGINS})")
        batch_op.create_index("ix_job_run_due", ["job", "due_at"], unique=False)
        batch_op.create_index("ix_job_run_finished", ["job", "state", "finished_at"], unique=False)


def downgrade() -> None:
    # Lost: runs that only waited for their turn or were skipped, checkpoints, failed items.
    op.execute("DELETE FROM job_run WHERE state IN ('due', 'skipped')")
    op.drop_table("job_item")
    with op.batch_alter_table("job_run") as batch_op:
        batch_op.drop_constraint(op.f("ck_job_run_origin"), type_="check")
        batch_op.drop_constraint(op.f("ck_job_run_state"), type_="check")
        batch_op.drop_index("ix_job_run_finished")
        batch_op.drop_index("ix_job_run_due")
        batch_op.drop_column("code_version")
        batch_op.drop_column("note")
        batch_op.drop_column("error_code")
        batch_op.drop_column("rows_out")
        batch_op.drop_column("rows_in")
        batch_op.drop_column("input_watermark")
        batch_op.drop_column("resumed_at")
        batch_op.drop_column("checkpoint_words")
        batch_op.drop_column("checkpoint")
        batch_op.drop_column("due_at")
        batch_op.drop_column("next_at")
        batch_op.drop_column("heartbeat_at")
        batch_op.drop_column("interruptions")
        batch_op.drop_column("attempts_allowed")
        batch_op.drop_column("actor_id")
        batch_op.drop_column("params_hash")
        batch_op.drop_column("origin")
        batch_op.create_check_constraint(op.f("ck_job_run_state"), f"state IN ({STATES_BEFORE})")
