"""Standing in: for days, with one's own power only, never for or by who wrote it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from app.base import clock, db
from app.base.errors import Conflict, Forbidden, InvalidInput, NotFound
from app.platform.approvals import delegating, eligibility, queries
from app.platform.approvals.eligibility import Powers, Refusal, Said, Standing
from tests.approvals.cast import Office, decide, person, submit, work_of
from tests.approvals.conftest import Cast

FROM, UNTIL = date(2026, 11, 21), date(2026, 12, 4)


def delegate(
    from_id: int, to_id: int, from_on: date = FROM, until_on: date = UNTIL, kind: str = "limit"
) -> None:
    with work_of(from_id) as session:
        delegating.delegate(
            session, to_id=to_id, object_types=[kind], from_on=from_on, until_on=until_on
        )


def test_a_stand_in_decides_in_the_holders_name(cast: Cast) -> None:
    delegate(cast.first, cast.outsider)
    submitted = submit(cast.author)
    assert decide(cast.outsider, submitted) is not None
    with db.reading() as session:
        shown = queries.detail(session, submitted.public_id)
    assert shown is not None
    assert [(each.by, each.stands_in_for) for each in shown.opinions] == [("Approver", "Boris")]


@pytest.mark.parametrize(
    ("day", "may"),
    [(date(2026, 11, 22), False), (date(2026, 11, 23), True), (date(2026, 11, 24), True),
     (date(2026, 11, 25), False)],
)  # fmt: skip
def test_a_delegation_holds_on_its_days_only(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, day: date, may: bool
) -> None:
    delegate(cast.first, cast.outsider, date(2026, 11, 23), date(2026, 11, 24))
    submitted = submit(cast.author)
    moment = datetime(day.year, day.month, day.day, 23, 59, tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: moment)
    with db.reading() as session:
        waiting = queries.open_for(session, cast.outsider, on=day)
    assert bool(waiting) is may
    if not may:
        with pytest.raises(Forbidden):
            decide(cast.outsider, submitted)


def test_a_delegation_taken_back_ends_at_once(cast: Cast) -> None:
    delegate(cast.first, cast.outsider)
    with db.reading() as session:
        given = queries.delegations(session, cast.outsider)[0]
    with pytest.raises(NotFound), work_of(cast.outsider) as session:
        delegating.withdraw_delegation(session, public_id=given.public_id)
    with work_of(cast.first) as session:
        delegating.withdraw_delegation(session, public_id=given.public_id)
    with pytest.raises(Forbidden, match="You may not approve this"):
        decide(cast.outsider, submit(cast.author))


def test_a_delegation_is_never_passed_on(cast: Cast) -> None:
    delegate(cast.first, cast.outsider)
    with pytest.raises(Forbidden, match="no power of your own to lend"):
        delegate(cast.outsider, cast.author)


def test_a_delegation_ends_with_the_holders_grant(cast: Cast, office: Office) -> None:
    delegate(cast.first, cast.outsider)
    office.holders = {cast.second}
    with pytest.raises(Forbidden, match="You may not approve this"):
        decide(cast.outsider, submit(cast.author))


def test_a_stand_in_who_wrote_it_does_not_decide(cast: Cast) -> None:
    delegate(cast.first, cast.author)
    with pytest.raises(Forbidden) as caught:
        decide(cast.author, submit(cast.author))
    assert caught.value.code == "E-SOD-01"


def test_nobody_stands_in_for_who_wrote_it(cast: Cast) -> None:
    delegate(cast.first, cast.outsider)
    with pytest.raises(Forbidden) as caught:
        decide(cast.outsider, submit(cast.first))
    assert caught.value.code == "E-SOD-12"


def test_one_power_counts_once_whoever_uses_it(cast: Cast) -> None:
    delegate(cast.first, cast.outsider)
    submitted = submit(cast.author, needs=2)
    assert decide(cast.outsider, submitted) is None
    with pytest.raises(Forbidden) as caught:
        decide(cast.first, submitted)
    assert caught.value.code == "E-SOD-15"
    assert decide(cast.second, submitted) is not None


def test_the_stand_in_of_the_first_approver_is_no_second_one(cast: Cast) -> None:
    delegate(cast.first, cast.outsider)
    submitted = submit(cast.author, needs=2)
    assert decide(cast.first, submitted) is None
    with pytest.raises(Forbidden) as caught:
        decide(cast.outsider, submitted)
    assert caught.value.code == "E-SOD-12"


@pytest.mark.parametrize(
    ("from_on", "until_on", "words"),
    [
        (date(2026, 12, 4), date(2026, 12, 3), "before it begins"),
        (date(2026, 11, 1), date(2026, 11, 20), "It ended on 2026-11-20"),
        (date(2026, 11, 21), date(2027, 5, 24), "It lasts 185 days; the limit is 184."),
    ],
)
def test_a_delegation_has_days_that_make_sense(
    cast: Cast, from_on: date, until_on: date, words: str
) -> None:
    with pytest.raises(InvalidInput, match=words):
        delegate(cast.first, cast.outsider, from_on, until_on)


def test_nobody_stands_in_for_themselves_or_without_an_active_account(cast: Cast) -> None:
    with pytest.raises(InvalidInput, match="somebody else"):
        delegate(cast.first, cast.first)
    with db.transaction() as session:
        gone = person(session, "Gone", is_active=False)
    with pytest.raises(InvalidInput, match="active account"):
        delegate(cast.first, gone)
    with pytest.raises(InvalidInput, match="active account"):
        delegate(cast.first, 4711)


def test_a_delegation_names_kinds_that_exist(cast: Cast) -> None:
    with pytest.raises(NotFound):
        delegate(cast.first, cast.outsider, kind="unheard of")
    with pytest.raises(InvalidInput, match="at least one kind"), work_of(cast.first) as session:
        delegating.delegate(
            session, to_id=cast.outsider, object_types=[], from_on=FROM, until_on=UNTIL
        )


def test_a_stand_in_that_was_switched_off_decides_no_more(cast: Cast) -> None:
    from app.platform.accounts import services as accounts

    delegate(cast.first, cast.outsider)
    with db.transaction() as session:
        accounts.disable(session, user_id=cast.outsider)
    with pytest.raises((Forbidden, Conflict)):
        decide(cast.outsider, submit(cast.author))


A, B, C, D = 1, 2, 3, 4


@pytest.mark.parametrize(
    ("person_id", "writers", "said", "powers", "expected"),
    [
        (B, {A}, [], Powers(frozenset({B, C})), Standing()),
        (A, {A}, [], Powers(frozenset({A, B})), Standing(Refusal.WROTE_IT)),
        (A, {A}, [], Powers(frozenset({A})), Standing(is_independent=False)),
        (A, {A}, [], Powers(frozenset()), Standing(Refusal.WROTE_IT)),
        (D, {A}, [], Powers(frozenset({B})), Standing(Refusal.NO_POWER)),
        (D, {A}, [], Powers(frozenset({B}), {D: (B,)}), Standing(stands_in_for=B)),
        (D, {B}, [], Powers(frozenset({B, C}), {D: (B,)}), Standing(Refusal.NO_POWER)),
        (D, {B}, [], Powers(frozenset({B, C}), {D: (B, C)}), Standing(stands_in_for=C)),
        (D, {A}, [Said(B)], Powers(frozenset({B}), {D: (B,)}), Standing(Refusal.NO_POWER)),
        (B, {A}, [Said(D, B)], Powers(frozenset({B, C})), Standing(Refusal.DECIDED_ALREADY)),
        (B, {A}, [Said(B)], Powers(frozenset({B, C})), Standing(Refusal.DECIDED_ALREADY)),
        # A single approver who wrote it lends nothing: the author's power stays the author's.
        (D, {A}, [], Powers(frozenset({A}), {D: (A,)}), Standing(Refusal.NO_POWER)),
    ],
)
def test_how_somebody_stands(
    person_id: int, writers: set[int], said: list[Said], powers: Powers, expected: Standing
) -> None:
    found = eligibility.standing_of(person_id, writers=writers, said=said, powers=powers)
    assert found == expected
