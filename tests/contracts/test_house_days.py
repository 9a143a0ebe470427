"""What “today” is, is said by the house's zone: on pages, in writes and in jobs alike."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from app.base import acting, clock, db
from app.judgement.contracts import events
from app.judgement.contracts.models import Contract
from tests.builders.contract_days import contract
from tests.contracts.conftest import REASON, House
from tests.web_app import Visitor, add_person, app_on, words

# Ninety days before the last day is 2 December 2026.
ENDS = date(2027, 3, 2)


# Half an hour before midnight of the deadline in London, and five hours after it.
EVENING, MORNING = datetime(2026, 12, 2, 23, 30, tzinfo=UTC), datetime(2026, 12, 3, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "moment", "told"),
    [
        ("UTC", EVENING, "2 Dec 2026"),
        ("Europe/Berlin", EVENING, "3 Dec 2027"),
        ("UTC", MORNING, "3 Dec 2027"),
        ("America/Los_Angeles", MORNING, "2 Dec 2026"),
    ],
)
def test_a_page_holds_the_deadline_open_until_the_houses_own_midnight(
    house: House,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    zone: str,
    moment: datetime,
    told: str,
) -> None:
    with db.transaction() as session:
        contract(
            session, house.supplier_id, ENDS, our_notice_days=90, auto_renew=True,
            renewal_months=12,
        )  # fmt: skip
    app = app_on(db.current(), tmp_path)
    add_person(app)
    monkeypatch.setattr(clock, "now", lambda: moment)
    monkeypatch.setenv("MAINSTAY_TIME_ZONE", zone)
    visitor = Visitor(app)
    visitor.sign_in()
    assert told in words(visitor.get("/contracts/"))


@pytest.mark.parametrize(
    ("zone", "day"), [("Pacific/Auckland", date(2026, 12, 2)), ("UTC", date(2026, 12, 1))]
)
def test_a_notice_of_today_is_none_of_tomorrow(
    house: House, monkeypatch: pytest.MonkeyPatch, zone: str, day: date
) -> None:
    key = house.active(ends_on=ENDS)
    # Nine in the morning of the 2nd in Auckland, the evening of the 1st in London.
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 12, 1, 20, tzinfo=UTC))
    monkeypatch.setenv("MAINSTAY_TIME_ZONE", zone)
    with acting.acting_as(house.people["buyer"]), db.transaction() as session:
        given = events.give_notice(
            session, session.get_one(Contract, key), on=day, is_theirs=False, reason=REASON
        )
        assert (given.happened_on, given.ends_on) == (day, ENDS)
