"""The list of suppliers: what is published, filtered, sorted and paged; unknown stands last."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy.orm import Session

from app.base import db
from app.base.db import Database
from app.facts.suppliers.models import Category
from app.judgement.risk_index.portfolio import (
    PortfolioQuery,
    movements,
    portfolio,
    summary,
)
from app.recompute import recompute
from tests.builders import facts, houses
from tests.scorecards.conftest import CountQueries, count_queries

__all__ = ["count_queries"]

AS_OF = date(2026, 10, 31)


def cast(session: Session) -> None:
    """A veteran (57 of 60), a newcomer (4 of 4), one without data, a warehouse of our own."""
    castings = Category(name="Castings")
    session.add(castings)
    session.flush()
    veteran = facts.supplier(
        session, "Veteran", number="V-1", country="DEU", category_id=castings.id
    )
    newcomer = facts.supplier(session, "newcomer", number="V-2", country="NOR")
    facts.supplier(session, "Silent", number="V-3", status="qualifying")
    houses.deliveries(session, veteran, lines=60, late=3)
    houses.deliveries(session, newcomer, lines=4)
    houses.deliveries(session, houses.warehouse(session), lines=20)
    part = facts.part(session)
    houses.source(session, part, veteran)


@pytest.fixture
def published(database: Database) -> Database:
    with db.transaction() as session:
        cast(session)
    recompute(AS_OF)
    return database


def names(query: PortfolioQuery) -> list[str]:
    with db.reading() as session:
        return [row.name for row in portfolio(session, query).rows]


def test_own_warehouses_stay_out_and_names_sort_without_case(published: Database) -> None:
    assert names(PortfolioQuery()) == ["newcomer", "Silent", "Veteran"]


def test_a_row_says_what_is_published(published: Database) -> None:
    with db.reading() as session:
        page = portfolio(session, PortfolioQuery(search="vet"))
    row = page.rows[0]
    assert (row.otif, row.otif_n, row.ppm) == (0.95, 60, 0.0)
    assert (row.category, row.country, row.single_parts, row.parts) == ("Castings", "DEU", 1, 1)
    assert (row.trend[-1].value, row.trend[-1].n, len(row.trend)) == (0.95, 60, 12)
    assert row.trend[0].value is None
    assert page.period is not None
    assert page.period.last_day == AS_OF
    assert (page.total, page.method) == (1, "Direct material v1")


@pytest.mark.parametrize("is_falling", [False, True])
def test_unknown_stands_last_both_ways(published: Database, is_falling: bool) -> None:
    assert names(PortfolioQuery(sort="ppm", is_falling=is_falling))[-1] == "Silent"


def test_sorting_by_lines_puts_most_first_when_falling(published: Database) -> None:
    assert names(PortfolioQuery(sort="lines", is_falling=True)) == ["Veteran", "newcomer", "Silent"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (PortfolioQuery(countries=["NOR", "DEU"]), ["newcomer", "Veteran"]),
        (PortfolioQuery(statuses=["qualifying"]), ["Silent"]),
        (PortfolioQuery(grades=["NR"]), ["newcomer", "Silent", "Veteran"]),
        (PortfolioQuery(grades=["A"]), []),
        (PortfolioQuery(bands=["none", "low"]), ["newcomer", "Silent"]),
        # Single-sourced: too little is known for an index, but the floor stands.
        (PortfolioQuery(bands=["medium"]), ["Veteran"]),
        (PortfolioQuery(search="V-2"), ["newcomer"]),
        (PortfolioQuery(search="%"), []),
    ],
)
def test_filters_narrow_the_list(
    published: Database, query: PortfolioQuery, expected: list[str]
) -> None:
    assert names(query) == expected


def test_pages_do_not_overlap(published: Database) -> None:
    pages = [names(PortfolioQuery(sort="score", offset=start, limit=1)) for start in range(3)]
    assert sorted(name for page in pages for name in page) == ["Silent", "Veteran", "newcomer"]


def test_an_unpublished_house_lists_its_suppliers_without_figures(database: Database) -> None:
    with db.transaction() as session:
        cast(session)
    with db.reading() as session:
        page = portfolio(session, PortfolioQuery())
    assert [row.score_state for row in page.rows] == [None, None, None]
    assert (page.period, page.total) == (None, 3)


def test_a_page_takes_as_many_queries_for_many_rows_as_for_few(
    published: Database, count_queries: CountQueries
) -> None:
    counts = []
    for limit in (1, 3):
        with db.reading() as session, count_queries(session) as counted:
            portfolio(session, PortfolioQuery(limit=limit))
        counts.append(counted.count)
    assert counts[0] == counts[1] <= 15


def test_the_summary_counts_everybody_once(published: Database) -> None:
    with db.reading() as session:
        counted = summary(session)
    assert counted.total == 3
    assert sum(counted.by_grade.values()) == sum(counted.by_band.values()) == 3
    assert (counted.parts, counted.single_parts) == (1, 1)


def test_without_an_earlier_period_nothing_has_moved(published: Database) -> None:
    with db.reading() as session:
        assert movements(session, since=date(2026, 8, 1)) == []
