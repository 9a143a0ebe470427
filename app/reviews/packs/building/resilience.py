"""The page of continuity and contracts: readiness by its parts, recovery times, what was agreed."""

from __future__ import annotations

from datetime import date

from app.base import formatting
from app.base.formatting import EN_DASH
from app.judgement.continuity import wording as continuity
from app.judgement.continuity.readiness import PlanReading, SupplierReading
from app.judgement.contracts import wording as contracts
from app.judgement.contracts.measured import Measured, window_words
from app.judgement.scorecards.wording import value_text
from app.reviews.packs.basis import Basis
from app.reviews.packs.building import wording
from app.reviews.packs.content import Resilience
from app.reviews.packs.parts import Column, Table
from app.reviews.packs.resilience import Agreed, Claimed

MOST_EXERCISES, MOST_CONTRACTS, MOST_PROMISED, MOST_CLAIMS = 4, 8, 8, 6
NEVER_ASKED = "Nobody asked it for a continuity plan, so its readiness is not known."
NO_CONTRACT = "No contract in force is recorded."
NOT_KNOWN = "not known"
WINDOW = "Over the last window that was over."


def resilience(basis: Basis) -> Resilience:
    """Return the page of continuity and contracts."""
    found = basis.resilience
    return Resilience(
        reading=reading(basis),
        rubric=_rubric(found.reading),
        times=_times(basis),
        exercises=_exercises(None if found.reading is None else found.reading.plan),
        contracts=_contracts(found.agreed),
        promised=_promised(found.agreed),
        claims=_claims(found.claims),
    )


def reading(basis: Basis) -> str:
    """Return what the page says in a few sentences."""
    told = (_ready(basis), _recovered(basis), _held(basis.resilience.agreed))
    return " ".join(each for each in told if each)


def _ready(basis: Basis) -> str:
    found = basis.resilience.reading
    if found is None:
        return NEVER_ASKED
    if found.readiness.band is None or found.plan is None:
        return continuity.BASIS_WORDS[found.readiness.basis]
    band = continuity.BANDS[found.readiness.band][1]
    points = continuity.readiness_words(found.readiness)
    told = f"Readiness {points} of 100, {band}, by {found.plan.number}."
    checks = basis.resilience.checks
    over = None if checks is None else checks.shown_beyond_stated
    if over is not None and over > 0:
        longer = formatting.count(round(over), "day")
        told += f" The newest timed exercise took {longer} longer than stated."
    return told


def _recovered(basis: Basis) -> str:
    found = basis.resilience.recovery
    if found is None:
        return ""
    told = []
    if found.mean is not None:
        closed = formatting.count(found.closed, "disruption")
        hours = f"{formatting.number(found.mean, 0)} hours"
        mean = "" if found.closed == 1 else " on average"
        told.append(f"after {closed} in the 12 months supply was back within {hours}{mean}")
    if found.running:
        told.append(f"{formatting.count(found.running, 'disruption')} still ran")
    if found.unknown:
        told.append(f"of {formatting.number(found.unknown)} nobody knows when supply was hit")
    return f"{wording.raised('; '.join(told))}." if told else ""


def _held(agreed: tuple[Agreed, ...]) -> str:
    if not agreed:
        return NO_CONTRACT
    told = f"{formatting.count(len(agreed), 'contract')} in force"
    days = [each.row.running.notice_by for each in agreed if each.row.running.notice_by]
    if days:
        told += f", the next notice due by {formatting.day(min(days))}"
    return f"{told}."


def _rubric(found: SupplierReading | None) -> Table:
    parts = () if found is None else found.readiness.parts
    missing = NEVER_ASKED if found is None else continuity.BASIS_WORDS[found.readiness.basis]
    rows = [
        (
            wording.raised(continuity.PART_WORDS[each.part]),
            continuity.points_words(each.points),
            str(each.most),
            continuity.WHY_WORDS[each.why],
        )
        for each in parts
    ]
    if found is not None and rows:
        told = continuity.readiness_words(found.readiness)
        unsure = "What nobody knows earns nothing and widens it."
        rows.append(("Readiness", told, "100", unsure if found.readiness.unknown else ""))
    return Table(
        "How ready it is",
        "What each part of the rubric earns, by what was shown and not by what was claimed.",
        (Column("Part", 24, is_number=False), Column("Points", 10), Column("Of", 6),
         Column("Why", 60, is_number=False)),
        tuple(rows),
        missing=missing,
        has_total=bool(rows),
    )  # fmt: skip


def _times(basis: Basis) -> Table:
    found, checks = basis.resilience.reading, basis.resilience.checks
    rows: tuple[tuple[str, str], ...] = ()
    if found is not None and found.plan is not None and checks is not None:
        ours = checks.survival
        stock = NOT_KNOWN if ours is None else f"{continuity.days_words(ours.days)} ({ours.part})"
        rows = (
            ("Stated by the plan (RTO)", continuity.days_words(checks.stated)),
            ("Shown by an exercise", continuity.days_words(checks.shown)),
            ("Demanded", continuity.required_words(found.plan)),
            ("Tolerable (MTPD)", continuity.days_words(checks.mtpd)),
            ("Our stock lasts", stock),
        )
    return Table(
        "How long until supply is back",
        "",
        (Column("Time", 50, is_number=False), Column("Days", 50, is_number=False)),
        rows,
        missing="no plan is recorded",
    )


def _exercises(plan: PlanReading | None) -> Table:
    done = () if plan is None else plan.facts.exercises
    newest = sorted(done, key=lambda each: each.done_on, reverse=True)[:MOST_EXERCISES]
    return Table(
        "What was exercised",
        "",
        (Column("Exercise", 36, is_number=False), Column("Done", 32, is_number=False),
         Column("Back after", 32, is_number=False)),
        tuple(
            (
                wording.raised(continuity.KINDS[each.kind]),
                formatting.day(each.done_on),
                "not timed" if each.achieved_days is None
                else continuity.days_words(each.achieved_days),
            )
            for each in newest
        ),
        missing="no exercise is recorded",
    )  # fmt: skip


def _contracts(agreed: tuple[Agreed, ...]) -> Table:
    return Table(
        "Contracts in force",
        _more(len(agreed), MOST_CONTRACTS),
        (Column("Contract", 46, is_number=False), Column("Bound until", 18, is_number=False),
         Column("Notice by", 18, is_number=False), Column("Renews itself", 18, is_number=False)),
        tuple(
            (each.row.label, _day(each.row.running.committed_until),
             _day(each.row.running.notice_by),
             "yes" if each.row.terms.auto_renew else "no")
            for each in agreed[:MOST_CONTRACTS]
        ),
        missing="no contract in force is recorded",
    )  # fmt: skip


def _promised(agreed: tuple[Agreed, ...]) -> Table:
    rows = [_kept(each.row.contract.number, one) for each in agreed for one in each.promised]
    return Table(
        "Promised and measured",
        " ".join(filter(None, (_more(len(rows), MOST_PROMISED), WINDOW, _left_out(agreed)))),
        (Column("Contract", 16, is_number=False), Column("Promised", 32, is_number=False),
         Column("Window", 20, is_number=False), Column("Measured", 12), Column("n", 8),
         Column("Outcome", 12, is_number=False)),
        tuple(rows[:MOST_PROMISED]),
    )  # fmt: skip


def _left_out(agreed: tuple[Agreed, ...]) -> str:
    """Say why a contract's figure may differ from the scorecard's, where lines stand outside."""
    outside = [
        f"{formatting.count(one.left_out, 'line')} of {each.row.contract.number}"
        for each in agreed
        for one in each.promised
        if one.left_out
    ]
    if not outside:
        return ""
    return f"Counted as agreed, without {wording.listed(dict.fromkeys(outside))}."


def _kept(number: str, found: Measured) -> tuple[str, ...]:
    each, measure = found.obligation, found.measure
    value = None if measure is None else measure.value
    return (
        number,
        f"{contracts.measure_words(each.measure)} {contracts.target_words(each)}",
        window_words(found.period),
        value_text(each.measure, value),
        formatting.number(measure.n) if measure is not None and measure.n else EN_DASH,
        contracts.OUTCOME_WORDS[found.outcome][1],
    )


def _claims(claims: tuple[Claimed, ...]) -> Table:
    shown = claims[-MOST_CLAIMS:]
    return Table(
        "Claimed under them",
        _more(len(claims), MOST_CLAIMS),
        (Column("Claim", 28, is_number=False), Column("For", 32, is_number=False),
         Column("Claimed", 20), Column("Settled", 20)),
        tuple(
            (each.number, f"{formatting.day(each.first_on)} to {formatting.day(each.last_on)}",
             formatting.money(each.total, each.currency),
             "open" if each.settled is None else formatting.money(each.settled, each.currency))
            for each in shown
        ),
    )  # fmt: skip


def _day(day: date | None) -> str:
    return EN_DASH if day is None else formatting.day(day)


def _more(count: int, most: int) -> str:
    return f"{most} of {count}." if count > most else ""
