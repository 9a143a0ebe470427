"""${message}

Revision ID: ${up_revision}
Revises: ${down_revision | comma,n}
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}

# SAFETY CHECKLIST: go through it, then delete it (a test finds what is left).
# - A published revision is never edited; this one is new.
# - Schema and data change in separate revisions.
# - A data revision uses its own table stubs (sa.table), never app's models.
# - Every constraint and index has the name the naming convention gives it.
# - A new column of a filled table is nullable or has a server default.
# - On PostgreSQL nothing here holds a lock while it reads a large table: an index on
#   facts, verdicts or the roll-up is made CONCURRENTLY in a revision of its own.
# - On SQLite a batch operation copies its table: batch what belongs to one table.
# - Large tables are changed in slices that can be repeated.
# - downgrade() leaves exactly what was there before, or says in words what is lost.


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
