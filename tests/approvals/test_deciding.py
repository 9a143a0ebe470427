"""Deciding: who may, on what exactly, and what follows."""

from __future__ import annotations

from datetime import date

import pytest

from app.base import db
from app.base.errors import AppError, Conflict, Forbidden, InvalidInput, NotFound
from app.platform.approvals import queries, services
from app.platform.approvals.kinds import ObjectRef, Settled
from app.platform.approvals.models import State, Verdict
from tests.approvals.cast import LIMIT, REASON, Office, decide, submit, work_of
from tests.approvals.conftest import Cast

TODAY = date(2026, 11, 21)


def detail_of(submitted: services.Submitted) -> queries.Detail:
    with db.reading() as session:
        found = queries.detail(session, submitted.public_id)
    assert found is not None
    return found


def refusal(kind: type[AppError], act: object, *given: object, **named: object) -> tuple[str, str]:
    assert callable(act)
    with pytest.raises(kind) as caught:
        act(*given, **named)
    return caught.value.code, caught.value.message


def test_another_approver_approves_and_the_feature_acts(office: Office, cast: Cast) -> None:
    submitted = submit(cast.author)
    settled = decide(cast.first, submitted)
    assert settled == Settled(
        approval_id=submitted.id,
        about=LIMIT,
        version=1,
        # sha256 of {"amount":100}
        content_hash="4d4bbe59c6aad22442cde199a6a8a5f034405fcd78fb5a81c24ef249de1c45f1",
        is_approved=True,
        is_independent=True,
        reason=REASON,
    )
    assert office.settled == [settled]
    shown = detail_of(submitted)
    assert (shown.row.state, shown.row.decided_by) == (State.APPROVED, "Approver")
    assert shown.row.is_independent is True


def test_who_wrote_it_never_decides(office: Office, cast: Cast) -> None:
    office.holders.add(cast.author)
    submitted = submit(cast.author)
    assert refusal(Forbidden, decide, cast.author, submitted) == (
        "E-SOD-01",
        "You wrote this version; another approver must decide.",
    )
    assert detail_of(submitted).row.state is State.PENDING
    assert detail_of(submitted).opinions == ()


def test_who_edited_it_last_never_decides_either(cast: Cast) -> None:
    submitted = submit(cast.author, writers=[cast.first])
    assert refusal(Forbidden, decide, cast.first, submitted)[0] == "E-SOD-01"
    assert decide(cast.second, submitted) is not None


def test_deciding_needs_the_grant(cast: Cast) -> None:
    assert refusal(Forbidden, decide, cast.outsider, submit(cast.author)) == (
        "E-SOD-12",
        "You may not approve this: Limits. An administrator gives the approver grant.",
    )


def test_the_system_never_decides(cast: Cast) -> None:
    submitted = submit(cast.author)
    with pytest.raises(Forbidden, match="Only a person with an account"), db.transaction() as work:
        services.decide(
            work,
            approval_id=submitted.id,
            decision=Verdict.APPROVE,
            reason=REASON,
            seen_version=1,
            seen_hash=submitted.content_hash,
        )


def test_a_decision_on_another_version_or_content_is_refused(cast: Cast) -> None:
    submitted = submit(cast.author)
    expected = (
        "E-SOD-13",
        "This is version 1 now; you looked at another. Look again, then decide.",
    )
    assert refusal(Conflict, decide, cast.first, submitted, version=2) == expected
    assert refusal(Conflict, decide, cast.first, submitted, seen_hash="0" * 64) == expected


def test_what_was_never_submitted_can_not_be_decided(cast: Cast) -> None:
    with work_of(cast.first) as session:
        assert refusal(Conflict, services.awaiting, session, LIMIT) == (
            "E-SOD-19",
            "This was not submitted for approval. Submit it first.",
        )
    nowhere = services.Submitted(4711, submit(cast.author).public_id, "0" * 64)
    assert refusal(NotFound, decide, cast.first, nowhere)[0] == "E-SOD-20"


def test_a_decision_is_made_once(cast: Cast) -> None:
    submitted = submit(cast.author)
    decide(cast.first, submitted, Verdict.REJECT)
    assert refusal(Conflict, decide, cast.second, submitted) == (
        "E-SOD-14",
        "It was rejected already, 21 Nov 2026 09:30 UTC. Open it to see by whom.",
    )
    assert detail_of(submitted).row.state is State.REJECTED


@pytest.mark.parametrize("reason", ["", "x", "   too   ", "123456789"])
def test_a_reason_has_at_least_ten_characters(cast: Cast, reason: str) -> None:
    assert refusal(InvalidInput, decide, cast.first, submit(cast.author), reason=reason) == (
        "E-AUD-01",
        "Give a reason of at least 10 characters.",
    )


def test_a_reason_has_at_most_five_hundred_characters(cast: Cast) -> None:
    submitted = submit(cast.author)
    assert refusal(InvalidInput, decide, cast.first, submitted, reason="a" * 501) == (
        "E-AUD-01",
        "Give the reason in at most 500 characters.",
    )
    decide(cast.first, submitted, reason="a" * 500)
    assert detail_of(submitted).opinions[0].reason == "a" * 500


def test_a_second_approver_is_another_person(office: Office, cast: Cast) -> None:
    submitted = submit(cast.author, needs=2)
    assert decide(cast.first, submitted) is None
    assert refusal(Forbidden, decide, cast.first, submitted)[0] == "E-SOD-15"
    assert detail_of(submitted).row.state is State.PENDING
    assert office.settled == []
    settled = decide(cast.second, submitted)
    assert settled is not None
    assert settled.is_independent
    assert detail_of(submitted).row.decided_by == "Approver and Approver"


def test_one_rejection_ends_what_needs_two(cast: Cast) -> None:
    submitted = submit(cast.author, needs=2)
    settled = decide(cast.first, submitted, Verdict.REJECT)
    assert settled is not None
    assert not settled.is_approved
    assert refusal(Conflict, decide, cast.second, submitted)[0] == "E-SOD-14"


def test_a_single_approver_decides_their_own_and_it_says_so(office: Office, cast: Cast) -> None:
    office.holders = {cast.author}
    submitted = submit(cast.author)
    settled = decide(cast.author, submitted)
    assert settled is not None
    assert not settled.is_independent
    shown = detail_of(submitted)
    assert shown.row.is_independent is False
    assert [opinion.is_independent for opinion in shown.opinions] == [False]


def test_a_single_approver_of_what_needs_two_is_not_independent(office: Office, cast: Cast) -> None:
    office.holders = {cast.first}
    settled = decide(cast.first, submit(cast.author, needs=2))
    assert settled is not None
    assert settled.is_approved
    assert not settled.is_independent


def test_two_who_both_wrote_it_wait_for_a_third(office: Office, cast: Cast) -> None:
    submitted = submit(cast.first, writers=[cast.second])
    assert refusal(Forbidden, decide, cast.first, submitted)[0] == "E-SOD-01"
    assert refusal(Forbidden, decide, cast.second, submitted)[0] == "E-SOD-01"
    office.holders.add(cast.outsider)
    assert decide(cast.outsider, submitted) is not None


def test_what_the_feature_refuses_leaves_no_decision(cast: Cast, office: Office) -> None:
    submitted = submit(cast.author)
    office.settled = None  # type: ignore[assignment] # appending to it fails
    with pytest.raises(AttributeError):
        decide(cast.first, submitted)
    assert detail_of(submitted).row.state is State.PENDING
    assert detail_of(submitted).opinions == ()


def test_an_approval_covers_its_content_until_it_expires(cast: Cast) -> None:
    submitted = submit(cast.author, expires_on=TODAY)
    decide(cast.first, submitted)
    with db.reading() as session:
        covers = [
            queries.in_force(session, LIMIT, content_hash=bound, on=day) is not None
            for bound, day in (
                (submitted.content_hash, TODAY),
                (submitted.content_hash, date(2026, 11, 22)),
                ("0" * 64, TODAY),
            )
        ]
    assert covers == [True, False, False]


def test_what_waits_for_somebody_is_what_they_may_decide(cast: Cast, office: Office) -> None:
    submit(cast.author)
    submit(cast.first, about=ObjectRef("limit", "copper"), title="Copper")
    with db.reading() as session:
        titles = {
            person: [row.title for row in queries.open_for(session, person, on=TODAY)]
            for person in (cast.author, cast.first, cast.second, cast.outsider)
        }
    assert titles == {
        cast.author: [],
        cast.first: ["Limit"],
        cast.second: ["Limit", "Copper"],
        cast.outsider: [],
    }
