"""An approval binds one content: an edit voids it, a newer submission replaces it."""

from __future__ import annotations

import pytest

from app.base import db
from app.base.errors import Conflict, Forbidden, InvalidInput
from app.platform.approvals import queries, services, values
from app.platform.approvals.kinds import ObjectKind, ObjectRef
from app.platform.approvals.models import State, Verdict
from tests.approvals.cast import LIMIT, Office, decide, registered, submit, work_of
from tests.approvals.conftest import Cast
from tests.conftest import TODAY


def edit(by: int, amount: int) -> int:
    with work_of(by, "Anna") as session:
        return services.void_if_changed(
            session, about=LIMIT, content_hash=values.content_hash({"amount": amount})
        )


def state_of(submitted: services.Submitted) -> tuple[State, str | None]:
    with db.reading() as session:
        found = queries.detail(session, submitted.public_id)
    assert found is not None
    return found.row.state, found.voided_because


@pytest.mark.parametrize("is_decided", [False, True])
def test_an_edit_voids_what_waits_and_what_was_approved(cast: Cast, is_decided: bool) -> None:
    submitted = submit(cast.author)
    if is_decided:
        decide(cast.first, submitted)
    assert edit(cast.author, 120) == 1
    assert state_of(submitted) == (State.VOIDED, "Anna changed it after it was submitted.")
    with pytest.raises(Conflict, match=r"No longer open\. Anna changed it"):
        decide(cast.second, submitted)
    with db.reading() as session:
        bound = submitted.content_hash
        assert queries.in_force(session, LIMIT, content_hash=bound, on=TODAY) is None


def test_an_edit_back_does_not_revive_it(cast: Cast) -> None:
    submitted = submit(cast.author)
    edit(cast.author, 120)
    edit(cast.author, 100)
    assert state_of(submitted)[0] is State.VOIDED


def test_saving_without_a_change_voids_nothing(cast: Cast) -> None:
    submitted = submit(cast.author)
    assert edit(cast.author, 100) == 0
    assert decide(cast.first, submitted) is not None


def test_a_rejected_one_stays_rejected(cast: Cast) -> None:
    submitted = submit(cast.author)
    decide(cast.first, submitted, Verdict.REJECT)
    assert edit(cast.author, 120) == 0
    assert state_of(submitted) == (State.REJECTED, None)


def test_an_edit_of_something_else_voids_nothing(cast: Cast) -> None:
    submitted = submit(cast.author, about=ObjectRef("limit", "copper"))
    assert edit(cast.author, 120) == 0
    assert state_of(submitted)[0] is State.PENDING


def test_the_same_content_waits_only_once(cast: Cast) -> None:
    submit(cast.author)
    with pytest.raises(Conflict, match="Author submitted this already") as caught:
        submit(cast.author)
    assert caught.value.code == "E-SOD-21"


def test_a_newer_submission_replaces_the_one_that_waits(cast: Cast) -> None:
    older = submit(cast.author)
    newer = submit(cast.author, 120, version=2)
    assert state_of(older) == (State.VOIDED, "A newer version was submitted.")
    assert decide(cast.first, newer, version=2) is not None


def test_a_forgotten_void_is_found_at_the_decision(cast: Cast, office: Office) -> None:
    careless = ObjectKind(
        type="limit",
        words="Limits",
        approvers=lambda _session: frozenset(office.holders),
        present_hash=lambda _session, _key: "f" * 64,
    )
    submitted = submit(cast.author)
    with registered(careless), pytest.raises(Conflict, match="must be submitted again"):
        decide(cast.first, submitted)


def test_who_submitted_it_withdraws_it_and_nobody_else(cast: Cast) -> None:
    submitted = submit(cast.author)
    with pytest.raises(Forbidden, match="Author submitted this"), work_of(cast.first) as session:
        services.withdraw(session, approval_id=submitted.id)
    with work_of(cast.author) as session:
        services.withdraw(session, approval_id=submitted.id)
    assert state_of(submitted)[0] is State.WITHDRAWN
    with pytest.raises(Conflict, match="withdrew it"):
        decide(cast.first, submitted)


def test_the_hash_does_not_depend_on_order_or_on_having_been_stored() -> None:
    content = {"b": [1, 2.5, None], "a": {"ä": True}}
    # sha256 of {"a":{"ä":true},"b":[1,2.5,null]}
    expected = "9bab5fd143c5b5c67f5af854b032af3df09ee4e526a1097e29f0ac39f0ced615"
    assert values.content_hash(content) == expected
    assert values.content_hash({"a": {"ä": True}, "b": [1, 2.5, None]}) == expected


def test_a_content_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        values.content_hash({"weight": float("nan")})


def test_why_it_was_submitted_is_a_reason_too(cast: Cast) -> None:
    with pytest.raises(InvalidInput, match="at least 10 characters"):
        submit(cast.author, because="because")
