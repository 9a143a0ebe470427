"""second factors, known devices and the outbox

Revision ID: 0012
Revises: 0011

Sessions and counted tries are made anew, because both last hours at most: everybody signs in
again once.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    drop_session_and_tries()
    create_sessions()
    create_tries()
    with op.batch_alter_table("one_time_secret") as table:
        table.add_column(sa.Column("detail", sa.String(length=254), nullable=True))
        table.drop_constraint(op.f("ck_one_time_secret_purpose"), type_="check")
        table.create_check_constraint(
            op.f("ck_one_time_secret_purpose"),
            "purpose IN ('invitation', 'sign_in', 'reset', 'new_email')",
        )
    create_factors()
    create_devices()
    create_outbox()


def create_sessions() -> None:
    op.create_table(
        "web_session",
        sa.Column("id_hash", sa.String(length=64), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("how", sa.String(length=60), nullable=False),
        sa.Column("idle_seconds", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("last_seen_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("ip_prefix", sa.String(length=50), nullable=True),
        sa.Column("user_agent", sa.String(length=300), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_web_session_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id_hash", name=op.f("pk_web_session")),
        sa.UniqueConstraint("public_id", name=op.f("uq_web_session_public_id")),
    )
    op.create_index("ix_web_session_expires_at", "web_session", ["expires_at"])
    op.create_index("ix_web_session_user_id", "web_session", ["user_id"])


def create_tries() -> None:
    op.create_table(
        "sign_in_attempt",
        sa.Column("id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("account_hash", sa.String(length=64), nullable=False),
        sa.Column("ip_prefix", sa.String(length=50), nullable=False),
        sa.Column("device_hash", sa.String(length=64), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "kind IN ('password', 'one_time', 'second_factor', 'reset')",
            name=op.f("ck_sign_in_attempt_kind"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempt")),
    )
    op.create_index("ix_sign_in_attempt_account", "sign_in_attempt", ["account_hash", "kind", "at"])
    op.create_index("ix_sign_in_attempt_ip", "sign_in_attempt", ["ip_prefix", "kind", "at"])


def create_factors() -> None:
    op.create_table(
        "totp_factor",
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("sealed_secret", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("confirmed_at", MOMENT, nullable=True),
        sa.Column("last_counter", KEY, nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_totp_factor_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_totp_factor")),
    )
    op.create_table(
        "passkey",
        sa.Column("id", KEY, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("credential_id", sa.String(length=1400), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", KEY, nullable=False),
        sa.Column("transports", sa.String(length=100), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("last_used_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_passkey_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkey_credential_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_passkey_public_id")),
    )
    op.create_index("ix_passkey_user_id", "passkey", ["user_id"])
    op.create_table(
        "used_challenge",
        sa.Column("challenge_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("challenge_hash", name=op.f("pk_used_challenge")),
    )
    op.create_index("ix_used_challenge_expires_at", "used_challenge", ["expires_at"])
    op.create_table(
        "recovery_code",
        sa.Column("id", KEY, nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_recovery_code_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
    )
    op.create_index(
        "ix_recovery_code_user_id", "recovery_code", ["user_id", "code_hash"], unique=True
    )


def create_devices() -> None:
    op.create_table(
        "known_device",
        sa.Column("id", KEY, nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("device_hash", sa.String(length=64), nullable=False),
        sa.Column("last_used_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_known_device_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_device")),
    )
    op.create_index("ix_known_device_user_id", "known_device", ["user_id"])
    op.create_index(
        "ix_known_device_device_hash", "known_device", ["device_hash", "user_id"], unique=True
    )
    op.create_table(
        "sso_identity",
        sa.Column("id", KEY, nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("issuer", sa.String(length=300), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_sso_identity_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sso_identity")),
    )
    op.create_index("ix_sso_identity_issuer", "sso_identity", ["issuer", "subject"], unique=True)
    op.create_index("ix_sso_identity_user_id", "sso_identity", ["user_id"])


def create_outbox() -> None:
    op.create_table(
        "outbox_message",
        sa.Column("id", KEY, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("template", sa.String(length=60), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("link_kind", sa.String(length=30), nullable=True),
        sa.Column("about_kind", sa.String(length=30), nullable=True),
        sa.Column("about_id", sa.String(length=60), nullable=True),
        sa.Column("dedupe_key", sa.String(length=200), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.Column("held_until", MOMENT, nullable=True),
        sa.Column("hold", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(length=500), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'sending', 'sent', 'dead', 'dropped')",
            name=op.f("ck_outbox_message_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_message")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_outbox_message_dedupe_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_outbox_message_public_id")),
    )
    op.create_index("ix_outbox_message_created_at", "outbox_message", ["created_at"])
    op.create_index("ix_outbox_message_state", "outbox_message", ["state", "next_at"])


def downgrade() -> None:
    """Messages, second factors, devices and all open links of the new purposes are lost."""
    for table in (
        "outbox_message",
        "sso_identity",
        "known_device",
        "recovery_code",
        "used_challenge",
        "passkey",
        "totp_factor",
    ):
        op.drop_table(table)
    op.execute("DELETE FROM one_time_secret WHERE purpose IN ('reset', 'new_email')")
    with op.batch_alter_table("one_time_secret") as table:
        table.drop_constraint(op.f("ck_one_time_secret_purpose"), type_="check")
        table.create_check_constraint(
            op.f("ck_one_time_secret_purpose"), "purpose IN ('invitation', 'sign_in')"
        )
        table.drop_column("detail")
    drop_session_and_tries()
    restore_sessions_and_tries()


def drop_session_and_tries() -> None:
    op.drop_table("web_session")
    op.drop_table("sign_in_attempt")


def restore_sessions_and_tries() -> None:
    op.create_table(
        "web_session",
        sa.Column("id_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("last_seen_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("ip_prefix", sa.String(length=50), nullable=True),
        sa.Column("user_agent", sa.String(length=300), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_web_session_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id_hash", name=op.f("pk_web_session")),
    )
    op.create_index("ix_web_session_expires_at", "web_session", ["expires_at"])
    op.create_index("ix_web_session_user_id", "web_session", ["user_id"])
    op.create_table(
        "sign_in_attempt",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_hash", sa.String(length=64), nullable=False),
        sa.Column("ip_prefix", sa.String(length=50), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempt")),
    )
    op.create_index(
        "ix_sign_in_attempt_account", "sign_in_attempt", ["account_hash", "ip_prefix", "at"]
    )
    op.create_index("ix_sign_in_attempt_ip", "sign_in_attempt", ["ip_prefix", "at"])
