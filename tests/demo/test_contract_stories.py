"""Contracts of the demo company: one nears its notice date, one renewed itself unseen."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from app.faces.demo.cast import LAST_DAY
from app.faces.demo.contracts import MAGNETS
from app.faces.demo.scripts import BAD_LOT, DRIFT
from app.facts.suppliers import queries as suppliers
from app.judgement.contracts import queries
from app.judgement.contracts.content import sheet_of
from app.judgement.contracts.measured import Outcome
from app.judgement.contracts.money.held_terms import At, terms_book, whose_contract
from app.judgement.contracts.money.obligations import measured
from app.judgement.contracts.queries import DUTIES, DateKind


def key(session: Session, number: str) -> int:
    return suppliers.find_supplier(session, number).id


def test_ninety_days_before_its_end_the_magnets_need_a_decision(session: Session) -> None:
    found = queries.deadlines(session, LAST_DAY, [key(session, MAGNETS)])
    notice = next(each for each in found if each.kind is DateKind.NOTICE)
    assert (notice.number, notice.day, notice.ends_on) == (
        "RV-2025-003", date(2026, 11, 30), date(2027, 2, 28),
    )  # fmt: skip
    # Thirty days are left, and it is critical.
    assert (notice.rung, notice.is_critical) == (30, True)


def test_the_castings_renewed_themselves_unseen_and_miss_their_otif(session: Session) -> None:
    row = queries.contract_rows(session, LAST_DAY, [key(session, DRIFT)])[0]
    assert row.is_overlooked
    assert row.running.committed_until == date(2027, 12, 31)
    promised = sheet_of(session, row.contract, row.terms).obligations
    at = At(row.supplier_public_id, row.contract.public_id)
    book = terms_book(session, whose_contract(session, at))
    found = measured(session, book, promised, as_of=LAST_DAY)
    assert [(each.obligation.measure, each.outcome) for each in found] == [
        ("otif_line", Outcome.MISSED), ("ppm", Outcome.KEPT),
    ]  # fmt: skip


def test_the_fasteners_contract_names_no_duty_at_all(session: Session) -> None:
    own = key(session, BAD_LOT)
    found = queries.coverage(session, [own], as_of=LAST_DAY)[own]
    assert (found.present, found.absent, found.unknown) == ((), DUTIES, ())
    assert found.until == date(2027, 3, 31)
