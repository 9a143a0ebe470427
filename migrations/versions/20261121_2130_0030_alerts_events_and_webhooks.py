"""alerts, events and webhooks

Revision ID: 0030
Revises: 0029
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# As revision 0016 has them: who a supplier's people are, and what they see.
ROLE = "mainstay_supplier"
OWN = "string_to_array(nullif(current_setting('app.supplier_ids', true), ''), ',')::bigint[]"
OF_SUPPLIER = ("alert", "alert_rule", "alert_watch", "disruption_event")
OF_ALERT = ("alert_escalation", "alert_feedback")
INSIDE = ("alert_rung", "alert_subscription", "webhook", "webhook_delivery")
POLICIES = {
    **dict.fromkeys(OF_SUPPLIER, f"supplier_id = ANY ({OWN})"),
    **{
        name: f"EXISTS (SELECT 1 FROM alert o WHERE o.id = {name}.alert_id)"  # noqa: S608 — our tables
        for name in OF_ALERT
    },
    **dict.fromkeys(INSIDE, "false"),
}


def upgrade() -> None:
    op.create_table(
        "webhook",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("old_until", sa.DateTime(timezone=True)),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
        sa.UniqueConstraint("public_id", name=op.f("uq_webhook_public_id")),
    )
    op.create_table(
        "alert_rung",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("category_key", BIG, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("alarm_hours", sa.Integer()),
        sa.Column("warning_hours", sa.Integer()),
        sa.Column("watch_hours", sa.Integer()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("place BETWEEN 1 AND 5", name=op.f("ck_alert_rung_place")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_alert_rung_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_rung")),
        sa.UniqueConstraint("category_key", "place", name=op.f("uq_alert_rung_category_key_place")),
        sa.UniqueConstraint("public_id", name=op.f("uq_alert_rung_public_id")),
    )
    op.create_table(
        "alert_subscription",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("cadence", sa.String(length=10), nullable=False),
        sa.Column("at_once", sa.Boolean(), nullable=False),
        sa.Column("least_severity", sa.String(length=10), nullable=False),
        sa.Column("last_digest_at", sa.DateTime(timezone=True)),
        sa.Column("last_period", sa.String(length=10)),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "cadence IN ('never', 'daily', 'weekly')", name=op.f("ck_alert_subscription_cadence")
        ),
        sa.CheckConstraint(
            "least_severity IN ('watch', 'warning', 'alarm')",
            name=op.f("ck_alert_subscription_least_severity"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_alert_subscription_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_subscription")),
        sa.UniqueConstraint("public_id", name=op.f("uq_alert_subscription_public_id")),
        sa.UniqueConstraint("user_id", name=op.f("uq_alert_subscription_user_id")),
    )
    op.create_index("ix_alert_subscription_cadence", "alert_subscription", ["cadence"])

    op.create_table(
        "webhook_delivery",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("webhook_id", BIG, nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("dedupe_key", sa.String(length=200)),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("held_until", sa.DateTime(timezone=True)),
        sa.Column("hold", sa.Integer(), nullable=False),
        sa.Column("last_status", sa.Integer()),
        sa.Column("last_error", sa.String(length=500)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint(
            "state IN ('waiting', 'sending', 'sent', 'dead', 'dropped')",
            name=op.f("ck_webhook_delivery_state"),
        ),
        sa.ForeignKeyConstraint(
            ["webhook_id"],
            ["webhook.id"],
            name=op.f("fk_webhook_delivery_webhook_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_delivery")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_webhook_delivery_dedupe_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_webhook_delivery_public_id")),
    )
    op.create_index("ix_webhook_delivery_state", "webhook_delivery", ["state", "next_at"])
    op.create_index(
        "ix_webhook_delivery_webhook_id", "webhook_delivery", ["webhook_id", "created_at"]
    )

    op.create_table(
        "alert_rule",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("operator", sa.String(length=10), nullable=False),
        sa.Column("threshold", sa.Double(), nullable=False),
        sa.Column("clear", sa.Double()),
        sa.Column("least_n", sa.Integer(), nullable=False),
        sa.Column("duration", sa.Integer(), nullable=False),
        sa.Column("good_to_clear", sa.Integer(), nullable=False),
        sa.Column("severity", sa.String(length=10), nullable=False),
        sa.Column("category_id", BIG),
        sa.Column("segment", sa.String(length=40)),
        sa.Column("supplier_id", BIG),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("muted_until", sa.Date()),
        sa.Column("muted_by", sa.String(length=200)),
        sa.Column("muted_because", sa.String(length=500)),
        sa.Column("retired_at", sa.DateTime(timezone=True)),
        sa.Column("retired_by", sa.String(length=200)),
        sa.Column("retired_because", sa.String(length=500)),
        sa.Column("judged_on", sa.Date()),
        sa.Column("judged_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint(
            "operator IN ('below', 'at_most', 'above', 'at_least')",
            name=op.f("ck_alert_rule_operator"),
        ),
        sa.CheckConstraint(
            "severity IN ('watch', 'warning', 'alarm')", name=op.f("ck_alert_rule_severity")
        ),
        sa.CheckConstraint(
            "duration >= 1 AND good_to_clear >= 1 AND least_n >= 0",
            name=op.f("ck_alert_rule_counts"),
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_alert_rule_version")),
        sa.ForeignKeyConstraint(
            ["category_id"], ["category.id"], name=op.f("fk_alert_rule_category_id")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_alert_rule_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_rule")),
        sa.UniqueConstraint("key", "version", name=op.f("uq_alert_rule_key_version")),
        sa.UniqueConstraint("public_id", name=op.f("uq_alert_rule_public_id")),
    )
    op.create_index("ix_alert_rule_supplier_id", "alert_rule", ["supplier_id"])

    op.create_table(
        "alert_watch",
        sa.Column("id", BIG, nullable=False),
        sa.Column("rule_key", sa.String(length=40), nullable=False),
        sa.Column("supplier_id", BIG, nullable=False),
        sa.Column("thing", sa.String(length=80), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("bad_before", sa.Integer(), nullable=False),
        sa.Column("good_before", sa.Integer(), nullable=False),
        sa.Column("stood_before", sa.Boolean(), nullable=False),
        sa.Column("bad", sa.Integer(), nullable=False),
        sa.Column("good", sa.Integer(), nullable=False),
        sa.Column("stands", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_alert_watch_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_watch")),
        sa.UniqueConstraint(
            "rule_key",
            "supplier_id",
            "thing",
            name=op.f("uq_alert_watch_rule_key_supplier_id_thing"),
        ),
    )
    op.create_index("ix_alert_watch_supplier_id", "alert_watch", ["supplier_id"])

    op.create_table(
        "alert",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("rule_id", BIG, nullable=False),
        sa.Column("rule_key", sa.String(length=40), nullable=False),
        sa.Column("supplier_id", BIG, nullable=False),
        sa.Column("thing", sa.String(length=80), nullable=False),
        sa.Column("severity", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("value", sa.Double()),
        sa.Column("words", sa.String(length=300), nullable=False),
        sa.Column("last_value", sa.Double()),
        sa.Column("last_words", sa.String(length=300), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("soon", sa.JSON()),
        sa.Column("raised_on", sa.Date(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_on", sa.Date(), nullable=False),
        sa.Column("cleared_on", sa.Date()),
        sa.Column("cleared_at", sa.DateTime(timezone=True)),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True)),
        sa.Column("acknowledged_by", sa.String(length=200)),
        sa.Column("acknowledged_by_id", BIG),
        sa.Column("note", sa.String(length=1000)),
        sa.Column("told_state", sa.String(length=12)),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(state = 'cleared') = (cleared_on IS NOT NULL)", name=op.f("ck_alert_cleared")
        ),
        sa.CheckConstraint(
            "severity IN ('watch', 'warning', 'alarm')", name=op.f("ck_alert_severity")
        ),
        sa.CheckConstraint(
            "state IN ('open', 'acknowledged', 'muted', 'cleared')", name=op.f("ck_alert_state")
        ),
        sa.ForeignKeyConstraint(["rule_id"], ["alert_rule.id"], name=op.f("fk_alert_rule_id")),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_alert_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
        sa.UniqueConstraint("public_id", name=op.f("uq_alert_public_id")),
        sa.UniqueConstraint(
            "rule_key",
            "supplier_id",
            "thing",
            "raised_on",
            name=op.f("uq_alert_rule_key_supplier_id_thing_raised_on"),
        ),
    )
    op.create_index("ix_alert_state", "alert", ["state", "severity"])
    op.create_index("ix_alert_supplier_id", "alert", ["supplier_id"])

    op.create_table(
        "disruption_event",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("details", sa.String(length=2000)),
        sa.Column("place_kind", sa.String(length=10), nullable=False),
        sa.Column("countries", sa.String(length=200)),
        sa.Column("place", sa.String(length=200)),
        sa.Column("site_id", BIG),
        sa.Column("supplier_id", BIG),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date()),
        sa.Column("severity", sa.String(length=10), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.String(length=200), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
        sa.Column("withdrawn_by", sa.String(length=200)),
        sa.Column("withdrawn_because", sa.String(length=500)),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(place_kind = 'site') = (site_id IS NOT NULL)", name=op.f("ck_disruption_event_site")
        ),
        sa.CheckConstraint(
            "kind IN ('closure', 'strike', 'fire', 'flood', 'earthquake', 'storm', 'cyber', 'export_ban', 'insolvency', 'other')",
            name=op.f("ck_disruption_event_kind"),
        ),
        sa.CheckConstraint(
            "place_kind IN ('country', 'region', 'port', 'site', 'upstream')",
            name=op.f("ck_disruption_event_place_kind"),
        ),
        sa.CheckConstraint(
            "severity IN ('minor', 'serious', 'severe')", name=op.f("ck_disruption_event_severity")
        ),
        sa.CheckConstraint(
            "until_on IS NULL OR until_on >= from_on", name=op.f("ck_disruption_event_days")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_disruption_event_site_id")),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_disruption_event_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disruption_event")),
        sa.UniqueConstraint("public_id", name=op.f("uq_disruption_event_public_id")),
    )
    op.create_index("ix_disruption_event_from_on", "disruption_event", ["from_on"])
    op.create_index("ix_disruption_event_supplier_id", "disruption_event", ["supplier_id"])

    op.create_table(
        "alert_escalation",
        sa.Column("id", BIG, nullable=False),
        sa.Column("alert_id", BIG, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_told", sa.Boolean(), nullable=False),
        sa.Column("why", sa.String(length=200)),
        sa.ForeignKeyConstraint(
            ["alert_id"],
            ["alert.id"],
            name=op.f("fk_alert_escalation_alert_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_alert_escalation_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_escalation")),
        sa.UniqueConstraint("alert_id", "place", name=op.f("uq_alert_escalation_alert_id_place")),
    )
    op.create_table(
        "alert_feedback",
        sa.Column("id", BIG, nullable=False),
        sa.Column("alert_id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "verdict IN ('useful', 'noise')", name=op.f("ck_alert_feedback_verdict")
        ),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alert.id"], name=op.f("fk_alert_feedback_alert_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_alert_feedback_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_feedback")),
        sa.UniqueConstraint("alert_id", "user_id", name=op.f("uq_alert_feedback_alert_id_user_id")),
    )
    if op.get_bind().dialect.name == "sqlite":
        return
    for table, condition in POLICIES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY suppliers ON {table} USING (current_user <> '{ROLE}' OR {condition})"
        )


def downgrade() -> None:
    # Rules, alerts with all that was said of them, events, ladders, subscriptions and webhooks
    # are lost.
    if op.get_bind().dialect.name == "postgresql":
        for table in POLICIES:
            op.execute(f"DROP POLICY suppliers ON {table}")
    for table in (
        "alert_feedback", "alert_escalation", "disruption_event", "alert", "alert_watch",
        "alert_rule", "webhook_delivery", "alert_subscription", "alert_rung", "webhook",
    ):  # fmt: skip
        op.drop_table(table)
