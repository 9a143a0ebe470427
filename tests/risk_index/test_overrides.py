"""A band set by people stands beside the computed one, for 90 days, with another's agreement."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from app.base import db
from app.base.db import Database
from app.base.errors import AppError, Conflict, Forbidden, InvalidInput, NotFound
from app.judgement.risk_index import queries as risk_queries
from app.judgement.risk_index.models import IndexOverride
from app.judgement.risk_index.overrides import queries, services
from app.platform.accounts import grants
from app.platform.accounts.grant_models import Role
from app.platform.approvals import services as approvals
from app.platform.approvals.kinds import ObjectRef
from app.platform.approvals.models import Verdict
from app.platform.audit.services import ReasonNeeded
from tests.approvals.cast import person, registered, work_of
from tests.builders import facts

TODAY, LAST = date(2026, 11, 21), date(2027, 2, 19)
WHY = "Their only furnace is out until February."


@pytest.fixture
def house(sqlite_only: Database) -> Iterator[tuple[int, int, int]]:
    """A supplier, one who sets bands, one who agrees."""
    with db.transaction() as session:
        own = facts.supplier(session, "Sonnenberg").id
        found = own, person(session, "Anna"), person(session, "Boris")
        for user_id in found[1:]:
            grants.grant(session, user_id=user_id, role=Role.APPROVER, reason=WHY)
    with registered(services.KIND):
        yield found


def refused(error: type[AppError], code: str) -> pytest.RaisesExc[AppError]:
    return pytest.RaisesExc(error, check=lambda raised: raised.code == code)


def propose(house: tuple[int, int, int], *, until: date = LAST, reason: str = WHY,
            value: float | None = None) -> IndexOverride:  # fmt: skip
    own, author, _ = house
    with work_of(author) as session:
        return services.propose(
            session, own, band="critical", value=value, until_on=until, reason=reason,
            computed=(31.5, "medium"),
        )  # fmt: skip


def agree(by: int, row: IndexOverride) -> None:
    with work_of(by, "Boris") as session:
        waiting = approvals.awaiting(session, ObjectRef(services.TYPE, str(row.id)))
        approvals.decide(
            session, approval_id=waiting.id, decision=Verdict.APPROVE, reason=WHY,
            seen_version=waiting.version, seen_hash=waiting.content_hash,
        )  # fmt: skip


def test_it_holds_once_another_person_agreed_and_never_enters_the_index(
    house: tuple[int, int, int],
) -> None:
    row = propose(house)
    with refused(Forbidden, "E-SOD-01"):
        agree(house[1], row)
    with db.reading() as session:
        assert queries.override_on(session, house[0], TODAY) is None
    agree(house[2], row)
    with db.reading() as session:
        view = risk_queries.risk_card(session, house[0], TODAY)
        after = queries.override_on(session, house[0], date(2027, 2, 20))
        everybody = queries.overrides_on(session, LAST)
    assert view.override is not None
    assert (view.override.band, view.override.computed_band) == ("critical", "medium")
    assert view.card.result.band is None
    assert after is None
    assert list(everybody) == [house[0]]


def test_it_lasts_ninety_days_at_most_and_needs_a_reason(house: tuple[int, int, int]) -> None:
    for day in (date(2027, 2, 20), date(2026, 11, 20), date.max):
        with refused(InvalidInput, "E-OVR-01"):
            propose(house, until=day)
    with pytest.raises(ReasonNeeded):
        propose(house, reason="because")
    with refused(InvalidInput, "E-OVR-05"):
        propose(house, value=float("nan"))


def test_only_one_waits_and_one_that_holds_can_be_ended(house: tuple[int, int, int]) -> None:
    row = propose(house)
    with refused(Conflict, "E-OVR-02"):
        propose(house)
    own, author, approver = house
    with refused(Conflict, "E-OVR-04"), work_of(author) as session:
        services.end(session, own, row.public_id, reason=WHY)
    agree(approver, row)
    with work_of(author) as session:
        services.end(session, own, row.public_id, reason="The furnace runs again since today.")
    with db.reading() as session:
        assert queries.override_on(session, own, TODAY) is None
        ended = queries.overrides_of(session, own)[0]
    assert (ended.ended_on, ended.last_day) == (date(2026, 11, 20), date(2026, 11, 20))


def test_anothers_override_is_not_there(house: tuple[int, int, int]) -> None:
    row = propose(house)
    with db.transaction() as session:
        other = facts.supplier(session, "Somebody else").id
    with refused(NotFound, "E-OVR-03"), work_of(house[1]) as session:
        services.end(session, other, row.public_id, reason=WHY)
