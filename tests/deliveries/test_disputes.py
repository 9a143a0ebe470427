"""A dispute is opened in its window, decided by somebody else, and moves facts, not verdicts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.base import acting, clock, db
from app.base.acting import Actor, Source
from app.base.db import Database
from app.base.errors import AppError
from app.calc.attribution import MissCause
from app.calc.periods import parse_period
from app.calc.windows import parse_window
from app.facts.deliveries import coding, rollup
from app.facts.deliveries.agreements import schedules
from app.facts.deliveries.agreements.models import CallOff, Release, SchedulingAgreement
from app.facts.deliveries.disputes import corrections, queries, services
from app.facts.deliveries.disputes.effects import Change
from app.facts.deliveries.disputes.models import DisputeState, Effect, Ground, LineRuling
from app.facts.deliveries.disputes.services import Objection
from app.facts.deliveries.models import MissAttribution, Receipt, ScheduleLine
from app.facts.deliveries.rollup_models import LineVerdict
from app.facts.deliveries.touched_models import TouchedMonth
from app.platform.audit.models import AuditEvent
from tests.approvals.cast import person
from tests.builders import agreements, facts

DUE, LATE = date(2026, 9, 7), date(2026, 9, 11)
UNTIL = date(2026, 10, 9)
IN_WINDOW, LAST_DAY, TOO_LATE = date(2026, 10, 12), date(2026, 10, 21), date(2026, 10, 22)
WEBER, ILSE = (Actor(name=name, source=Source.UI, roles=frozenset({"risk_manager"}))
               for name in ("M. Weber", "Ilse Brandt"))  # fmt: skip
WHY = "The carrier's note shows it."
on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@dataclass(frozen=True)
class Lines:
    supplier: int
    late: int
    other: int
    receipt: int


@pytest.fixture
def lines(database: Database, monkeypatch: pytest.MonkeyPatch) -> Lines:
    """Two lines of one supplier, one of them four days late."""
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 10, 12, 9, tzinfo=UTC))
    with db.transaction() as session:
        of = facts.supplier(session)
        order = facts.order(session, of)
        with rollup.change(session, until=UNTIL) as change:
            late, other = (facts.line(session, order, promised_original_on=DUE) for _ in range(2))
            receipt = facts.receipt(session, late, LATE)
            facts.receipt(session, other, DUE)
            change.touch_new([late.id, other.id])
        return Lines(of.id, late.id, other.id, receipt.id)


@contextmanager
def as_(actor: Actor) -> Iterator[Session]:
    with acting.acting_as(actor), db.transaction() as session:
        yield session


def opened(line_id: int, *, today: date = IN_WINDOW, by: Actor = WEBER) -> UUID:
    with as_(by) as session:
        objection = Objection(Ground.DATE, "It stood at your gate in time.", "A. Kestrel")
        return services.open_dispute(session, line_id, objection, today=today)


def ruled(
    key: UUID, change: Change, outcome: DisputeState = DisputeState.UPHELD, by: Actor = ILSE
) -> None:
    with as_(by) as session:
        services.rule(session, key, outcome, change, reason=WHY)


def verdict(line_id: int) -> tuple[int, int | None, str | None]:
    with db.reading() as session:
        row = session.get_one(LineVerdict, line_id)
        return row.state, row.otif, row.reason


def rebuilt() -> None:
    """Judge everything anew: a ruling must be no passing thing."""
    with db.transaction() as session:
        rollup.rebuild(session, until=UNTIL)


@on_sqlite
def test_a_dispute_may_be_opened_on_the_last_day_of_its_window(lines: Lines) -> None:
    opened(lines.late, today=LAST_DAY)
    with db.reading() as session:
        (row,) = queries.disputes_of_line(session, lines.late)
    assert (row.due_on, row.state, row.said_by) == (LAST_DAY, "open", "A. Kestrel")


@on_sqlite
def test_a_late_dispute_is_told_the_day_on_which_the_window_closed(lines: Lines) -> None:
    with pytest.raises(AppError, match=r"closed on 21 Oct 2026") as refused:
        opened(lines.late, today=TOO_LATE)
    assert refused.value.code == "E-DSP-03"


@on_sqlite
def test_one_dispute_at_a_time_is_open_on_a_line(lines: Lines) -> None:
    opened(lines.late)
    with pytest.raises(AppError, match="E-DSP-06"):
        opened(lines.late)


@on_sqlite
def test_neither_the_opener_nor_who_coded_the_miss_decides(lines: Lines) -> None:
    with as_(ILSE) as session:
        coding.code_misses(
            session, supplier_id=lines.supplier, line_ids=[lines.late],
            cause=MissCause.SUPPLIER, note=None, by=ILSE.name, today=IN_WINDOW,
        )  # fmt: skip
    key = opened(lines.late)
    for party in (WEBER, ILSE):
        with pytest.raises(AppError, match="E-DSP-12"):
            ruled(key, Change(Effect.EXCLUDE), by=party)
    assert verdict(lines.late) == (2, 0, "late")


@on_sqlite
def test_who_coded_a_miss_is_told_by_account_not_by_name(lines: Lines) -> None:
    with db.transaction() as session:
        ids = [person(session, name) for name in ("Coder", "Namesake")]
    coder, namesake = (replace(ILSE, user_id=key) for key in ids)
    with as_(coder) as session:
        coding.code_misses(
            session, supplier_id=lines.supplier, line_ids=[lines.late],
            cause=MissCause.SUPPLIER, note=None, by=ILSE.name, today=IN_WINDOW,
        )  # fmt: skip
    key = opened(lines.late)
    with pytest.raises(AppError, match="You coded this miss"):
        ruled(key, Change(Effect.EXCLUDE), by=replace(coder, name="Ilse Brandt-Sohn"))
    ruled(key, Change(Effect.CAUSE, cause=MissCause.CARRIER), by=namesake)
    with pytest.raises(AppError, match="You coded this miss"), as_(coder) as session:
        services.withdraw(session, key, reason=WHY)
    with as_(WEBER) as session, pytest.raises(AppError, match="You opened"):
        services.withdraw(session, key, reason=WHY)
    with as_(namesake) as session:
        services.withdraw(session, key, reason=WHY)
        row = session.scalars(select(MissAttribution)).one()
        assert (row.cause, row.attributed_by, row.attributed_by_id) == ("supplier", "Coder", ids[0])


@on_sqlite
def test_who_coded_the_miss_does_not_end_somebody_elses_dispute(lines: Lines) -> None:
    with as_(ILSE) as session:
        coding.code_misses(
            session, supplier_id=lines.supplier, line_ids=[lines.late],
            cause=MissCause.SUPPLIER, note=None, by=ILSE.name, today=IN_WINDOW,
        )  # fmt: skip
    key = opened(lines.late)
    with pytest.raises(AppError, match="E-DSP-12"), as_(ILSE) as session:
        services.withdraw(session, key, reason=WHY)
    with as_(WEBER) as session:
        services.withdraw(session, key, reason="They take it back.")


@on_sqlite
@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"days": (("arrived_on", date(2026, 10, 13)),)}, "lies in the future"),
        ({"days": (("arrived_on", date(1, 1, 1)),)}, "ten years back"),
        ({"quantity": Decimal("1.1234567")}, "at most six decimals"),
    ],
)
def test_a_receipt_is_not_corrected_to_what_no_feed_could_say(
    lines: Lines, given: dict[str, Any], said: str
) -> None:
    key = opened(lines.late)
    with pytest.raises(AppError, match=said):
        ruled(key, Change(Effect.RECEIPT, receipt_id=lines.receipt, **given))


@on_sqlite
def test_the_receipts_of_a_call_off_are_not_corrected_by_a_ruling(lines: Lines) -> None:
    with db.transaction() as session:
        of = SchedulingAgreement(number="5500017", supplier_id=lines.supplier)
        session.add(of)
        session.flush()
        session.add(CallOff(line_id=lines.late, agreement_id=of.id, due_on=DUE, release_no=1))
    key = opened(lines.late)
    change = Change(Effect.RECEIPT, receipt_id=lines.receipt, days=(("arrived_on", DUE),))
    with pytest.raises(AppError, match="The line is a call-off"):
        ruled(key, change)


def test_a_ruling_that_leaves_a_line_out_holds_when_all_is_judged_again(lines: Lines) -> None:
    key = opened(lines.late)
    ruled(key, Change(Effect.EXCLUDE))
    assert verdict(lines.late) == (0, None, "ruled_out")
    with db.reading() as session:
        causes = set(session.execute(select(TouchedMonth.cause, TouchedMonth.cause_id)).all())
    assert ("ruling", 1) in {tuple(each) for each in causes}
    rebuilt()
    assert verdict(lines.late) == (0, None, "ruled_out")
    with as_(ILSE) as session, pytest.raises(AppError, match="E-DSP-04"):
        services.rule(session, key, DisputeState.REFUSED, Change(Effect.NONE), reason=WHY)


def test_a_ruling_that_moves_the_date_is_withdrawn_by_a_further_one(lines: Lines) -> None:
    key = opened(lines.late)
    ruled(key, Change(Effect.REFERENCE, reference_on=LATE), DisputeState.PARTLY)
    assert verdict(lines.late) == (2, 1, None)
    rebuilt()
    assert verdict(lines.late) == (2, 1, None)
    with as_(ILSE) as session:
        services.withdraw(session, key, reason="The note was of another order.")
    assert verdict(lines.late) == (2, 0, "late")
    with db.reading() as session:
        row = queries.dispute(session, key)
        told = [(each.outcome, each.effect) for each in queries.rulings_of(session, row.id)]
        events = list(session.scalars(select(AuditEvent.entity)))
        assert session.scalars(select(LineRuling)).all() == []
    assert row.state == "withdrawn"
    assert told == [("withdrawn", "none"), ("partly", "reference")]
    assert events.count("dispute_ruling") == 2


@on_sqlite
def test_a_corrected_receipt_keeps_what_stood_there_and_holds_against_the_feed(
    lines: Lines,
) -> None:
    key = opened(lines.late)
    days = (("arrived_on", DUE),)
    ruled(key, Change(Effect.RECEIPT, receipt_id=lines.receipt, days=days))
    assert verdict(lines.late) == (2, 1, None)
    with db.reading() as session:
        (told,) = queries.rulings_of(session, queries.dispute(session, key).id)
    assert told.before is not None
    assert told.after is not None
    assert (told.before["arrived_on"], told.after["arrived_on"]) == ("2026-09-11", "2026-09-07")
    with db.transaction() as session:
        session.get_one(Receipt, lines.receipt).arrived_on = LATE
        corrections.hold(session)
    with db.reading() as session:
        assert session.get_one(Receipt, lines.receipt).arrived_on == DUE
    with as_(ILSE) as session:
        services.withdraw(session, key, reason="The note was of another order.")
    assert verdict(lines.late) == (2, 0, "late")
    with db.transaction() as session:
        corrections.hold(session)
        assert session.get_one(Receipt, lines.receipt).quantity == Decimal(1000)
        assert session.get_one(Receipt, lines.receipt).arrived_on == LATE


@on_sqlite
def test_a_correction_holds_by_the_receipt_s_number_whatever_its_key(lines: Lines) -> None:
    key = opened(lines.late)
    days = (("arrived_on", DUE),)
    ruled(key, Change(Effect.RECEIPT, receipt_id=lines.receipt, days=days))
    with db.transaction() as session:
        receipt = session.get_one(Receipt, lines.receipt)
        number = receipt.source_key
        session.delete(receipt)
        session.flush()
        other = session.get_one(ScheduleLine, lines.other)
        late = session.get_one(ScheduleLine, lines.late)
        stranger = facts.receipt(session, other, LATE, id=lines.receipt)
        again = facts.receipt(session, late, LATE, source_key=number)
        corrections.hold(session)
        session.expire_all()
        assert (stranger.arrived_on, again.arrived_on) == (LATE, DUE)


@on_sqlite
def test_a_correction_that_a_later_one_rests_on_is_not_taken_back_before_it(lines: Lines) -> None:
    first = opened(lines.late)
    ruled(first, Change(Effect.RECEIPT, receipt_id=lines.receipt, days=(("arrived_on", DUE),)))
    second = opened(lines.late)
    ruled(second, Change(Effect.RECEIPT, receipt_id=lines.receipt, quantity=Decimal(990)))
    with pytest.raises(AppError, match="E-DSP-08"), as_(ILSE) as session:
        services.withdraw(session, first, reason="The note was of another order.")
    for key in (second, first):
        with as_(ILSE) as session:
            services.withdraw(session, key, reason="The note was of another order.")
    with db.reading() as session:
        row = session.get_one(Receipt, lines.receipt)
        assert (row.arrived_on, row.quantity) == (LATE, Decimal(1000))


@dataclass(frozen=True)
class CalledOff:
    agreement: int
    line: int
    receipt: int


def called_off() -> CalledOff:
    """A call-off of an agreement that came three days late."""
    with db.transaction() as session:
        frame = agreements.agreement(session, facts.supplier(session))
        agreements.release(session, frame, 1, date(2026, 3, 1), {date(2026, 3, 9): 100})
        agreements.receipts(session, frame, [(date(2026, 3, 12), 100)])
        (line,) = agreements.lines(session, frame)
        receipt = session.scalars(select(Receipt.id).where(Receipt.line_id == line.id)).one()
        return CalledOff(frame.id, line.id, receipt)


@on_sqlite
def test_a_share_of_an_agreement_s_receipt_is_not_corrected_by_a_ruling(lines: Lines) -> None:
    of = called_off()
    key = opened(of.line, today=date(2026, 4, 10))
    days = (("arrived_on", date(2026, 3, 9)),)
    with pytest.raises(AppError, match="is a call-off") as refused:
        ruled(key, Change(Effect.RECEIPT, receipt_id=of.receipt, days=days))
    assert refused.value.code == "E-DSP-11"
    ruled(key, Change(Effect.REFERENCE, reference_on=date(2026, 3, 12)))
    assert verdict(of.line) == (2, 1, None)


@on_sqlite
def test_a_release_is_not_taken_back_while_a_dispute_is_about_it(lines: Lines) -> None:
    of = called_off()
    opened(of.line, today=date(2026, 4, 10))
    with pytest.raises(AppError, match="1 rows of dispute"):
        take_releases_back(of)


def take_releases_back(of: CalledOff) -> None:
    """As undoing their import does."""
    with db.transaction() as session:
        session.execute(delete(Release).where(Release.agreement_id == of.agreement))
        with rollup.change(session, until=UNTIL) as change:
            schedules.settle(session, change, [of.agreement])


@on_sqlite
def test_a_ruled_cause_is_not_coded_over(lines: Lines) -> None:
    ruled(opened(lines.late), Change(Effect.CAUSE, cause=MissCause.CARRIER))
    assert verdict(lines.late) == (2, 0, "late")
    with db.reading() as session:
        row = session.scalars(select(MissAttribution)).one()
    assert (row.cause, row.attributed_by, row.note) == ("carrier", "Ilse Brandt", WHY)
    with as_(WEBER) as session, pytest.raises(AppError, match="E-DLV-07"):
        coding.code_misses(
            session, supplier_id=lines.supplier, line_ids=[lines.late],
            cause=MissCause.SUPPLIER, note=None, by="M. Weber", today=IN_WINDOW,
        )  # fmt: skip


@on_sqlite
def test_a_refusal_changes_nothing_and_needs_its_reason(lines: Lines) -> None:
    key = opened(lines.late)
    for change, reason in ((Change(Effect.EXCLUDE), WHY), (Change(Effect.NONE), "no")):
        with pytest.raises(AppError, match=r"E-DSP-(05|13)"), as_(ILSE) as session:
            services.rule(session, key, DisputeState.REFUSED, change, reason=reason)
    ruled(key, Change(Effect.NONE), DisputeState.REFUSED)
    assert verdict(lines.late) == (2, 0, "late")


@on_sqlite
def test_while_a_dispute_is_open_the_rate_is_told_without_its_line(lines: Lines) -> None:
    quarter = parse_period("2026Q3", as_of=IN_WINDOW)
    key = opened(lines.late)
    with db.reading() as session:
        found = queries.disputed(session, quarter, supplier_id=lines.supplier)
    assert (found.lines, found.without("otif_line", met=1, known=2)) == (1, 1.0)
    assert found.without("otif_unit", met=1, known=2) is None
    days_after = parse_window("1w", as_of=date(2026, 9, 20))
    with db.reading() as session:
        assert queries.disputed(session, days_after, supplier_id=lines.supplier).lines == 0
    ruled(key, Change(Effect.NONE), DisputeState.REFUSED)
    with db.reading() as session:
        assert queries.disputed(session, quarter, supplier_id=lines.supplier).lines == 0
