"""A house of two worlds: supplier A and all that hangs on it, supplier B and the same.

Every text of A's rows holds “canary-a”, every text of B's “canary-b”, so that a leak names
whose it is. Both have at least one row in every scoped table; a test holds that.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import recompute
from app.base import acting, clock, db
from app.base.acting import Source
from app.base.db import Database
from app.calc.periods import month_index
from app.factory import IMPORT_KINDS
from app.facts.deliveries import rollup
from app.facts.deliveries.agreements.models import (
    AgreementReceipt,
    CallOff,
    Release,
    SchedulingAgreement,
)
from app.facts.deliveries.disputes.models import (
    Dispute,
    DisputeRuling,
    DisputeState,
    Effect,
    Ground,
    LineRuling,
)
from app.facts.deliveries.disruptions.models import DebitItem, DebitNote
from app.facts.deliveries.expediting.models import StockLevel
from app.facts.deliveries.models import (
    Acknowledgement,
    CausedBy,
    ChangedBy,
    ContractPrice,
    Disruption,
    DisruptionKind,
    InspectionLot,
    InvoiceLine,
    LotVerdict,
    MissAttribution,
    PromiseChange,
    ScheduleLine,
)
from app.facts.deliveries.rules.models import DeliveryRule
from app.facts.deliveries.touched_models import TouchedMonth
from app.facts.evidence.events.models import DisruptionEvent
from app.facts.evidence.finance.models import FinancialProxy
from app.facts.evidence.models import FinancialStatement, SubTierLink
from app.facts.evidence.screening.models import (
    ScreeningDecision,
    ScreeningEntry,
    ScreeningList,
    ScreeningMatch,
    ScreeningRun,
    ScreeningSetting,
    SupplierScreening,
)
from app.facts.suppliers.contact_models import Contact
from app.facts.suppliers.models import (
    ApprovedSource,
    Category,
    Site,
    Supplier,
    SupplierAlias,
)
from app.facts.suppliers.standings.models import OrderException, Standing, SupplierStanding
from app.judgement.alerts.models import Alert, AlertFeedback, AlertRule, AlertWatch
from app.judgement.alerts.telling_models import Escalation
from app.judgement.corrective.models import AgreedDue, CorrectiveAction, StepAnswer
from app.judgement.fmea import services as registers
from app.judgement.fmea.models import Subject
from app.judgement.fmea.modes import CauseSaid, Line, ModeSaid, add_mode
from app.judgement.fmea.queries import mode_sheets
from app.judgement.fmea.rating import Given, rate
from app.judgement.risk_index.models import IndexMethod, IndexOverride, RiskRange
from app.judgement.scorecards.closed.models import ProposedRestatement
from app.judgement.scorecards.manual.models import ManualCriterion, ManualScore
from app.judgement.scorecards.models import PriorPeriodLine, ScorecardSnapshot
from app.platform.accounts import grants
from app.platform.accounts.grant_models import Role
from app.platform.accounts.grants import Scope
from app.platform.accounts.models import AccountKind, User
from app.platform.imports import kinds
from app.platform.imports.mapping import written
from app.platform.imports.mapping_files import mapping_named
from app.platform.jobs.models import JobItem, JobRun, RunState
from app.platform.records.models import Attachment
from app.platform.sources.models import (
    BatchProblem,
    BatchState,
    BeforeImage,
    QuarantinedRow,
    SourceBatch,
    StagedFile,
)
from app.reviews.packs.models import Pack
from tests.access import continuity_house, contract_house, incident_house, money_house, risk_house
from tests.builders import facts
from tests.conftest import NOW

FIRST_DUE = date(2026, 1, 12)
LINES = 40
UNTIL = date(2026, 11, 20)
CANARY_A, CANARY_B = "canary-a", "canary-b"
REASON = "needed for the tests of access"
PASSWORD_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(uuid.uuid4().hex)

# Who signs in, by a short name: address, roles. Scopes are given in `_people`.
PEOPLE = (
    "administrator", "risk_manager", "buyer_in", "buyer_out", "auditor", "approver",
    "contact_a", "contact_b",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class World:
    """One supplier's rows: its keys and those of what hangs on it."""

    canary: str
    supplier_id: int
    public_id: uuid.UUID
    category_id: int
    line_id: int
    pack_id: uuid.UUID
    file_id: uuid.UUID
    batch_id: int
    run_id: int


def email(name: str) -> str:
    """Return the address of one of PEOPLE."""
    return f"{name}@example.com"


def furnish(database: Database) -> None:
    """Fill an empty database with both worlds and all people."""
    kinds.register(IMPORT_KINDS)
    with acting.acting_as(acting.system("test", Source.CLI)):
        with database.transaction() as session:
            _move_in(session)
        recompute.recompute()
        with database.transaction() as session:
            people = _people(session)
            for canary, owner in ((CANARY_A, "buyer_in"), (CANARY_B, "buyer_out")):
                _machinery(session, canary, people[owner])


def worlds(session: Session) -> tuple[World, World]:
    """Return the keys of both worlds."""
    a, b = (_world(session, canary) for canary in (CANARY_A, CANARY_B))
    return a, b


def rule_id(session: Session, of: World) -> uuid.UUID:
    """Return the delivery rule of a world."""
    wanted = select(DeliveryRule.public_id).where(DeliveryRule.supplier_id == of.supplier_id)
    return session.scalars(wanted).one()


def dispute_id(session: Session, of: World) -> uuid.UUID:
    """Return the dispute of a world."""
    wanted = select(Dispute.public_id).where(Dispute.supplier_id == of.supplier_id)
    return session.scalars(wanted).one()


def user_id(session: Session, name: str) -> int:
    """Return the account of one of PEOPLE."""
    return session.scalars(select(User.id).where(User.email == email(name))).one()


def _world(session: Session, canary: str) -> World:
    supplier = session.scalars(select(Supplier).where(Supplier.number == canary)).one()
    assert supplier.category_id is not None
    missed = select(ScheduleLine.id).where(ScheduleLine.supplier_id == supplier.id)
    return World(
        canary=canary,
        supplier_id=supplier.id,
        public_id=supplier.public_id,
        category_id=supplier.category_id,
        line_id=session.scalars(missed.order_by(ScheduleLine.id).limit(1)).one(),
        pack_id=session.scalars(
            select(Pack.public_id).where(Pack.supplier_id == supplier.id)
        ).one(),
        file_id=session.scalars(
            select(Attachment.public_id).where(Attachment.supplier_id == supplier.id)
        ).one(),
        batch_id=session.scalars(
            select(SourceBatch.id).where(SourceBatch.file_name == f"{canary}.csv")
        ).one(),
        run_id=session.scalars(
            select(JobRun.id).where(JobRun.scope_key == f"{canary}, scorecard")
        ).one(),
    )


def _move_in(session: Session) -> None:
    for canary in (CANARY_A, CANARY_B):
        above = Category(name=f"{canary} above")
        session.add(above)
        session.flush()
        category = Category(name=f"{canary} category", parent_id=above.id)
        session.add(category)
        session.flush()
        _supplier(session, canary, category.id)
    rollup.rebuild(session, until=UNTIL)
    rollup.refresh_events(session, None)


def _supplier(session: Session, canary: str, category_id: int) -> None:
    of = facts.supplier(
        session, f"{canary} name", number=canary, country="DEU", category_id=category_id,
        owner=f"{canary} owner", vat=canary,
    )  # fmt: skip
    part = facts.part(session, number=f"{canary} part", name=f"{canary} part name")
    for place in range(LINES):
        due = FIRST_DUE + timedelta(days=7 * place)
        order = facts.order(session, of, number=f"{canary} {place}", ordered_on=due - timedelta(30))
        line = facts.line(
            session, order, promised_original_on=due, requested_on=due, part_id=part.id
        )
        late = 5 if place % 4 == 0 else 0
        facts.receipt(
            session, line, due + timedelta(days=late), quantity_rejected=Decimal(0),
            carrier=f"{canary} carrier",
        )  # fmt: skip
        session.add_all(_beside(canary, of, order.id, line.id, part.id, due))
    _dispute(session, canary, of, line.id)
    site = Site(name=f"{canary} plant", supplier_id=of.id, owner_key=of.id, country="DEU")
    session.add(site)
    session.flush()
    session.add_all(_master(canary, of, part.id))
    _alerted(session, canary, of, site.id)
    for each in _agreement(canary, of, part.id, line.id):
        session.add(each)
        session.flush()
    _acted_upon(session, canary, of)
    _feared(session, canary)
    risk_house.move_in(session, canary, of)
    incident_house.move_in(session, canary, of)
    continuity_house.move_in(session, canary, of)
    contract_house.move_in(session, canary, of)
    money_house.move_in(session, canary, of)
    _screened(session, canary, of)
    session.add(
        Pack(
            kind="scorecard", supplier_id=of.id, period="12m", as_of=UNTIL, content_hash="0" * 64,
            file_sha256="0" * 64, file_name=f"{canary}.pdf", size=1, pages=1, made_by=canary,
        )
    )  # fmt: skip
    session.add(
        Attachment(
            entity="supplier", entity_id=of.id, supplier_id=of.id, display_name=f"{canary}.txt",
            media_type="text/plain", sha256="0" * 64, size=1, uploaded_by=canary, uploaded_at=NOW,
        )
    )  # fmt: skip


def _dispute(session: Session, canary: str, of: Supplier, line_id: int) -> None:
    """Add a dispute that was refused, on the last line, and all that hangs on it."""
    dispute = Dispute(
        supplier_id=of.id, line_id=line_id, ground=Ground.DATE, claim=f"{canary} claim",
        said_by=f"{canary} contact", opened_by=canary, opened_on=UNTIL, due_on=UNTIL,
        state=DisputeState.REFUSED,
    )  # fmt: skip
    session.add(dispute)
    session.flush()
    ruling = DisputeRuling(
        dispute_id=dispute.id, outcome=DisputeState.REFUSED, effect=Effect.NONE,
        reason=f"{canary} reason", decided_by=canary, decided_at=NOW,
    )  # fmt: skip
    session.add(ruling)
    session.flush()
    session.add(LineRuling(line_id=line_id, ruling_id=ruling.id, reference_on=UNTIL))


def _beside(
    canary: str, of: Supplier, order_id: int, line_id: int, part_id: int, due: date
) -> Iterator[Any]:
    sent = datetime(due.year, due.month, due.day, 8, tzinfo=UTC) - timedelta(days=30)
    yield Acknowledgement(
        supplier_id=of.id, order_id=order_id, sent_at=sent,
        acknowledged_at=sent + timedelta(hours=20), month=month_index(sent.date()),
    )  # fmt: skip
    yield InspectionLot(
        supplier_id=of.id, part_id=part_id, lot=f"{canary} {due}", inspected_on=due,
        month=month_index(due), verdict=LotVerdict.ACCEPTED, is_first_pass=True,
    )  # fmt: skip
    yield InvoiceLine(
        supplier_id=of.id, invoice_number=f"{canary} {due}", line_no="1", part_id=part_id,
        invoiced_on=due, month=month_index(due), quantity=Decimal(1), unit_price=Decimal(2),
        currency="EUR", is_accurate=True,
    )  # fmt: skip
    yield PromiseChange(
        line_id=line_id, to_on=due, changed_by=ChangedBy.BUYER, changed_on=due,
        reason=f"{canary} reason",
    )  # fmt: skip
    yield MissAttribution(
        line_id=line_id, cause=CausedBy.SUPPLIER, attributed_by=canary, note=f"{canary} note"
    )


def _agreement(canary: str, of: Supplier, part_id: int, line_id: int) -> Iterator[Any]:
    """An agreement with all that hangs on it. Its order is none: nothing of it is judged."""
    agreement = SchedulingAgreement(supplier_id=of.id, number=f"{canary} agreement")
    yield agreement
    yield Release(
        agreement_id=agreement.id, release_no=1, released_on=UNTIL, due_on=UNTIL,
        quantity=Decimal(1),
    )  # fmt: skip
    yield AgreementReceipt(
        agreement_id=agreement.id, source_key=canary, arrived_on=UNTIL, quantity=Decimal(1)
    )
    yield CallOff(line_id=line_id, agreement_id=agreement.id, due_on=UNTIL, release_no=1)
    yield StockLevel(part_id=part_id, on_hand=Decimal(1), counted_on=UNTIL)
    yield Contact(supplier_id=of.id, email=f"{canary}@example.com", name=f"{canary} contact")


def _master(canary: str, of: Supplier, part_id: int) -> Iterator[Any]:
    yield SupplierAlias(supplier_id=of.id, source="erp", key=canary)
    yield ApprovedSource(part_id=part_id, supplier_id=of.id, valid_from=date(2025, 1, 1))
    yield ContractPrice(
        supplier_id=of.id, part_id=part_id, price=Decimal(2), currency="EUR",
        valid_from=date(2025, 1, 1),
    )  # fmt: skip
    # Of orders that nobody places: it judges no line of these worlds.
    yield DeliveryRule(
        label=f"{canary} rule", scope="supplier", supplier_id=of.id, valid_from=date(2099, 1, 1)
    )
    yield Disruption(
        supplier_id=of.id, reference=canary, kind=DisruptionKind.LINE_STOP, occurred_on=UNTIL,
        month=month_index(UNTIL), note=f"{canary} note",
    )  # fmt: skip
    yield SupplierStanding(
        supplier_id=of.id, standing=Standing.APPROVED, from_on=date(2026, 1, 1), origin="override",
        reason=f"{canary} standing", state="confirmed", decided_by=canary, decided_at=NOW,
    )  # fmt: skip
    # Over: nobody orders by it today.
    yield OrderException(
        supplier_id=of.id, buyer=canary, from_on=date(2026, 1, 1), until_on=date(2026, 1, 31),
        reason=f"{canary} exception", state="confirmed", asked_by=canary, asked_at=NOW,
    )  # fmt: skip
    # Over: it stands beside no index today.
    yield IndexOverride(
        supplier_id=of.id, band="high", from_on=date(2026, 1, 1), until_on=date(2026, 1, 31),
        reason=f"{canary} override", state="confirmed", decided_by=canary, decided_at=NOW,
    )  # fmt: skip
    yield FinancialStatement(
        supplier_id=of.id, closed_on=date(2025, 12, 31), currency="EUR", source=canary,
        total_assets=Decimal(1000),
    )  # fmt: skip
    yield FinancialProxy(
        supplier_id=of.id, kind="rating", observed="BB", observed_on=date(2026, 9, 1),
        source=f"{canary} agency", note=f"{canary} heard", entered_by=canary,
    )  # fmt: skip
    yield SubTierLink(
        supplier_id=of.id, upstream_name=f"{canary} upstream", upstream_site=canary,
        upstream_country="DEU", material=canary, part_id=part_id,
    )  # fmt: skip


def _alerted(session: Session, canary: str, of: Supplier, site_id: int) -> None:
    """Add a rule of one supplier with what it raised, and an event at the supplier's site."""
    rule = AlertRule(
        key=canary, name=f"{canary} rule", subject="index:value", operator="above", threshold=50,
        severity="alarm", supplier_id=of.id, valid_from=UNTIL, author=canary, made_at=NOW,
        reason=f"{canary} reason",
    )  # fmt: skip
    session.add(rule)
    session.flush()
    session.add_all(
        [
            Alert(
                rule_id=rule.id, rule_key=canary, supplier_id=of.id, severity="alarm",
                words=f"{canary} words", last_words=f"{canary} words", raised_on=UNTIL,
                evidence={"unit": "points", "endpoint": "overview.supplier_risk", "query": {},
                          "n": None},
                raised_at=NOW, last_seen_on=UNTIL, value=60.0, last_value=60.0,
            ),
            AlertWatch(rule_key=canary, supplier_id=of.id, period_end=UNTIL, bad=1, stands=True),
            DisruptionEvent(
                kind="fire", title=f"{canary} fire", place_kind="site", place=f"{canary} plant",
                site_id=site_id, supplier_id=of.id, from_on=UNTIL, severity="severe",
                source=canary, recorded_by=canary,
            ),
        ]
    )  # fmt: skip


def _acted_upon(session: Session, canary: str, of: Supplier) -> None:
    """Add a corrective action, a debit note and a manual score, with what hangs on each."""
    charged = Disruption(
        supplier_id=of.id, reference=f"{canary} charged", kind=DisruptionKind.YARD_HOLD,
        occurred_on=UNTIL, month=month_index(UNTIL), cost=Decimal(10), currency="EUR",
        caused_by=CausedBy.SUPPLIER,
    )  # fmt: skip
    action = CorrectiveAction(
        supplier_id=of.id, title=f"{canary} title", problem=canary, severity="minor",
        issued_at=NOW - timedelta(days=1), opened_by=canary,
    )  # fmt: skip
    note = DebitNote(supplier_id=of.id, currency="EUR", text=canary, made_by=canary)
    criterion = ManualCriterion(name=f"Audit {canary[-1]}", short="0 to 100")
    session.add_all([charged, action, note, criterion])
    session.flush()
    session.add_all(
        [
            DebitItem(note_id=note.id, disruption_id=charged.id, amount=Decimal(10)),
            AgreedDue(
                action_id=action.id, step="D6", due_at=NOW + timedelta(days=9), agreed_at=NOW,
                agreed_by=canary, reason=f"{canary} reason",
            ),
            StepAnswer(
                action_id=action.id, step="D1", said=canary, answered_at=NOW, entered_by=canary,
            ),
            ManualScore(
                criterion_id=criterion.id, supplier_id=of.id, value=50, period_from=FIRST_DUE,
                period_to=UNTIL, expires_on=date(2027, 1, 1), evidence=f"{canary} evidence",
                scored_by=canary,
                scored_at=NOW,
            ),
        ]
    )  # fmt: skip


def _feared(session: Session, canary: str) -> None:
    """Add an FMEA register with one rated row."""
    said = registers.RegisterSaid(Subject.SUPPLIER, f"{canary} register", supplier=canary)
    register = registers.open_register(session, said)
    cause = CauseSaid(Line(f"{canary} cause"), detection=(Line(f"{canary} control"),))
    effects = (Line(f"{canary} effect"),)
    mode = add_mode(
        session, register.id, ModeSaid(f"{canary} mode", effects=effects, causes=(cause,))
    )
    sheet = mode_sheets(session, [mode])[0]
    row = sheet.rows[0]
    rate(session, row.cause, Given({sheet.effects[0].id: 4}, 5, {row.detection[0].id: 6}))


def _screened(session: Session, canary: str, of: Supplier) -> None:
    """Add a screening of the supplier, a match and a decision on it; lists are the house's."""
    version = 1 + len(session.scalars(select(ScreeningSetting.id)).all())
    held = ScreeningList(
        source=f"walk-{version}", layout="generic", edition=FIRST_DUE, file_name="walk.csv",
        file_sha256="0" * 64, state="in_force", entries=1, counts={}, changes={"unread": []},
        loaded_by="walker", loaded_at=NOW,
    )  # fmt: skip
    held.counts = {"entity": 1, "individual": 0, "vessel": 0, "aircraft": 0}
    run = ScreeningRun(
        at=NOW, because="list", by="walker", basis=[], basis_digest="0" * 64, setting_version=0,
        threshold=85,
    )  # fmt: skip
    setting = ScreeningSetting(
        version=version, threshold=85, kinds=["entity"], stale_days=30, reason=REASON,
        state="refused", decided_by="walker", decided_at=NOW,
    )  # fmt: skip
    session.add_all([held, run, setting])
    session.flush()
    match = ScreeningMatch(
        supplier_id=of.id, source=held.source, entry_key="1", score=90, own_name=of.name,
        own_kind="name", listed_name=f"{canary} listed", is_alias=False, reason=canary,
        entry_kind="entity", countries=[], entry_digest="0" * 64, list_id=held.id,
        run_id=run.id, first_found_at=NOW,
    )  # fmt: skip
    entry = ScreeningEntry(
        list_id=held.id, entry_key="1", kind="entity", name="Walkers", aliases=[], countries=[],
        digest="0" * 64,
    )  # fmt: skip
    screening = SupplierScreening(
        supplier_id=of.id, run_id=run.id, at=NOW, names=[["name", of.name]],
        names_digest="0" * 64, basis_digest="0" * 64, matches=1,
    )  # fmt: skip
    session.add_all([match, entry, screening])
    session.flush()
    session.add(
        ScreeningDecision(
            match_id=match.id, verdict="confirm", state="refused", reason=f"{canary} reason",
            score=90, own_name=of.name, listed_name=canary, edition=FIRST_DUE, decided_by=canary,
            decided_at=NOW,
        )
    )  # fmt: skip


def _summary() -> dict[str, Any]:
    return {"header": ["name"], "mapping": written(mapping_named("mainstay-deliveries"))}


def _machinery(session: Session, canary: str, owner: int) -> None:
    """Add an import and a run that somebody asked for, with all that hangs on them."""
    batch = SourceBatch(
        kind="deliveries", file_name=f"{canary}.csv", file_sha256="0" * 64, fingerprint=canary,
        mapping_name="mainstay-deliveries", mapping_version="1", state=BatchState.PUBLISHED,
        rows_read=2, rows_aside=1, summary=_summary(), staged_by=canary,
        staged_by_id=owner, published_by=canary, published_at=NOW, latest_fact_on=UNTIL,
    )  # fmt: skip
    session.add(batch)
    session.flush()
    supplier = session.scalars(select(Supplier.id).where(Supplier.number == canary)).one()
    session.add_all(
        [
            BatchProblem(
                batch_id=batch.id, row_no=2, column="name", value=canary, code="E-IMP-10",
                message=f"Row 2, 'name': {canary}",
            ),
            QuarantinedRow(batch_id=batch.id, row_no=2, cells=[canary]),
            BeforeImage(
                batch_id=batch.id, table_name="supplier", row_id=supplier, before={"name": canary},
                at=NOW,
            ),
            StagedFile(batch_id=batch.id, content=canary.encode()),
            *_restating(session, canary, supplier),
        ]
    )  # fmt: skip
    run = JobRun(
        job="packs", period_key=canary, scope_key=f"{canary}, scorecard", state=RunState.PARTIAL,
        arguments={"supplier_ids": [supplier]}, requested_by=canary, actor_id=owner,
        queued_at=NOW, finished_at=NOW, error=f"{canary} failed", result={"summary": canary},
    )  # fmt: skip
    session.add(run)
    session.flush()
    session.add(JobItem(run_id=run.id, item=canary, error=canary, failed_at=NOW))
    alert = session.scalars(select(Alert.id).where(Alert.rule_key == canary)).one()
    session.add_all(
        [
            AlertFeedback(alert_id=alert, user_id=owner, verdict="useful", at=NOW),
            Escalation(
                alert_id=alert, place=1, title=canary, user_id=owner, at=NOW, is_told=False,
                why=canary,
            ),
        ]
    )  # fmt: skip


def _restating(session: Session, canary: str, supplier_id: int) -> Iterator[Any]:
    """Yield what a recompute leaves for the next one, and for the next card."""
    yield TouchedMonth(supplier_id=supplier_id, month=month_index(UNTIL), cause="facts", at=NOW)
    card = select(ScorecardSnapshot).where(ScorecardSnapshot.supplier_id == supplier_id)
    of = session.scalars(card.order_by(ScorecardSnapshot.id).limit(1)).one()
    method_id = session.scalars(select(IndexMethod.id).limit(1)).one()
    yield RiskRange(
        supplier_id=supplier_id, period_end=UNTIL, method_id=method_id, input_digest="0" * 64,
        low=10.0, high=20.0, rank_low=1, rank_high=2, ranked=2, bands=[1.0, 0.0, 0.0, 0.0],
        draws=2000, seed=1, generator=canary, drawn_at=NOW,
    )  # fmt: skip
    yield PriorPeriodLine(
        supplier_id=supplier_id, snapshot_id=of.id, period_kind=of.period_kind,
        period_end=of.period_end, carried_to=UNTIL, because=f"{canary} file", input_digest="0" * 64,
        noted_at=NOW,
    )  # fmt: skip
    yield ProposedRestatement(
        supplier_id=supplier_id, snapshot_id=of.id, period_kind=of.period_kind,
        period_end=of.period_end, carried_to=UNTIL, because=f"{canary} file", input_digest="1" * 64,
        card={}, proposed_at=NOW,
    )  # fmt: skip


def _people(session: Session) -> dict[str, int]:
    a, b = (
        session.execute(
            select(Supplier.id, Category.parent_id)
            .join(Category, Category.id == Supplier.category_id)
            .where(Supplier.number == canary)
        ).one()
        for canary in (CANARY_A, CANARY_B)
    )
    scopes = {
        "administrator": (Role.ADMINISTRATOR, Scope()),
        "risk_manager": (Role.RISK_MANAGER, Scope()),
        # The category above: a scope includes what is below.
        "buyer_in": (Role.BUYER, Scope(category_id=a[1])),
        "buyer_out": (Role.BUYER, Scope(category_id=b[1])),
        "auditor": (Role.AUDITOR, Scope()),
        "approver": (Role.APPROVER, Scope()),
        "contact_a": (Role.SUPPLIER_CONTACT, Scope(supplier_id=a[0])),
        "contact_b": (Role.SUPPLIER_CONTACT, Scope(supplier_id=b[0])),
    }
    return {name: _person(session, name, *scopes[name]) for name in PEOPLE}


def _person(session: Session, name: str, role: Role, scope: Scope) -> int:
    is_contact = role is Role.SUPPLIER_CONTACT
    user = User(
        email=email(name),
        name=name,
        kind=AccountKind.SUPPLIER if is_contact else AccountKind.INTERNAL,
        uniquifier=uuid.uuid4().hex,
        # These sign in by one-time links: nobody knows the password behind this hash.
        password_hash=PASSWORD_HASH,
        password_set_at=clock.now(),
    )
    session.add(user)
    session.flush()
    grants.grant(session, user_id=user.id, role=role, reason=REASON, scope=scope)
    return user.id


def bound(url: str) -> Iterator[Database]:
    """Bind a database to this process for the length of a fixture."""
    database = Database(url, pool_size=2)
    db.bind(database)
    yield database
    db.bind(None)
    database.dispose()


__all__ = ["CANARY_A", "CANARY_B", "PEOPLE", "World", "furnish", "worlds"]
