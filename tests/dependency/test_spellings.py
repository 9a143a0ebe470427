"""Spellings upstream: suggested with a score, merged by a person, never by themselves."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import db
from app.base.db import Database
from app.base.errors import Conflict, InvalidInput
from app.facts.evidence.models import SubTierLink
from app.facts.evidence.sub_tier import naming, queries, services
from app.facts.evidence.sub_tier.kinds import SpellingKind
from app.facts.evidence.sub_tier.queries import NodeKind
from app.facts.evidence.sub_tier.sharing import sharing
from app.facts.evidence.sub_tier.spellings import spellings
from app.facts.suppliers.models import Supplier
from app.platform.audit.services import ReasonNeeded
from tests.dependency.conftest import AS_OF

OTHER = "SHARED  Co., Ltd."
REASON = "asked the supplier, it is one company"


@pytest.fixture
def spelt(database: Database) -> Database:
    """Gamma writes the shared company and its plant in its own way."""
    with db.transaction() as session:
        gamma = session.scalars(select(Supplier.id).where(Supplier.number == "S-3")).one()
        link = session.scalars(select(SubTierLink).where(SubTierLink.supplier_id == gamma)).one()
        link.upstream_name, link.upstream_site = OTHER, "one."
    return database


def decide(session: Session, kind: SpellingKind, spelling: str, means: str, **said: object) -> None:
    given = {"company": "", "is_same": True, "reason": REASON} | said
    services.decide_spelling(session, kind, spelling=spelling, means=means, **given)  # type: ignore[arg-type]


def sharers(session: Session, kind: NodeKind) -> list[tuple[str, int]]:
    rows = sharing(session, as_of=AS_OF, kind=kind).rows
    return [(row.node.label, len(row.supplier_ids)) for row in rows]


def found(session: Session) -> list[tuple[str, str, str, int]]:
    known = spellings(session)
    told = naming.suggestions(queries.links(session, known=known), known)
    return [(str(each.kind), each.spelling, each.other, each.score) for each in told]


def test_nothing_is_merged_by_itself(spelt: Database) -> None:
    with db.reading() as session:
        assert sharers(session, NodeKind.COMPANY) == [("Shared Co", 3)]
        assert found(session) == [("company", OTHER, "Shared Co", 100)]


def test_a_person_merges_a_company_then_its_plants_and_takes_it_back(spelt: Database) -> None:
    with db.transaction() as session:
        decide(session, SpellingKind.COMPANY, OTHER, "Shared Co")
    with db.reading() as session:
        assert sharers(session, NodeKind.COMPANY) == [("Shared Co", 4)]
        assert found(session) == [("plant", "one.", "One", 100)]
    with db.transaction() as session:
        decide(session, SpellingKind.PLANT, "one.", "One", company="Shared Co")
    with db.reading() as session:
        assert sharers(session, NodeKind.PLANT) == [("One (Shared Co)", 4)]
        # Links keep what was told.
        told = session.scalars(select(SubTierLink.upstream_name)).all()
        assert OTHER in told
        [_, company] = services.decided(session)
    with db.transaction() as session:
        services.undo_spelling(session, company.public_id, reason="they are two after all")
    with db.reading() as session:
        assert sharers(session, NodeKind.PLANT) == [("One (Shared Co)", 3)]


def test_two_that_were_told_apart_are_not_suggested_again(spelt: Database) -> None:
    with db.transaction() as session:
        decide(session, SpellingKind.COMPANY, OTHER, "Shared Co", is_same=False)
    with db.reading() as session:
        assert found(session) == []
    with db.transaction() as session, pytest.raises(Conflict):
        decide(session, SpellingKind.COMPANY, "Shared Co", OTHER)


def test_a_decision_needs_a_reason_and_names_that_links_tell(spelt: Database) -> None:
    with db.transaction() as session, pytest.raises(ReasonNeeded):
        decide(session, SpellingKind.COMPANY, OTHER, "Shared Co", reason="same")
    with db.transaction() as session, pytest.raises(InvalidInput):
        decide(session, SpellingKind.COMPANY, OTHER, "Nobody AG")


@pytest.mark.parametrize(
    ("one", "other", "score"),
    [
        ("Fonderia Valbrenta S.p.A.", "valbrenta fonderia spa", 100),
        ("Hofors Tråd AB", "Hofors Trad", 100),
        ("Tianlan Sintering", "Tianlang Sintering", 97),
        ("Plant 1", "Plant 2", 86),
    ],
)
def test_likeness_is_100_only_where_habits_of_spelling_differ(
    one: str, other: str, score: int
) -> None:
    assert naming.score_of(one, other) == score


def test_plants_that_differ_in_a_number_are_never_suggested(database: Database) -> None:
    with db.transaction() as session:
        beta = session.scalars(select(Supplier.id).where(Supplier.number == "S-2")).one()
        session.add_all(
            SubTierLink(
                supplier_id=beta, upstream_name="Baotou Sintering Works", material="Powder",
                upstream_site=f"Industrial park Baotou plant {number}",
            )
            for number in (1, 2)
        )  # fmt: skip
    with db.reading() as session:
        assert found(session) == []
