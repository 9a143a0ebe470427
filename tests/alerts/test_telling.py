"""Telling: one mail each, within reach; rungs once; digests never empty; links that end."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import timetable
from app.base import acting
from app.base.acting import Actor, Source
from app.base.db import Database
from app.base.errors import Conflict, InvalidInput, NotFound
from app.facts.suppliers.models import Category
from app.judgement.alerts import evaluation, queries, services, subscribing, telling
from app.judgement.alerts.models import Alert, Severity, Verdict
from app.judgement.alerts.queries import AlertQuery
from app.judgement.alerts.subscribing import Step
from app.judgement.alerts.telling_models import Cadence, Escalation, Subscription
from app.platform.accounts.grant_models import Role
from app.platform.accounts.grants import Scope as Held
from app.platform.accounts.models import User
from app.platform.jobs.handle import Run
from app.platform.outbox import links, webhooks
from app.platform.outbox.models import OutboxMessage
from app.platform.outbox.webhook_models import Webhook, WebhookDelivery
from tests.alerts.conftest import Facts, SetClock, add_rule, add_user
from tests.builders import facts

OCT, NOV = date(2026, 10, 31), date(2026, 11, 1)
ALL = (Cadence.DAILY, Severity.WATCH, True)


class House:
    """Two suppliers in two categories, of which both fall; a manager and a buyer of the first."""

    def __init__(self, session: Session, known: Facts) -> None:
        names = ("Castings", "Magnets")
        self.categories = [self._category(session, name) for name in names]
        self.suppliers = [
            facts.supplier(session, f"{name} Co", category_id=key).id
            for name, key in zip(names, self.categories, strict=True)
        ]
        for each in self.suppliers:
            known.course(each, 0.89, 0.88, until=OCT)
        self.manager = add_user(session, "manager").id
        scope = Held(category_id=self.categories[0])
        self.buyer = add_user(session, "buyer", Role.BUYER, scope).id
        add_rule(session)

    def _category(self, session: Session, name: str) -> int:
        row = Category(name=name)
        session.add(row)
        session.flush()
        return row.id


@pytest.fixture
def house(
    sqlite_only: Database, facts_known: Facts, at: SetClock, monkeypatch: pytest.MonkeyPatch
) -> House:
    """The house on the morning of 1 November, where buyers see their own."""
    monkeypatch.setenv("MAINSTAY_BUYERS_SEE", "own")
    at(NOV)
    with sqlite_only.transaction() as session:
        return House(session, facts_known)


def mails(database: Database) -> list[tuple[str, str]]:
    with database.reading() as session:
        rows = session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))
        return [(row.recipient.partition("@")[0], row.text) for row in rows]


def subscribed(database: Database, *people: int, wanted: object = ALL) -> None:
    with database.transaction() as session:
        for each in people:
            subscribing.subscribe(session, each, wanted, seen=0)


def ladder(database: Database, *people: int, hours: tuple[int, ...] = (0, 24, 72)) -> None:
    with database.transaction() as session:
        for place, (person, wait) in enumerate(zip(people, hours, strict=False), start=1):
            subscribing.set_rung(session, Step(0, place, f"rung {place}", person, wait, None, None))


def escalated(database: Database) -> int:
    with database.transaction() as session:
        return telling.escalate(session)


def test_alarms_come_at_once_in_one_mail_and_within_reach(
    house: House, sqlite_only: Database
) -> None:
    subscribed(sqlite_only, house.manager, house.buyer)
    for _ in range(2):
        evaluation.evaluate(OCT)
    sent = dict(mails(sqlite_only))
    assert sorted(sent) == ["buyer", "manager"]
    assert len(mails(sqlite_only)) == 2
    assert "Castings Co" in sent["manager"]
    assert "Magnets Co" in sent["manager"]
    assert "Magnets" not in sent["buyer"]


def test_a_rung_is_taken_once_and_an_acknowledgement_stops_the_ladder(
    house: House, sqlite_only: Database, at: SetClock
) -> None:
    ladder(sqlite_only, house.buyer, house.manager)
    evaluation.evaluate(OCT)
    assert [escalated(sqlite_only) for _ in range(2)] == [2, 0]
    with sqlite_only.reading() as session:
        noted = session.execute(
            select(Escalation.is_told, Escalation.why).order_by(Escalation.alert_id)
        ).all()
    assert [tuple(row) for row in noted] == [
        (True, None), (False, "this supplier is out of their reach"),
    ]  # fmt: skip
    assert [who for who, _ in mails(sqlite_only)] == ["buyer"]
    with sqlite_only.transaction() as session:
        first = queries.open_alerts(session, [house.suppliers[0]])[0].alert
        services.acknowledge(session, first.public_id, note="second source asked", seen=1)
    at(NOV + timedelta(days=2))
    assert escalated(sqlite_only) == 1
    who, text = mails(sqlite_only)[-1]
    assert (who, "Magnets Co" in text, "Castings Co" in text) == ("manager", True, False)


def test_a_categorys_own_ladder_goes_before_the_default_one(
    house: House, sqlite_only: Database
) -> None:
    with sqlite_only.transaction() as session:
        for key, person in ((0, house.buyer), (house.categories[1], house.manager)):
            subscribing.set_rung(session, Step(key, 1, "first", person, 0, None, None))
        nobody = Step(0, 2, "x", 999, 0, None, None)
        with pytest.raises(InvalidInput, match="Choose somebody of the house"):
            subscribing.set_rung(session, nobody)
    evaluation.evaluate(OCT)
    escalated(sqlite_only)
    told = dict(mails(sqlite_only))
    assert "Castings Co" in told["buyer"]
    assert "Magnets Co" in told["manager"]
    assert "Castings Co" not in told["manager"]


def test_a_digest_is_sent_once_a_day_within_reach_and_never_empty(
    house: House, sqlite_only: Database, at: SetClock
) -> None:
    subscribed(sqlite_only, house.buyer, wanted=(Cadence.DAILY, Severity.WATCH, False))
    evaluation.evaluate(OCT)

    def digest() -> bool | None:
        with sqlite_only.transaction() as session:
            return telling.send_digest(session, session.scalars(select(Subscription)).one())

    assert [digest(), digest()] == [True, None]
    at(NOV + timedelta(days=1))
    assert digest() is False
    ((who, text),) = mails(sqlite_only)
    assert who == "buyer"
    assert "Castings Co" in text
    assert "Magnets" not in text


def test_the_jobs_say_what_they_did(house: House, sqlite_only: Database) -> None:
    subscribed(sqlite_only, house.manager, wanted=(Cadence.WEEKLY, Severity.WATCH, False))
    ladder(sqlite_only, house.manager)
    told = [
        evaluation.evaluate_job({"as_of": "2026-10-31"}, Run.by_hand())["summary"],
        telling.tell_job({}, Run.by_hand())["summary"],
        telling.digest_job({}, Run.by_hand())["summary"],
        timetable.webhooks_job({}, Run.by_hand())["summary"],
    ]
    assert told == [
        "As of 2026-10-31: 1 rule judged, 2 alerts raised, 0 cleared.",
        "2 rungs taken.",
        "1 digest sent, 0 empty and not sent.",
        "0 calls made, 0 put off, 0 given up.",
    ]


def test_a_digest_leaves_out_what_is_milder_than_asked_for(
    house: House, sqlite_only: Database
) -> None:
    subscribed(sqlite_only, house.manager, wanted=(Cadence.WEEKLY, Severity.ALARM, False))
    with sqlite_only.transaction() as session:
        for alert in session.scalars(select(Alert)):
            alert.severity = Severity.WARNING
        assert telling.send_digest(session, session.scalars(select(Subscription)).one()) is False


def test_who_left_is_told_nothing(house: House, sqlite_only: Database) -> None:
    subscribed(sqlite_only, house.manager)
    ladder(sqlite_only, house.manager)
    with sqlite_only.transaction() as session:
        session.get_one(User, house.manager).is_active = False
    evaluation.evaluate(OCT)
    escalated(sqlite_only)
    assert mails(sqlite_only) == []


def test_a_signed_link_ends_a_subscription_and_another_does_not(
    house: House, sqlite_only: Database
) -> None:
    links.register(subscribing.LINKS)
    subscribed(sqlite_only, house.manager)
    with sqlite_only.transaction() as session:
        own = session.scalars(select(Subscription)).one()
        link = subscribing.LINKS[telling.LINK_OFF](session, str(own.public_id), "https://m.test")
        assert link is not None
        mark = link.rpartition("/")[2]
        assert link == f"https://m.test/alerts/off/{own.public_id}/{mark}"
        assert subscribing.is_signed(own.public_id, mark)
        assert not subscribing.is_signed(uuid4(), mark)
        assert not subscribing.is_signed(own.public_id, "ö" + mark[1:])
        subscribing.end(session, own.public_id)
        assert (own.cadence, own.at_once, own.version) == ("never", False, 2)
        with pytest.raises(Conflict, match="changed meanwhile"):
            subscribing.subscribe(session, house.manager, ALL, seen=1)
        with pytest.raises(NotFound):
            subscribing.end(session, own.public_id, user_id=house.buyer)


def test_programs_hear_of_each_change_once(
    house: House, sqlite_only: Database, facts_known: Facts
) -> None:
    with sqlite_only.transaction() as session:
        session.add(Webhook(name="erp", url="https://erp.test/", made_by="test"))
    for _ in range(2):
        evaluation.evaluate(OCT)
    with sqlite_only.transaction() as session:
        alert = queries.open_alerts(session, [house.suppliers[0]])[0].alert
        services.acknowledge(session, alert.public_id, note="", seen=1)
        telling.tell(session)
    with sqlite_only.reading() as session:
        rows = session.scalars(select(WebhookDelivery.event).order_by(WebhookDelivery.id)).all()
        counts = webhooks.counts_of(session)
    assert rows == ["alert.raised", "alert.raised", "alert.acknowledged"]
    assert list(counts.values()) == [{"waiting": 3}]


def test_feedback_is_one_word_of_each_person_and_makes_the_rate(
    house: House, sqlite_only: Database
) -> None:
    evaluation.evaluate(OCT)
    person = Actor("manager", Source.UI, user_id=house.manager, roles=frozenset({"risk_manager"}))
    with acting.acting_as(person), sqlite_only.transaction() as session:
        rows = queries.open_alerts(session)
        for verdict in (Verdict.USEFUL, Verdict.NOISE):
            services.judge(session, rows[0].alert.public_id, verdict)
        services.judge(session, rows[1].alert.public_id, Verdict.USEFUL)
        (use,) = queries.uses(session)
    assert (use.raised, use.judged.useful, use.judged.noise, use.judged.rate) == (2, 1, 1, 0.5)


def test_all_of_a_list_are_acknowledged_only_as_many_as_were_shown(
    house: House, sqlite_only: Database
) -> None:
    evaluation.evaluate(OCT)
    with sqlite_only.transaction() as session:
        with pytest.raises(Conflict, match="3 were shown, by now it is 2"):
            services.acknowledge_all(session, AlertQuery(), note="", expected=3)
        found = services.acknowledge_all(session, AlertQuery(), note="seen", expected=2)
        states = set(session.scalars(select(Alert.state)))
    assert (found, states) == (2, {"acknowledged"})
