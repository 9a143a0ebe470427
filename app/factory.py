"""Builds the web application: database, sign-in, error pages, blueprints, commands."""

from __future__ import annotations

from flask import Flask

from app import cli
from app.base import db, logging
from app.base.db import Database
from app.base.logging import LogForm
from app.base.web import access, csrf, errors, headers, rendering, request_log
from app.base.web.access import Doors
from app.base.web.rendering import Place
from app.base.web.sessions import ServerSessions
from app.faces.overview.views import blueprint as overview
from app.facts.deliveries.agreements.importing import KINDS as AGREEMENT_KINDS
from app.facts.deliveries.disputes.views import blueprint as disputes
from app.facts.deliveries.disruptions import services as debit_notes
from app.facts.deliveries.disruptions.views import blueprint as disruptions
from app.facts.deliveries.event_importing import KINDS as EVENT_KINDS
from app.facts.deliveries.expediting.importing import KINDS as EXPEDITING_KINDS
from app.facts.deliveries.expediting.views import blueprint as expediting
from app.facts.deliveries.importing import DeliveriesKind
from app.facts.deliveries.master_importing import KINDS as MASTER_KINDS
from app.facts.deliveries.rules.calendar_views import blueprint as calendars
from app.facts.deliveries.rules.views import blueprint as rules
from app.facts.evidence.backup_suppliers import services as backup_releases
from app.facts.evidence.backup_suppliers.views import blueprint as backup_suppliers
from app.facts.evidence.events.views import blueprint as events
from app.facts.evidence.importing import KINDS as EVIDENCE_KINDS
from app.facts.evidence.screening import services as screening
from app.facts.evidence.screening.list_views import blueprint as screening_lists
from app.facts.evidence.screening.views import blueprint as screening_matches
from app.facts.suppliers.contact_importing import KINDS as CONTACT_KINDS
from app.facts.suppliers.standings import services as standings
from app.judgement.alerts.responding import triggers as alert_triggers
from app.judgement.alerts.subscribing import LINKS as ALERT_LINKS
from app.judgement.alerts.views import blueprint as alerts
from app.judgement.continuity import drafting as continuity_plans
from app.judgement.continuity.incidents import acting as incident_acting
from app.judgement.continuity.incidents.views import blueprint as incidents
from app.judgement.continuity.responses import services as incident_responses
from app.judgement.continuity.responses import triggers as response_triggers
from app.judgement.continuity.responses.views import blueprint as responses
from app.judgement.continuity.views import blueprint as continuity
from app.judgement.contracts import ending as contract_ends
from app.judgement.contracts import services as contract_terms
from app.judgement.contracts.importing import KINDS as CONTRACT_KINDS
from app.judgement.contracts.money import claims as contract_claims
from app.judgement.contracts.money.pages import blueprint as contract_money
from app.judgement.contracts.pages import blueprint as contracts
from app.judgement.corrective import services as corrective_actions
from app.judgement.corrective.views import blueprint as corrective
from app.judgement.fmea import services as fmea_registers
from app.judgement.fmea import standard_services as fmea_standards
from app.judgement.fmea.importing import KINDS as FMEA_KINDS
from app.judgement.fmea.living import acceptances
from app.judgement.fmea.living.views import blueprint as actions
from app.judgement.fmea.views import blueprint as fmea
from app.judgement.risk_index import services as risk_index
from app.judgement.risk_index.overrides import services as index_overrides
from app.judgement.risk_index.views import blueprint as index_methods
from app.judgement.scorecards import services as scorecards
from app.judgement.scorecards.closed.views import blueprint as restatements
from app.judgement.scorecards.custom.views import blueprint as custom_measures
from app.judgement.scorecards.manual.views import blueprint as manual_scores
from app.judgement.scorecards.views import blueprint as methods
from app.platform.accounts import gate, identity, second_look
from app.platform.accounts import links as account_links
from app.platform.accounts.factor_views import ENROLLING
from app.platform.accounts.people_views import blueprint as people
from app.platform.accounts.token_views import blueprint as tokens
from app.platform.accounts.views import blueprint as accounts
from app.platform.approvals import kinds as approval_kinds
from app.platform.approvals import role_grants
from app.platform.approvals.views import blueprint as approvals
from app.platform.audit import keys, watch
from app.platform.audit.views import blueprint as audit
from app.platform.imports import kinds
from app.platform.imports.views import blueprint as imports
from app.platform.jobs.views import blueprint as jobs
from app.platform.operations.health_views import blueprint as health
from app.platform.outbox import links as outbox_links
from app.platform.outbox.views import blueprint as outbox
from app.platform.outbox.webhook_views import blueprint as webhooks
from app.reviews.due_dates.views import blueprint as due_dates
from app.reviews.meetings.views import blueprint as meetings
from app.reviews.packs.views import blueprint as packs
from app.timetable import JOBS, compose
from config import ROOT, Settings

BLUEPRINTS = (
    accounts, people, tokens, overview, rules, calendars, disputes, methods, imports, packs,
    approvals, jobs, outbox, health, audit, expediting, disruptions, corrective, manual_scores,
    custom_measures,
    restatements, index_methods, fmea, actions, meetings, screening_matches, screening_lists,
    alerts, events, webhooks,
    contracts,
    incidents, responses, backup_suppliers,
    continuity,
    due_dates,
    contract_money,
)  # fmt: skip

PLACES = (
    Place("Home", "overview.home", "/", "h"),
    Place("Suppliers", "overview.portfolio", "/suppliers", "s"),
    Place(
        "Risk", "overview.risk_hub", "/risk", "r",
        ("/alerts", "/backup-suppliers", "/continuity", "/contracts", "/events", "/fmea",
         "/incidents", "/meetings", "/responses", "/screening"),
    ),
    Place("Calendar", "due_dates.index", "/calendar/", "c"),
    Place("Expedite", "expediting.index", "/expedite", "e"),
    Place("Imports", "imports.index", "/imports", "i"),
    Place("Packs", "packs.index", "/packs", "p"),
    Place("Jobs", "jobs.index", "/jobs", "j"),
)  # fmt: skip

IMPORT_KINDS = (
    *MASTER_KINDS, *CONTACT_KINDS, DeliveriesKind(), *AGREEMENT_KINDS, *EVENT_KINDS,
    *EXPEDITING_KINDS, *EVIDENCE_KINDS,
    *FMEA_KINDS,
    *CONTRACT_KINDS,
)  # fmt: skip

# What needs a second pair of eyes.
APPROVAL_KINDS = (
    role_grants.KIND,
    scorecards.KIND,
    *standings.KINDS,
    debit_notes.KIND,
    corrective_actions.KIND,
    risk_index.KIND,
    index_overrides.KIND,
    fmea_registers.KIND,
    *fmea_standards.KINDS,
    acceptances.KIND,
    *screening.KINDS,
    incident_responses.KIND,
    incident_acting.KIND,
    backup_releases.KIND,
    continuity_plans.KIND,
    contract_terms.KIND,
    contract_ends.KIND,
    contract_claims.KIND,
)

DOORS = Doors(
    sign_in="accounts.sign_in",
    set_password="accounts.password",  # noqa: S106 — an endpoint
    enrol="accounts.factors",
    always_open=frozenset({"accounts.password", "accounts.change_password", "accounts.sign_out"}),
    enrolling=ENROLLING,
)


def create_app(settings: Settings) -> Flask:
    """Return the application for `settings`. Never starts the scheduler."""
    app = Flask(
        "mainstay",
        root_path=str(ROOT / "app"),
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "app" / "base" / "static"),
    )
    app.config.update(SETTINGS=settings, JOBS=JOBS)
    settings.instance.mkdir(parents=True, exist_ok=True)
    logging.configure(LogForm(settings.log_form))
    db.bind(Database(settings.database_url))
    keys.bind(settings.audit_key)
    _install_web(app, settings)
    kinds.register(IMPORT_KINDS)
    approval_kinds.register(APPROVAL_KINDS)
    compose()
    second_look.take_by(role_grants.propose)
    response_triggers.take_from(alert_triggers)
    outbox_links.register(account_links.LINKS)
    outbox_links.register(ALERT_LINKS)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    access.check_declared(app)
    gate.install(app)
    cli.register(app)
    return app


def _install_web(app: Flask, settings: Settings) -> None:
    """Wire what every request passes, in the order in which it passes it."""
    app.session_interface = ServerSessions(identity.DatabaseSessions(), settings)
    errors.install(app)
    request_log.install(app)
    headers.install(app, settings)
    identity.install(app, settings)
    access.install(app, identity.Gate(), DOORS)
    csrf.install(app)
    watch.install(app)
    rendering.install(app, settings, PLACES)
