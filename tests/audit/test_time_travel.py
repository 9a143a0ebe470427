"""An earlier state read from the log is the state that was recorded then."""

from __future__ import annotations

import random
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from app.base import db
from app.base.db import Base, Database
from app.base.errors import NotFound
from app.facts.suppliers.models import Category, Part, Site, Supplier
from app.platform.audit import marking, queries, services
from app.platform.audit.time_travel import kept_names, state_of

READS = 1_000
COMMITS = 60
SEED = 20261121
ENTITIES: dict[str, Any] = {"category": Category, "supplier": Supplier, "part": Part, "site": Site}

States = dict[tuple[str, int], Any]


def present() -> States:
    """Every object with what it holds now."""
    found: States = {}
    with db.reading() as session:
        for entity in ENTITIES:
            table = Base.metadata.tables[entity]
            names = kept_names(table, marking.mark_of(entity))
            for row in session.connection().execute(select(table)).mappings():
                found[entity, row["id"]] = state_of(dict(row), names)
    return found


def last_event() -> tuple[int, datetime]:
    with db.reading() as session:
        row = session.execute(
            select(Base.metadata.tables["audit_event"].c["seq", "at_utc"]).order_by(
                Base.metadata.tables["audit_event"].c.seq.desc()
            )
        ).first()
    assert row is not None
    return row[0], row[1]


def work(chance: random.Random, step: int) -> None:
    """Add, change and remove a few objects in one transaction."""
    with db.transaction() as session:
        for turn in range(chance.randrange(1, 4)):
            entity = chance.choice(list(ENTITIES))
            there = session.scalars(select(ENTITIES[entity])).all()
            if not there or chance.random() < 0.4:
                session.add(added(entity, f"{step}-{turn}", chance))
            elif chance.random() < 0.2:
                session.delete(chance.choice(there))
            else:
                change(entity, chance.choice(there), chance)
        session.flush()


def added(entity: str, name: str, chance: random.Random) -> Any:
    if entity == "supplier":
        return Supplier(number=name, name=f"Supplier {name}", owner=chance.choice([None, "A. Roy"]))
    if entity == "part":
        return Part(number=name, unit_cost=Decimal(chance.randrange(10_000)) / 100)
    return Category(name=name) if entity == "category" else Site(name=name)


def change(entity: str, thing: Any, chance: random.Random) -> None:
    if entity == "supplier":
        thing.country = chance.choice(["DEU", "FRA", None])
        thing.owner = chance.choice(["A. Roy", "M. Weber", None])
    elif entity == "part":
        thing.annual_usage = Decimal(chance.randrange(1_000_000)) / 1_000
    else:
        thing.name = f"{thing.name[:20]}/{chance.randrange(1_000)}"


def test_a_thousand_random_reads_equal_what_was_recorded(database: Database) -> None:
    chance = random.Random(SEED)  # noqa: S311 — to be repeated, not to be secret
    recorded: list[tuple[int, datetime, States]] = []
    for step in range(COMMITS):
        work(chance, step)
        if present():
            recorded.append((*last_event(), present()))
    everything = sorted({key for _, _, states in recorded for key in states})
    ended = {at: seq for seq, at, _ in recorded}
    with db.reading() as session:
        for _ in range(READS):
            seq, at, states = chance.choice(recorded)
            entity, key = chance.choice(everything)
            # Two commits in one millisecond are told apart by number only.
            moment = at if ended[at] == seq and chance.random() < 0.5 else seq
            assert queries.state_at(session, entity, key, moment) == states.get((entity, key))


def test_an_object_that_an_import_brought_was_not_there_before(database: Database) -> None:
    with db.transaction() as session:
        session.execute(
            Base.metadata.tables["category"].insert(),
            {
                "name": "Castings",
                "created_at": datetime.fromisoformat("2026-06-01T00:00:00Z"),
                "updated_at": datetime.fromisoformat("2026-06-01T00:00:00Z"),
            },
        )
    with db.reading() as session:
        key = session.scalar(select(Category.id))
        may, june = (datetime.fromisoformat(f"2026-0{month}-02T00:00:00Z") for month in (5, 6))
        assert queries.state_at(session, "category", key, may) is None
        assert queries.state_at(session, "category", key, june) == {
            "name": "Castings",
            "parent_id": None,
        }


def test_an_act_without_values_changes_no_state(database: Database) -> None:
    with db.transaction() as session:
        category = Category(name="Castings")
        session.add(category)
    with db.transaction() as session:
        services.record(
            session,
            action="category.review",
            entity="category",
            entity_id=category.id,
            after={"seen": True},
        )
    with db.reading() as session:
        assert queries.state_at(session, "category", category.id, 1) == {
            "name": "Castings",
            "parent_id": None,
        }


def test_what_the_log_does_not_know_is_not_found(database: Database) -> None:
    with db.reading() as session, pytest.raises(NotFound, match="web_session"):
        queries.state_at(session, "web_session", 1, 1)


def test_a_history_tells_who_what_and_why(database: Database) -> None:
    with db.transaction() as session:
        supplier = Supplier(number="1", name="Adler", country="DEU")
        session.add(supplier)
    with db.transaction() as session:
        services.give_reason(session, "Their plant moved to Lyon.")
        session.get_one(Supplier, supplier.id).country = "FRA"
    with db.reading() as session:
        [later, first] = queries.history_of(session, "supplier", supplier.id)
    assert (first.is_new, first.actor, first.source) == (True, "test", "job")
    assert later.differences == (queries.Difference("country", "DEU", "FRA"),)
    assert later.reason == "Their plant moved to Lyon."
