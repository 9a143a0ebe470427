"""Takes the demo company out again: its rows and what was made of them, children first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select
from sqlalchemy.orm import Session

from app.faces.demo import (
    continuity,
    contract_money_removal,
    contract_removal,
    incidents,
    risk_removal,
)
from app.facts.deliveries import models as deliveries
from app.facts.deliveries.agreements.models import (
    AgreementReceipt,
    CallOff,
    Release,
    SchedulingAgreement,
)
from app.facts.deliveries.disputes.models import Dispute, DisputeRuling, LineRuling
from app.facts.deliveries.disruptions.models import DebitItem, DebitNote
from app.facts.deliveries.expediting.models import StockLevel
from app.facts.deliveries.models import ScheduleLine
from app.facts.deliveries.rollup_models import (
    LineVerdict,
    MonthlyEventRollup,
    MonthlyHistogram,
    MonthlyOrderRollup,
    MonthlyRollup,
    PartMonthlyRollup,
)
from app.facts.deliveries.rules.models import DeliveryRule
from app.facts.deliveries.touched_models import TouchedMonth
from app.facts.evidence import models as evidence
from app.facts.evidence.backup_suppliers.models import BackupSupplier
from app.facts.evidence.events.models import DisruptionEvent
from app.facts.evidence.finance.models import FinancialProxy
from app.facts.evidence.screening import models as screening
from app.facts.evidence.sub_tier.models import UpstreamSpelling
from app.facts.suppliers import models as suppliers
from app.facts.suppliers.contact_models import Contact
from app.facts.suppliers.models import Supplier
from app.facts.suppliers.standings import models as standings
from app.judgement.alerts.models import Alert, AlertRule, AlertWatch
from app.judgement.continuity.incidents.models import IncidentLink, IncidentPart
from app.judgement.continuity.models import ContinuityPlan
from app.judgement.corrective.models import AgreedDue, CorrectiveAction, StepAnswer
from app.judgement.fmea.models import (
    FmeaCause,
    FmeaControl,
    FmeaEffect,
    FmeaMode,
    FmeaRating,
    FmeaRegister,
)
from app.judgement.fmea.standard_models import FmeaMatrix, FmeaScale
from app.judgement.risk_index.models import IndexOverride, RiskRange, RiskSnapshot
from app.judgement.scorecards.closed.models import ProposedRestatement
from app.judgement.scorecards.custom.models import CustomMeasure
from app.judgement.scorecards.manual.models import ManualCriterion, ManualScore
from app.judgement.scorecards.models import PriorPeriodLine, ScorecardSnapshot
from app.platform.accounts.grant_models import RoleGrant
from app.platform.approvals.models import Approval, ApprovalDecision
from app.platform.records.models import Attachment
from app.platform.sources.models import BeforeImage, SourceBatch
from app.reviews.packs.models import Pack

DEMO = select(Supplier.id).where(Supplier.is_demo)
LINES = select(ScheduleLine.id).where(ScheduleLine.supplier_id.in_(DEMO))
ACTIONS = select(CorrectiveAction.id).where(CorrectiveAction.supplier_id.in_(DEMO))
LISTED = select(screening.ScreeningList.id).where(screening.ScreeningList.batch_id.is_not(None))
MATCHES = select(screening.ScreeningMatch.id).where(
    screening.ScreeningMatch.supplier_id.in_(DEMO) | screening.ScreeningMatch.list_id.in_(LISTED)
)
NOTES = select(DebitNote.id).where(DebitNote.supplier_id.in_(DEMO))
# What belongs to a line of the demo company, and what to one of its suppliers.
OF_LINES: tuple[Any, ...] = (  # Any: mapped classes
    CallOff,
    LineRuling,
    deliveries.MissAttribution,
    deliveries.PromiseChange,
    deliveries.Receipt,
)
OF_SUPPLIERS: tuple[Any, ...] = (  # Any: mapped classes
    Pack,
    Approval,
    # Their bytes are collected by housekeeping, like every file without a row.
    Attachment,
    RoleGrant,
    PriorPeriodLine,
    ProposedRestatement,
    ScorecardSnapshot,
    RiskRange,
    IndexOverride,
    RiskSnapshot,
    TouchedMonth,
    Dispute,
    # All that verdicts and sums of these suppliers hold is the demo's: they go whole,
    # where a delta would take every line back one by one.
    LineVerdict,
    MonthlyRollup,
    MonthlyHistogram,
    PartMonthlyRollup,
    MonthlyOrderRollup,
    MonthlyEventRollup,
    CorrectiveAction,
    DebitNote,
    ManualScore,
    deliveries.Disruption,
    deliveries.Acknowledgement,
    deliveries.InvoiceLine,
    deliveries.ContractPrice,
    deliveries.InspectionLot,
    DeliveryRule,
    evidence.FinancialStatement,
    FinancialProxy,
    evidence.SubTierLink,
    suppliers.ApprovedSource,
    suppliers.SupplierAlias,
    Contact,
    SchedulingAgreement,
    standings.OrderException,
    standings.SupplierStanding,
    Alert,
    AlertWatch,
    AlertRule,
    DisruptionEvent,
    screening.ScreeningMatch,
    screening.SupplierScreening,
)
# What hangs on an agreement of one of its suppliers.
OF_AGREEMENTS: tuple[Any, ...] = (Release, AgreementReceipt)  # Any: mapped classes
# Master rows that real users may have come to use: they stay where somebody does.
USES: dict[Any, tuple[Any, ...]] = {  # Any: mapped classes and their columns
    suppliers.Part: (
        ScheduleLine.part_id,
        suppliers.ApprovedSource.part_id,
        deliveries.ContractPrice.part_id,
        deliveries.InspectionLot.part_id,
        deliveries.InvoiceLine.part_id,
        evidence.SubTierLink.part_id,
        DeliveryRule.part_id,
        SchedulingAgreement.part_id,
        StockLevel.part_id,
        CorrectiveAction.part_id,
        FmeaMode.part_id,
        IncidentPart.part_id,
        BackupSupplier.part_id,
    ),
    suppliers.Site: (
        ScheduleLine.site_id,
        suppliers.ApprovedSource.site_id,
        deliveries.Disruption.site_id,
        RoleGrant.site_id,
        SchedulingAgreement.site_id,
        StockLevel.site_id,
        FmeaRegister.site_id,
        ContinuityPlan.site_id,
        DisruptionEvent.site_id,
    ),
    suppliers.Category: (
        Supplier.category_id,
        suppliers.Part.category_id,
        RoleGrant.category_id,
        ScheduleLine.category_id,
        DeliveryRule.category_id,
        FmeaRegister.category_id,
        ContinuityPlan.category_id,
        AlertRule.category_id,
    ),
    ManualCriterion: (ManualScore.criterion_id,),
    **risk_removal.USES,
    CustomMeasure: (),
    UpstreamSpelling: (),
    AlertRule: (Alert.rule_id,),
    DisruptionEvent: (IncidentLink.event_id,),
}


@dataclass(frozen=True, slots=True)
class RemovalResult:
    """What was taken out: rows in all, suppliers, and the packs whose files can go."""

    rows: int
    suppliers: int
    packs: tuple[UUID, ...]


def take_out(session: Session, batch_id: int) -> RemovalResult:
    """Delete the demo company; nothing of anybody else is touched."""
    packs = tuple(session.scalars(select(Pack.public_id).where(Pack.supplier_id.in_(DEMO))))
    gone = session.scalar(select(func.count()).where(Supplier.is_demo)) or 0
    rows = 0
    for model, condition in deletions(batch_id):
        done = session.execute(
            delete(model).where(condition),
            execution_options={"synchronize_session": False},
        )
        rows += done.rowcount  # type: ignore[attr-defined] # a delete's result has it
    session.execute(delete(SourceBatch).where(SourceBatch.id == batch_id))
    return RemovalResult(rows, gone, packs)


def deletions(batch_id: int) -> Iterator[tuple[Any, ColumnElement[bool]]]:
    """Yield what to delete under which condition, children before parents."""
    yield from incidents.deletions(DEMO)
    for model in OF_LINES:
        yield model, model.line_id.in_(LINES)
    for model in (StepAnswer, AgreedDue):
        yield model, model.action_id.in_(ACTIONS)
    yield DebitItem, DebitItem.note_id.in_(NOTES)
    yield from risk_removal.deletions(DEMO, batch_id)
    yield from continuity.deletions(DEMO)
    yield from contract_money_removal.deletions(DEMO)
    yield from contract_removal.deletions(DEMO)
    disputed = select(Dispute.id).where(Dispute.supplier_id.in_(DEMO))
    yield DisputeRuling, DisputeRuling.dispute_id.in_(disputed)
    decided = select(Approval.id).where(Approval.supplier_id.in_(DEMO))
    yield ApprovalDecision, ApprovalDecision.approval_id.in_(decided)
    yield from _registers(batch_id)
    agreements = select(SchedulingAgreement.id).where(SchedulingAgreement.supplier_id.in_(DEMO))
    for model in OF_AGREEMENTS:
        yield model, model.agreement_id.in_(agreements)
    # Anybody's match with the demo's list goes with the list.
    yield screening.ScreeningDecision, screening.ScreeningDecision.match_id.in_(MATCHES)
    yield screening.ScreeningMatch, screening.ScreeningMatch.list_id.in_(LISTED)
    for model in OF_SUPPLIERS:
        yield model, model.supplier_id.in_(DEMO)
    yield screening.ScreeningRun, screening.ScreeningRun.batch_id == batch_id
    yield screening.ScreeningEntry, screening.ScreeningEntry.list_id.in_(LISTED)
    yield screening.ScreeningList, screening.ScreeningList.batch_id == batch_id
    yield ScheduleLine, ScheduleLine.supplier_id.in_(DEMO)
    yield deliveries.PurchaseOrder, deliveries.PurchaseOrder.supplier_id.in_(DEMO)
    yield StockLevel, StockLevel.batch_id == batch_id
    yield evidence.CountryIndicator, evidence.CountryIndicator.batch_id == batch_id
    yield suppliers.Site, suppliers.Site.supplier_id.in_(DEMO)
    yield Supplier, Supplier.is_demo.is_(True)
    for model, columns in USES.items():
        noted = select(BeforeImage.row_id).where(
            BeforeImage.batch_id == batch_id, BeforeImage.table_name == model.__tablename__
        )
        unused = [~exists().where(column == model.id) for column in columns]
        yield model, and_(model.id.in_(noted), *unused)
    yield BeforeImage, BeforeImage.batch_id == batch_id


def _registers(batch_id: int) -> Iterator[tuple[Any, ColumnElement[bool]]]:
    """Yield the FMEA registers that were loaded, or are about one of its suppliers."""
    model: Any  # a mapped class
    loaded = select(BeforeImage.row_id).where(
        BeforeImage.batch_id == batch_id, BeforeImage.table_name == FmeaRegister.__tablename__
    )
    own = or_(FmeaRegister.id.in_(loaded), FmeaRegister.supplier_id.in_(DEMO))
    modes = select(FmeaMode.id).where(FmeaMode.register_id.in_(select(FmeaRegister.id).where(own)))
    causes = select(FmeaCause.id).where(FmeaCause.mode_id.in_(modes))
    yield FmeaRating, FmeaRating.cause_id.in_(causes)
    yield FmeaControl, FmeaControl.cause_id.in_(causes)
    yield FmeaCause, FmeaCause.mode_id.in_(modes)
    yield FmeaEffect, FmeaEffect.mode_id.in_(modes)
    yield FmeaMode, FmeaMode.id.in_(modes)
    yield FmeaRegister, own
    # What is shipped is stored again by the first rating that needs it.
    for model, column in ((FmeaMatrix, FmeaRating.matrix_id), (FmeaScale, FmeaRating.scale_id)):
        yield model, and_(model.author.is_(None), ~exists().where(column == model.id))
