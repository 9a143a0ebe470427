"""Imports every feature's models, so that the metadata is whole."""

from app.base.db import metadata
from app.facts.deliveries import models as deliveries
from app.facts.deliveries import rollup_models as rollup
from app.facts.deliveries import staging_models as staging
from app.facts.deliveries import touched_models as touched
from app.facts.deliveries.agreements import models as agreements
from app.facts.deliveries.disputes import models as disputes
from app.facts.deliveries.disruptions import models as debit_notes
from app.facts.deliveries.expediting import models as expediting
from app.facts.deliveries.rules import models as delivery_rules
from app.facts.evidence import models as evidence
from app.facts.evidence.backup_suppliers import models as backup_suppliers
from app.facts.evidence.events import models as private_events
from app.facts.evidence.finance import models as financial_proxies
from app.facts.evidence.screening import models as screening
from app.facts.evidence.sub_tier import models as sub_tier
from app.facts.suppliers import calendar_models as calendars
from app.facts.suppliers import contact_models as contacts
from app.facts.suppliers import models as suppliers
from app.facts.suppliers.standings import models as standings
from app.judgement.alerts import models as alerts
from app.judgement.alerts import telling_models as alert_telling
from app.judgement.continuity import exercise_models as continuity_exercises
from app.judgement.continuity import models as continuity
from app.judgement.continuity.incidents import models as incidents
from app.judgement.continuity.responses import models as responses
from app.judgement.contracts import models as contracts
from app.judgement.contracts import money_models as contract_money
from app.judgement.contracts.money import models as contract_claims
from app.judgement.corrective import models as corrective
from app.judgement.fmea import models as fmea
from app.judgement.fmea import standard_models as fmea_standards
from app.judgement.fmea.living import models as fmea_living
from app.judgement.risk_index import models as risk_index
from app.judgement.scorecards import models as scorecards
from app.judgement.scorecards.closed import models as closed_cards
from app.judgement.scorecards.custom import models as custom_measures
from app.judgement.scorecards.manual import models as manual_scores
from app.judgement.snapshots import models as snapshots
from app.platform.accounts import factor_models as factors
from app.platform.accounts import grant_models as grants
from app.platform.accounts import models as accounts
from app.platform.approvals import models as approvals
from app.platform.audit import models as audit
from app.platform.imports import models as imports
from app.platform.jobs import models as jobs
from app.platform.outbox import models as outbox
from app.platform.outbox import webhook_models as webhooks
from app.platform.records import models as records
from app.platform.sources import models as sources
from app.reviews.due_dates import models as calendar_feeds
from app.reviews.meetings import models as meetings
from app.reviews.packs import models as packs

__all__ = [
    "accounts",
    "agreements",
    "alert_telling",
    "alerts",
    "approvals",
    "audit",
    "backup_suppliers",
    "calendar_feeds",
    "calendars",
    "closed_cards",
    "contacts",
    "continuity",
    "continuity_exercises",
    "contract_claims",
    "contract_money",
    "contracts",
    "corrective",
    "custom_measures",
    "debit_notes",
    "deliveries",
    "delivery_rules",
    "disputes",
    "evidence",
    "expediting",
    "factors",
    "financial_proxies",
    "fmea",
    "fmea_living",
    "fmea_standards",
    "grants",
    "imports",
    "incidents",
    "jobs",
    "manual_scores",
    "meetings",
    "metadata",
    "outbox",
    "packs",
    "private_events",
    "records",
    "responses",
    "risk_index",
    "rollup",
    "scorecards",
    "screening",
    "snapshots",
    "sources",
    "staging",
    "standings",
    "sub_tier",
    "suppliers",
    "touched",
    "webhooks",
]
