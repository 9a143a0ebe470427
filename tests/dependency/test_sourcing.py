"""Flags of parts are computed from the approved sources, in SQL as in the formula."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base.errors import NotFound
from app.calc.dependency_flags import SiteKnowledge
from app.facts.suppliers.models import Part
from app.facts.suppliers.sourcing import queries
from app.facts.suppliers.sourcing.queries import PartQuery
from tests.dependency.conftest import AS_OF


def page(session: Session, **asked: object) -> list[str]:
    rows, _ = queries.parts_page(session, PartQuery(**asked), as_of=AS_OF)  # type: ignore[arg-type]
    return [row.number for row in rows]


def test_flags_follow_from_the_sources(session: Session) -> None:
    rows, total = queries.parts_page(session, PartQuery(), as_of=AS_OF)
    assert total == 6
    assert {row.number: row.flags for row in rows} == {
        "P-1": ("multiple",),
        "P-2": ("single", "single_site"),
        "P-3": ("single", "sole", "site_unknown"),
        "P-4": ("none_approved",),
        "P-5": ("multiple",),
        "P-6": ("multiple", "contradicted"),
    }


def test_the_list_and_the_formula_agree_on_every_part(session: Session) -> None:
    own = {"none_approved", "single", "sole", "single_site"}
    for part_id in session.scalars(select(Part.id)):
        sheet = queries.part_sheet(session, part_id, as_of=AS_OF)
        assert [str(flag) for flag in sheet.flags.flags] == [
            flag for flag in sheet.row.flags if flag in own
        ]
        assert (sheet.flags.contradiction is not None) is ("contradicted" in sheet.row.flags)
        is_unknown = "single" in sheet.row.flags and sheet.flags.sites is SiteKnowledge.UNKNOWN
        assert is_unknown is ("site_unknown" in sheet.row.flags)


def test_filters_sorts_and_pages(session: Session) -> None:
    assert page(session, flags=["single"], sort="revenue", is_falling=True) == ["P-3", "P-2"]
    assert page(session, criticalities=["high"]) == ["P-1"]
    assert page(session, search="housing 4") == ["P-4"]
    # Unknown weeks stand last, whichever way the list is sorted.
    assert page(session, sort="weeks", is_falling=True, limit=2) == ["P-1", "P-2"]
    rows, total = queries.parts_page(session, PartQuery(offset=90, limit=10), as_of=AS_OF)
    assert (rows, total) == ([], 6)


def test_the_longest_time_to_requalify_stands_for_the_part(session: Session) -> None:
    rows, _ = queries.parts_page(session, PartQuery(search="P-1"), as_of=AS_OF)
    assert (rows[0].weeks, rows[0].sources, rows[0].largest_share) == (30, 3, 400_000)


def test_a_part_that_is_not_there_is_not_found(session: Session) -> None:
    with pytest.raises(NotFound):
        queries.part_sheet(session, 999_999, as_of=AS_OF)
