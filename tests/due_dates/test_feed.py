"""The feed: a person's dates within that person's reach, for whoever has the address."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from icalendar import Calendar
from sqlalchemy import select

from app.base import clock, db
from app.base.db import Database
from app.judgement.fmea.living.models import FmeaAction
from app.platform.accounts import services as accounts
from app.platform.accounts import tries
from app.platform.accounts.grant_models import RoleGrant
from app.platform.audit.models import SecurityEvent
from app.reviews.due_dates import ics, services
from app.reviews.due_dates.days import Door, DueDate, Entry, Kind
from app.reviews.due_dates.models import CalendarFeed
from tests.builders.contract_days import contract
from tests.conftest import NOW
from tests.due_dates.conftest import House
from tests.web_app import Visitor, app_on


@pytest.fixture
def calendar(sqlite_only: Database, tmp_path: Path, house: House) -> Visitor:
    """A calendar program, of a house in Berlin where buyers see their own suppliers alone."""
    given = {
        "MAINSTAY_BUYERS_SEE": "own",
        "MAINSTAY_TIME_ZONE": "Europe/Berlin",
        "MAINSTAY_BASE_URL": "http://localhost",
    }
    return Visitor(app_on(sqlite_only, tmp_path, **given))


def token_of(user_id: int, **given: object) -> str:
    with db.transaction() as session:
        return services.make(session, user_id=user_id, name="Outlook", days=90, **given)


def lines(calendar: Visitor, token: str) -> list[str]:
    """Return the lines of a feed, those that were folded whole again."""
    answer = calendar.get(f"/calendar/feed.ics?token={token}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    return answer.text.replace("\r\n ", "").split("\r\n")


def of(found: list[str], name: str) -> list[str]:
    return [line for line in found if line.startswith(name)]


def test_a_feed_holds_all_day_events_with_whole_doors(calendar: Visitor, house: House) -> None:
    found = lines(calendar, token_of(house.manager))
    assert of(found, "DTSTART") == [
        "DTSTART;VALUE=DATE:20261130", "DTSTART;VALUE=DATE:20261205",
        "DTSTART;VALUE=DATE:20261231", "DTSTART;VALUE=DATE:20270516",
        "DTSTART;VALUE=DATE:20271116",
    ]  # fmt: skip
    assert of(found, "DTEND")[:3] == [
        "DTEND;VALUE=DATE:20261201", "DTEND;VALUE=DATE:20261206", "DTEND;VALUE=DATE:20270101",
    ]  # fmt: skip
    assert set(of(found, "DTSTAMP")) == {"DTSTAMP:20261121T093000Z"}
    assert (
        of(found, "SUMMARY")[0] == "SUMMARY:Kestrel: action against a risk\\, Pin\\; new\\, longer"
    )
    assert all(line.startswith("URL:http://localhost/") for line in of(found, "URL"))
    assert all(line.endswith("@localhost") for line in of(found, "UID"))
    assert found[0] == "BEGIN:VCALENDAR"


def test_a_feed_reaches_what_its_person_reaches_at_every_read(
    calendar: Visitor, house: House
) -> None:
    token = token_of(house.buyer)
    told = "\n".join(of(lines(calendar, token), "SUMMARY"))
    assert "Kestrel" in told
    assert "Adler" not in told
    with db.transaction() as session:
        held = session.scalars(select(RoleGrant).where(RoleGrant.user_id == house.buyer)).one()
        held.revoked_at, held.revoked_by, held.revoked_because = NOW, "W", "left the category"
    assert calendar.get(f"/calendar/feed.ics?token={token}").status_code == 404


def test_only_what_is_mine_is_told_where_that_is_asked_for(calendar: Visitor, house: House) -> None:
    found = lines(calendar, token_of(house.buyer, is_mine_only=True))
    assert len(of(found, "SUMMARY")) == 1
    assert len(of(lines(calendar, token_of(house.manager, is_mine_only=True)), "SUMMARY")) == 1


def test_a_token_that_is_unknown_taken_back_over_or_of_who_left_finds_nothing(
    calendar: Visitor, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def status(token: str) -> int:
        return calendar.get("/calendar/feed.ics", query_string={"token": token}).status_code

    taken_back, left, over = (token_of(house.manager) for _ in range(3))
    assert [status(each) for each in (taken_back, left, over)] == [200, 200, 200]
    assert [status(each) for each in ("", "msc_", "msc_" + "x" * 32, left[4:])] == [404] * 4
    with db.transaction() as session:
        key = session.scalars(select(CalendarFeed.public_id).order_by(CalendarFeed.id)).first()
        assert key is not None
        with pytest.raises(services.NotFound):
            services.revoke(session, user_id=house.buyer, public_id=key)
        services.revoke(session, user_id=house.manager, public_id=key)
    assert [status(each) for each in (taken_back, left)] == [404, 200]
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=90))
    assert status(over) == 404
    monkeypatch.setattr(clock, "now", lambda: NOW)
    with db.transaction() as session:
        accounts.disable(session, user_id=house.manager)
    assert status(left) == 404


def test_a_feed_sets_no_cookie_is_kept_nowhere_and_known_by_its_hash_alone(
    calendar: Visitor, house: House
) -> None:
    token = token_of(house.manager)
    for shown in (token, "msc_wrong"):
        answer = calendar.get(f"/calendar/feed.ics?token={shown}")
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Cache-Control"] == "no-store"
    with db.reading() as session:
        row = session.scalars(select(CalendarFeed)).one()
    kept = [str(getattr(row, column.name)) for column in CalendarFeed.__table__.columns]
    assert not any(token in text for text in kept)
    assert row.last_used_at == NOW


def test_a_token_stands_in_no_log(
    calendar: Visitor, house: House, caplog: pytest.LogCaptureFixture
) -> None:
    token = token_of(house.manager)
    caplog.set_level("DEBUG")
    # Any page that is asked for a format is noted as an export, with its query.
    for more in ("", "&format=csv", "&token=other&format=csv"):
        assert calendar.get(f"/calendar/feed.ics?token={token}{more}").status_code == 200
    assert calendar.get(f"/calendar/feeds?token={token}").status_code == 302
    with db.reading() as session:
        noted = [str(row.facts) for row in session.scalars(select(SecurityEvent))]
    assert noted
    assert not any(token in text for text in (*noted, caplog.text))


def test_a_feed_read_too_often_is_asked_to_wait(
    calendar: Visitor, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = token_of(house.manager)
    rule = tries.Rule(minutes=15, here=2, account=5, network=9)
    monkeypatch.setitem(tries.RULES, tries.TryKind.CALENDAR, rule)
    path = f"/calendar/feed.ics?token={token}"
    assert [calendar.get(path).status_code for _ in range(3)] == [200, 200, 429]
    assert calendar.get(path).headers["Retry-After"] == "900"
    other = f"/calendar/feed.ics?token={token_of(house.buyer)}"
    assert calendar.get(other).status_code == 200


def test_a_date_keeps_its_uid_when_its_day_moves(calendar: Visitor, house: House) -> None:
    token = token_of(house.manager)
    before = of(lines(calendar, token), "UID:action-")
    with db.transaction() as session:
        session.scalars(select(FmeaAction)).one().due_on = date(2027, 2, 28)
    after = lines(calendar, token)
    assert of(after, "UID:action-") == before
    assert "DTSTART;VALUE=DATE:20270228" in after


@pytest.mark.parametrize(
    ("ends_on", "given", "notice_by"),
    [
        (date(2027, 12, 1), {"our_notice_days": 90}, "20270902"),
        # 365 days before 29 February 2028 it is 1 March: no 29 February lies between.
        (date(2028, 2, 29), {"our_notice_days": 365}, "20270301"),
        # 31 days before 31 March is the last of February; that is a Sunday, Friday was the 26th.
        (date(2027, 3, 31), {"our_notice_days": 31, "notice_kind": "rolled_back"}, "20270226"),
    ],
)
def test_a_notice_deadline_stands_on_its_own_day(
    calendar: Visitor, house: House, ends_on: date, given: dict[str, object], notice_by: str
) -> None:
    with db.transaction() as session:
        contract(session, house.kestrel, ends_on, **given)
    found = lines(calendar, token_of(house.manager))
    at = next(place for place, line in enumerate(found) if line.startswith("UID:notice-"))
    event = found[at - 5 : at + 6]
    assert f"DTSTART;VALUE=DATE:{notice_by}" in event
    assert "SUMMARY:Kestrel: notice deadline\\, Contract C-1: Castings" in event


def test_no_text_breaks_out_of_its_event() -> None:
    due = DueDate(
        Kind.ACTION, "1", date(2028, 2, 29), "Pin\r\nEND:VEVENT\x0b\x1b, now", "Ü" * 90, Door("x"),
        owner="A\rB",
    )  # fmt: skip
    made = ics.calendar(
        [Entry(due, None)], name="N", host="h", stamp=NOW, address=lambda _: "http://h/1"
    ).decode()
    unfolded = made.replace("\r\n ", "").split("\r\n")
    assert of(unfolded, "SUMMARY") == ["SUMMARY:action against a risk\\, Pin END:VEVENT\\, now"]
    assert of(unfolded, "DESCRIPTION") == [
        f"DESCRIPTION:Action against a risk\\n{'Ü' * 90}\\nOwner: A\\nB\\nhttp://h/1"
    ]
    assert of(unfolded, "DTEND") == ["DTEND;VALUE=DATE:20280301"]
    assert unfolded.count("END:VEVENT") == 1
    assert max(len(line.encode()) for line in made.split("\r\n")) <= 75


def test_a_feed_is_a_calendar_by_the_format_also_where_nothing_is_due(
    calendar: Visitor, house: House
) -> None:
    """RFC 5545: a method belongs to a message with the same word in its type (3.7.2), a calendar
    holds at least one component (3.6), an event one UID and one DTSTAMP each (3.6.1)."""
    answer = calendar.get(f"/calendar/feed.ics?token={token_of(house.manager)}")
    assert answer.data.count(b"\n") == answer.data.count(b"\r\n")
    assert max(len(line) for line in answer.data.split(b"\r\n")) <= 75
    read = Calendar.from_ical(answer.data)
    assert (read["VERSION"], "METHOD" in read, bool(read["PRODID"])) == ("2.0", False, True)
    events = read.walk("VEVENT")
    assert len({str(each["UID"]) for each in events}) == len(events) == 5
    assert all({"DTSTAMP", "DTSTART", "DTEND"} <= each.keys() for each in events)
    empty = ics.calendar([], name="N", host="h", stamp=NOW, address=lambda _: "")
    assert [each.name for each in Calendar.from_ical(empty).subcomponents] == ["VTIMEZONE"]


def test_eleven_addresses_are_one_too_many(sqlite_only: Database, house: House) -> None:
    with db.transaction() as session:
        for _ in range(services.MOST_FEEDS):
            services.make(session, user_id=house.buyer, name="Phone", days=366)
        with pytest.raises(services.Conflict, match="You have 10 addresses"):
            services.make(session, user_id=house.buyer, name="Phone", days=1)
        for name, days in (("", 1), ("  ", 1), ("x" * 81, 1), ("x", 0), ("x", 367)):
            with pytest.raises(services.InvalidInput):
                services.make(session, user_id=house.manager, name=name, days=days)


def test_the_day_is_the_houses_own(
    calendar: Visitor, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half an hour before midnight in UTC it is tomorrow in Berlin: a month back ends a day on."""
    late = datetime(2026, 12, 31, 23, 30, tzinfo=NOW.tzinfo)
    monkeypatch.setattr(clock, "now", lambda: late)
    assert "DTSTART;VALUE=DATE:20261130" not in lines(calendar, token_of(house.manager))
    monkeypatch.setattr(clock, "now", lambda: late - timedelta(hours=1))
    assert "DTSTART;VALUE=DATE:20261130" in lines(calendar, token_of(house.manager))
