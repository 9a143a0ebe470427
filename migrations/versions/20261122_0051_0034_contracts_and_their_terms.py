"""contracts and their terms

Revision ID: 0034
Revises: 0031
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# As revision 0016 has it: whoever a supplier's people are sees none of this.
ROLE = "mainstay_supplier"
TABLES = (
    "contract",
    "contract_terms",
    "contract_document",
    "contract_event",
    "contract_clause",
    "contract_obligation",
    "damages_schedule",
    "gain_share",
    "improvement_clause",
    "incentive",
    "service_credit_band",
)


def upgrade() -> None:
    create_contracts()
    create_money_terms()
    if op.get_bind().dialect.name == "sqlite":
        return
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY suppliers ON {table} USING (current_user <> '{ROLE}')")


def create_contracts() -> None:
    op.create_table(
        "contract",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", BIG, nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("status_because", sa.String(length=500)),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("ended_on", sa.Date()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(status IN ('ended', 'terminated')) = (ended_on IS NOT NULL)",
            name=op.f("ck_contract_ended"),
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'active', 'ended', 'terminated')", name=op.f("ck_contract_status")
        ),
        sa.CheckConstraint("length(trim(number)) > 0", name=op.f("ck_contract_number_given")),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_contract_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract")),
        sa.UniqueConstraint("public_id", name=op.f("uq_contract_public_id")),
        sa.UniqueConstraint("supplier_id", "number", name=op.f("uq_contract_supplier_id_number")),
    )
    op.create_table(
        "contract_terms",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", BIG, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("our_party", sa.String(length=200), nullable=False),
        sa.Column("their_party", sa.String(length=200), nullable=False),
        sa.Column("value", sa.BigInteger()),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date()),
        sa.Column("auto_renew", sa.Boolean(), nullable=False),
        sa.Column("renewal_months", sa.SmallInteger()),
        sa.Column("our_notice_days", sa.SmallInteger()),
        sa.Column("their_notice_days", sa.SmallInteger()),
        sa.Column("notice_kind", sa.String(length=16), nullable=False),
        sa.Column("calendar_id", BIG),
        sa.Column("notice_method", sa.String(length=200)),
        sa.Column("governing_law", sa.String(length=200)),
        sa.Column("is_critical", sa.Boolean(), nullable=False),
        sa.Column("payment_days", sa.SmallInteger()),
        sa.Column("volume_commitment", sa.BigInteger()),
        sa.Column("note", sa.String(length=2000)),
        sa.Column("reason", sa.String(length=500)),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("made_by_id", BIG),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content_hash", sa.String(length=64)),
        sa.Column("decided_by", sa.String(length=200)),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("decided_because", sa.String(length=500)),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('framework', 'purchase', 'service_level', 'scheduling', 'consignment', 'partnership', 'confidentiality', 'other')",
            name=op.f("ck_contract_terms_kind"),
        ),
        sa.CheckConstraint(
            "notice_kind IN ('calendar', 'rolled_back', 'business')",
            name=op.f("ck_contract_terms_notice_kind"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'proposed', 'agreed', 'in_force', 'superseded', 'refused')",
            name=op.f("ck_contract_terms_state"),
        ),
        sa.CheckConstraint(
            "NOT auto_renew OR renewal_months IS NOT NULL",
            name=op.f("ck_contract_terms_auto_renew"),
        ),
        sa.CheckConstraint(
            "ends_on IS NULL OR ends_on >= starts_on", name=op.f("ck_contract_terms_days")
        ),
        sa.CheckConstraint(
            "our_notice_days IS NULL OR our_notice_days BETWEEN 0 AND 3660",
            name=op.f("ck_contract_terms_our_notice"),
        ),
        sa.CheckConstraint(
            "payment_days IS NULL OR payment_days >= 0", name=op.f("ck_contract_terms_payment_days")
        ),
        sa.CheckConstraint(
            "renewal_months IS NULL OR renewal_months BETWEEN 1 AND 600",
            name=op.f("ck_contract_terms_renewal"),
        ),
        sa.CheckConstraint("sequence >= 1", name=op.f("ck_contract_terms_sequence")),
        sa.CheckConstraint(
            "their_notice_days IS NULL OR their_notice_days BETWEEN 0 AND 3660",
            name=op.f("ck_contract_terms_their_notice"),
        ),
        sa.CheckConstraint("value IS NULL OR value >= 0", name=op.f("ck_contract_terms_value")),
        sa.CheckConstraint(
            "volume_commitment IS NULL OR volume_commitment >= 0",
            name=op.f("ck_contract_terms_volume_commitment"),
        ),
        sa.ForeignKeyConstraint(
            ["calendar_id"], ["calendar.id"], name=op.f("fk_contract_terms_calendar_id")
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name=op.f("fk_contract_terms_contract_id")
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["user.id"], name=op.f("fk_contract_terms_made_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_terms")),
        sa.UniqueConstraint(
            "contract_id", "sequence", name=op.f("uq_contract_terms_contract_id_sequence")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_contract_terms_public_id")),
    )
    op.create_table(
        "contract_document",
        sa.Column("id", BIG, nullable=False),
        sa.Column("contract_id", BIG, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("attachment", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "role IN ('contract', 'amendment', 'annex', 'price_list', 'notice', 'other')",
            name=op.f("ck_contract_document_role"),
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name=op.f("fk_contract_document_contract_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_document")),
        sa.UniqueConstraint("attachment", name=op.f("uq_contract_document_attachment")),
    )
    op.create_index("ix_contract_document_contract_id", "contract_document", ["contract_id"])
    op.create_table(
        "contract_event",
        sa.Column("id", BIG, nullable=False),
        sa.Column("contract_id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date()),
        sa.Column("said", sa.String(length=2000), nullable=False),
        sa.Column("said_by", sa.String(length=200), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('approved', 'notice_given', 'notice_received', 'renewal_wanted', 'rolled_over', 'ended', 'terminated')",
            name=op.f("ck_contract_event_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name=op.f("fk_contract_event_contract_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_event")),
        sa.UniqueConstraint(
            "contract_id", "kind", "key", name=op.f("uq_contract_event_contract_id_kind_key")
        ),
    )
    op.create_table(
        "contract_clause",
        sa.Column("id", BIG, nullable=False),
        sa.Column("terms_id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("presence", sa.String(length=8), nullable=False),
        sa.Column("note", sa.String(length=2000)),
        sa.Column("page", sa.SmallInteger()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('force_majeure', 'penalties', 'guarantees', 'continuity', 'audit_right', 'consignment', 'capacity', 'price_indexation', 'hedging', 'payment', 'termination')",
            name=op.f("ck_contract_clause_kind"),
        ),
        sa.CheckConstraint(
            "presence IN ('yes', 'no', 'unknown')", name=op.f("ck_contract_clause_presence")
        ),
        sa.CheckConstraint(
            "page IS NULL OR page BETWEEN 1 AND 9999", name=op.f("ck_contract_clause_page")
        ),
        sa.ForeignKeyConstraint(
            ["terms_id"], ["contract_terms.id"], name=op.f("fk_contract_clause_terms_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_clause")),
        sa.UniqueConstraint("terms_id", "kind", name=op.f("uq_contract_clause_terms_id_kind")),
    )
    op.create_table(
        "contract_obligation",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("terms_id", BIG, nullable=False),
        sa.Column("measure", sa.String(length=60), nullable=False),
        sa.Column("direction", sa.String(length=10), nullable=False),
        sa.Column("target", sa.BigInteger(), nullable=False),
        sa.Column("rule_label", sa.String(length=32)),
        sa.Column("rule_version", sa.Integer()),
        sa.Column("window_kind", sa.String(length=14), nullable=False),
        sa.Column("min_n", sa.Integer(), nullable=False),
        sa.Column("excludes_force_majeure", sa.Boolean(), nullable=False),
        sa.Column("excludes_buyer_caused", sa.Boolean(), nullable=False),
        sa.Column("excludes_disputed", sa.Boolean(), nullable=False),
        sa.Column("exclusions", sa.String(length=2000)),
        sa.Column("valid_from", sa.Date()),
        sa.Column("valid_to", sa.Date()),
        sa.Column("note", sa.String(length=2000)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "direction IN ('at_least', 'at_most')", name=op.f("ck_contract_obligation_direction")
        ),
        sa.CheckConstraint(
            "window_kind IN ('month', 'quarter', 'year', 'rolling_year')",
            name=op.f("ck_contract_obligation_window_kind"),
        ),
        sa.CheckConstraint("min_n >= 1", name=op.f("ck_contract_obligation_min_n")),
        sa.CheckConstraint(
            "valid_from IS NULL OR valid_to IS NULL OR valid_to >= valid_from",
            name=op.f("ck_contract_obligation_days"),
        ),
        sa.ForeignKeyConstraint(
            ["terms_id"], ["contract_terms.id"], name=op.f("fk_contract_obligation_terms_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_obligation")),
        sa.UniqueConstraint("public_id", name=op.f("uq_contract_obligation_public_id")),
    )
    op.create_index("ix_contract_obligation_terms_id", "contract_obligation", ["terms_id"])


def create_money_terms() -> None:
    op.create_table(
        "damages_schedule",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("terms_id", BIG, nullable=False),
        sa.Column("mode", sa.String(length=26), nullable=False),
        sa.Column("rate", sa.BigInteger()),
        sa.Column("amount", sa.BigInteger()),
        sa.Column("grace_days", sa.SmallInteger(), nullable=False),
        sa.Column("grace_kind", sa.String(length=18), nullable=False),
        sa.Column("cap_percent", sa.BigInteger()),
        sa.Column("cap_base", sa.String(length=16), nullable=False),
        sa.Column("is_cumulative", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date()),
        sa.Column("valid_to", sa.Date()),
        sa.Column("note", sa.String(length=2000)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(mode = 'fixed_per_day') = (amount IS NOT NULL)",
            name=op.f("ck_damages_schedule_amount_given"),
        ),
        sa.CheckConstraint(
            "(mode = 'fixed_per_day') = (rate IS NULL)", name=op.f("ck_damages_schedule_rate_given")
        ),
        sa.CheckConstraint(
            "cap_base IN ('delayed_portion', 'contract')", name=op.f("ck_damages_schedule_cap_base")
        ),
        sa.CheckConstraint(
            "grace_kind IN ('free', 'then_from_day_one')",
            name=op.f("ck_damages_schedule_grace_kind"),
        ),
        sa.CheckConstraint(
            "mode IN ('per_day_percent', 'per_week_or_part_percent', 'fixed_per_day')",
            name=op.f("ck_damages_schedule_mode"),
        ),
        sa.CheckConstraint(
            "amount IS NULL OR amount >= 0", name=op.f("ck_damages_schedule_amount")
        ),
        sa.CheckConstraint(
            "cap_percent IS NULL OR cap_percent BETWEEN 0 AND 100000000",
            name=op.f("ck_damages_schedule_cap_percent"),
        ),
        sa.CheckConstraint("grace_days >= 0", name=op.f("ck_damages_schedule_grace_days")),
        sa.CheckConstraint(
            "rate IS NULL OR rate BETWEEN 0 AND 100000000", name=op.f("ck_damages_schedule_rate")
        ),
        sa.CheckConstraint(
            "valid_from IS NULL OR valid_to IS NULL OR valid_to >= valid_from",
            name=op.f("ck_damages_schedule_days"),
        ),
        sa.ForeignKeyConstraint(
            ["terms_id"], ["contract_terms.id"], name=op.f("fk_damages_schedule_terms_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_damages_schedule")),
        sa.UniqueConstraint("public_id", name=op.f("uq_damages_schedule_public_id")),
    )
    op.create_index("ix_damages_schedule_terms_id", "damages_schedule", ["terms_id"])
    op.create_table(
        "gain_share",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("terms_id", BIG, nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("share", sa.BigInteger(), nullable=False),
        sa.Column("baseline", sa.BigInteger(), nullable=False),
        sa.Column("baseline_from", sa.Date(), nullable=False),
        sa.Column("baseline_to", sa.Date(), nullable=False),
        sa.Column("valid_from", sa.Date()),
        sa.Column("valid_to", sa.Date()),
        sa.Column("note", sa.String(length=2000)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("baseline >= 0", name=op.f("ck_gain_share_baseline")),
        sa.CheckConstraint(
            "baseline_to >= baseline_from", name=op.f("ck_gain_share_baseline_days")
        ),
        sa.CheckConstraint(
            "share IS NULL OR share BETWEEN 0 AND 100000000", name=op.f("ck_gain_share_share")
        ),
        sa.CheckConstraint(
            "valid_from IS NULL OR valid_to IS NULL OR valid_to >= valid_from",
            name=op.f("ck_gain_share_days"),
        ),
        sa.ForeignKeyConstraint(
            ["terms_id"], ["contract_terms.id"], name=op.f("fk_gain_share_terms_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gain_share")),
        sa.UniqueConstraint("public_id", name=op.f("uq_gain_share_public_id")),
    )
    op.create_index("ix_gain_share_terms_id", "gain_share", ["terms_id"])
    op.create_table(
        "improvement_clause",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("terms_id", BIG, nullable=False),
        sa.Column("measure", sa.String(length=60), nullable=False),
        sa.Column("base_from", sa.Date(), nullable=False),
        sa.Column("base_to", sa.Date(), nullable=False),
        sa.Column("base_value", sa.BigInteger()),
        sa.Column("base_n", sa.Integer()),
        sa.Column("min_n", sa.Integer(), nullable=False),
        sa.Column("yearly_rate", sa.BigInteger(), nullable=False),
        sa.Column("is_pro_rata", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date()),
        sa.Column("valid_to", sa.Date()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "base_n IS NULL OR base_n >= 0", name=op.f("ck_improvement_clause_base_n")
        ),
        sa.CheckConstraint("base_to >= base_from", name=op.f("ck_improvement_clause_base_days")),
        sa.CheckConstraint("min_n >= 1", name=op.f("ck_improvement_clause_min_n")),
        sa.CheckConstraint(
            "valid_from IS NULL OR valid_to IS NULL OR valid_to >= valid_from",
            name=op.f("ck_improvement_clause_days"),
        ),
        sa.CheckConstraint(
            "yearly_rate IS NULL OR yearly_rate BETWEEN 0 AND 100000000",
            name=op.f("ck_improvement_clause_yearly_rate"),
        ),
        sa.ForeignKeyConstraint(
            ["terms_id"], ["contract_terms.id"], name=op.f("fk_improvement_clause_terms_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_improvement_clause")),
        sa.UniqueConstraint("public_id", name=op.f("uq_improvement_clause_public_id")),
    )
    op.create_index("ix_improvement_clause_terms_id", "improvement_clause", ["terms_id"])
    op.create_table(
        "incentive",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("terms_id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("measure", sa.String(length=60), nullable=False),
        sa.Column("direction", sa.String(length=10), nullable=False),
        sa.Column("threshold", sa.BigInteger(), nullable=False),
        sa.Column("min_n", sa.Integer(), nullable=False),
        sa.Column("percent", sa.BigInteger()),
        sa.Column("amount", sa.BigInteger()),
        sa.Column("extension_months", sa.SmallInteger()),
        sa.Column("cap_percent", sa.BigInteger()),
        sa.Column("gate_measure", sa.String(length=60)),
        sa.Column("gate_direction", sa.String(length=10)),
        sa.Column("gate_value", sa.BigInteger()),
        sa.Column("valid_from", sa.Date()),
        sa.Column("valid_to", sa.Date()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "direction IN ('at_least', 'at_most')", name=op.f("ck_incentive_direction")
        ),
        sa.CheckConstraint(
            "gate_direction IS NULL OR gate_direction IN ('at_least', 'at_most')",
            name=op.f("ck_incentive_gate_direction"),
        ),
        sa.CheckConstraint(
            "kind IN ('bonus', 'volume', 'extension')", name=op.f("ck_incentive_kind")
        ),
        sa.CheckConstraint(
            "(gate_measure IS NULL) = (gate_value IS NULL) AND (gate_measure IS NULL) = (gate_direction IS NULL)",
            name=op.f("ck_incentive_gate"),
        ),
        sa.CheckConstraint(
            "CASE WHEN percent IS NULL THEN 0 ELSE 1 END + CASE WHEN amount IS NULL THEN 0 ELSE 1 END + CASE WHEN extension_months IS NULL THEN 0 ELSE 1 END = 1",
            name=op.f("ck_incentive_one_reward"),
        ),
        sa.CheckConstraint("amount IS NULL OR amount >= 0", name=op.f("ck_incentive_amount")),
        sa.CheckConstraint(
            "cap_percent IS NULL OR cap_percent BETWEEN 0 AND 100000000",
            name=op.f("ck_incentive_cap_percent"),
        ),
        sa.CheckConstraint(
            "extension_months IS NULL OR extension_months >= 1", name=op.f("ck_incentive_extension")
        ),
        sa.CheckConstraint("min_n >= 1", name=op.f("ck_incentive_min_n")),
        sa.CheckConstraint(
            "percent IS NULL OR percent BETWEEN 0 AND 100000000", name=op.f("ck_incentive_percent")
        ),
        sa.CheckConstraint(
            "valid_from IS NULL OR valid_to IS NULL OR valid_to >= valid_from",
            name=op.f("ck_incentive_days"),
        ),
        sa.ForeignKeyConstraint(
            ["terms_id"], ["contract_terms.id"], name=op.f("fk_incentive_terms_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incentive")),
        sa.UniqueConstraint("public_id", name=op.f("uq_incentive_public_id")),
    )
    op.create_index("ix_incentive_terms_id", "incentive", ["terms_id"])
    op.create_table(
        "service_credit_band",
        sa.Column("id", BIG, nullable=False),
        sa.Column("obligation_id", BIG, nullable=False),
        sa.Column("floor", sa.BigInteger(), nullable=False),
        sa.Column("percent", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "percent IS NULL OR percent BETWEEN 0 AND 100000000",
            name=op.f("ck_service_credit_band_percent"),
        ),
        sa.ForeignKeyConstraint(
            ["obligation_id"],
            ["contract_obligation.id"],
            name=op.f("fk_service_credit_band_obligation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_credit_band")),
        sa.UniqueConstraint(
            "obligation_id", "floor", name=op.f("uq_service_credit_band_obligation_id_floor")
        ),
    )


def downgrade() -> None:
    # Contracts, their terms and what happened to them are lost.
    if op.get_bind().dialect.name == "postgresql":
        for table in TABLES:
            op.execute(f"DROP POLICY suppliers ON {table}")
    for table in reversed(TABLES):
        op.drop_table(table)
