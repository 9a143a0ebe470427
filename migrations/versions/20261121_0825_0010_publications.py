"""publications: snapshots written slice by slice, seen together

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.base.db import BigKey, UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

SNAPSHOTS = ("scorecard_snapshot", "risk_snapshot")
IS_OPEN = sa.text("published_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "publication",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("started_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("published_at", UtcDateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publication")),
    )
    op.create_index(
        "uq_publication_open",
        "publication",
        ["as_of"],
        unique=True,
        sqlite_where=IS_OPEN,
        postgresql_where=IS_OPEN,
    )
    for table in SNAPSHOTS:
        # What stands there already was published whole; without a publication it stays seen.
        _refer(table, f"fk_{table}_publication_id")
        op.create_index(f"ix_{table}_publication_id", table, ["publication_id"])


def _refer(table: str, name: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        # A name for the key without copying the table: Alembic can't say this.
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN publication_id INTEGER"
            f" CONSTRAINT {name} REFERENCES publication (id)"
        )
        return
    op.add_column(table, sa.Column("publication_id", BigKey))
    op.create_foreign_key(name, table, "publication", ["publication_id"], ["id"])


def downgrade() -> None:
    for table in SNAPSHOTS:
        # What was not published yet would be seen by the older version.
        op.execute(
            f"DELETE FROM {table} WHERE publication_id IN "  # noqa: S608 # our own names
            "(SELECT id FROM publication WHERE published_at IS NULL)"
        )
        op.drop_index(f"ix_{table}_publication_id", table)
        op.drop_column(table, "publication_id")
    op.drop_table("publication")
