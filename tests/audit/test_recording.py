"""Every committed change of a marked object is one event; a refused change is none."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.base import acting, db
from app.base.acting import Actor, Source
from app.base.db import Database
from app.facts.suppliers.models import Category, Supplier
from app.platform.audit import services
from app.platform.audit.appending import ReasonNeeded
from app.platform.audit.models import AuditEvent, AuditHead
from app.platform.audit.recording import UnrecordedChange

BUYER = Actor(
    name="M. Weber",
    source=Source.UI,
    user_id=7,
    roles=frozenset({"buyer", "approver"}),
    request_id="r1",
    session_hash="s1",
    network="192.0.2.0/24",
)
WHY = "Agreed in the review of 20 November."


def events(database: Database) -> list[AuditEvent]:
    with database.reading() as session:
        return list(session.scalars(select(AuditEvent).order_by(AuditEvent.seq)))


def refuse_after_adding(thing: object) -> None:
    def work() -> None:
        with db.transaction() as session:
            session.add(thing)
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        work()


def told(database: Database) -> list[tuple[str, str, str]]:
    return [(each.action, each.entity, each.entity_id) for each in events(database)]


def add_supplier(number: str = "100", **said: object) -> int:
    with db.transaction() as session:
        supplier = Supplier(number=number, name="Adler Pumps", **said)
        session.add(supplier)
        session.flush()
        return supplier.id


def test_a_new_object_is_one_event_with_what_it_holds(database: Database) -> None:
    key = add_supplier(country="DEU")
    assert told(database) == [("create", "supplier", str(key))]
    event = events(database)[0]
    assert event.before_json is None
    after = json.loads(event.after_json or "")
    assert (after["name"], after["country"], after["status"]) == ("Adler Pumps", "DEU", "approved")
    assert "created_at" not in after


def test_an_event_says_who_from_where_and_by_which_code(database: Database) -> None:
    with acting.acting_as(BUYER):
        add_supplier()
    event = events(database)[0]
    assert (event.actor_id, event.actor_role, event.source) == (7, "approver,buyer", "ui")
    assert (event.request_id, event.session_hash, event.network) == ("r1", "s1", "192.0.2.0/24")
    assert event.code_version
    # The name itself stands sealed: erasing the person erases it.
    assert "Weber" not in event.actor_name


def test_a_change_keeps_the_changed_fields_only(database: Database) -> None:
    key = add_supplier(country="DEU")
    with db.transaction() as session:
        session.get_one(Supplier, key).country = "FRA"
    event = events(database)[1]
    assert (event.action, event.before_json, event.after_json) == (
        "change",
        '{"country":"DEU"}',
        '{"country":"FRA"}',
    )


def test_changing_back_within_a_transaction_is_no_event(database: Database) -> None:
    key = add_supplier(country="DEU")
    with db.transaction() as session:
        supplier = session.get_one(Supplier, key)
        supplier.country = "FRA"
        session.flush()
        supplier.country = "DEU"
    assert len(events(database)) == 1


def test_several_flushes_of_one_object_are_one_event(database: Database) -> None:
    with db.transaction() as session:
        supplier = Supplier(number="1", name="Adler")
        session.add(supplier)
        session.flush()
        supplier.name = "Adler Pumps"
        session.flush()
        supplier.country = "DEU"
    [event] = events(database)
    assert event.action == "create"
    assert json.loads(event.after_json or "")["name"] == "Adler Pumps"


def test_a_deletion_keeps_what_was_there(database: Database) -> None:
    with db.transaction() as session:
        category = Category(name="Castings")
        session.add(category)
    with db.transaction() as session:
        session.delete(session.get_one(Category, category.id))
    assert events(database)[1].before_json == '{"name":"Castings"}'
    assert events(database)[1].after_json is None


def test_what_came_and_went_in_one_transaction_is_no_event(database: Database) -> None:
    with db.transaction() as session:
        category = Category(name="Castings")
        session.add(category)
        session.flush()
        session.delete(category)
    assert events(database) == []


def test_a_refused_change_leaves_no_event(database: Database) -> None:
    refuse_after_adding(Supplier(number="1", name="Adler"))
    assert events(database) == []
    assert head(database) == (0, 0)


def test_what_a_savepoint_takes_back_is_no_event(database: Database) -> None:
    with db.transaction() as session:
        session.add(Category(name="Castings"))
        savepoint = session.begin_nested()
        session.add(Category(name="Forgings"))
        session.flush()
        savepoint.rollback()
        with session.begin_nested():
            session.add(Category(name="Seals"))
    assert [json.loads(each.after_json or "")["name"] for each in events(database)] == [
        "Castings",
        "Seals",
    ]


def test_numbers_have_no_gap_even_after_refusals(database: Database) -> None:
    add_supplier("1")
    refuse_after_adding(Supplier(number="2", name="Adler"))
    add_supplier("3")
    assert [each.seq for each in events(database)] == [1, 2]
    assert head(database) == (2, 2)


def head(database: Database) -> tuple[int, int]:
    with database.reading() as session:
        found = session.scalars(select(AuditHead)).one()
        return found.seq, found.count


def test_a_bulk_change_without_an_event_commits_nothing(database: Database) -> None:
    key = add_supplier(country="DEU")
    with pytest.raises(UnrecordedChange, match="supplier"), db.transaction() as session:
        session.execute(update(Supplier).values(country="FRA"))
    with pytest.raises(UnrecordedChange, match="supplier"), db.transaction() as session:
        session.execute(delete(Supplier.__table__))  # type: ignore[arg-type] # a table
    with db.reading() as session:
        assert session.get_one(Supplier, key).country == "DEU"


def test_a_bulk_change_with_its_event_commits(database: Database) -> None:
    add_supplier(country="DEU")
    with db.transaction() as session:
        session.execute(update(Supplier).values(country="FRA"))
        services.record(session, action="country.mend", entity="supplier", entity_id="all")
    assert told(database)[1:] == [("country.mend", "supplier", "all")]


def test_an_explicit_act_takes_the_change_of_its_object_in(database: Database) -> None:
    key = add_supplier(country="DEU")
    with db.transaction() as session:
        session.get_one(Supplier, key).country = "FRA"
        services.record(
            session, action="supplier.move", entity="supplier", entity_id=key, reason=WHY
        )
    event = events(database)[1]
    assert (event.action, event.reason) == ("supplier.move", WHY)
    assert event.after_json == '{"country":"FRA"}'
    assert len(events(database)) == 2


def block(session: Session, key: int) -> None:
    session.get_one(Supplier, key).status = "blocked"


def block_because(key: int, reason: str) -> None:
    with db.transaction() as session:
        if reason:
            services.give_reason(session, reason)
        block(session, key)


@pytest.mark.parametrize("reason", ["", "x", "         too", "\u200b" * 12])
def test_a_judgement_is_refused_without_a_reason(database: Database, reason: str) -> None:
    key = add_supplier()
    with acting.acting_as(BUYER), pytest.raises(ReasonNeeded) as refused:
        block_because(key, reason)
    assert refused.value.message == "Give a reason of at least 10 characters."
    assert (refused.value.code, refused.value.field) == ("E-AUD-01", "reason")
    with db.reading() as session:
        assert session.get_one(Supplier, key).status == "approved"
    assert len(events(database)) == 1


def test_a_reason_of_501_characters_is_refused(database: Database) -> None:
    with pytest.raises(ReasonNeeded, match="at most 500"), db.transaction() as session:
        services.give_reason(session, "x" * 501)


def test_a_judgement_keeps_its_reason(database: Database) -> None:
    key = add_supplier()
    with acting.acting_as(BUYER), db.transaction() as session:
        services.give_reason(session, f"  {WHY}\n")
        block(session, key)
    assert events(database)[1].reason == WHY


def test_an_ordinary_edit_needs_no_reason(database: Database) -> None:
    key = add_supplier()
    with acting.acting_as(BUYER), db.transaction() as session:
        session.get_one(Supplier, key).country = "FRA"
    assert events(database)[1].reason is None


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET reason = 'another reason' WHERE seq = 1",
        "DELETE FROM audit_event",
        "UPDATE audit_anchor SET seq = 0",
        "DELETE FROM audit_anchor",
        "DELETE FROM audit_head",
        "UPDATE audit_head SET seq = 0, count = 0",
        "UPDATE audit_head SET hash = 'another'",
        "UPDATE subject_key SET subject = 'another'",
        "TRUNCATE audit_event",
        "TRUNCATE audit_anchor",
        "TRUNCATE audit_head",
    ],
)
def test_the_database_itself_refuses_to_change_the_past(database: Database, statement: str) -> None:
    if database.is_sqlite and statement.startswith("TRUNCATE"):
        pytest.skip("SQLite has no TRUNCATE; DELETE without a condition is the same and refused")
    with acting.acting_as(BUYER):
        add_supplier()
    with db.transaction() as session:
        session.execute(
            text(
                "INSERT INTO audit_anchor (at_utc, seq, hash, count, kept_in) "
                "VALUES ('2026-11-21 09:30:00', 1, 'h', 1, 'file')"
            )
        )
    with pytest.raises(DBAPIError, match="append-only"), db.transaction() as session:
        session.execute(text(statement))
    assert len(events(database)) == 1
