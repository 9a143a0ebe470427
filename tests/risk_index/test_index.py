"""The index of a supplier from what is recorded, published beside its scorecard."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import db
from app.base.db import Database
from app.calc.risk_bands import RiskBand
from app.facts.suppliers.models import FinancialKind, Supplier
from app.judgement.risk_index import queries
from app.judgement.risk_index.models import RiskSnapshot
from app.recompute import recompute
from tests.builders import facts, houses
from tests.builders.events import disruption
from tests.risk_index.conftest import country, statement

AS_OF = date(2026, 10, 31)


def fragile(session: Session) -> Supplier:
    """A-grade deliveries, but in distress, single-sourced, 21 days to recover against 9."""
    supplier = facts.supplier(
        session, "Sonnenberg", country="DEU", financial_kind=FinancialKind.OTHER
    )
    houses.deliveries(session, supplier, lines=100)
    country(session, "DEU", 1.0)
    statement(session, supplier, -27, date(2025, 12, 31))
    part = facts.part(session, survive_days=9)
    houses.source(session, part, supplier, recover_days=21, requalification_weeks=35)
    disruption(session, facts.supplier(session, "Somebody else"), occurred_on=date(2026, 5, 4))
    return supplier


def test_a_fragile_supplier_is_high_whatever_its_grade(database: Database) -> None:
    with db.transaction() as session:
        own = fragile(session).id
    with db.reading() as session:
        view = queries.risk_card(session, own, AS_OF)
    risks = {each.id: each.risk for each in view.card.dimensions}
    assert risks["delivery"] == 0.0
    assert risks["geographic"] == 30.0
    assert risks["dependency"] == 100.0
    assert risks["continuity"] is None
    assert view.card.result.band is RiskBand.HIGH
    reasons = {str(floor.reason) for floor in view.card.result.floors}
    assert {"distress_hard_to_replace", "exposed_beyond_survival"} <= reasons


def test_contributions_and_imbalance_add_up_to_the_index(database: Database) -> None:
    with db.transaction() as session:
        own = fragile(session).id
    with db.reading() as session:
        result = queries.risk_card(session, own, AS_OF).card.result
    assert result.value is not None
    assert result.imbalance is not None
    total = sum(result.contributions.values()) + result.imbalance
    assert total == pytest.approx(result.value, abs=1e-12)


def test_a_supplier_without_evidence_is_insufficient_not_low(database: Database) -> None:
    with db.transaction() as session:
        own = facts.supplier(session).id
    with db.reading() as session:
        result = queries.risk_card(session, own, AS_OF).card.result
    assert (result.value, result.band) == (None, None)
    assert (result.lower, result.upper) == (0.0, 100.0)


def test_only_the_newest_edition_of_a_country_counts(database: Database) -> None:
    with db.transaction() as session:
        own = facts.supplier(session, country="DEU").id
        country(session, "DEU", -1.0, "2024")
        country(session, "DEU", 1.0, "2025")
    with db.reading() as session:
        geographic = queries.risk_card(session, own, AS_OF).card.dimensions[1]
    assert geographic.risk == 30.0
    assert geographic.inputs["places"][0]["editions"] == ["WGI 2025"]


def test_a_second_source_ends_single_sourcing(database: Database) -> None:
    with db.transaction() as session:
        own, other = fragile(session), facts.supplier(session, "Second source")
        part = facts.part(session)
        houses.source(session, part, own)
        houses.source(session, part, other, qualified_on=date(2026, 6, 1))
        key = own.id
    with db.reading() as session:
        before = queries.risk_card(session, key, date(2026, 5, 31)).card.dimensions[4]
        after = queries.risk_card(session, key, AS_OF).card.dimensions[4]
    assert (before.inputs["single"], before.inputs["parts"]) == (2, 2)
    assert (after.inputs["single"], after.inputs["parts"]) == (1, 2)


def test_a_blocked_supplier_is_no_second_source(database: Database) -> None:
    with db.transaction() as session:
        own = facts.supplier(session)
        part = facts.part(session)
        houses.source(session, part, own)
        houses.source(session, part, facts.supplier(session, "Blocked", status="blocked"))
        key = own.id
    with db.reading() as session:
        assert queries.risk_card(session, key, AS_OF).card.dimensions[4].inputs["single"] == 1


def test_a_published_index_says_what_the_live_one_says(database: Database) -> None:
    with db.transaction() as session:
        own = fragile(session).id
    recompute(AS_OF)
    with db.reading() as session:
        view = queries.risk_card(session, own, AS_OF)
        assert view.snapshot is not None
        parts = queries.parts_of(session, view.snapshot.id)
    result = view.card.result
    assert view.snapshot.value == result.value
    assert view.snapshot.band == "high"
    assert view.snapshot.state == "rated"
    assert parts["imbalance"] == result.imbalance
    assert [each[0] for each in parts["dimensions"]] == list(result.weights)


def test_new_evidence_restates_the_index_of_its_supplier_alone(database: Database) -> None:
    with db.transaction() as session:
        own = fragile(session).id
    recompute(AS_OF)
    with db.transaction() as session:
        statement(session, session.get_one(Supplier, own), 20, date(2026, 6, 30))
    result = recompute(AS_OF)
    assert result.risk is not None
    assert (result.risk.restated, result.risk.unchanged) == (1, 1)
    with db.reading() as session:
        rows = session.scalars(select(RiskSnapshot).where(RiskSnapshot.supplier_id == own)).all()
    assert [row.sequence for row in rows] == [1, 2]
    assert rows[0].band == "high"
