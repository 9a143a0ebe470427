"""The demo company's screening: one match to decide, one cleared, one near miss."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.calc.name_matching import NameIndex
from app.facts.evidence.screening import queries
from app.facts.evidence.screening.queries import MatchFilter


def test_one_match_is_to_be_decided_and_one_was_cleared(session: Session) -> None:
    rows, total = queries.matches_page(session, MatchFilter())
    assert total == 2
    assert [(row.supplier_number, row.state, round(row.score)) for row in rows] == [
        ("V-10482", "candidate", 97),
        ("V-10178", "cleared", 95),
    ]
    assert queries.never_screened(session) == 0


def test_the_near_miss_stays_below_the_threshold() -> None:
    index = NameIndex(["PENNINE SEAL TRADING LLC"])
    (found,) = index.alike("Pennine Seals Ltd", at_least=80)
    assert round(found.comparison.score, 1) == 84.7
