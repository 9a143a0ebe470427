"""Which suppliers of ours supply each other: by number, by one name, by people's decisions."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import db
from app.base.db import Database
from app.facts.evidence.models import SubTierLink
from app.facts.evidence.sub_tier import queries, services
from app.facts.evidence.sub_tier.kinds import SpellingKind
from app.facts.suppliers.models import Supplier
from app.judgement.risk_index.rollups import Member, upstream
from tests.builders import facts

REASON = "asked both, it is one company"


def numbers(session: Session) -> dict[int, str]:
    return {row.id: row.number for row in session.scalars(select(Supplier))}


def told(session: Session) -> dict[str, set[str]]:
    """Who is supplied by whom of ours, by numbers."""
    of = numbers(session)
    return {
        of[key]: {of[each] for each in ups}
        for key, ups in queries.upstream_suppliers(session).items()
    }


def link(session: Session, number: str, name: str, **told: object) -> None:
    of = next(key for key, own in numbers(session).items() if own == number)
    session.add(
        SubTierLink(
            supplier_id=of, upstream_name=name, upstream_site="Plant", material="Tools", **told
        )
    )
    session.flush()


def test_a_link_without_a_number_goes_where_the_company_goes_elsewhere(database: Database) -> None:
    # Delta told that “Alpha GmbH” is S-1; whoever else tells that company means S-1 too.
    with db.transaction() as session:
        link(session, "S-3", "Alpha GmbH")
        link(session, "S-2", "ALPHA G.m.b.H.")
    with db.reading() as session:
        assert told(session) == {"S-4": {"S-1"}, "S-3": {"S-1"}}
    with db.transaction() as session:
        services.decide_spelling(
            session, SpellingKind.COMPANY, company="", spelling="ALPHA G.m.b.H.",
            means="Alpha GmbH", is_same=True, reason=REASON,
        )  # fmt: skip
        assert told(session) == {"S-4": {"S-1"}, "S-3": {"S-1"}, "S-2": {"S-1"}}


def test_a_company_by_the_very_name_of_a_supplier_is_that_supplier(database: Database) -> None:
    with db.transaction() as session:
        link(session, "S-1", "gamma")
        # Nobody supplies itself, and likeness alone leads nowhere.
        link(session, "S-2", "Beta")
        link(session, "S-4", "Gamma Ltd")
        assert told(session) == {"S-4": {"S-1"}, "S-1": {"S-3"}}
        # Two of one name: which of them is meant is not known.
        facts.supplier(session, "Gamma", number="S-9")
        assert told(session) == {"S-4": {"S-1"}}


def test_one_company_that_is_two_suppliers_of_ours_leads_to_none(database: Database) -> None:
    with db.transaction() as session:
        beta = next(key for key, own in numbers(session).items() if own == "S-2")
        link(session, "S-3", "Alpha GmbH", upstream_supplier_id=beta)
        link(session, "S-2", "Alpha GmbH")
        assert told(session) == {"S-4": {"S-1"}, "S-3": {"S-2"}}


def test_a_merged_supplier_upstream_is_followed(database: Database) -> None:
    with db.transaction() as session:
        found = {own: key for key, own in numbers(session).items()}
        alpha = session.get_one(Supplier, found["S-1"])
        alpha.effective_supplier_id = found["S-2"]
        session.flush()
        link(session, "S-4", "Alpha GmbH", upstream_supplier_id=found["S-1"], source="again")
    with db.reading() as session:
        assert told(session) == {"S-4": {"S-2"}}
        assert {each.upstream_supplier_id for each in queries.links(session)} == {
            None, found["S-2"],
        }  # fmt: skip


def test_half_of_an_index_reaches_whom_a_decided_name_leads_to(database: Database) -> None:
    with db.transaction() as session:
        link(session, "S-3", "Alpha GmbH")
        found = {own: key for key, own in numbers(session).items()}
        values = {"S-1": 80.0, "S-2": 90.0, "S-3": 10.0, "S-4": 60.0}
        members = [_member(found[number], number, value) for number, value in values.items()]
        assert [
            (each.member.name, each.source.name, each.figure) for each in upstream(session, members)
        ] == [("S-3", "S-1", 40.0), ("S-4", "S-1", 40.0)]


def _member(key: int, name: str, value: float) -> Member:
    return Member(key, "", name, None, None, None, value, None, "EUR", 0.0)
