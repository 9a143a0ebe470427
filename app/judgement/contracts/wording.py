"""What contracts are called in words."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from app.base import formatting
from app.calc.contract_dates import NoticeKind
from app.calc.damages import CapBase, DamagesMode, GraceKind
from app.judgement.contracts.measured import Outcome
from app.judgement.contracts.measured import window_words as window_words
from app.judgement.contracts.models import (
    ClauseKind,
    ContractKind,
    ContractObligation,
    ContractStatus,
    ContractTerms,
    Direction,
    DocumentRole,
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
from app.judgement.contracts.queries import DUTIES as DUTIES
from app.judgement.contracts.queries import ContractRow
from app.judgement.scorecards.register import BY_ID, Unit
from app.judgement.scorecards.wording import interval_text as interval_text
from app.judgement.scorecards.wording import value_text as value_text

UNITS = {Unit.SHARE: "%", Unit.PPM: "ppm", Unit.DAYS: "days", Unit.HOURS: "hours"}
STATUS_WORDS = {
    ContractStatus.DRAFT: ("info", "draft"),
    ContractStatus.ACTIVE: ("good", "active"),
    ContractStatus.ENDED: ("none", "ended"),
    ContractStatus.TERMINATED: ("act", "terminated"),
}
STATE_WORDS = {
    TermsState.DRAFT: ("info", "draft"),
    TermsState.PROPOSED: ("info", "submitted"),
    TermsState.AGREED: ("info", "approved, not begun"),
    TermsState.IN_FORCE: ("good", "in force"),
    TermsState.SUPERSEDED: ("none", "superseded"),
    TermsState.REFUSED: ("act", "rejected"),
}
KIND_WORDS = {
    ContractKind.FRAMEWORK: "Framework agreement",
    ContractKind.PURCHASE: "Purchase contract",
    ContractKind.SERVICE_LEVEL: "Service level agreement",
    ContractKind.SCHEDULING: "Scheduling agreement",
    ContractKind.CONSIGNMENT: "Consignment",
    ContractKind.PARTNERSHIP: "Partnership",
    ContractKind.CONFIDENTIALITY: "Confidentiality",
    ContractKind.OTHER: "Other",
}
NOTICE_WORDS = {
    NoticeKind.CALENDAR: "calendar days",
    NoticeKind.ROLLED_BACK: "calendar days, back to a working day",
    NoticeKind.BUSINESS: "working days",
}
ROLE_WORDS = {
    DocumentRole.CONTRACT: "Signed contract",
    DocumentRole.AMENDMENT: "Amendment",
    DocumentRole.ANNEX: "Annex",
    DocumentRole.PRICE_LIST: "Price list",
    DocumentRole.NOTICE: "Notice",
    DocumentRole.OTHER: "Other",
}
CLAUSE_WORDS = {
    ClauseKind.FORCE_MAJEURE: "Force majeure",
    ClauseKind.PENALTIES: "Penalties for late or bad delivery",
    ClauseKind.GUARANTEES: "Guarantees of performance",
    ClauseKind.CONTINUITY: "Duty to keep a continuity plan",
    ClauseKind.AUDIT_RIGHT: "Right to audit",
    ClauseKind.CONSIGNMENT: "Consignment stock",
    ClauseKind.CAPACITY: "Capacity reserved",
    ClauseKind.PRICE_INDEXATION: "Price indexation",
    ClauseKind.HEDGING: "Hedging of prices or currency",
    ClauseKind.PAYMENT: "Payment terms tied to reliability",
    ClauseKind.TERMINATION: "Termination",
}
PRESENCE_WORDS = {
    Presence.YES: ("good", "yes"),
    Presence.NO: ("watch", "no"),
    Presence.UNKNOWN: ("none", "not looked"),
}
DIRECTION_WORDS = {Direction.AT_LEAST: "at least", Direction.AT_MOST: "at most"}
WINDOW_WORDS = {
    ObligationWindow.MONTH: "each month",
    ObligationWindow.QUARTER: "each quarter",
    ObligationWindow.YEAR: "each calendar year",
    ObligationWindow.ROLLING_YEAR: "rolling 12 months",
}
OUTCOME_WORDS = {
    Outcome.KEPT: ("good", "kept"),
    Outcome.MISSED: ("act", "missed"),
    Outcome.TOO_FEW: ("none", "too few to say"),
    Outcome.NO_DATA: ("none", "no data"),
}
EVENT_WORDS = {
    EventKind.APPROVED: ("good", "approved"),
    EventKind.NOTICE_GIVEN: ("watch", "we gave notice"),
    EventKind.NOTICE_RECEIVED: ("watch", "they gave notice"),
    EventKind.RENEWAL_WANTED: ("info", "renewal wanted"),
    EventKind.ROLLED_OVER: ("act", "renewal overlooked"),
    EventKind.ENDED: ("none", "ended"),
    EventKind.TERMINATED: ("act", "terminated"),
}
MODE_WORDS = {
    DamagesMode.PER_DAY_PERCENT: "percent per day",
    DamagesMode.PER_WEEK_OR_PART_PERCENT: "percent per week or part of it",
    DamagesMode.FIXED_PER_DAY: "a fixed sum per day",
}
GRACE_WORDS = {
    GraceKind.FREE: "days of grace stay free",
    GraceKind.THEN_FROM_DAY_ONE: "after the grace every day counts",
}
CAP_WORDS = {
    CapBase.DELAYED_PORTION: "of the delayed portion",
    CapBase.CONTRACT: "of the contract’s value",
    CapBase.YEAR: "of the contract’s value, each calendar year anew",
}
INCENTIVE_WORDS = {
    IncentiveKind.BONUS: "Bonus",
    IncentiveKind.VOLUME: "More volume",
    IncentiveKind.EXTENSION: "Longer contract",
    IncentiveKind.PAYMENT: "Earlier payment",
}


def days_left(day: date, as_of: date) -> str:
    """Return how far a day is (“in 12 days”, “today”, “3 days ago”)."""
    left = (day - as_of).days
    if left == 0:
        return "today"
    told = formatting.count(abs(left), "day")
    return f"in {told}" if left > 0 else f"{told} ago"


def badge_of_days(day: date, as_of: date) -> tuple[str, str]:
    """Return the badge of a day that somebody has to act by."""
    left = (day - as_of).days
    kind = "act" if left <= 30 else "watch" if left <= 90 else "none"
    return kind, days_left(day, as_of)


def notice_words(terms: ContractTerms, days: int | None) -> str:
    """Return a notice period (“90 calendar days”), or that it is not known."""
    if days is None:
        return "not known"
    return f"{formatting.number(days)} {NOTICE_WORDS[NoticeKind(terms.notice_kind)]}"


def no_notice_words(row: ContractRow) -> str:
    """Return why no day for our notice is shown."""
    if row.contract.status != ContractStatus.ACTIVE:
        return "not active"
    if row.terms.ends_on is None or row.terms.our_notice_days is None:
        return "not known"
    if row.terms.auto_renew:
        return "notice was given"
    return "passed"


def value_words(value: Decimal | None, currency: str) -> str:
    """Return a contract's value, or that it is not known."""
    return "not known" if value is None else formatting.money(value, currency)


def target_words(each: ContractObligation) -> str:
    """Return what was promised (“at least 95.0 %”)."""
    side = DIRECTION_WORDS[Direction(each.direction)]
    return f"{side} {value_text(each.measure, float(each.target))}"


def obligation_words(each: ContractObligation) -> str:
    """Return an obligation in one sentence, without its days."""
    window = WINDOW_WORDS[ObligationWindow(each.window_kind)]
    told = f"{measure_words(each.measure)} {target_words(each)}, {window}, from n = {each.min_n:,}"
    if each.rule_label is None:
        return told
    return f"{told}, by delivery rule {each.rule_label} v{each.rule_version}"


def measure_words(measure: str) -> str:
    """Return what a measure is called."""
    return BY_ID[measure].label


def entered_figure(measure: str, value: Decimal) -> Decimal:
    """Return a figure as people type it: a share in percent."""
    return value * 100 if BY_ID[measure].unit is Unit.SHARE else value


def stored_figure(measure: str, typed: Decimal) -> Decimal:
    """Return a typed figure in the unit of its measure: percent as a share."""
    if measure in BY_ID and BY_ID[measure].unit is Unit.SHARE:
        return round(typed / 100, 6)
    return typed


def line_words(row: object, currency: str) -> str:
    """Return one term about money in a sentence."""
    if isinstance(row, DamagesSchedule):
        return _damages_words(row, currency)
    if isinstance(row, Incentive):
        return _incentive_words(row, currency)
    if isinstance(row, GainShare):
        base = formatting.money(row.baseline, currency)
        return f"{row.label}: {_percent(row.share)} of the net savings to them, against {base}"
    if isinstance(row, ImprovementClause):
        pace = "pro rata" if row.is_pro_rata else "at each year’s end"
        return (
            f"{measure_words(row.measure)}: better by {_percent(row.yearly_rate)} a year, {pace}, "
            f"on the base of {formatting.day(row.base_from)} to {formatting.day(row.base_to)}"
        )
    if isinstance(row, ServiceCreditBand):
        return f"{_percent(row.percent)} of the period’s spend"
    raise TypeError(f"{type(row).__name__} is no term about money")


def _damages_words(row: DamagesSchedule, currency: str) -> str:
    if row.amount is not None:
        rate = f"{formatting.money(row.amount, currency)} per day"
    else:
        rate = f"{_figure(row.rate)} {MODE_WORDS[DamagesMode(row.mode)]}"
    told = [rate]
    if row.grace_days:
        grace = formatting.count(row.grace_days, "day")
        told.append(f"{grace} of grace, {GRACE_WORDS[GraceKind(row.grace_kind)]}")
    if row.cap_percent is None:
        told.append("no cap agreed")
    else:
        told.append(f"at most {_percent(row.cap_percent)} {CAP_WORDS[CapBase(row.cap_base)]}")
    if row.is_cumulative:
        told.append("beside service credits")
    return "; ".join(told)


def reward_words(row: Incentive, currency: str) -> str:
    """Return what an incentive gives (“1 % of the period’s spend”, “payment within 14 days”)."""
    if row.extension_months is not None:
        return f"{formatting.count(row.extension_months, 'month')} longer"
    if row.payment_days is not None:
        return f"payment within {formatting.count(row.payment_days, 'day')}"
    is_volume = row.kind == IncentiveKind.VOLUME
    if row.amount is not None:
        told = formatting.money(row.amount, currency) + " more volume" * is_volume
    elif is_volume:
        told = f"{_percent(row.percent)} more of the volume that we committed to"
    else:
        told = f"{_percent(row.percent)} of the period’s spend"
    if row.cap_percent is None:
        return told
    return f"{told}, at most {_percent(row.cap_percent)} of the contract’s value"


def _incentive_words(row: Incentive, currency: str) -> str:
    side = DIRECTION_WORDS[Direction(row.direction)]
    told = f"{row.label}: {reward_words(row, currency)} for {measure_words(row.measure)} {side} "
    told += f"{value_text(row.measure, float(row.threshold))}, "
    told += WINDOW_WORDS[ObligationWindow(row.window_kind)]
    if row.gate_measure is None or row.gate_value is None or row.gate_direction is None:
        return told
    gate = value_text(row.gate_measure, float(row.gate_value))
    holds = f"{measure_words(row.gate_measure)} is {DIRECTION_WORDS[Direction(row.gate_direction)]}"
    return f"{told}, only while {holds} {gate}"


def _percent(value: Decimal | None) -> str:
    return f"{_figure(value)}{formatting.NARROW_SPACE}%"


def _figure(value: Decimal | None) -> str:
    return "not known" if value is None else f"{value.normalize():f}"
