"""Contracts of the demo company: one that nears its notice date, one that renewed itself unseen,
one without any duty in it, and seven more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from app.calc.contract_dates import NoticeKind
from app.calc.damages import CapBase, DamagesMode, GraceKind
from app.faces.demo.continuity import LAPSED
from app.faces.demo.rows import Rows
from app.faces.demo.scripts import BAD_LOT, CALLED_OFF, DRIFT, FEW_UNITS, FRAGILE
from app.judgement.continuity.models import RecoveryDuty
from app.judgement.contracts.models import (
    ClauseKind,
    Contract,
    ContractClause,
    ContractEvent,
    ContractKind,
    ContractObligation,
    ContractStatus,
    ContractTerms,
    Direction,
    EventKind,
    ObligationWindow,
    Presence,
    TermsState,
)
from app.judgement.contracts.money_models import (
    DamagesSchedule,
    GainShare,
    ImprovementClause,
    Incentive,
    IncentiveKind,
    ServiceCreditBand,
)
from app.judgement.contracts.recovery import label_of

MAGNETS, BOARDS, BLOCKED, ENDED = "V-10163", "V-10295", "V-10533", "V-10574"
OURS, BUYER, LEAD, MANAGER = "Adler Pumps SE", "A. Lindqvist", "K. Brandt", "S. Oyelaran"
AT_LEAST, AT_MOST = Direction.AT_LEAST, Direction.AT_MOST
ALL = tuple(ClauseKind)
DUTIES = (
    ClauseKind.FORCE_MAJEURE, ClauseKind.PENALTIES, ClauseKind.GUARANTEES, ClauseKind.CONTINUITY,
    ClauseKind.AUDIT_RIGHT, ClauseKind.CAPACITY,
)  # fmt: skip


def _d(day: str) -> date:
    return date.fromisoformat(day)


def _n(figure: str) -> Decimal:
    return Decimal(figure)


@dataclass(frozen=True, slots=True)
class Story:
    """A contract with its terms, newest version last; a version is the head's changes."""

    number: str
    supplier: str
    their_party: str
    title: str
    kind: ContractKind
    currency: str
    value: str | None
    starts_on: date
    ends_on: date
    ours: int | None
    theirs: int | None
    auto_renew: bool = False
    renewal_months: int | None = None
    notice_kind: NoticeKind = NoticeKind.CALENDAR
    is_critical: bool = False
    status: ContractStatus = ContractStatus.ACTIVE
    ended_on: date | None = None
    because: str | None = None
    # The clauses that it has, with page and words; all others were looked for and are not there.
    clauses: Mapping[ClauseKind, tuple[int, str]] = field(default_factory=dict)
    looked: tuple[ClauseKind, ...] = ALL
    obligations: tuple[Mapping[str, Any], ...] = ()  # Any: columns' values
    bands: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    money: tuple[tuple[Any, Mapping[str, Any]], ...] = ()  # Any: as above
    events: tuple[tuple[EventKind, date, date | None, str], ...] = ()
    # Within how many days they have to be back, by the continuity duty.
    recovery_days: int | None = None
    # Days on which a further version of the same terms came into force, and why.
    amended: tuple[tuple[date, str], ...] = ()
    note: str | None = None


def _promise(measure: str, side: Direction, target: str, **more: Any) -> Mapping[str, Any]:
    return {"measure": measure, "direction": side, "target": _n(target), **more}


STORIES = (
    Story(
        "RV-2024-017", DRIFT, "Kestrel Castings GmbH", "Framework agreement, volute housings",
        ContractKind.FRAMEWORK, "EUR", "840000", _d("2024-01-01"), _d("2026-12-31"), 90, 180,
        auto_renew=True, renewal_months=12,
        clauses={
            ClauseKind.FORCE_MAJEURE: (7, "Notice within 5 days, long stop after 90."),
            ClauseKind.PENALTIES: (5, "0.5 % per week or part of it, at most 5 %."),
            ClauseKind.GUARANTEES: (4, "OTIF and reject rate, annex 2."),
            ClauseKind.PRICE_INDEXATION: (9, "Scrap steel, quarterly."),
            ClauseKind.TERMINATION: (11, "By registered letter."),
        },
        obligations=(
            _promise("otif_line", AT_LEAST, "0.95", min_n=20),
            _promise("ppm", AT_MOST, "500", min_n=1000),
        ),
        bands={"otif_line": (("0.95", "0"), ("0.9", "1"), ("0", "2.5"))},
        money=(
            (DamagesSchedule, {
                "mode": DamagesMode.PER_WEEK_OR_PART_PERCENT, "rate": _n("0.5"), "grace_days": 3,
                "cap_percent": _n("5"),
            }),
            (ImprovementClause, {
                "measure": "ppm", "base_from": _d("2024-01-01"), "base_to": _d("2024-12-31"),
                "min_n": 10000, "yearly_rate": _n("20"),
            }),
        ),
        events=(
            (EventKind.ROLLED_OVER, _d("2026-10-03"), _d("2026-12-31"),
             "The notice deadline of 2 Oct 2026 passed and nobody had decided; it renews itself "
             "after 31 Dec 2026."),
        ),
    ),
    Story(
        "RV-2025-003", MAGNETS, "Ningbo Xinghe Magnetics Co., Ltd", "Magnets, capacity reserved",
        ContractKind.FRAMEWORK, "USD", "1450000", _d("2025-03-01"), _d("2027-02-28"), 90, 90,
        auto_renew=True, renewal_months=12, is_critical=True,
        clauses={
            ClauseKind.FORCE_MAJEURE: (6, "A refused export licence is none."),
            ClauseKind.PENALTIES: (5, "0.15 % per day, at most 10 %."),
            ClauseKind.CONTINUITY: (8, "Plan to be shown each March."),
            ClauseKind.AUDIT_RIGHT: (8, "Once a year, 14 days ahead."),
            ClauseKind.CAPACITY: (3, "Two furnaces, 40 t a month."),
            ClauseKind.HEDGING: (9, "Half of the neodymium bought forward, six months."),
            ClauseKind.TERMINATION: (12, "By courier to both addresses."),
        },
        obligations=(
            _promise("otif_line", AT_LEAST, "0.92", min_n=10),
            _promise("ack_hours", AT_MOST, "48", window_kind=ObligationWindow.MONTH),
        ),
        money=(
            (DamagesSchedule, {
                "mode": DamagesMode.PER_DAY_PERCENT, "rate": _n("0.15"), "grace_days": 5,
                "cap_percent": _n("10"), "cap_base": CapBase.CONTRACT,
            }),
        ),
    ),
    Story(
        "LP-2025-021", CALLED_OFF, "Schrauben Siegerland GmbH", "Scheduling agreement, fasteners",
        ContractKind.SCHEDULING, "EUR", "96000", _d("2025-07-01"), _d("2027-06-30"), 60, 60,
        renewal_months=24, notice_kind=NoticeKind.ROLLED_BACK,
        clauses={
            ClauseKind.FORCE_MAJEURE: (4, ""), ClauseKind.PENALTIES: (3, "A fixed sum per day."),
            ClauseKind.CONSIGNMENT: (2, "Four weeks in our yard."),
            ClauseKind.PAYMENT: (5, "14 days while OTIF is above 97 %, else 45."),
        },
        obligations=(_promise("otif_line", AT_LEAST, "0.97", window_kind=ObligationWindow.MONTH),),
        money=(
            (DamagesSchedule, {
                "mode": DamagesMode.FIXED_PER_DAY, "amount": _n("150"), "rate": None,
                "cap_percent": _n("10"),
            }),
            (Incentive, {
                "kind": IncentiveKind.PAYMENT, "label": "Prompt payment", "measure": "otif_line",
                "direction": AT_LEAST, "threshold": _n("0.97"), "payment_days": 14,
                "window_kind": ObligationWindow.MONTH,
            }),
        ),
    ),
    Story(
        "EK-2023-044", BAD_LOT, "Baltic Fasteners UAB", "Purchase of standard fasteners",
        ContractKind.PURCHASE, "EUR", "52000", _d("2023-04-01"), _d("2027-03-31"), None, None,
        clauses={ClauseKind.TERMINATION: (2, "By either side.")},
        note="Our terms of purchase were never countersigned; theirs say nothing on delivery.",
    ),
    Story(
        "PV-2024-002", FRAGILE, "Jura Précision SA", "Partnership, shafts and couplings",
        ContractKind.PARTNERSHIP, "CHF", "620000", _d("2024-07-01"), _d("2027-06-30"), 180, 180,
        auto_renew=True, renewal_months=36,
        clauses={
            ClauseKind.FORCE_MAJEURE: (6, ""), ClauseKind.GUARANTEES: (4, "OTIF, annex A."),
            ClauseKind.CONTINUITY: (7, "Second site within 12 months."),
            ClauseKind.AUDIT_RIGHT: (7, ""), ClauseKind.PAYMENT: (5, "30 days, 10 with bonus."),
        },
        obligations=(
            _promise("otif_line", AT_LEAST, "0.97", window_kind=ObligationWindow.ROLLING_YEAR),
        ),
        money=(
            (Incentive, {
                "kind": IncentiveKind.BONUS, "label": "On time all year", "measure": "otif_line",
                "direction": AT_LEAST, "threshold": _n("0.99"), "percent": _n("1"), "min_n": 50,
                "window_kind": ObligationWindow.YEAR,
                "gate_measure": "ppm", "gate_direction": AT_MOST, "gate_value": _n("50"),
            }),
            (GainShare, {
                "label": "Shaft redesign", "share": _n("40"), "baseline": _n("210000"),
                "baseline_from": _d("2025-01-01"), "baseline_to": _d("2025-12-31"),
            }),
        ),
        amended=((_d("2026-01-01"), "Shaft redesign: savings are shared from 2026 on."),),
    ),
    Story(
        "SLA-2025-008", BOARDS, "Shenzhen Weiguang Electronics Co., Ltd", "Service levels, boards",
        ContractKind.SERVICE_LEVEL, "USD", None, _d("2025-01-01"), _d("2027-12-31"), 30, 60,
        notice_kind=NoticeKind.BUSINESS,
        clauses={ClauseKind.PENALTIES: (2, ""), ClauseKind.GUARANTEES: (1, "Three measures.")},
        looked=(ClauseKind.PENALTIES, ClauseKind.GUARANTEES, ClauseKind.CAPACITY),
        obligations=(
            _promise("otif_line", AT_LEAST, "0.9", min_n=10),
            _promise("ppm", AT_MOST, "250", min_n=1000),
            _promise("lt_mean", AT_MOST, "75", window_kind=ObligationWindow.YEAR),
        ),
        bands={"otif_line": (("0.9", "0"), ("0.8", "1.5"), ("0", "4"))},
    ),
    Story(
        "RV-2023-031", BLOCKED, "Jalandhar Drop Forge Ltd", "Framework agreement, forgings",
        ContractKind.FRAMEWORK, "USD", "180000", _d("2023-01-01"), _d("2026-12-31"), 90, 90,
        auto_renew=True, renewal_months=12,
        clauses={ClauseKind.FORCE_MAJEURE: (5, ""), ClauseKind.TERMINATION: (9, "")},
        obligations=(_promise("ppm", AT_MOST, "800", min_n=1000),),
        events=(
            (EventKind.NOTICE_GIVEN, _d("2026-09-21"), _d("2026-12-31"),
             "Cracked forgings in August; notice by courier, receipt of 21 September."),
        ),
    ),
    Story(
        "RV-2022-009", ENDED, "Ganzhou Ruifeng Magnet Co., Ltd", "Segment magnets, trial year",
        ContractKind.PURCHASE, "USD", "75000", _d("2025-01-01"), _d("2025-12-31"), 60, 60,
        status=ContractStatus.ENDED, ended_on=_d("2025-12-31"),
        because="It ran out on 31 Dec 2025.",
        clauses={ClauseKind.TERMINATION: (3, "")},
        events=((EventKind.ENDED, _d("2025-12-31"), None, "It ran out on 31 Dec 2025."),),
    ),
    Story(
        "RV-2024-026", LAPSED, "Forja Ibaiondo S.A.", "Frame contract 2024, forgings",
        ContractKind.FRAMEWORK, "EUR", "390000", _d("2024-06-01"), _d("2028-05-31"), 90, 90,
        clauses={
            ClauseKind.FORCE_MAJEURE: (6, ""), ClauseKind.CONTINUITY: (8, "To be exercised."),
            ClauseKind.AUDIT_RIGHT: (9, ""), ClauseKind.TERMINATION: (12, ""),
        },
        recovery_days=20,
    ),
    Story(
        "RV-2026-012", FEW_UNITS, "Steirische Gesenkschmiede GmbH", "Framework agreement, forgings",
        ContractKind.FRAMEWORK, "EUR", "310000", _d("2027-01-01"), _d("2028-12-31"), 90, 180,
        auto_renew=True, renewal_months=12, status=ContractStatus.DRAFT,
        looked=(),
        obligations=(_promise("otif_line", AT_LEAST, "0.96", min_n=10),),
    ),
)  # fmt: skip


def add_contracts(rows: Rows, suppliers: Mapping[str, int]) -> None:
    """Add the contracts with their terms, and what happened to them."""
    for story in STORIES:
        versions = 1 + len(story.amended)
        contract_id = rows.add(
            Contract, public_id=_key(story.number), supplier_id=suppliers[story.supplier],
            number=story.number, status=story.status, status_because=story.because,
            sequence=versions, ended_on=story.ended_on, version=versions,
        )["id"]  # fmt: skip
        is_draft = story.status is ContractStatus.DRAFT
        begun = [story.starts_on, *(day for day, _ in story.amended)]
        reasons = [None, *(reason for _, reason in story.amended)]
        for place, (from_on, reason) in enumerate(zip(begun, reasons, strict=True), 1):
            is_newest = place == versions
            state = TermsState.IN_FORCE if is_newest else TermsState.SUPERSEDED
            terms_id = _add_terms(
                rows, story, contract_id, place, from_on,
                state=TermsState.DRAFT if is_draft else state, reason=reason,
            )  # fmt: skip
            _add_lines(rows, story, terms_id, has_gains=is_newest)
            if not is_draft:
                _add_event(
                    rows, contract_id, EventKind.APPROVED, _decided(from_on).date(), None,
                    f"Version {place} of the terms was approved.", key=str(place),
                )  # fmt: skip
        for kind, on, ends_on, said in story.events:
            _add_event(rows, contract_id, kind, on, ends_on, said)
        if story.recovery_days is not None:
            rows.add(
                RecoveryDuty, supplier_id=suppliers[story.supplier],
                label=label_of(story.number, versions), rto_days=story.recovery_days,
                from_on=begun[-1], until_on=story.ends_on,
            )  # fmt: skip


def _add_terms(
    rows: Rows, story: Story, contract_id: int, place: int, from_on: date, *,
    state: TermsState, reason: str | None,
) -> int:  # fmt: skip
    is_decided = state is not TermsState.DRAFT
    made_at = _decided(from_on) if is_decided else datetime(2026, 10, 26, 9, tzinfo=UTC)
    key: int = rows.add(
        ContractTerms, public_id=_key(f"{story.number} {place}"), contract_id=contract_id,
        sequence=place, state=state, from_on=from_on, title=story.title, kind=story.kind,
        our_party=OURS, their_party=story.their_party,
        value=None if story.value is None else _n(story.value), currency=story.currency,
        starts_on=story.starts_on, ends_on=story.ends_on, auto_renew=story.auto_renew,
        renewal_months=story.renewal_months, our_notice_days=story.ours,
        their_notice_days=story.theirs, notice_kind=story.notice_kind, calendar_id=None,
        notice_method="Registered letter or courier" if story.ours else None,
        governing_law="German law, without the CISG" if story.ours else None,
        is_critical=story.is_critical, payment_days=30 if story.ours else None,
        volume_commitment=None, note=story.note, reason=reason, made_by=BUYER, made_by_id=None,
        made_at=made_at, content_hash=None, decided_by=LEAD if is_decided else None,
        decided_at=made_at if is_decided else None,
        decided_because="Read against the signed paper." if is_decided else None, version=1,
    )["id"]  # fmt: skip
    for kind in story.looked:
        page, words = story.clauses.get(kind, (None, ""))
        rows.add(
            ContractClause, terms_id=key, kind=kind,
            presence=Presence.YES if kind in story.clauses else Presence.NO, note=words or None,
            page=page,
            recovery_days=story.recovery_days if kind is ClauseKind.CONTINUITY else None,
        )  # fmt: skip
    return key


def _add_lines(rows: Rows, story: Story, terms_id: int, *, has_gains: bool) -> None:
    days = {"valid_from": None, "valid_to": None}
    for promise in story.obligations:
        values: dict[str, Any] = {
            "rule_label": None, "rule_version": None, "window_kind": ObligationWindow.QUARTER,
            "min_n": 1, "excludes_force_majeure": True, "excludes_buyer_caused": True,
            "excludes_disputed": True, "exclusions": None, "note": None, **days, **promise,
        }  # fmt: skip
        measure = values["measure"]
        key = rows.add(
            ContractObligation, public_id=_key(f"{story.number} {terms_id} {measure}"),
            terms_id=terms_id, **values,
        )["id"]  # fmt: skip
        for floor, percent in story.bands.get(measure, ()):
            rows.add(ServiceCreditBand, obligation_id=key, floor=_n(floor), percent=_n(percent))
    for place, (model, said) in enumerate(story.money):
        if model is GainShare and not has_gains:
            continue
        rows.add(
            model, public_id=_key(f"{story.number} {terms_id} money {place}"),
            terms_id=terms_id, **(_DEFAULTS[model] | days | dict(said)),
        )  # fmt: skip


# Any: mapped classes and columns' values.
_DEFAULTS: Mapping[Any, dict[str, Any]] = {
    DamagesSchedule: {
        "amount": None, "grace_days": 0, "grace_kind": GraceKind.FREE,
        "cap_base": CapBase.DELAYED_PORTION, "is_cumulative": False, "note": None,
    },
    Incentive: {
        "percent": None, "amount": None, "extension_months": None, "payment_days": None,
        "cap_percent": None, "gate_measure": None, "gate_direction": None, "gate_value": None,
        "min_n": 1,
    },
    GainShare: {"note": None},
    ImprovementClause: {"base_value": None, "base_n": None, "is_pro_rata": True},
}  # fmt: skip


def _add_event(
    rows: Rows, contract_id: int, kind: EventKind, on: date, ends_on: date | None, said: str, *,
    key: str | None = None,
) -> None:  # fmt: skip
    is_judged = kind in (EventKind.ROLLED_OVER, EventKind.ENDED)
    rows.add(
        ContractEvent, contract_id=contract_id, kind=kind,
        key=key or (ends_on or on).isoformat(), happened_on=on, ends_on=ends_on, said=said,
        said_by=LEAD if kind is EventKind.APPROVED else "the timetable" if is_judged else MANAGER,
        said_at=datetime(on.year, on.month, on.day, 7, tzinfo=UTC),
    )  # fmt: skip


def _decided(from_on: date) -> datetime:
    """Return when a version was approved: three weeks before it holds."""
    day = date.fromordinal(from_on.toordinal() - 21)
    return datetime(day.year, day.month, day.day, 9, tzinfo=UTC)


def _key(words: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"mainstay:demo:contracts:{words}")
