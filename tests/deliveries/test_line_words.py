"""What happened to an order line, in one sentence, by the days that were judged."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.base.db import Database
from app.facts.deliveries import rollup
from app.facts.deliveries.lines import line_lists, line_words
from app.facts.deliveries.lines.arrivals import arrivals_of
from app.facts.deliveries.models import ScheduleLine
from tests.builders import facts
from tests.builders.facts import DUE_ON

UNTIL = date(2026, 4, 30)


def line_of(session: Session, **given: Any) -> ScheduleLine:
    """A line of 1,000 promised for 5 March."""
    return facts.line(session, facts.order(session, facts.supplier(session)), **given)


def told(session: Session, line: ScheduleLine, measure: str = "otif_line") -> tuple[str, str]:
    """Judge everything; return the line's story and how late it is."""
    rollup.rebuild(session, until=UNTIL)
    found = line_lists.lines_by_ids(session, [line.id], measure=measure)[line.id]
    arrivals = arrivals_of(session, [line.id]).get(line.id, [])
    return line_words.story(found, arrivals), line_words.late_words(found, as_of=UNTIL)


@pytest.mark.parametrize(
    ("incoterm", "story", "late"),
    [
        ("EXW", "all 1,000 handed over on 9 Mar, due 5 Mar", "4 d"),
        ("CPT", "all 1,000 dispatched on 10 Mar, due 5 Mar", "5 d"),
        ("DAP", "all 1,000 on 14 Mar, due 5 Mar", "9 d"),
    ],
)
def test_a_late_line_is_told_by_the_day_of_the_event_that_was_judged(
    database: Database, incoterm: str, story: str, late: str
) -> None:
    with database.transaction() as session:
        line = line_of(session, incoterm=incoterm)
        ready = DUE_ON + timedelta(days=4)
        facts.receipt(
            session, line, date(2026, 3, 14), ready_on=ready, dispatched_on=date(2026, 3, 10)
        )
        assert told(session, line) == (story, late)


def test_a_list_of_what_reached_our_dock_tells_arrivals(database: Database) -> None:
    with database.transaction() as session:
        line = line_of(session, incoterm="EXW")
        facts.receipt(session, line, date(2026, 3, 14), ready_on=DUE_ON)
        assert told(session, line)[0] == "all 1,000 handed over on 5 Mar"
        assert told(session, line, "otd_dock")[0] == "all 1,000 on 14 Mar, due 5 Mar"


def test_a_part_handed_over_in_the_window_is_in_the_window_whenever_it_came(
    database: Database,
) -> None:
    with database.transaction() as session:
        line = line_of(session, incoterm="FCA")
        facts.receipt(session, line, date(2026, 3, 12), 600, ready_on=DUE_ON)
        facts.receipt(session, line, date(2026, 3, 11), 400, ready_on=date(2026, 3, 9))
        assert told(session, line)[0] == (
            "600 of 1,000 handed over on 5 Mar in the window, 400 on 9 Mar"
        )


def test_a_later_event_stands_in_where_the_one_agreed_is_not_recorded(database: Database) -> None:
    with database.transaction() as session:
        line = line_of(session, incoterm="EXW")
        facts.receipt(session, line, None, posted_on=date(2026, 3, 8))
        assert told(session, line) == ("all 1,000 on 8 Mar, due 5 Mar", "3 d")


def test_what_was_sent_back_is_told_beside_what_it_leaves_open(database: Database) -> None:
    with database.transaction() as session:
        line = line_of(session)
        facts.receipt(session, line, DUE_ON, quantity_returned=Decimal(300))
        assert told(session, line)[0] == "all 1,000 on 5 Mar; 300 sent back; 300 still open"


def test_of_a_line_that_is_not_due_yet_nothing_is_told_to_have_failed(database: Database) -> None:
    with database.transaction() as session:
        line = line_of(session, promised_original_on=date(2026, 5, 20))
        assert told(session, line)[0] == "nothing came yet, due 20 May"


def test_an_unknown_quantity_is_not_told_as_the_reason_of_a_miss(database: Database) -> None:
    with database.transaction() as session:
        line = line_of(session)
        facts.receipt(session, line, date(2026, 3, 14))
        rollup.rebuild(session, until=UNTIL)
        late = line_lists.lines_by_ids(session, [line.id])[line.id]
    assert line_words.outcome_words(late) == "missed: late"
    by_date = replace(late, reason="receipt_quantity_unknown")
    assert line_words.outcome_words(by_date) == "missed by date; a receipt has no quantity"
