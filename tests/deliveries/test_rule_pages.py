"""Delivery rules and calendars through their pages: confirmed first, refused with reasons."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.base import db
from app.base.db import Database
from app.calc.delivery_rules import DayCount, RuleScope
from app.facts.deliveries import rollup
from app.facts.deliveries.rollup_models import LineVerdict
from app.facts.deliveries.rules import keeping, rejudging
from app.facts.deliveries.rules.keeping import Draft, Place
from app.facts.deliveries.rules.models import DeliveryRule
from app.facts.suppliers.calendar_models import Calendar, Holiday
from app.facts.suppliers.models import Site
from app.platform.accounts import services
from app.platform.accounts.models import SecretPurpose
from app.platform.jobs.handle import Run
from app.platform.jobs.models import JobRun
from tests.builders import facts
from tests.web_app import Visitor, add_person, app_on, words

UNTIL = date(2026, 3, 31)
LATE = Draft(late_days=3)
RULE = {
    "label": "House", "scope": "default", "reference": "original", "event": "",
    "late_days": "3", "day_count": "calendar", "is_split_allowed": "y",
}  # fmt: skip


@pytest.fixture
def browser(database: Database, tmp_path: Path) -> Visitor:
    """Somebody who may edit rules, in a house with one line that came three days late."""
    app: Flask = app_on(database, tmp_path)
    user_id = add_person(app)
    found = Visitor(app)
    with db.transaction() as session:
        site = Site(name="Verona")
        session.add(site)
        session.flush()
        supplier = facts.supplier(session, number="S-1")
        line = facts.line(session, facts.order(session, supplier), site_id=site.id)
        facts.receipt(session, line, date(2026, 3, 8))
        rollup.rebuild(session, until=UNTIL)
        secret = services.issue_secret(
            session, user_id=user_id, purpose=SecretPurpose.SIGN_IN, by="test"
        )
    assert found.post("/sign-in/once", {"secret": secret}).status_code == 302
    return found


def stored() -> list[tuple[Any, ...]]:
    with db.reading() as session:
        rows = session.execute(
            select(
                DeliveryRule.label, DeliveryRule.version, DeliveryRule.late_days,
                DeliveryRule.valid_from, DeliveryRule.valid_to,
            ).order_by(DeliveryRule.version)
        ).all()  # fmt: skip
    return [tuple(row) for row in rows]


def work() -> None:
    """Do the queued run as the worker would."""
    with db.reading() as session:
        run = session.scalars(select(JobRun).order_by(JobRun.id.desc())).first()
    assert run is not None
    assert run.job == "judge_again"
    rejudging.judge_again_job(run.arguments, Run.by_hand())


def kept(draft: Draft = LATE, *, label: str = "House") -> str:
    with db.transaction() as session:
        found = keeping.add(session, label, Place(RuleScope.DEFAULT), draft)
    return str(found.public_id)


def test_without_rules_the_page_says_what_holds_then(browser: Visitor) -> None:
    page = words(browser.get("/rules/"))
    assert "No rule yet" in page
    assert "the first promise counts, any early day is fine and no late one" in page


def test_a_rule_is_added_once_its_consequence_is_confirmed(browser: Visitor) -> None:
    asked = browser.post("/rules/new", RULE)
    assert asked.status_code == 200
    assert "1 line is judged again because of “House v1”" in words(asked)
    assert stored() == []
    done = browser.post("/rules/new", RULE | {"confirmed": "yes"})
    assert done.status_code == 303
    assert done.location.startswith("/jobs/1?back=/rules/")
    assert stored() == [("House", 1, 3, None, None)]
    work()
    with db.reading() as session:
        assert session.scalars(select(LineVerdict.otif)).all() == [1]


def test_the_confirmation_sends_what_was_filled_in(browser: Visitor) -> None:
    given = RULE | {"valid_from": "2026-02-01", "under": "2.5", "accepted_only": "y"}
    page = browser.post("/rules/new", given).text
    for name, value in given.items():
        if value:
            assert f'name="{name}" value="{value}"' in page


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"label": ""}, "Required"),
        ({"late_days": "-1"}, "Between 0 and 366."),
        ({"under": "100"}, "From 0 to below 100."),
        ({"scope": "part", "part": "P-9"}, "There is no part “P-9”."),
        (
            {"valid_from": "2026-02-01", "valid_to": "2026-01-01"},
            "The last day 1 Jan 2026 lies before the first, 1 Feb 2026.",
        ),
    ],
)
def test_a_wrong_rule_is_refused_where_it_was_filled_in(
    browser: Visitor, change: dict[str, str], said: str
) -> None:
    answer = browser.post("/rules/new", RULE | change)
    assert (answer.status_code, stored()) == (422, [])
    assert said in words(answer)


def test_an_overlap_names_both_rules_and_the_day(browser: Visitor) -> None:
    kept()
    given = RULE | {"label": "Other", "valid_from": "2026-02-01"}
    answer = browser.post("/rules/new", given)
    assert answer.status_code == 409
    assert "“House v1” and “Other v1” would both hold on 1 Feb 2026" in words(answer)


def test_another_version_begins_filled_in_with_the_present_one(browser: Visitor) -> None:
    key = kept()
    page = browser.get(f"/rules/{key}/version").text
    assert re.search(r'name="late_days"[^>]* value="3"', page)
    given = RULE | {"late_days": "1", "valid_from": "2026-02-10", "confirmed": "yes"}
    assert browser.post(f"/rules/{key}/version", given).status_code == 303
    assert stored() == [
        ("House", 1, 3, None, date(2026, 2, 9)),
        ("House", 2, 1, date(2026, 2, 10), None),
    ]


def test_a_rule_is_ended_or_withdrawn(browser: Visitor) -> None:
    key = kept()
    asked = browser.post(f"/rules/{key}/end", {"valid_to": "2026-01-31"})
    assert "1 line is judged again" in words(asked)
    ended = {"valid_to": "2026-01-31", "confirmed": "yes"}
    assert browser.post(f"/rules/{key}/end", ended).status_code == 303
    assert stored() == [("House", 1, 3, None, date(2026, 1, 31))]
    assert browser.post(f"/rules/{key}/end", {"confirmed": "yes"}).status_code == 303
    assert stored() == []


def test_a_rule_says_in_words_what_it_asks_for(browser: Visitor) -> None:
    key = kept(Draft(late_days=1, early_days=2, day_count=DayCount.BUSINESS, accepted_only=True))
    page = words(browser.get(f"/rules/{key}"))
    assert "from 2 business days before it to 1 business day after it" in page
    assert "by unit: none for pieces, 5 % for weight and bulk" in page
    assert "only accepted goods" in page


def test_the_list_is_filtered_and_exported(browser: Visitor) -> None:
    kept(Draft(valid_to=date(2026, 1, 1)), label="Old")
    kept(Draft(valid_from=date(2026, 1, 2)), label="New")
    page = words(browser.get("/rules/?state=ended"))
    assert "Old v1" in page
    assert "New v1" not in page
    rows = browser.get("/rules/?sort=-name&format=json").get_json()["rows"]
    assert [row["rule"] for row in rows] == ["Old v1", "New v1"]


def test_an_unknown_rule_is_not_found(browser: Visitor) -> None:
    unknown = "00000000-0000-0000-0000-000000000001"
    for path in (f"/rules/{unknown}", f"/rules/{unknown}/version", f"/calendars/{unknown}"):
        assert browser.get(path).status_code == 404


def test_a_calendar_is_kept_with_its_holidays_and_sites(browser: Visitor) -> None:
    kept(Draft(late_days=1, day_count=DayCount.BUSINESS))
    work_again()
    with db.reading() as session:
        site_id = session.scalars(select(Site.id)).one()
    given = {
        "name": "Verona", "weekend": ["5", "6"], "holidays": "2026-03-06 Patron",
        "sites": [str(site_id)],
    }  # fmt: skip
    asked = browser.post("/calendars/new", given)
    assert "1 line is judged again because of “Verona”" in words(asked)
    done = browser.post("/calendars/new", given | {"confirmed": "yes"})
    assert done.status_code == 303
    work()
    with db.reading() as session:
        assert session.scalars(select(Calendar.weekend)).all() == ["56"]
        assert session.execute(select(Holiday.day, Holiday.name)).all() == [
            (date(2026, 3, 6), "Patron")
        ]
        # Friday is off: one business day after Thursday is Monday.
        assert session.scalars(select(LineVerdict.window_end_on)).all() == [date(2026, 3, 9)]
    page = words(browser.get("/calendars/"))
    assert "Verona Saturday, Sunday 1 6 Mar 2026 Verona" in page


def work_again() -> None:
    with db.transaction() as session:
        rollup.rebuild(session, until=UNTIL)


def test_a_pasted_line_without_a_date_is_named(browser: Visitor) -> None:
    answer = browser.post(
        "/calendars/new", {"name": "Verona", "weekend": ["6"], "holidays": "Christmas"}
    )
    assert answer.status_code == 422
    assert "Line 1, “Christmas”, begins with no date such as 2026-12-25." in words(answer)


def test_a_lines_page_says_which_rule_judged_it_and_why(browser: Visitor) -> None:
    with db.transaction() as session:
        calendar = Calendar(name="Verona works")
        session.add(calendar)
        session.flush()
        session.scalars(select(Site)).one().calendar_id = calendar.id
    kept(
        Draft(
            early_days=1, late_days=2, day_count=DayCount.BUSINESS, under_millionths=20_000,
            accepted_only=True, event="posting", is_split_allowed=False,
        )
    )  # fmt: skip
    work_again()
    with db.reading() as session:
        line_id, key = session.execute(
            select(LineVerdict.line_id, facts.Supplier.public_id).join(
                facts.Supplier, facts.Supplier.id == LineVerdict.supplier_id
            )
        ).one()
    page = words(browser.get(f"/suppliers/{key}/lines/{line_id}"))
    assert (
        "Judged by the rule “House”, version 1, for everything: the most specific rule that held "
        "when the line was ordered, on 1 Feb 2026." in page
    )
    assert (
        "Reference date 5 Mar 2026, the first promise; the window runs from 4 Mar 2026 to "
        "9 Mar 2026: from 1 business day before it to 2 business days after it, by the calendar "
        "Verona works, tolerance −2.0 % / +0.0 %." in page
    )
    assert "One receipt inside the window must bring it all." in page
    assert "Rejected goods do not count as received." in page


def test_goods_before_the_window_say_how_long_before_it_opened(browser: Visitor) -> None:
    kept(Draft(early_days=1))
    with db.transaction() as session:
        supplier = facts.supplier(session)
        line = facts.line(session, facts.order(session, supplier))
        facts.receipt(session, line, date(2026, 3, 2), 600)
        facts.receipt(session, line, date(2026, 3, 4), 400)
        address = f"/suppliers/{supplier.public_id}/lines/{line.id}"
    work_again()
    page = words(browser.get(address))
    told = "600 of 1,000 on 2 Mar, 2 days before the window opened, 400 on 4 Mar in the window."
    assert told in page
