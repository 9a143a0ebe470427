"""Two at once: one wins, the other is told. On both engines, with real threads."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy import func, select

from app.base import db
from app.base.errors import AppError
from app.platform.approvals import services, values
from app.platform.approvals.models import Approval, ApprovalDecision, State
from tests.approvals.cast import LIMIT, Office, decide, submit, work_of
from tests.approvals.conftest import Cast

ROUNDS = 8


def together(*acts: Callable[[], object]) -> list[str]:
    """Do all at once; return “done” or the code of the refusal for each."""
    ready = Barrier(len(acts))

    def run(act: Callable[[], object]) -> str:
        ready.wait()
        try:
            act()
        except AppError as error:
            return error.code
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_of_two_decisions_at_once_one_wins(cast: Cast, office: Office) -> None:
    for _ in range(ROUNDS):
        office.settled.clear()
        submitted = submit(cast.author)
        found = together(
            lambda: decide(cast.first, submitted),  # noqa: B023 — run before the loop goes on
            lambda: decide(cast.second, submitted),  # noqa: B023
        )
        assert sorted(found) == ["E-SOD-14", "done"]
        assert len(office.settled) == 1
        with db.transaction() as session:
            count = select(func.count()).select_from(ApprovalDecision)
            assert session.scalar(count.where(ApprovalDecision.approval_id == submitted.id)) == 1


def test_an_edit_and_a_decision_at_once_never_leave_the_old_content_approved(cast: Cast) -> None:
    for amount in range(ROUNDS):
        submitted = submit(cast.author, amount)

        def edit() -> None:
            with work_of(cast.author) as session:
                services.void_if_changed(
                    session, about=LIMIT, content_hash=values.content_hash({"amount": -1})
                )

        found = together(edit, lambda: decide(cast.first, submitted))  # noqa: B023
        assert found[0] == "done"
        assert found[1] in {"done", "E-SOD-13"}
        with db.reading() as session:
            row = session.get(Approval, submitted.id)
        assert row is not None
        assert row.state == State.VOIDED


def test_two_submissions_at_once_leave_one_waiting(cast: Cast) -> None:
    found = together(lambda: submit(cast.author), lambda: submit(cast.second))
    assert sorted(found) == ["E-SOD-21", "done"]
    with db.reading() as session:
        waiting = select(func.count()).select_from(Approval).where(Approval.state == State.PENDING)
        assert session.scalar(waiting) == 1
