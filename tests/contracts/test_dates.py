"""Days of contracts act: deadlines, notices, renewals that nobody decided on."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from app.base import acting, db
from app.base.errors import Conflict, InvalidInput
from app.judgement.contracts import events, queries
from app.judgement.contracts.models import Contract, EventKind
from app.judgement.contracts.queries import Deadline
from tests.conftest import TODAY
from tests.contracts.conftest import REASON, House

# The deadline is 2 December 2026, ninety days before the last day.
RENEWING: dict[str, Any] = {
    "ends_on": date(2027, 3, 2), "auto_renew": True, "renewal_months": 12,
    "their_notice_days": 30,
}  # fmt: skip


def days(on: date) -> dict[str, Deadline]:
    with db.reading() as session:
        return {each.kind: each for each in queries.deadlines(session, on)}


def give_notice(house: House, key: int, on: date, *, is_theirs: bool = False) -> date | None:
    with acting.acting_as(house.people["buyer"]), db.transaction() as session:
        contract = session.get_one(Contract, key)
        return events.give_notice(
            session, contract, on=on, is_theirs=is_theirs, reason=REASON
        ).ends_on


def watch(on: date) -> tuple[int, int]:
    with db.transaction() as session:
        found = events.watch(session, on)
    return found.rolled_over, found.ended


def kinds(key: int) -> list[str]:
    with db.reading() as session:
        return [each.kind for each in queries.events_of(session, [key])[key]]


def test_the_notice_deadline_is_what_comes_next_not_the_end(house: House) -> None:
    house.active(**RENEWING)
    found = days(TODAY)
    assert found["notice"].day == date(2026, 12, 2)
    assert found["notice"].rung == 14
    assert found["notice"].ends_on == date(2027, 3, 2)
    assert found["their_notice"].day == date(2027, 1, 31)
    assert "end" not in found


def test_a_renewal_that_nobody_decided_on_is_recorded_once(house: House) -> None:
    key = house.active(**RENEWING)
    assert watch(date(2026, 12, 2)) == (0, 0)
    assert watch(date(2026, 12, 3)) == (1, 0)
    assert watch(date(2026, 12, 4)) == (0, 0)
    assert kinds(key) == ["approved", "rolled_over"]
    assert days(date(2026, 12, 3))["notice"].day == date(2027, 12, 3)
    with db.reading() as session:
        assert queries.contract_rows(session, date(2026, 12, 3))[0].is_overlooked
        assert not queries.contract_rows(session, date(2028, 3, 3))[0].is_overlooked


def test_what_renewed_before_it_was_kept_here_was_not_overlooked(house: House) -> None:
    house.active(starts_on=date(2020, 1, 1), **RENEWING | {"ends_on": date(2022, 3, 2)})
    assert watch(TODAY) == (0, 0)


def test_a_wanted_renewal_is_not_overlooked_and_may_be_taken_back(house: House) -> None:
    key = house.active(**RENEWING)
    with acting.acting_as(house.people["buyer"]), db.transaction() as session:
        contract = session.get_one(Contract, key)
        wanted = events.want_renewal(session, contract, reason=REASON)
        assert wanted.ends_on == date(2027, 3, 2)
    assert days(TODAY)["notice"].day == date(2027, 12, 3)
    assert watch(date(2026, 12, 3)) == (0, 0)
    with acting.acting_as(house.people["buyer"]), db.transaction() as session:
        contract = session.get_one(Contract, key)
        mine = queries.events_of(session, [key])[key][-1]
        events.take_back(session, contract, mine.id, reason=REASON)
    assert days(TODAY)["notice"].day == date(2026, 12, 2)


def test_a_notice_ends_the_run_that_it_is_in_time_for(house: House) -> None:
    key = house.active(**RENEWING)
    assert give_notice(house, key, TODAY) == date(2027, 3, 2)
    found = days(TODAY)
    assert list(found) == ["end"]
    assert found["end"].day == date(2027, 3, 2)
    with pytest.raises(Conflict, match="given already"):
        give_notice(house, key, TODAY)
    assert watch(date(2027, 3, 2)) == (0, 0)
    assert watch(date(2027, 3, 3)) == (0, 1)
    assert kinds(key)[-1] == EventKind.ENDED
    assert days(date(2027, 3, 3)) == {}


def test_a_notice_of_the_future_is_none(house: House) -> None:
    key = house.active(**RENEWING)
    with pytest.raises(InvalidInput, match="not a day from"):
        give_notice(house, key, date(2026, 11, 22))


def test_their_late_notice_ends_a_later_run(house: House) -> None:
    # Thirty days before 2 March 2026 had passed on 10 February.
    key = house.active(starts_on=date(2025, 1, 1), **RENEWING | {"ends_on": date(2026, 3, 2)})
    assert give_notice(house, key, date(2026, 2, 10), is_theirs=True) == date(2027, 3, 2)


def test_a_notice_that_is_too_late_for_every_end_is_refused(house: House) -> None:
    key = house.active(ends_on=date(2026, 12, 1))
    with pytest.raises(Conflict, match="too late for every end"):
        give_notice(house, key, date(2026, 9, 3))
