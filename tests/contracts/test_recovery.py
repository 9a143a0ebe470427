"""A recovery time that a contract names is written down into continuity, with its days."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.base import acting, clock, db
from app.base.errors import Conflict
from app.judgement.continuity.models import RecoveryDuty
from app.judgement.contracts import drafting, events, services
from app.judgement.contracts.content import content_of, sheet_of
from app.judgement.contracts.models import ClauseKind, Contract, Presence
from app.judgement.contracts.values import TermsRefused, TermsSaid
from tests.conftest import TODAY
from tests.contracts.conftest import REASON, SAID, House

NAMED = (Presence.YES, "Plan each March", 8)
FIRST, SECOND = "Contract C-1, version 1", "Contract C-1, version 2"
BEGIN, END = date(2026, 1, 1), date(2026, 12, 1)
AMENDED = date(2026, 11, 25)
Duty = tuple[str, int, date, date | None]


def say(house: House, key: int, days: int | None, clause: Any = NAMED) -> None:
    """Say in the open version what the continuity duty names."""
    with acting.acting_as(house.people["buyer"]), db.transaction() as session:
        contract = session.get_one(Contract, key)
        terms = drafting.open_version(session, contract)
        assert terms is not None
        drafting.write_clauses(
            session, contract, {ClauseKind.CONTINUITY: clause}, seen_version=terms.version,
            recovery_days=days,
        )  # fmt: skip


def active(house: House, days: int, **given: Any) -> int:
    key = house.open(**given)
    say(house, key, days)
    assert duties() == []
    house.decide(house.submit(key))
    return key


def duties() -> list[Duty]:
    with db.reading() as session:
        rows = session.scalars(select(RecoveryDuty).order_by(RecoveryDuty.label)).all()
        return [(each.label, each.rto_days, each.from_on, each.until_on) for each in rows]


def do(house: House, key: int, act: Any, **said: Any) -> Any:
    with acting.acting_as(house.people["buyer"]), db.transaction() as session:
        return act(session, session.get_one(Contract, key), **said)


def amend(house: House, key: int, days: int | None) -> None:
    do(house, key, drafting.amend, reason=REASON)
    said = TermsSaid(**(SAID | {"from_on": AMENDED}))
    do(house, key, drafting.write_terms, said=said, seen_version=1)
    say(house, key, days)
    house.decide(house.submit(key))


def begin(on: date) -> None:
    with acting.acting_as(acting.system("test", acting.Source.CLI)), db.transaction() as session:
        services.begin_agreed(session, on)


def test_it_is_demanded_from_the_first_day_to_the_last(house: House) -> None:
    active(house, 20)
    assert duties() == [(FIRST, 20, BEGIN, END)]


def test_an_amendment_demands_its_own_from_its_day_on(house: House) -> None:
    key = active(house, 20)
    amend(house, key, 12)
    # It was approved, and holds in four days only.
    assert duties() == [(FIRST, 20, BEGIN, END)]
    begin(AMENDED)
    assert duties() == [
        (FIRST, 20, BEGIN, AMENDED - timedelta(days=1)), (SECOND, 12, AMENDED, END),
    ]  # fmt: skip


def test_an_amendment_without_a_time_demands_none(house: House) -> None:
    key = active(house, 20)
    amend(house, key, None)
    begin(AMENDED)
    assert duties() == [(FIRST, 20, BEGIN, AMENDED - timedelta(days=1))]


def test_a_notice_ends_it_and_taking_that_back_opens_it_again(house: House) -> None:
    key = active(house, 20, auto_renew=True, renewal_months=12, ends_on=date(2027, 3, 2))
    assert duties() == [(FIRST, 20, BEGIN, None)]
    event = do(house, key, events.give_notice, on=TODAY, is_theirs=False, reason=REASON)
    assert duties() == [(FIRST, 20, BEGIN, date(2027, 3, 2))]
    do(house, key, events.take_back, event_id=event.id, reason=REASON)
    assert duties() == [(FIRST, 20, BEGIN, None)]


def test_a_termination_ends_it(house: House) -> None:
    key = active(house, 20)
    do(house, key, events.terminate, on=date(2026, 11, 3), reason=REASON)
    assert duties() == [(FIRST, 20, BEGIN, date(2026, 11, 3))]


def test_what_ended_before_it_began_was_never_demanded(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = active(house, 20)
    amend(house, key, 12)
    begin(AMENDED)
    monkeypatch.setattr(clock, "today", lambda: AMENDED)
    do(house, key, events.terminate, on=date(2026, 11, 3), reason=REASON)
    assert duties() == [(FIRST, 20, BEGIN, date(2026, 11, 3))]


def test_a_time_is_agreed_only_with_the_duty_and_within_ten_years(house: House) -> None:
    key = house.open()
    for days, presence in ((20, Presence.NO), (20, Presence.UNKNOWN), (-1, Presence.YES),
                           (3661, Presence.YES)):  # fmt: skip
        with pytest.raises(TermsRefused, match="days") as refused:
            say(house, key, days, (presence, None, None))
        assert refused.value.problems[0].fields == ("recovery_days",)
    say(house, key, 0)


def test_who_approves_reads_it_and_a_change_after_it_voids_the_approval(house: House) -> None:
    key = house.open()
    say(house, key, 1)
    terms = house.submit(key)
    with acting.acting_as(house.people["buyer"]), db.transaction() as session:
        contract = session.get_one(Contract, key)
        sheet = sheet_of(session, contract, drafting.version_of(session, contract, 1))
        said = content_of(session, sheet)
        assert said["clauses"] == {"continuity": "yes, page 8, back within 1 day: Plan each March"}
        sheet.clauses[0].recovery_days = 30
    with pytest.raises(Conflict, match="changed after it was submitted"):
        house.decide(terms)
