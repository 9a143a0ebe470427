"""Further measures from lines and records: conjunction, promises, open lines, judgements."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import clock
from app.base.db import Database
from app.base.errors import InvalidInput
from app.calc.perfect_order import PerfectLine, perfect_orders
from app.calc.periods import month_index, parse_period
from app.facts.deliveries import rollup
from app.facts.deliveries.models import Acknowledgement, ChangedBy, PromiseChange, ScheduleLine
from app.facts.deliveries.touched_models import TouchedMonth
from app.facts.suppliers.models import Supplier
from app.judgement.scorecards.comparing import compare
from app.judgement.scorecards.manual import queries as manual
from app.judgement.scorecards.manual import services as judging
from app.judgement.scorecards.manual.services import Judged
from app.judgement.scorecards.methods import Method, default_content
from app.judgement.scorecards.more.explaining import LAGGING, LEADING, explained, more_value
from app.judgement.scorecards.more.gathering import MoreFacts, gather_more
from app.judgement.scorecards.more.measures import More, more_measures
from app.judgement.scorecards.queries import scored, some
from app.judgement.scorecards.register import BY_ID, IDS, MORE_ENTRIES
from app.judgement.scorecards.services import new_draft, save_draft
from app.judgement.scorecards.stored_methods import method_by_id
from app.judgement.scorecards.values import read_method, typed_of
from tests.builders import agreements, facts, houses

AS_OF = date(2026, 11, 20)
YEAR = parse_period("12m", as_of=AS_OF)
DUE = date(2026, 10, 5)
REASON = "the visit showed something else"


def gathered(session: Session, of: Supplier) -> tuple[MoreFacts, More]:
    own = gather_more(session, YEAR, supplier_ids=[of.id])[of.id]
    return own, more_measures(own, as_of=AS_OF)


def ordered(
    session: Session, of: Supplier, *, lines: int = 1, come_on: date | None = DUE, **said: object
) -> list[ScheduleLine]:
    """Add one order with lines due on one day; each comes in one receipt, or not at all."""
    order = facts.order(session, of)
    made = [facts.line(session, order, promised_original_on=DUE) for _ in range(lines)]
    for line in made:
        if come_on is not None:
            facts.receipt(session, line, come_on, quantity_rejected=Decimal(0), **said)
    return made


def judged(session: Session) -> None:
    rollup.rebuild(session, until=AS_OF)
    rollup.refresh_events(session, None)


RIGHT = {"is_documents_ok": True, "is_undamaged": True}


def test_failures_that_coincide_cost_one_order_not_four() -> None:
    # Oracle scor_perfect_order_is_conjunction_coincident_failures: the product would be 0.6561.
    good, bad = PerfectLine(True, True, True, True), PerfectLine(False, False, False, False)
    found = perfect_orders([[good]] * 9 + [[bad]])
    assert (found.measure.value, found.coverage) == (0.9, 1.0)


def test_an_order_is_perfect_only_if_all_of_its_lines_are_wholly_known(
    database: Database,
) -> None:
    with database.transaction() as session:
        of = facts.supplier(session)
        ordered(session, of, lines=2, **RIGHT)
        ordered(session, of, lines=2, is_documents_ok=True)
        ordered(session, of, is_documents_ok=False, is_undamaged=True)
        ordered(session, of, come_on=None)
        wrong = ordered(session, of, lines=2, **RIGHT)
        facts.receipt(session, wrong[0], DUE, 0, is_documents_ok=False, is_undamaged=True)
        judged(session)
        own, more = gathered(session, of)
    pof = more.measures["pof"]
    # One of four known orders; the second one's condition is nowhere said.
    assert (pof.value, pof.n, pof.unknown) == (0.25, 4, 1)
    assert more.perfect.coverage == 6 / 8
    told = explained(pof, more, own)
    assert told.worked == "1 ÷ 4 = 25.0 %"
    assert ("Undamaged", "6 of 6, unknown of 2 lines") in told.parts


def test_an_agreement_is_no_order_that_could_be_perfect(sqlite_only: Database) -> None:
    with sqlite_only.transaction() as session:
        of = facts.supplier(session)
        ordered(session, of, **RIGHT)
        frame = agreements.agreement(session, of)
        calls = {date(2026, 3, 9): 100, date(2026, 3, 16): 200}
        agreements.release(session, frame, 1, date(2026, 3, 1), calls)
        agreements.receipts(session, frame, [(date(2026, 3, 9), 100)], **RIGHT)
        judged(session)
        own, more = gathered(session, of)
    pof = more.measures["pof"]
    assert (pof.value, pof.n, own.perfect.orders.lines) == (1.0, 1, 1)


def test_nothing_that_came_is_no_unknown_paper(sqlite_only: Database) -> None:
    with sqlite_only.transaction() as session:
        of = facts.supplier(session)
        ordered(session, of, come_on=None)
        judged(session)
        own, more = gathered(session, of)
    assert own.perfect.first[0].parts == PerfectLine(False, False, True, True)
    assert more.measures["pof"].value == 0.0


def moved(line: ScheduleLine, to_on: date, by: ChangedBy, **given: object) -> PromiseChange:
    return PromiseChange(
        line_id=line.id, to_on=to_on, changed_by=by, changed_on=date(2026, 9, 20), **given
    )


def test_promises_that_moved_are_told_with_who_moved_them(database: Database) -> None:
    with database.transaction() as session:
        of, merged = facts.supplier(session), facts.supplier(session)
        merged.effective_supplier_id = of.id
        first, second, third = ordered(session, of, lines=3)
        fourth = ordered(session, merged)[0]
        for line, days in ((first, 10), (second, 0), (third, -2)):
            line.promised_current_on = DUE + timedelta(days=days)
        session.add_all(
            [
                moved(first, DUE + timedelta(4), ChangedBy.SUPPLIER, from_on=DUE),
                moved(first, DUE + timedelta(10), ChangedBy.SUPPLIER, from_on=DUE + timedelta(4)),
                moved(third, DUE - timedelta(2), ChangedBy.SUPPLIER, from_on=DUE),
                moved(fourth, DUE + timedelta(3), ChangedBy.BUYER, from_on=DUE),
                # A confirmation that repeats the promise is no move of it.
                moved(second, DUE, ChangedBy.SUPPLIER, from_on=DUE),
            ]
        )
        judged(session)
        own, more = gathered(session, of)
    slip, rate, churn = (more.measures[name] for name in ("slip", "slip_rate", "churn"))
    # Ten days, none and two earlier, over the three lines with both promises.
    assert (slip.value, slip.n, slip.unknown) == (8 / 3, 3, 1)
    assert (rate.value, rate.n) == (0.25, 4)
    assert (churn.value, churn.numerator) == (1.0, 4)
    assert explained(slip, more, own).worked == "8 ÷ 3 = 2.7 d"


def test_moved_promises_that_nobody_records_are_unknown(sqlite_only: Database) -> None:
    with sqlite_only.transaction() as session:
        of = facts.supplier(session)
        ordered(session, of)
        judged(session)
        measures = gathered(session, of)[1].measures
    assert [measures[name].value for name in ("slip", "slip_rate", "churn")] == [None] * 3
    assert "Import them" in (measures["churn"].reason or "")


def test_lines_still_open_are_as_late_as_they_are_by_now(sqlite_only: Database) -> None:
    with sqlite_only.transaction() as session:
        of = facts.supplier(session)
        for _ in range(8):
            ordered(session, of)
        for _ in range(2):
            ordered(session, of, come_on=None)
        judged(session)
        own, more = gathered(session, of)
    p50, p90 = (more.measures[f"lateness_p{share}_open"] for share in (50, 90))
    # The two are open for 46 days on 20 November.
    assert (p50.value, p90.value, p90.n) == (0.0, 46.0, 10)
    assert more.at_least == {"lateness_p90_open"}
    assert more_value(p90, more, own) == "≥ 46.0 d"
    assert "still open" in (p90.reason or "")


def test_open_lines_are_told_for_the_present_period_only(sqlite_only: Database) -> None:
    with sqlite_only.transaction() as session:
        of = facts.supplier(session)
        ordered(session, of)
        judged(session)
        past = parse_period("2026Q3", as_of=AS_OF)
        own = gather_more(session, past, supplier_ids=[of.id])[of.id]
    measure = more_measures(own, as_of=AS_OF).measures["lateness_p90_open"]
    assert (measure.value, measure.reason) == (
        None, "Open lines are told for the as-of day, not for a past period.",
    )  # fmt: skip


def test_single_wild_lines_are_flagged_and_do_not_move_the_robust_spread(
    sqlite_only: Database,
) -> None:
    # Oracle robust_sd_mad, with what came early as the negative day.
    with sqlite_only.transaction() as session:
        of = facts.supplier(session)
        for days in (0, 2, -1, 5, 0, 3, 0, 12):
            ordered(session, of, come_on=DUE + timedelta(days))
        judged(session)
        spread = gathered(session, of)[1].spread
    assert spread is not None
    assert (spread.median, round(spread.mad_sd, 4), spread.outliers) == (1.0, 2.2239, (12,))


def test_an_order_that_nobody_acknowledges_is_a_miss_once_a_day_is_over(
    sqlite_only: Database,
) -> None:
    sent = datetime(2026, 10, 1, 8, tzinfo=UTC)
    with sqlite_only.transaction() as session:
        of = facts.supplier(session)
        for hours in (20, 30, None):
            order = facts.order(session, of)
            answered = None if hours is None else sent + timedelta(hours=hours)
            session.add(
                Acknowledgement(
                    supplier_id=of.id, order_id=order.id, sent_at=sent, acknowledged_at=answered,
                    month=month_index(sent.date()),
                )
            )  # fmt: skip
        judged(session)
        measure = gathered(session, of)[1].measures["ack_in_time"]
    assert (measure.value, measure.n) == (1 / 3, 3)


def test_a_supplier_of_whom_nothing_is_known_has_no_figure(sqlite_only: Database) -> None:
    with sqlite_only.transaction() as session:
        of = facts.supplier(session)
        own, more = gathered(session, of)
    assert {id_: m.value for id_, m in more.measures.items() if m.value is not None} == {}
    assert all(m.reason for m in more.measures.values())
    assert all(explained(m, more, own).worked == m.reason for m in more.measures.values())


def test_every_further_measure_is_leading_or_lagging() -> None:
    told = (*LEADING, *LAGGING)
    assert len(told) == len(set(told))
    assert {entry.id for entry in MORE_ENTRIES} <= set(told)
    assert set(told) <= {*IDS, *(entry.id for entry in MORE_ENTRIES)}
    assert set(LEADING).isdisjoint(LAGGING)


def esg(session: Session) -> object:
    return judging.add_criterion(session, name="ESG audit", short="0 none, 100 all")


def judge(session: Session, of: Supplier, value: int, **given: date) -> object:
    days = {
        "period_from": date(2026, 11, 1), "period_to": date(2026, 11, 15),
        "expires_on": date(2026, 12, 31),
    } | given  # fmt: skip
    criterion = manual.criteria(session)[0]
    return judging.judge(
        session, of.id, criterion, Judged(value=value, evidence="questionnaire of spring", **days)
    )


def with_esg(session: Session) -> Method:
    """Return a draft that takes ten points of weight off OTIF and gives them to the audit."""
    key = new_draft(session, from_id=None)
    typed = typed_of(default_content()) | {
        "weight-otif_line": "15", "weight-manual_ESG_audit": "10",
        "anchors-manual_ESG_audit": "0:0 100:100", "target-manual_ESG_audit": "90",
    }  # fmt: skip
    entries = [entry for entry, _ in manual.entries(session)]
    reading = read_method(typed, manual=entries)
    assert reading.content is not None, reading.errors
    save_draft(session, key, content=reading.content, seen_revision=1)
    return method_by_id(session, key)


def test_a_manual_score_counts_only_where_the_method_gives_it_a_weight(
    database: Database,
) -> None:
    with database.transaction() as session:
        of = facts.supplier(session)
        houses.deliveries(session, of, lines=40)
        esg(session)
        judge(session, of, 64)
        plain = scored(session, of.id, YEAR)
        assert "manual_ESG_audit" not in plain.measures
        method = with_esg(session)
        found = some(session, [of.id], YEAR, method=method)[of.id]
        part = next(p for p in found.result.parts if p.measure_id == "manual_ESG_audit")
        changes = compare(session, YEAR, method).changes
    assert (part.value, part.points, part.weight) == (64.0, 64.0, 10)
    assert BY_ID["manual_ESG_audit"].label == "ESG audit (manual)"
    assert found.digest != plain.digest
    assert [change.after.score for change in changes] == [found.result.score]


def test_a_manual_score_is_unknown_once_it_has_expired(
    sqlite_only: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sqlite_only.transaction() as session:
        of = facts.supplier(session)
        esg(session)
        for month, value_then in ((1, 40), (7, 80)):
            then = datetime(2026, month, 31, 9, tzinfo=UTC)
            monkeypatch.setattr(clock, "now", lambda then=then: then)
            first = date(2026, month, 1)
            newer = judge(session, of, value_then, period_from=first, period_to=first)
        monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 21, 9, tzinfo=UTC))
        method = with_esg(session)

        def value(on: date) -> float | None:
            period = parse_period("12m", as_of=on)
            own = some(session, [of.id], period, method=method)[of.id]
            return own.measures["manual_ESG_audit"].value

        assert [value(date(2026, 6, 30)), value(AS_OF)] == [40.0, 80.0]
        assert value(date(2027, 1, 31)) is None
        judging.withdraw(session, newer, reason=REASON)
        assert value(AS_OF) == 40.0
        stands = [row.stands for row in manual.rows_of(session, of.id, day=AS_OF)]
    assert stands == [False, True]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"period_to": date(2025, 1, 1)}, "ends before it begins"),
        ({"period_from": date(2027, 1, 1), "period_to": date(2027, 2, 1)}, "in the future"),
        ({"period_to": date.max, "expires_on": date.max}, "years ahead"),
        ({"expires_on": date(2026, 11, 14)}, "give a day from the period’s end"),
        # October closed on 20 November, the day before.
        ({"period_from": date(2026, 10, 31)}, "the days before 1 Nov 2026 are closed"),
        ({"expires_on": date(2040, 1, 1)}, "give a day from the period’s end"),
    ],
)
def test_a_judgement_that_can_not_be_is_refused(
    sqlite_only: Database, given: dict[str, date], said: str
) -> None:
    with sqlite_only.transaction() as session:
        of = facts.supplier(session)
        esg(session)
        with pytest.raises(InvalidInput, match=said):
            judge(session, of, 50, **given)


def test_a_judgement_has_the_cards_looked_at_that_end_while_it_stands(
    sqlite_only: Database,
) -> None:
    with sqlite_only.transaction() as session:
        of = facts.supplier(session)
        esg(session)
        row = judge(session, of, 40, expires_on=date(2027, 3, 31))
        judging.withdraw(session, row, reason=REASON)
        notes = session.execute(select(TouchedMonth.month, TouchedMonth.cause)).all()
    # Twice November; December has not begun.
    assert [tuple(note) for note in notes] == [(month_index(date(2026, 11, 1)), "manual")] * 2


def test_an_order_counts_whole_and_not_while_a_line_is_pending(sqlite_only: Database) -> None:
    with sqlite_only.transaction() as session:
        of = facts.supplier(session)
        (late,) = ordered(session, of, come_on=None)
        late.promised_original_on = date(2025, 10, 6)
        ordered(session, of, **RIGHT)
        waiting = facts.order(session, of)
        split = facts.order(session, of)
        for order, last_on in ((waiting, date(2026, 12, 7)), (split, DUE)):
            for day in (date(2026, 10, 1), last_on):
                line = facts.line(session, order, promised_original_on=day)
                if order is split and day == DUE:
                    continue
                facts.receipt(session, line, day, quantity_rejected=Decimal(0), **RIGHT)
        judged(session)
        _, more = gathered(session, of)
    pof = more.measures["pof"]
    # One whole, one whose second line never came; the third waits for December.
    assert (pof.value, pof.n) == (0.5, 2)


@pytest.mark.parametrize("name", ["", "ESG_audit", "a  b", "<b>", "x" * 41])
def test_a_criterion_is_named_by_plain_words(sqlite_only: Database, name: str) -> None:
    with sqlite_only.transaction() as session, pytest.raises(InvalidInput, match="can’t be a name"):
        judging.add_criterion(session, name=name, short="0 to 100")
