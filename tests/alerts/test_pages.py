"""The pages of alerts, events and webhooks: what they say, and what they refuse."""

from __future__ import annotations

import json
from datetime import date
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from app.base import db
from app.base.db import Database
from app.judgement.alerts import evaluation, subscribing
from app.judgement.alerts.models import Alert, AlertRule
from app.judgement.alerts.telling_models import Subscription
from app.platform.outbox.models import OutboxMessage
from app.platform.outbox.webhook_models import Webhook
from tests.alerts.conftest import MONTHLY, REASON, Facts, add_rule
from tests.builders import facts
from tests.web_app import Visitor, app_on, words

OCT = date(2026, 10, 31)
RULE = {
    "name": "Falls too low", "subject": MONTHLY, "operator": "below", "threshold": "90",
    "clear": "92", "duration": "2", "good_to_clear": "2", "least_n": "10", "severity": "alarm",
    "category": "", "segment": "", "supplier": "", "reason": REASON,
}  # fmt: skip


@pytest.fixture
def database(sqlite_only: Database) -> Database:
    """Pages speak to one engine."""
    return sqlite_only


@pytest.fixture
def app(database: Database, tmp_path: object) -> Flask:
    """An application that may call one place."""
    return app_on(database, tmp_path, MAINSTAY_OUTBOUND="https://erp.example.com")


@pytest.fixture
def standing(database: Database, facts_known: Facts) -> UUID:
    """Two alerts that stand; the key of the first."""
    with database.transaction() as session:
        for name in ("Kestrel", "Adler"):
            of = facts.supplier(session, name)
            facts_known.course(of.id, 0.89, 0.88, until=OCT)
        add_rule(session)
    evaluation.evaluate(OCT)
    with database.reading() as session:
        return session.scalars(select(Alert.public_id).order_by(Alert.id)).first()


def test_the_list_filters_exports_and_says_what_stands(insider: Visitor, standing: UUID) -> None:
    shown = words(insider.get("/alerts/"))
    assert "2 alerts that stand" in shown
    assert "Test rate: 88.0 %" in shown.replace(" ", " ")
    assert "No alert fits" in words(insider.get("/alerts/?severity=watch"))
    assert "1 alert that stand" in words(insider.get("/alerts/?q=adler"))
    exported = insider.get("/alerts/?format=csv&q=kestrel").text.splitlines()
    assert len(exported) == 2
    assert "Kestrel" in exported[1]
    assert insider.get("/alerts/?sort=nothing").status_code == 400
    assert "2 alerts wait for you" in words(insider.get("/"))


def test_acknowledging_takes_it_on_and_a_stale_tab_is_told(
    insider: Visitor, standing: UUID
) -> None:
    path = f"/alerts/{standing}"
    assert "Nobody yet." in words(insider.get(path))
    long = insider.post(f"{path}/acknowledge", {"note": "x" * 1001, "seen": "1"})
    assert long.status_code == 422
    done = insider.post(f"{path}/acknowledge", {"note": "Second source asked", "seen": "1"})
    assert done.status_code == 303
    shown = words(insider.get(path))
    assert "Second source asked" in shown
    assert "M. Weber" in shown
    again = insider.post(f"{path}/acknowledge", {"note": "", "seen": "1"})
    assert again.status_code == 409
    assert "see it again" in words(again)


def test_many_are_acknowledged_after_a_counted_preview(insider: Visitor, standing: UUID) -> None:
    assert "Acknowledge 2 alerts" in words(insider.get("/alerts/acknowledge"))
    wrong = insider.post("/alerts/acknowledge", {"expected": "7", "note": ""})
    assert wrong.status_code == 409
    assert insider.post("/alerts/acknowledge", {"expected": "x"}).status_code == 400
    done = insider.post("/alerts/acknowledge?q=adler", {"expected": "1", "note": ""})
    assert done.status_code == 303
    assert "No open alert here" in words(insider.get("/alerts/acknowledge?q=adler"))


def test_feedback_makes_the_rate_of_a_rule(insider: Visitor, standing: UUID) -> None:
    insider.post(f"/alerts/{standing}/feedback", {"verdict": "useful"})
    assert "100 %" in words(insider.get("/alerts/usefulness")).replace(" ", " ")
    assert insider.post(f"/alerts/{standing}/feedback", {"verdict": "meh"}).status_code == 400


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("threshold", "9223372036854775808"), ("threshold", "NaN"), ("threshold", "Infinity"),
        ("threshold", ""), ("threshold", "1e400"), ("clear", "80"), ("clear", "NaN"),
        ("duration", "0"), ("duration", "9223372036854775808"), ("least_n", "-1"),
        ("name", " "), ("name", "x" * 10_001), ("subject", "nobody"), ("category", "999"),
        ("supplier", "nobody"), ("reason", "short"), ("severity", ""),
    ],
)  # fmt: skip
def test_a_rule_that_can_not_be_is_refused_and_what_was_typed_stays(
    insider: Visitor, facts_known: Facts, field: str, value: str
) -> None:
    answer = insider.post("/alerts/rules/new", RULE | {field: value})
    assert answer.status_code == 422
    assert "Falls too low" in answer.text or field == "name"
    with db.reading() as session:
        assert session.scalars(select(AlertRule)).all() == []


def test_a_rule_is_previewed_added_followed_muted_and_retired(
    insider: Visitor, facts_known: Facts, database: Database
) -> None:
    with database.transaction() as session:
        own = facts.supplier(session, "Kestrel")
        facts_known.course(own.id, 0.95, 0.89, 0.88, until=OCT)
        facts.receipt(session, facts.line(session, facts.order(session, own)), OCT)
    preview = words(insider.post("/alerts/rules/new", RULE | {"do": "preview"}))
    assert "It would have raised 1 alert of 1 supplier over the last 12 months" in preview
    made = insider.post("/alerts/rules/new", RULE)
    assert made.status_code == 303
    path = made.headers["Location"]
    assert "below 90.0 %, 2 months in a row" in words(insider.get(path)).replace(" ", " ")
    form = insider.get(f"{path}/version").text
    assert 'value="90"' in form
    follow = insider.post(f"{path}/version", RULE | {"threshold": "85", "seen": "1"})
    newer = follow.headers["Location"]
    assert insider.post(f"{path}/version", RULE | {"seen": "1"}).status_code == 409
    muted = {"until": "2026-11-20", "reason": REASON}
    assert insider.post(f"{newer}/mute", muted).status_code == 422
    assert insider.post(f"{newer}/mute", muted | {"until": "2026-12-01"}).status_code == 303
    assert insider.post(f"{newer}/unmute").status_code == 303
    assert insider.post(f"{newer}/retire", {"reason": "no"}).status_code == 422
    assert insider.post(f"{newer}/retire", {"reason": REASON}).status_code == 303
    assert "retired" in words(insider.get(newer))


def test_a_link_in_a_mail_ends_it_with_one_click_and_no_click_does_nothing(
    insider: Visitor, visitor: Visitor, database: Database
) -> None:
    wanted = {"cadence": "daily", "least_severity": "watch", "at_once": "y", "seen": "0"}
    assert insider.post("/alerts/subscriptions", wanted).status_code == 303
    assert insider.post("/alerts/subscriptions", wanted).status_code == 409
    assert "M. Weber" in words(insider.get("/alerts/subscriptions"))

    def kept() -> tuple[UUID, str]:
        with database.reading() as session:
            found = session.scalars(select(Subscription)).one()
            return found.public_id, found.cadence

    key, _ = kept()
    path = f"/alerts/off/{key}/{subscribing.sign(key)}"
    assert "Stop it" in words(visitor.get(path))
    assert kept()[1] == "daily"
    assert visitor.get(path[:-1] + "x").status_code == 404
    assert "Stopped" in words(visitor.post(path))
    assert kept()[1] == "never"


def test_a_test_mail_goes_to_oneself(insider: Visitor, database: Database) -> None:
    insider.post("/alerts/subscriptions/test")
    with database.reading() as session:
        mail = session.scalars(select(OutboxMessage)).one()
    assert (mail.recipient, mail.subject) == ("m.weber@example.com", "Mainstay: a test")


def test_a_rung_is_set_changed_and_taken_away(insider: Visitor, database: Database) -> None:
    page = insider.get("/alerts/ladder").text
    person = page.split('name="person"')[1].split('value="')[1].split('"')[0]
    rung = {"category": "0", "place": "1", "title": "buyer", "person": person, "alarm_hours": "0"}
    assert insider.post("/alerts/ladder", rung | {"alarm_hours": "-1"}).status_code == 422
    assert insider.post("/alerts/ladder", rung | {"person": "999"}).status_code == 422
    for hours in ("0", "4"):
        assert insider.post("/alerts/ladder", rung | {"alarm_hours": hours}).status_code == 303
    shown = insider.get("/alerts/ladder")
    assert words(shown).count("buyer M. Weber 4 h never never") == 1
    drop = shown.text.split("/drop")[0].rpartition('action="')[2]
    assert insider.post(f"{drop}/drop").status_code == 303
    assert "No ladder yet" in words(insider.get("/alerts/ladder"))


def test_an_event_is_recorded_and_shows_whom_it_hits(insider: Visitor, database: Database) -> None:
    with database.transaction() as session:
        facts.supplier(session, "Kestrel", country="VNM")
    given = {
        "title": "Typhoon", "kind": "storm", "severity": "severe", "from_on": "2026-11-20",
        "place_kind": "country", "countries": "VNM", "source": "news",
    }  # fmt: skip
    for field, value in (
        ("countries", "Vietnam"),
        ("from_on", "99999-01-01"),
        ("title", " "),
        ("radius_km", str(2**63)),
        ("latitude", "nan"),
        ("longitude", "181"),
    ):
        refused = insider.post("/events/new", given | {field: value})
        assert refused.status_code == 422
    made = insider.post("/events/new", given)
    assert "Whom it hits: 1 supplier" in words(insider.get(made.headers["Location"]))
    assert insider.post("/events/new", given).status_code == 409
    assert "Typhoon" in words(insider.get("/events/"))


def test_a_secret_is_shown_once(insider: Visitor, database: Database) -> None:
    refused = insider.post("/webhooks/", {"name": "erp", "url": "https://elsewhere.test/"})
    assert refused.status_code == 422
    made = insider.post("/webhooks/", {"name": "erp", "url": "https://erp.example.com/hook"})
    assert "whs_" in made.text
    with database.reading() as session:
        key = session.scalars(select(Webhook.public_id)).one()
    assert "whs_" not in insider.get(f"/webhooks/{key}").text
    assert "whs_" in insider.post(f"/webhooks/{key}/rotate", {"seen": "1"}).text
    assert insider.post(f"/webhooks/{key}/rotate", {"seen": "1"}).status_code == 409
    insider.post(f"/webhooks/{key}/ping")
    assert "ping" in words(insider.get(f"/webhooks/{key}"))
    assert insider.post(f"/webhooks/{key}/switch", {"seen": "2", "to": "off"}).status_code == 303
    assert "Switch on" in words(insider.get(f"/webhooks/{key}"))


def test_the_command_line_judges_and_lists(app: Flask, standing: UUID) -> None:
    run = app.test_cli_runner().invoke
    done = json.loads(run(args=["alerts", "evaluate", "--as-of", "2026-10-31", "--json"]).output)
    assert (done["rules"], done["raised"], done["cleared"]) == (1, 0, 0)
    listed = json.loads(run(args=["alerts", "list", "--json"]).output)["alerts"]
    assert [(each["value"], each["state"]) for each in listed] == [(0.88, "open")] * 2
    assert run(args=["alerts", "evaluate", "--as-of", "2030-01-01"]).exit_code != 0


def test_an_empty_house_is_told_what_to_do_next(insider: Visitor) -> None:
    assert "No rule is in force" in words(insider.get("/alerts/"))
    assert "No event yet" in words(insider.get("/events/"))
    assert insider.post("/alerts/rules/presets").status_code == 303
    assert "25 rules" in words(insider.get("/alerts/rules"))
    assert "Nothing stands" in words(insider.get("/alerts/"))
