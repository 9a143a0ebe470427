"""The blocked supplier of the demo company, and who ordered from it nevertheless."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from app.faces.demo.cast import LAST_DAY
from app.faces.demo.standings import BLOCKED
from app.facts.deliveries.lines.ordered_lines import lines_ordered_in
from app.facts.suppliers import queries as suppliers
from app.facts.suppliers.standings import queries
from app.facts.suppliers.standings.queries import Answer


def test_twelve_lines_were_ordered_while_blocked_nine_by_the_exception(session: Session) -> None:
    own = suppliers.find_supplier(session, BLOCKED)
    history, exceptions = (
        queries.history_of(session, own.id), queries.exceptions_of(session, own.id),
    )  # fmt: skip
    spans = queries.blocked_spans(history, until=LAST_DAY)
    placed = lines_ordered_in(session, spans, supplier_ids=[own.id])
    covered = [line for line in placed if exceptions[0].holds_on(line.ordered_on)]
    assert spans == [(date(2026, 9, 14), LAST_DAY)]
    assert (len(placed), len(covered)) == (12, 9)
    assert queries.terms_on(session, own.id, date(2026, 9, 20)).answer is Answer.NO
    assert queries.terms_on(session, own.id, LAST_DAY).answer is Answer.WARN
    assert own.status == "blocked"
