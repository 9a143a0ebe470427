"""audit log

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
GENESIS = "0" * 64
REFUSED = "the audit log is append-only"

# Whoever owns the tables could drop the triggers: on PostgreSQL the application's role owns
# none of them, and holds neither UPDATE nor DELETE nor TRUNCATE on events and anchors.
NEVER = (("audit_event", "UPDATE"), ("audit_event", "DELETE"), ("audit_anchor", "UPDATE"),
         ("audit_anchor", "DELETE"), ("audit_head", "DELETE"), ("subject_key", "UPDATE"))  # fmt: skip
NEVER_EMPTIED = ("audit_event", "audit_anchor", "audit_head")


def upgrade() -> None:
    op.create_table(
        "audit_anchor",
        sa.Column("id", BIG, nullable=False),
        sa.Column("at_utc", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seq", BIG, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("count", BIG, nullable=False),
        sa.Column("kept_in", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_anchor")),
    )
    op.create_table(
        "audit_event",
        sa.Column("seq", BIG, autoincrement=False, nullable=False),
        sa.Column("at_utc", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", BIG, nullable=True),
        sa.Column("actor_name", sa.String(length=600), nullable=False),
        sa.Column("actor_role", sa.String(length=200), nullable=False),
        sa.Column("on_behalf_of", sa.String(length=600), nullable=True),
        sa.Column("session_hash", sa.String(length=64), nullable=True),
        sa.Column("request_id", sa.String(length=40), nullable=True),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("network", sa.String(length=50), nullable=True),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("entity", sa.String(length=60), nullable=False),
        sa.Column("entity_id", sa.String(length=64), nullable=False),
        sa.Column("entity_version", sa.Integer(), nullable=True),
        sa.Column("before_json", sa.Text(), nullable=True),
        sa.Column("after_json", sa.Text(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("approval_ref", sa.String(length=64), nullable=True),
        sa.Column("import_batch_id", BIG, nullable=True),
        sa.Column("job_run_id", BIG, nullable=True),
        sa.Column("code_version", sa.String(length=40), nullable=False),
        sa.Column("prev_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("mac", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "source IN ('ui', 'api', 'import', 'job', 'cli', 'migration')",
            name=op.f("ck_audit_event_source"),
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_event")),
    )
    op.create_index("ix_audit_event_actor", "audit_event", ["actor_id", "seq"])
    op.create_index("ix_audit_event_at", "audit_event", ["at_utc"])
    op.create_index("ix_audit_event_object", "audit_event", ["entity", "entity_id", "seq"])
    head = op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", BIG, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("count", BIG, nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_head_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "security_event",
        sa.Column("id", BIG, nullable=False),
        sa.Column("at_utc", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("user_id", BIG, nullable=True),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.Column("ip", sa.String(length=50), nullable=True),
        sa.Column("network", sa.String(length=50), nullable=True),
        sa.Column("request_id", sa.String(length=40), nullable=True),
        sa.Column("session_hash", sa.String(length=64), nullable=True),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_security_event")),
    )
    op.create_index("ix_security_event_at", "security_event", ["at_utc"])
    op.create_index("ix_security_event_kind", "security_event", ["kind", "at_utc"])
    op.create_index("ix_security_event_user", "security_event", ["user_id", "at_utc"])
    op.create_table(
        "subject_key",
        sa.Column("subject", sa.String(length=100), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_subject_key")),
    )
    op.add_column("pack", sa.Column("audit_head", sa.String(length=100), nullable=True))
    # The row that every append locks: without it nothing can be appended.
    op.bulk_insert(head, [{"id": 1, "seq": 0, "hash": GENESIS, "count": 0}])
    _guard()


def downgrade() -> None:
    # Every event, anchor and key of a person is lost.
    op.drop_column("pack", "audit_head")
    for table in ("subject_key", "security_event", "audit_head", "audit_event", "audit_anchor"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_refuse()")
        op.execute("DROP FUNCTION audit_forward()")


def _guard() -> None:
    """Refuse whatever changes the past, by triggers that stand in the database itself."""
    if op.get_bind().dialect.name == "postgresql":
        _guard_postgresql()
    else:
        _guard_sqlite()


def _guard_sqlite() -> None:
    for table, verb in NEVER:
        op.execute(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
        )
    op.execute(
        "CREATE TRIGGER audit_head_forward BEFORE UPDATE ON audit_head "
        "WHEN NEW.seq <= OLD.seq OR NEW.count <= OLD.count "
        f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
    )


def _guard_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSED}'; END $$"
    )
    op.execute(
        "CREATE FUNCTION audit_forward() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN IF NEW.seq <= OLD.seq OR NEW.count <= OLD.count THEN "
        f"RAISE EXCEPTION '{REFUSED}'; END IF; RETURN NEW; END $$"
    )
    for table, verb in NEVER:
        op.execute(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION audit_refuse()"
        )
    for table in NEVER_EMPTIED:
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()"
        )
    op.execute(
        "CREATE TRIGGER audit_head_forward BEFORE UPDATE ON audit_head "
        "FOR EACH ROW EXECUTE FUNCTION audit_forward()"
    )
