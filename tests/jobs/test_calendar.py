"""When periods are due: each once, whatever the clock and the calendar do."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from app.platform.jobs.calendar import (
    Daily,
    Every,
    Hourly,
    Monthly,
    Quarterly,
    When,
    due_between,
    length,
)

BERLIN = ZoneInfo("Europe/Berlin")
APIA = ZoneInfo("Pacific/Apia")
KIRITIMATI = ZoneInfo("Pacific/Kiritimati")
UTC_ZONE = ZoneInfo("UTC")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def keys(when: When, after: str, until: str, zone: ZoneInfo) -> list[str]:
    return [due.key for due in due_between(when, at(after), at(until), zone)]


def test_a_day_is_due_from_its_local_hour_on() -> None:
    rule = Daily(2)
    # 02:00 in Berlin is 01:00 UTC in winter, 00:00 in summer.
    assert rule.latest(at("2026-11-21T00:59:59"), BERLIN).key == "2026-11-20"
    assert rule.latest(at("2026-11-21T01:00:00"), BERLIN).key == "2026-11-21"
    assert rule.latest(at("2026-07-21T00:00:00"), BERLIN).key == "2026-07-21"
    assert rule.following(at("2026-11-21T01:00:00"), BERLIN).at == at("2026-11-22T01:00:00")


def test_the_hour_that_is_skipped_in_spring_gives_its_day_once() -> None:
    rule = Daily(2, 30)
    found = due_between(rule, at("2026-03-28T00:00"), at("2026-03-30T12:00"), BERLIN)
    assert [(due.key, due.at) for due in found] == [
        ("2026-03-28", at("2026-03-28T01:30")),
        ("2026-03-29", at("2026-03-29T01:30")),
        ("2026-03-30", at("2026-03-30T00:30")),
    ]
    assert found[1].note == "02:30 did not come that day; due at 03:30 instead."


def test_the_hour_that_comes_twice_in_autumn_gives_its_day_once() -> None:
    rule = Daily(2, 30)
    found = due_between(rule, at("2026-10-24T12:00"), at("2026-10-26T12:00"), BERLIN)
    assert [(due.key, due.at) for due in found] == [
        ("2026-10-25", at("2026-10-25T00:30")),
        ("2026-10-26", at("2026-10-26T01:30")),
    ]
    assert found[0].note == "02:30 came twice that day; due at the first."


def test_the_leap_day_is_a_day() -> None:
    assert keys(Daily(2), "2028-02-27T12:00", "2028-03-01T12:00", UTC_ZONE) == [
        "2028-02-28",
        "2028-02-29",
        "2028-03-01",
    ]


def test_the_year_ends_once() -> None:
    assert keys(Daily(0), "2026-12-30T12:00", "2027-01-01T12:00", BERLIN) == [
        "2026-12-31",
        "2027-01-01",
    ]
    assert keys(Monthly(1, 0), "2026-12-15T00:00", "2027-01-15T00:00", BERLIN) == ["2026-12"]
    assert keys(Quarterly(1, 0), "2026-12-15T00:00", "2027-01-15T00:00", BERLIN) == ["2026Q4"]


def test_samoa_skipped_a_day_and_nothing_is_due_on_it() -> None:
    # 29 December 2011 was followed by 31 December.
    found = keys(Daily(2), "2011-12-28T00:00", "2012-01-01T23:00", APIA)
    assert found == ["2011-12-28", "2011-12-29", "2011-12-31", "2012-01-01", "2012-01-02"]


def test_a_day_begins_where_the_house_is() -> None:
    # UTC+14: the day is over there before it begins in UTC.
    assert Daily(2).latest(at("2026-11-20T12:00"), KIRITIMATI).key == "2026-11-21"
    assert Daily(2).latest(at("2026-11-20T11:59"), KIRITIMATI).key == "2026-11-20"


@pytest.mark.parametrize("zone", [BERLIN, APIA, KIRITIMATI, ZoneInfo("America/St_Johns")], ids=str)
@pytest.mark.parametrize(
    "rule", [Daily(2, 30), Daily(0), Daily(23, 59)], ids=lambda rule: rule.words
)
def test_ten_years_have_each_day_once_in_order(zone: ZoneInfo, rule: Daily) -> None:
    found = due_between(rule, at("2011-06-01T12:00"), at("2021-06-01T12:00"), zone)
    first, last = date.fromisoformat(found[0].key), date.fromisoformat(found[-1].key)
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    if zone is APIA:
        days.remove(date(2011, 12, 30))
    assert [due.key for due in found] == [day.isoformat() for day in days]
    assert all(earlier.at < later.at for earlier, later in pairwise(found))
    assert len(days) == 3653


@pytest.mark.parametrize(
    "rule",
    [Every(60), Every(2), Hourly(), Hourly(5), Daily(2, 30), Monthly(3, 4), Quarterly(5, 6)],
    ids=lambda rule: rule.words,
)
@pytest.mark.parametrize("zone", [BERLIN, APIA], ids=str)
def test_the_latest_and_the_following_are_neighbours(rule: When, zone: ZoneInfo) -> None:
    moment = at("2026-03-28T22:10")
    for _ in range(60):
        latest, following = rule.latest(moment, zone), rule.following(moment, zone)
        assert latest.at <= moment < following.at
        assert rule.latest(following.at, zone) == following
        assert rule.latest(following.at - timedelta(microseconds=1), zone) == latest
        moment += timedelta(minutes=37)


def test_an_hour_that_comes_twice_locally_is_two_hours() -> None:
    found = keys(Hourly(), "2026-10-24T23:30", "2026-10-25T03:30", BERLIN)
    assert found == ["2026-10-25T00Z", "2026-10-25T01Z", "2026-10-25T02Z", "2026-10-25T03Z"]


def test_seconds_and_minutes_are_named_by_utc() -> None:
    assert Every(60).latest(at("2026-11-21T09:30:59"), BERLIN).key == "2026-11-21T09:30Z"
    assert Every(2).latest(at("2026-11-21T09:30:59"), BERLIN).key == "2026-11-21T09:30:58Z"


def test_a_month_is_due_when_it_has_ended() -> None:
    rule = Monthly(day=3, hour=4)
    assert rule.latest(at("2026-11-03T02:59"), BERLIN).key == "2026-09"
    assert rule.latest(at("2026-11-03T03:00"), BERLIN).key == "2026-10"
    assert rule.following(at("2026-11-03T03:00"), BERLIN).at == at("2026-12-03T03:00")


def test_a_quarter_is_due_when_it_has_ended() -> None:
    rule = Quarterly(day=5, hour=6)
    assert rule.latest(at("2026-10-05T03:59"), BERLIN).key == "2026Q2"
    assert rule.latest(at("2026-10-05T04:00"), BERLIN).key == "2026Q3"
    assert rule.following(at("2026-10-05T04:00"), BERLIN).key == "2026Q4"


def test_the_length_of_a_period_is_its_own() -> None:
    assert length(Daily(2), at("2026-03-29T12:00"), BERLIN) == timedelta(hours=23)
    assert length(Daily(2), at("2026-11-21T12:00"), BERLIN) == timedelta(days=1)
    assert length(Monthly(3, 4), at("2027-02-10T12:00"), UTC_ZONE) == timedelta(days=28)
    assert length(Every(60), at("2026-11-21T12:00"), UTC_ZONE) == timedelta(minutes=1)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (Every(60), "every minute"),
        (Every(300), "every 5 minutes"),
        (Every(2), "every 2 seconds"),
        (Hourly(5), "every hour at :05"),
        (Daily(2, 5), "every day at 02:05"),
        (Monthly(3, 4), "every month, on day 3 after its end at 04:00"),
    ],
)
def test_a_rule_is_said_in_words(rule: When, words: str) -> None:
    assert rule.words == words
