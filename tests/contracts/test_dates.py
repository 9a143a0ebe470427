"""Days of contracts act: deadlines, notices, renewals that nobody decided on."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.base import acting, clock, db
from app.base.errors import Conflict, InvalidInput
from app.judgement.contracts import drafting, events, queries
from app.judgement.contracts.models import Contract, EventKind
from app.judgement.contracts.queries import Deadline
from app.judgement.contracts.values import TermsSaid
from app.timetable import contracts_job
from tests.conftest import TODAY
from tests.contracts.conftest import REASON, SAID, House

# The deadline is 2 December 2026, ninety days before the last day.
RENEWING: dict[str, Any] = {
    "ends_on": date(2027, 3, 2), "auto_renew": True, "renewal_months": 12,
    "their_notice_days": 30,
}  # fmt: skip
LATER = datetime(2026, 12, 10, 9, tzinfo=UTC)


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


def amend(house: House, key: int, patch: pytest.MonkeyPatch, **given: Any) -> None:
    """Amend the contract on a later day."""
    patch.setattr(clock, "now", lambda: LATER)
    with acting.acting_as(house.people["buyer"]), db.transaction() as session:
        contract = session.get_one(Contract, key)
        made = drafting.amend(session, contract, reason=REASON)
        said = TermsSaid(**(SAID | RENEWING | {"from_on": LATER.date()} | given))
        drafting.write_terms(session, contract, said, seen_version=made.version)
    house.decide(house.submit(key))


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


def test_an_amendment_after_it_settles_an_overlooked_renewal(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = house.active(**RENEWING)
    watch(date(2026, 12, 3))
    amend(house, key, monkeypatch, our_notice_days=30)
    with db.reading() as session:
        assert not queries.contract_rows(session, LATER.date())[0].is_overlooked


def test_a_notice_after_it_settles_an_overlooked_renewal(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = house.active(**RENEWING)
    watch(date(2026, 12, 3))
    monkeypatch.setattr(clock, "now", lambda: LATER)
    with acting.acting_as(house.people["buyer"]), db.transaction() as session:
        contract = session.get_one(Contract, key)
        assert queries.contract_rows(session, LATER.date())[0].is_overlooked
        events.give_notice(session, contract, on=LATER.date(), is_theirs=False, reason=REASON)
        assert not queries.contract_rows(session, LATER.date())[0].is_overlooked


def test_a_deadline_that_an_amendment_put_behind_itself_was_not_overlooked(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = house.active(**RENEWING | {"our_notice_days": 30})
    amend(house, key, monkeypatch, our_notice_days=90)
    assert watch(LATER.date()) == (0, 0)


def test_what_renewed_before_it_was_kept_here_was_not_overlooked(house: House) -> None:
    house.active(starts_on=date(2020, 1, 1), **RENEWING | {"ends_on": date(2022, 3, 2)})
    assert watch(TODAY) == (0, 0)


def test_a_wanted_renewal_is_not_overlooked_and_may_be_taken_back(house: House) -> None:
    key = house.active(**RENEWING)
    with acting.acting_as(house.people["buyer"]), db.transaction() as session:
        contract = session.get_one(Contract, key)
        wanted = events.want_renewal(session, contract, after=date(2027, 3, 2), reason=REASON)
        assert wanted.ends_on == date(2027, 3, 2)
    assert days(TODAY)["notice"].day == date(2027, 12, 3)
    assert watch(date(2026, 12, 3)) == (0, 0)
    with acting.acting_as(house.people["buyer"]), db.transaction() as session:
        contract = session.get_one(Contract, key)
        mine = queries.events_of(session, [key])[key][-1]
        events.take_back(session, contract, mine.id, reason=REASON)
    assert days(TODAY)["notice"].day == date(2026, 12, 2)


def test_a_renewal_that_is_wanted_twice_in_one_moment_is_wanted_once(house: House) -> None:
    key = house.active(**RENEWING)
    with acting.acting_as(house.people["buyer"]), db.transaction() as session:
        contract = session.get_one(Contract, key)
        events.want_renewal(session, contract, after=date(2027, 3, 2), reason=REASON)
        # The run after it is open now: a second click meant the first one.
        with pytest.raises(Conflict, match="The renewal after 2 Mar 2027 is wanted already"):
            events.want_renewal(session, contract, after=date(2027, 3, 2), reason=REASON)
    assert days(TODAY)["notice"].day == date(2027, 12, 3)


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


class Unguarded:
    """A run that nobody else may take over."""

    def guard(self, session: Session) -> None:
        """Hold the lease."""


@pytest.mark.parametrize(
    ("zone", "told"), [("Europe/Berlin", "1 renewal overlooked"), ("UTC", "0 renewals overlooked")]
)
def test_the_job_looks_at_the_day_of_the_houses_own_zone(
    house: House, monkeypatch: pytest.MonkeyPatch, zone: str, told: str
) -> None:
    house.active(**RENEWING)
    # Half an hour before midnight of the deadline in UTC it is the day after in Berlin.
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 12, 2, 23, 30, tzinfo=UTC))
    monkeypatch.setenv("MAINSTAY_TIME_ZONE", zone)
    assert told in contracts_job({}, Unguarded())["summary"]  # type: ignore[arg-type] # a stand-in
