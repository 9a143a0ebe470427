"""A version is drafted, proposed, approved by somebody else, and never changes after that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from app.base import clock, db
from app.base.db import Database
from app.base.errors import AppError, Conflict, Forbidden, InvalidInput
from app.calc.periods import parse_period
from app.judgement.scorecards import queries, services, versions
from app.judgement.scorecards.methods import Json, default_content
from app.judgement.scorecards.models import ScorecardSnapshot
from app.judgement.snapshots.standings import Standing
from app.platform.accounts import grants
from app.platform.accounts.grant_models import Role
from app.platform.approvals import services as approvals
from app.platform.approvals.models import Verdict
from app.recompute import recompute
from tests.approvals.cast import person, registered, work_of
from tests.builders import facts, houses

TODAY = date(2026, 11, 21)
JANUARY = date(2027, 1, 1)
WHY = "Agreed in the quality council."


@dataclass(frozen=True, slots=True)
class Cast:
    author: int
    approver: int


@pytest.fixture
def cast(database: Database) -> Iterator[Cast]:
    """One who writes, one who approves scoring methods; both may approve."""
    with db.transaction() as session:
        found = Cast(person(session, "Anna"), person(session, "Boris"))
        for user_id in (found.author, found.approver):
            grants.grant(session, user_id=user_id, role=Role.APPROVER, reason=WHY)
    with registered(services.KIND):
        yield found


def reweighted(**weights: int) -> Json:
    """The shipped content with other weights, by the id of the row."""
    content = default_content()
    rows = [row | {"weight": weights.get(row["id"], row["weight"])} for row in content["measures"]]
    return content | {"measures": rows}


QUALITY_FIRST = reweighted(otif=15, ppm=30)


def draft(cast: Cast, content: Json = QUALITY_FIRST, *, segment: str | None = None) -> int:
    with work_of(cast.author) as session:
        key = services.new_draft(session, from_id=None, segment=segment)
        services.save_draft(session, key, content=content, seen_revision=1)
        return key


def propose(cast: Cast, key: int, *, valid_from: date = TODAY) -> None:
    with work_of(cast.author) as session:
        services.propose(session, key, valid_from=valid_from, reason=WHY)


def decide(by: int, key: int, verdict: Verdict = Verdict.APPROVE, *, end: bool = False) -> None:
    about = versions.about_end(key) if end else versions.DRAFTS.about(key)
    with work_of(by, "Boris") as session:
        waiting = approvals.awaiting(session, about)
        approvals.decide(
            session,
            approval_id=waiting.id,
            decision=verdict,
            reason=WHY,
            seen_version=waiting.version,
            seen_hash=waiting.content_hash,
        )


def activated(cast: Cast, content: Json = QUALITY_FIRST, *, valid_from: date = TODAY,
              segment: str | None = None) -> int:  # fmt: skip
    key = draft(cast, content, segment=segment)
    propose(cast, key, valid_from=valid_from)
    decide(cast.approver, key)
    return key


def standing(key: int, *, on: date = TODAY) -> Standing:
    with db.reading() as session:
        return versions.version(session, key, on=on).standing


def in_force(on: date, segment: str | None = None) -> str:
    with db.reading() as session:
        return queries.method_in_force(session, on=on, segment=segment).label


def refused(error: type[AppError], code: str) -> pytest.RaisesExc[AppError]:
    return pytest.RaisesExc(error, check=lambda raised: raised.code == code)


def test_an_approved_version_holds_from_its_day_on(cast: Cast) -> None:
    key = activated(cast, valid_from=JANUARY)
    assert (in_force(date(2026, 12, 31)), in_force(JANUARY)) == (
        "Direct material v1",
        "Direct material v2",
    )
    assert (standing(key), standing(key, on=JANUARY)) == (Standing.COMING, Standing.ACTIVE)


def test_the_version_before_is_retired_on_that_day(cast: Cast) -> None:
    activated(cast, valid_from=JANUARY)
    with db.reading() as session:
        second, first = versions.versions(session, on=JANUARY)
    assert (first.holds_from, first.holds_to, first.standing) == (None, JANUARY, Standing.RETIRED)
    assert (second.holds_from, second.holds_to, second.approved_by) == (JANUARY, None, "Boris")


def test_an_author_does_not_approve_their_own_method(cast: Cast) -> None:
    key = draft(cast)
    propose(cast, key)
    with refused(Forbidden, "E-SOD-01"):
        decide(cast.author, key)
    assert standing(key) is Standing.PROPOSED


def test_what_is_proposed_is_not_edited(cast: Cast) -> None:
    key = draft(cast)
    propose(cast, key)
    with refused(Conflict, "E-MTH-05"), work_of(cast.author) as session:
        services.save_draft(session, key, content=default_content(), seen_revision=2)


def test_what_is_active_is_never_edited(cast: Cast) -> None:
    key = activated(cast)
    with refused(Conflict, "E-MTH-02"), work_of(cast.author) as session:
        services.save_draft(session, key, content=default_content(), seen_revision=2)


def test_a_withdrawn_or_rejected_proposal_is_a_draft_again(cast: Cast) -> None:
    key = draft(cast)
    propose(cast, key)
    with work_of(cast.author) as session:
        services.withdraw(session, key)
    assert standing(key) is Standing.DRAFT
    propose(cast, key)
    decide(cast.approver, key, Verdict.REJECT)
    assert standing(key) is Standing.DRAFT
    assert in_force(TODAY) == "Direct material v1"


def test_two_who_edit_one_draft_lose_nothing(cast: Cast) -> None:
    key = draft(cast)
    with refused(Conflict, "E-MTH-03"), work_of(cast.author) as session:
        services.save_draft(session, key, content=default_content(), seen_revision=1)


def test_a_method_never_begins_in_the_past(cast: Cast) -> None:
    key = draft(cast)
    with refused(InvalidInput, "E-MTH-10"):
        propose(cast, key, valid_from=date(2026, 11, 20))


def test_a_method_that_is_approved_late_begins_when_it_is_approved(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = draft(cast)
    propose(cast, key)
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 12, 3, 12, tzinfo=UTC))
    decide(cast.approver, key)
    assert (in_force(date(2026, 12, 2)), in_force(date(2026, 12, 3))) == (
        "Direct material v1",
        "Direct material v2",
    )


def test_a_draft_that_says_nothing_new_is_not_proposed(cast: Cast) -> None:
    key = draft(cast, default_content())
    with refused(Conflict, "E-MTH-06"):
        propose(cast, key)


def test_a_method_whose_weights_do_not_add_up_is_not_stored(cast: Cast) -> None:
    with refused(InvalidInput, "E-MTH-04"):
        draft(cast, reweighted(otif=24))


def test_a_discarded_draft_keeps_its_number(cast: Cast) -> None:
    key = draft(cast)
    with work_of(cast.author) as session:
        services.discard(session, key, reason=WHY)
    assert standing(key) is Standing.DISCARDED
    again = draft(cast)
    with db.reading() as session:
        assert versions.version(session, again, on=TODAY).method.label == "Direct material v3"


def test_a_segment_has_its_own_method_and_falls_back_to_the_common_one(cast: Cast) -> None:
    key = activated(cast, segment="strategic")
    assert (in_force(TODAY, "strategic"), in_force(TODAY, "leverage"), in_force(TODAY)) == (
        "strategic v1",
        "Direct material v1",
        "Direct material v1",
    )
    with work_of(cast.author) as session:
        services.propose_end(session, key, valid_to=JANUARY, reason=WHY)
    decide(cast.approver, key, end=True)
    assert in_force(date(2026, 12, 31), "strategic") == "strategic v1"
    assert in_force(JANUARY, "strategic") == "Direct material v1"


def test_an_ended_segment_does_not_bring_back_its_older_version(cast: Cast) -> None:
    activated(cast, segment="strategic")
    key = activated(cast, reweighted(otif=10, ppm=35), valid_from=JANUARY, segment="strategic")
    with work_of(cast.author) as session:
        services.propose_end(session, key, valid_to=date(2027, 3, 1), reason=WHY)
    decide(cast.approver, key, end=True)
    assert in_force(date(2027, 3, 1), "strategic") == "Direct material v1"


def test_the_method_for_everybody_does_not_end_without_another(cast: Cast) -> None:
    key = activated(cast)
    with refused(Conflict, "E-MTH-08"), work_of(cast.author) as session:
        services.propose_end(session, key, valid_to=JANUARY, reason=WHY)


def test_a_name_belongs_to_one_segment(cast: Cast) -> None:
    draft(cast)
    with refused(InvalidInput, "E-MTH-09"), work_of(cast.author) as session:
        services.new_draft(session, from_id=None, segment="strategic", name="Direct material")


def test_a_recompute_uses_a_version_from_its_day_on_and_snapshots_say_so(cast: Cast) -> None:
    with db.transaction() as session:
        own = facts.supplier(session, "Nordlys Elektronik AS", segment="strategic")
        other = facts.supplier(session, "Kestrel Castings", segment="leverage")
        for each in (own, other):
            houses.deliveries(session, each, lines=60, late=3)
        keys = (own.id, other.id)
    recompute(date(2026, 11, 20))
    key = activated(cast, segment="strategic")
    recompute(TODAY)
    with db.reading() as session:
        found = session.execute(
            select(ScorecardSnapshot.supplier_id, ScorecardSnapshot.period_end,
                   ScorecardSnapshot.method_id, ScorecardSnapshot.restated_because)
            .where(ScorecardSnapshot.supplier_id.in_(keys))
        ).all()  # fmt: skip
    used = {(supplier, str(end)): method == key for supplier, end, method, _ in found}
    assert used == {
        (keys[0], "2026-09-30"): False,
        (keys[1], "2026-09-30"): False,
        (keys[0], "2026-11-20"): False,
        (keys[1], "2026-11-20"): False,
        (keys[0], "2026-11-21"): True,
        (keys[1], "2026-11-21"): False,
    }
    # A quarter that was over before the version held is not scored by it.
    assert all(because is None for *_, because in found)


def test_a_card_is_worked_out_by_the_method_of_its_supplier(cast: Cast) -> None:
    with db.transaction() as session:
        own = facts.supplier(session, segment="strategic").id
        other = facts.supplier(session, "Nordlys Elektronik AS").id
    key = activated(cast, segment="strategic")
    with db.reading() as session:
        period = parse_period("12m", as_of=TODAY)
        assert queries.card(session, own, period).method.id == key
        assert queries.card(session, other, period).method.label == "Direct material v1"
        assert queries.card(session, None, period).method.label == "Direct material v1"
        assert [each.supplier_id for each in queries.everybody(session, period)] == [own, other]
