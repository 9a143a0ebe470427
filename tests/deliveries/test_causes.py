"""What the dates of missed lines point to, read for many lines at once."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy.orm import Session

from app.base.db import Database
from app.calc.attribution import MissCause, Suggestion
from app.calc.periods import parse_period
from app.facts.deliveries import rollup
from app.facts.deliveries.lines import causes, line_lists
from app.facts.deliveries.lines.arrivals import arrivals_of
from app.facts.deliveries.lines.line_lists import LineQuery
from app.facts.deliveries.models import (
    ChangedBy,
    MissAttribution,
    PromiseChange,
    Receipt,
    ScheduleLine,
)
from tests.builders import facts
from tests.builders.facts import DUE_ON

UNTIL = date(2026, 4, 30)


def told(session: Session, line: ScheduleLine) -> list[tuple[MissCause, str]]:
    """Judge everything and return what the line's dates point to."""
    rollup.rebuild(session, until=UNTIL)
    found = line_lists.lines_by_ids(session, [line.id])
    arrivals = arrivals_of(session, [line.id])
    suggestions: tuple[Suggestion, ...] = causes.suggestions(
        session, list(found.values()), arrivals
    )[line.id]
    return [(each.cause, each.evidence) for each in suggestions]


def late_line(session: Session, days: int = 4, **given: object) -> tuple[ScheduleLine, Receipt]:
    line = facts.line(session, facts.order(session, facts.supplier(session)), **given)
    return line, facts.receipt(session, line, DUE_ON + timedelta(days=days))


def test_a_carrier_that_was_handed_the_goods_in_time_is_pointed_to(database: Database) -> None:
    with database.transaction() as session:
        line, receipt = late_line(session, incoterm="DAP")
        line.incoterm = "CPT"
        receipt.dispatched_on, receipt.arrived_on = DUE_ON + timedelta(days=1), date(2026, 3, 12)
        assert told(session, line) == []
        receipt.dispatched_on = DUE_ON
        assert [cause for cause, _ in told(session, line)] == [MissCause.CARRIER]


def test_goods_that_still_lack_are_nobodys_slow_dock(database: Database) -> None:
    with database.transaction() as session:
        line = facts.line(session, facts.order(session, facts.supplier(session)))
        facts.receipt(session, line, DUE_ON, 600, posted_on=DUE_ON + timedelta(days=3))
        assert told(session, line) == []


def test_a_date_that_the_buyer_pulled_in_points_to_the_buyer(database: Database) -> None:
    with database.transaction() as session:
        line, _ = late_line(session)
        session.add(
            PromiseChange(
                line_id=line.id, from_on=DUE_ON, to_on=DUE_ON - timedelta(days=10),
                changed_by=ChangedBy.BUYER, is_agreed=True, changed_on=date(2026, 2, 10),
            )
        )  # fmt: skip
        assert told(session, line) == [
            (
                MissCause.BUYER,
                "The buyer moved the date from 5 March 2026 to 23 February 2026 on "
                "10 February 2026.",
            )
        ]


def test_met_missed_and_coded_lines_are_counted_in_one_read(database: Database) -> None:
    with database.transaction() as session:
        of = facts.supplier(session)
        order = facts.order(session, of)
        lines = [facts.line(session, order) for _ in range(4)]
        for line, days in zip(lines, (0, 3, 4, 5), strict=True):
            facts.receipt(session, line, DUE_ON + timedelta(days=days))
        for line, cause in ((lines[1], "carrier"), (lines[2], "unknown")):
            session.add(MissAttribution(line_id=line.id, cause=cause, attributed_by="Ana"))
        rollup.rebuild(session, until=UNTIL)
        query = LineQuery("otif_line", parse_period("12m", as_of=UNTIL), [of.id])
        counts = causes.miss_counts(session, query)
    # Coded as unknown excuses nobody.
    assert (counts.true, counts.known, counts.uncoded) == (1, 4, 2)
    assert dict(counts.coded) == {MissCause.CARRIER: 1}
