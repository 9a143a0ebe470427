"""Acceptances: one person takes a risk until a day, another agrees, and it runs out."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import acting, clock, db
from app.base.acting import Actor, Source
from app.base.db import Database
from app.base.errors import Conflict, Forbidden, InvalidInput
from app.calc.fmea import Scores
from app.factory import APPROVAL_KINDS
from app.judgement.fmea import rating
from app.judgement.fmea.living import acceptances, beside, reviews, rows
from app.judgement.fmea.living.models import FmeaAcceptance, LinkKind
from app.judgement.fmea.living.rows import RowHead
from app.judgement.fmea.models import FmeaCause
from app.platform.accounts import grants, services
from app.platform.accounts.grant_models import Role
from app.platform.approvals import kinds
from app.platform.approvals import services as approvals
from app.platform.approvals.kinds import ObjectRef, Settled
from app.platform.approvals.models import Verdict
from tests.builders import facts, risks
from tests.conftest import NOW, TODAY

UNTIL = TODAY + timedelta(days=60)
REASON = "Stock covers it until the second source delivers"


@pytest.fixture
def people(sqlite_only: Database) -> dict[str, Actor]:
    kinds.register(APPROVAL_KINDS)
    found = {}
    at_the_machine = acting.system("test", Source.CLI)
    with acting.acting_as(at_the_machine), db.transaction() as session:
        for name in ("author", "approver", "second"):
            key = services.create_admin(session, email=f"{name}@example.com", name=name)
            for role in (Role.RISK_MANAGER, Role.APPROVER):
                grants.grant(session, user_id=key, role=role, reason="needed for this test")
            found[name] = Actor(name, Source.UI, user_id=key, roles=frozenset({"risk_manager"}))
    return found


@pytest.fixture
def row(people: dict[str, Actor]) -> RowHead:
    with db.transaction() as session:
        supplier = facts.supplier(session, "Kestrel", number="V-1")
        return risks.row(session, risks.register(session, supplier), (7, 5, 5))


def asked(row: RowHead, by: Actor) -> int:
    with acting.acting_as(by), db.transaction() as session:
        return acceptances.ask(
            session, row, accepted_by="M. Weber", until_on=UNTIL, reason=REASON
        ).id


def decided(acceptance_id: int, by: Actor) -> Settled | None:
    with acting.acting_as(by), db.transaction() as session:
        waiting = approvals.awaiting(session, ObjectRef(acceptances.ACCEPTANCE, str(acceptance_id)))
        return approvals.decide(
            session, approval_id=waiting.id, decision=Verdict.APPROVE, reason=REASON,
            seen_version=waiting.version, seen_hash=waiting.content_hash,
        )  # fmt: skip


def stored(session: Session) -> FmeaAcceptance:
    return session.scalars(select(FmeaAcceptance)).one()


def test_whoever_asks_for_an_acceptance_does_not_agree_to_it(
    row: RowHead, people: dict[str, Actor]
) -> None:
    key = asked(row, people["author"])
    with pytest.raises(Forbidden, match="You wrote this version; another approver must decide"):
        decided(key, people["author"])
    assert decided(key, people["approver"]) is not None
    with db.reading() as session:
        found = stored(session)
        assert (found.state, found.approved_by) == ("confirmed", "approver")


def test_a_high_risk_needs_two_approvers(people: dict[str, Actor]) -> None:
    with db.transaction() as session:
        supplier = facts.supplier(session, "Kestrel", number="V-1")
        row = risks.row(session, risks.register(session, supplier), (8, 6, 5))
    key = asked(row, people["author"])
    assert decided(key, people["approver"]) is None
    assert decided(key, people["second"]) is not None


def test_another_rating_before_the_decision_voids_what_was_asked(
    row: RowHead, people: dict[str, Actor]
) -> None:
    key = asked(row, people["author"])
    with db.transaction() as session:
        cause = session.get_one(FmeaCause, row.cause_id)
        rating.rate_row(session, cause, Scores(8, 6, 5), rating.Why())
    with pytest.raises(Conflict, match="changed after it was submitted"):
        decided(key, people["approver"])


def test_an_acceptance_that_ran_out_is_shown_and_raises_one_review(
    row: RowHead, people: dict[str, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    decided(asked(row, people["author"]), people["approver"])
    after = UNTIL + timedelta(days=1)
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=61))
    with db.transaction() as session:
        [found] = acceptances.current(session, after)
        assert found.has_expired(after)
        assert not found.has_expired(UNTIL)
        assert [acceptances.raise_expired(session, after) for _ in range(2)] == [1, 0]
        [review] = reviews.reviews_of(session, row.cause_id)
    assert review.because.endswith("nobody accepts it any more.")


def test_a_risk_that_rose_is_no_longer_what_was_accepted(
    row: RowHead, people: dict[str, Actor]
) -> None:
    decided(asked(row, people["author"]), people["approver"])
    with db.transaction() as session:
        cause = session.get_one(FmeaCause, row.cause_id)
        assert not acceptances.current(session, TODAY)[0].is_worse_now
        rating.rate_row(session, cause, Scores(8, 6, 5), rating.Why())
        assert acceptances.current(session, TODAY)[0].is_worse_now


def test_nothing_is_accepted_unrated_forever_or_twice(
    row: RowHead, people: dict[str, Actor]
) -> None:
    with acting.acting_as(people["author"]), db.transaction() as session:
        unrated = risks.row(session, risks.register(session, None, subject="lane", lane="A"), None)
        with pytest.raises(Conflict, match="Rate it first"):
            acceptances.ask(session, unrated, accepted_by="W", until_on=UNTIL, reason=REASON)
        for day in (TODAY, TODAY + timedelta(days=367), date.max, date.min):
            with pytest.raises(InvalidInput, match="no risk is accepted for longer than a year"):
                acceptances.ask(session, row, accepted_by="W", until_on=day, reason=REASON)
        acceptances.ask(session, row, accepted_by="W", until_on=UNTIL, reason=REASON)
        with pytest.raises(Conflict, match="waits for a decision already"):
            acceptances.ask(session, row, accepted_by="W", until_on=UNTIL, reason=REASON)


def test_the_suppliers_ratings_stand_beside_ours_with_the_gap(row: RowHead) -> None:
    with db.transaction() as session:
        said = Scores(5, 3, None)
        beside.enter_joint(session, row, met_on=TODAY, spoke_with="Boss", theirs=said, note="")
        [found] = beside.joints_of(session, row.cause_id)
        assert [found.gap(name) for name in ("severity", "occurrence", "detection")] == [
            -2, -2, None,
        ]  # fmt: skip
        with pytest.raises(Conflict, match="stands here already"):
            beside.enter_joint(session, row, met_on=TODAY, spoke_with="B", theirs=said, note="")
        with pytest.raises(InvalidInput, match="at least one rating"):
            beside.enter_joint(session, row, met_on=TODAY, spoke_with="B", theirs=Scores(), note="")


def test_a_link_names_something_that_exists_and_stands_once(row: RowHead) -> None:
    with db.transaction() as session:
        facts.part(session, number="P-1")
        beside.link(session, row, LinkKind.PART, "P-1")
        beside.link(session, row, LinkKind.SUPPLIER, "V-1")
        for kind in LinkKind:
            with pytest.raises(InvalidInput, match=r"no .* “nothing”"):
                beside.link(session, row, kind, "nothing")
        with pytest.raises(Conflict, match="linked already"):
            beside.link(session, row, LinkKind.PART, "P-1")
        found = beside.links_of(session, row.mode_id)
        beside.unlink(session, row, found[0].public_id)
        assert [each.label for each in beside.links_of(session, row.mode_id)] == [
            "Kestrel (V-1)",
        ]  # fmt: skip
        assert rows.row_by_public_id(session, row.public_id).mode_id == row.mode_id
