"""Erasing a person leaves nothing to read, and the chain whole."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.engine import make_url

from app.base import acting, db
from app.base.acting import Actor, Source
from app.base.db import Base, Database
from app.base.errors import InvalidInput, NotFound
from app.facts.suppliers.models import Supplier
from app.judgement.continuity.models import ContinuityPlan, PlanContact
from app.judgement.continuity.responses.models import IncidentResponse
from app.platform.accounts import erasing, services
from app.platform.accounts.models import User
from app.platform.audit import disclosure, erasure, queries, security, verifying
from app.platform.audit.security import Kind
from app.reviews.due_dates.models import CalendarFeed
from app.schema import metadata
from tests.builders import facts
from tests.conftest import NOW, TODAY

NAME, ADDRESS = "Quirina Zwetschgenbaum", "quirina@zwetschgenbaum.example"
WHY = "Asked for by letter of 20 November."
CANARIES = (b"Zwetschgenbaum", b"zwetschgenbaum")


@pytest.fixture
def person(database: Database) -> int:
    """Somebody who did things, was named in rows, and stands in the security log."""
    with db.transaction() as session:
        key = services.create_admin(session, email=ADDRESS, name=NAME)
    doer = Actor(name=NAME, source=Source.UI, user_id=key, network="192.0.2.0/24")
    with acting.acting_as(doer):
        with db.transaction() as session:
            session.add(Supplier(number="1", name="Adler Pumps", owner=NAME))
        security.note(Kind.SIGN_IN, ip="192.0.2.17", address=ADDRESS)
    with acting.acting_as(acting.system("worker", behind=NAME)), db.transaction() as session:
        session.add(Supplier(number="2", name="Brandt Seals"))
    return key


def erase(person: int) -> erasure.Erased:
    with db.transaction() as session:
        return erasure.erase_person(session, erasing.ENTITY, person, reason=WHY)


def everything() -> Iterator[str]:
    """Every value of every row."""
    with db.reading() as session:
        for table in metadata.sorted_tables:
            for row in session.connection().execute(table.select()):
                yield repr(tuple(row))


def holds() -> bool:
    with db.reading() as session:
        return verifying.verify(session).holds


def test_the_log_tells_the_name_until_the_person_is_erased(person: int) -> None:
    with db.reading() as session:
        [made, *_] = queries.history_of(session, "supplier", 1)
        assert made.actor == NAME
    erase(person)
    with db.reading() as session:
        [*_, made] = queries.history_of(session, "supplier", 1)
        [*_, other] = queries.history_of(session, "supplier", 2)
    assert made.actor == f"erased person {person}"
    assert {each.name: each.after for each in made.differences}["owner"] == "[erased]"
    assert other.behind == "erased person"


def test_no_row_of_any_table_holds_an_erased_person(person: int) -> None:
    assert any("Zwetschgenbaum" in row for row in everything())
    erase(person)
    assert [row for row in everything() if "zwetschgenbaum" in row.lower()] == []


def test_the_chain_holds_after_an_erasure(person: int) -> None:
    assert holds()
    erase(person)
    assert holds()


def test_no_byte_of_the_database_holds_an_erased_person(database: Database, person: int) -> None:
    if not database.is_sqlite:
        pytest.skip("the files of a PostgreSQL server are not the application's to read")
    erase(person)
    erasure.scrub(database)
    path = Path(str(make_url(database.url).database))
    for file in path.parent.glob(f"{path.name}*"):
        content = file.read_bytes()
        assert [canary for canary in CANARIES if canary in content] == [], file.name


def test_the_log_of_the_process_holds_no_erased_name(
    person: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.clear()
    erase(person)
    assert "wetschgenbaum" not in caplog.text


def test_an_account_that_is_erased_lets_nobody_in(person: int) -> None:
    with db.transaction() as session:
        services.set_password_hash(session, user_id=person, password_hash="hash")
    erase(person)
    with db.reading() as session:
        user = session.get_one(User, person)
        assert (user.is_active, user.password_hash) == (False, None)
        assert user.email == f"erased-{person}@erased.invalid"
        secrets = session.execute(text("SELECT count(*) FROM one_time_secret")).scalar()
    assert secrets == 0


def test_what_people_are_reached_by_and_their_steps_and_calendars_go_too(person: int) -> None:
    with db.transaction() as session:
        supplier = facts.supplier(session, "Kestrel")
        plan = ContinuityPlan(
            supplier_id=supplier.id, scope="supplier", title="Castings", opened_on=TODAY,
            opened_by="W", changed_by="W", changed_at=NOW,
        )  # fmt: skip
        session.add(plan)
        session.flush()
        session.add_all(
            [
                PlanContact(
                    plan_id=plan.id, place=1, name=NAME, reached_by="+49 30 1234567", added_on=TODAY
                ),
                PlanContact(
                    plan_id=plan.id, place=2, name="B. Other", reached_by="+49 40 1", added_on=TODAY
                ),
                IncidentResponse(
                    name="Castings stop", steps=[{"title": "Call", "owner": NAME, "hours": 4}],
                    approver="B. Other", air_freight=[], author=NAME, made_at=NOW, reason=WHY,
                ),
                CalendarFeed(
                    user_id=person, token_hash="0" * 64, hint="abc", name="Outlook",
                    created_at=NOW, expires_at=NOW + timedelta(days=9),
                ),
            ]
        )  # fmt: skip
    erase(person)
    with db.reading() as session:
        contacts = session.execute(
            select(PlanContact.name, PlanContact.reached_by).order_by(PlanContact.place)
        ).all()
        steps = session.scalars(select(IncidentResponse.steps)).one()
        feeds = session.scalars(select(CalendarFeed.id)).all()
    assert contacts == [(f"erased person {person}", None), ("B. Other", "+49 40 1")]
    assert steps[0]["owner"] == f"erased person {person}"
    assert feeds == []


def test_an_erasure_is_an_event_with_its_reason(person: int) -> None:
    erase(person)
    with db.reading() as session:
        event = queries.history_of(session, "user", person)[0]
    assert (event.action, event.reason) == ("person.erase", WHY)
    assert {each.before for each in event.differences if each.name == "email"} == {"[erased]"}


def test_an_erasure_needs_a_reason_and_a_person(person: int) -> None:
    with pytest.raises(InvalidInput, match="at least 10"), db.transaction() as session:
        erasure.erase_person(session, erasing.ENTITY, person, reason="x")
    with pytest.raises(NotFound), db.transaction() as session:
        erasure.erase_person(session, erasing.ENTITY, 999, reason=WHY)
    with pytest.raises(NotFound), db.transaction() as session:
        erasure.erase_person(session, "supplier", 1, reason=WHY)


def test_a_name_that_two_people_have_is_left_where_only_the_name_stands(person: int) -> None:
    with db.transaction() as session:
        services.create_admin(session, email="other@example.com", name=NAME)
    assert erase(person).name_is_shared
    with db.reading() as session:
        assert session.get_one(Supplier, 1).owner == NAME


def test_a_restored_backup_forgets_again_who_was_erased(
    person: int, tmp_path: Path, database: Database
) -> None:
    erasure.note_in_journal(tmp_path, erasure.Erased("user", person, 0, False))
    assert NAME not in (tmp_path / erasure.JOURNAL).read_text(encoding="ascii")
    with db.transaction() as session:
        assert erasure.replay(session, tmp_path) == 1
    with db.transaction() as session:
        assert erasure.replay(session, tmp_path) == 0
    with db.reading() as session:
        assert session.get_one(User, person).name == f"erased person {person}"


def test_a_person_is_told_everything_that_is_kept_and_no_secret(person: int) -> None:
    with db.transaction() as session:
        services.set_password_hash(session, user_id=person, password_hash="argon2-hash")
    with db.reading() as session:
        told = disclosure.about(session, "user", person)
    assert (told["person"]["email"], told["person"]["name"]) == (ADDRESS, NAME)
    assert [each["object"] for each in told["done_by_this_person"]] == ["supplier 1"]
    assert told["named_in"] == {"supplier.owner": 1}
    assert [each["kind"] for each in told["security_log"]] == ["sign_in"]
    assert "argon2-hash" not in json.dumps(told)


def test_every_person_table_says_what_stands_in_it_afterwards() -> None:
    from app.platform.audit import marking

    for model in marking.marked_tables().values():
        own = {name for name, whose in model.audit.personal.items() if whose == "own"}
        columns = Base.metadata.tables[model.__tablename__].columns  # type: ignore[attr-defined]
        left = {name for name in own if model.audit.erased.get(name) is None}
        assert [name for name in left if not columns[name].nullable] == []
