"""days of reviews and of calls to contacts, and what a recovery takes

Revision ID: 0041
Revises: 0040
"""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# As revision 0016 has it: who a supplier's people are.
ROLE = "mainstay_supplier"
OWN = "EXISTS (SELECT 1 FROM plan_version o WHERE o.id = plan_review.version_id)"
CONTACT = sa.table(
    "plan_contact",
    sa.column("id", BIG),
    sa.column("plan_id", BIG),
    sa.column("reached_days", sa.JSON()),
    sa.column("last_reached_on", sa.Date()),
    sa.column("added_on", sa.Date()),
    sa.column("removed_on", sa.Date()),
)
PLAN = sa.table("continuity_plan", sa.column("id", BIG), sa.column("opened_on", sa.Date()))


def upgrade() -> None:
    op.create_table(
        "plan_review",
        sa.Column("id", BIG, nullable=False),
        sa.Column("version_id", BIG, nullable=False),
        sa.Column("reviewed_on", sa.Date(), nullable=False),
        sa.Column("next_on", sa.Date(), nullable=False),
        sa.Column("because", sa.String(length=500), nullable=False),
        sa.Column("noted_by", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("next_on > reviewed_on", name=op.f("ck_plan_review_days")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["plan_version.id"], name=op.f("fk_plan_review_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_review")),
    )
    op.create_index("ix_plan_review_version_id", "plan_review", ["version_id"])
    op.add_column("plan_version", sa.Column("resources", sa.String(length=4000)))
    keep_days_of_contacts()
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("ALTER TABLE plan_review ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY suppliers ON plan_review USING (current_user <> '{ROLE}' OR {OWN})")


def keep_days_of_contacts() -> None:
    """Give each contact its days; those that are there count since their plan was opened."""
    for column in ("added_on", "removed_on"):
        op.add_column("plan_contact", sa.Column(column, sa.Date()))
    op.add_column("plan_contact", sa.Column("reached_days", sa.JSON()))
    bind, c = op.get_bind(), CONTACT.c
    opened = sa.select(PLAN.c.opened_on).where(PLAN.c.id == c.plan_id).scalar_subquery()
    bind.execute(sa.update(CONTACT).values(added_on=opened, reached_days=[]))
    for key, day in bind.execute(
        sa.select(c.id, c.last_reached_on).where(c.last_reached_on.is_not(None))
    ).all():
        days = [day.isoformat()]
        bind.execute(sa.update(CONTACT).where(c.id == key).values(reached_days=days))
    with op.batch_alter_table("plan_contact") as batch:
        batch.alter_column("added_on", existing_type=sa.Date(), nullable=False)
        batch.alter_column("reached_days", existing_type=sa.JSON(), nullable=False)
        batch.drop_column("last_reached_on")


def downgrade() -> None:
    # Reviews after an approval, earlier calls and removed contacts are lost.
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP POLICY suppliers ON plan_review")
    op.drop_table("plan_review")
    with op.batch_alter_table("plan_version") as batch:
        batch.drop_column("resources")
    op.add_column("plan_contact", sa.Column("last_reached_on", sa.Date()))
    bind, c = op.get_bind(), CONTACT.c
    bind.execute(sa.delete(CONTACT).where(c.removed_on.is_not(None)))
    for key, days in bind.execute(sa.select(c.id, c.reached_days)).all():
        if days:
            last = date.fromisoformat(days[-1])
            bind.execute(sa.update(CONTACT).where(c.id == key).values(last_reached_on=last))
    with op.batch_alter_table("plan_contact") as batch:
        for column in ("added_on", "removed_on", "reached_days"):
            batch.drop_column(column)
