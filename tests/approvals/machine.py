"""Everything people may do about approvals, in any order, against a model that knows the rules.

The model is written apart from the code under test: it lists every line of power (a person,
and the holder whose power that is) and strikes out what the rules forbid. After each step
the database must say what the model says, and no forbidden step may have happened.

    run(runs=500, steps=50, seed=7)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from app.base import clock, db
from app.base.errors import AppError
from app.platform.approvals import delegating, queries, services, values
from app.platform.approvals.kinds import ObjectKind, ObjectRef
from app.platform.approvals.models import Approval, ApprovalDecision, State, Verdict
from tests.approvals.cast import REASON, person, registered, work_of

PEOPLE = 5
OBJECTS = 2
FIRST_DAY = date(2026, 11, 21)
NAMES = ("Anna", "Boris", "Carla", "Dora", "Emil")
# From which state an approval may go to which; nothing else is ever allowed.
STEPS_ALLOWED = {
    ("pending", "approved"),
    ("pending", "rejected"),
    ("pending", "voided"),
    ("pending", "withdrawn"),
    ("approved", "voided"),
}

_numbers = count(1)
_clock = {"today": FIRST_DAY}
_holders: set[int] = set()
# How often each kind of step ended how, over all runs.
counts: Counter[str] = Counter()


@dataclass(slots=True)
class Thing:
    """An object as the model knows it: its amount, its version, who wrote the version."""

    about: ObjectRef
    author: int
    amount: int = 0
    version: int = 1
    editor: int | None = None

    @property
    def writers(self) -> set[int]:
        return {self.author} if self.editor is None else {self.author, self.editor}


@dataclass(slots=True)
class Paper:
    """A submission as the model knows it."""

    given: services.Submitted
    thing: Thing
    amount: int
    version: int
    writers: set[int]
    submitter: int
    needs: int
    state: str = "pending"
    # (who decided, whose power it was, whether nobody of the writers)
    said: list[tuple[int, int, bool]] = field(default_factory=list)
    is_independent: bool | None = None


@dataclass(slots=True)
class Loan:
    """A delegation as the model knows it."""

    giver: int
    taker: int
    from_on: date
    until_on: date
    is_withdrawn: bool = False

    def lends(self, day: date) -> bool:
        return not self.is_withdrawn and self.from_on <= day <= self.until_on


class Approvals(RuleBasedStateMachine):
    """Five people, two objects, any order of steps."""

    @initialize(holders=st.sets(st.integers(0, PEOPLE - 1), max_size=3))
    def begin(self, holders: set[int]) -> None:
        """Open an office of its own, so that runs share a database but nothing else."""
        counts["runs"] += 1
        _clock["today"] = FIRST_DAY
        with db.transaction() as session:
            self.people = [person(session, f"{name}{next(_numbers)}") for name in NAMES]
        self.hold({self.people[place] for place in holders})
        self.things = [
            Thing(ObjectRef("limit", f"object {next(_numbers)}"), self.people[place])
            for place in range(OBJECTS)
        ]
        self.papers: list[Paper] = []
        self.loans: list[Loan] = []
        self.seen: dict[int, str] = {}

    def hold(self, holders: set[int]) -> None:
        """Let exactly these hold the grant."""
        _holders.clear()
        _holders.update(holders)

    @rule(who=st.integers(0, PEOPLE - 1))
    def give_or_take_the_grant(self, who: int) -> None:
        self.hold(_holders ^ {self.people[who]})

    @rule(days=st.integers(1, 4))
    def days_go_by(self, days: int) -> None:
        _clock["today"] += timedelta(days=days)

    @rule(which=st.integers(0, OBJECTS - 1), who=st.integers(0, PEOPLE - 1), to=st.integers(0, 2))
    def edit(self, which: int, who: int, to: int) -> None:
        thing = self.things[which]
        thing.amount, thing.version = to, thing.version + 1
        thing.editor = self.people[who]
        for paper in self.papers:
            is_bound = paper.thing is thing and paper.amount != to
            if is_bound and paper.state in {"pending", "approved"}:
                paper.state = "voided"
        with work_of(self.people[who]) as session:
            services.void_if_changed(
                session, about=thing.about, content_hash=values.content_hash({"amount": to})
            )
        counts["edits"] += 1

    @rule(
        which=st.integers(0, OBJECTS - 1),
        who=st.integers(0, PEOPLE - 1),
        needs=st.integers(1, 2),
    )
    def submit(self, which: int, who: int, needs: int) -> None:
        thing, submitter = self.things[which], self.people[who]
        waiting = [p for p in self.papers if p.thing is thing and p.state == "pending"]
        expected = "E-SOD-21" if any(p.amount == thing.amount for p in waiting) else "done"
        made: list[services.Submitted] = []

        def act() -> None:
            with work_of(submitter) as session:
                made.append(
                    services.submit(
                        session,
                        about=thing.about,
                        version=thing.version,
                        content={"amount": thing.amount},
                        title="Limit",
                        writers=thing.writers,
                        needs=needs,
                    )
                )

        self.check("submit", expected, act)
        if expected == "done":
            for paper in waiting:
                paper.state = "voided"
            writers = thing.writers | {submitter}
            self.papers.append(
                Paper(made[0], thing, thing.amount, thing.version, writers, submitter, needs)
            )

    @rule(
        which=st.integers(0, OBJECTS - 1),
        who=st.integers(0, PEOPLE - 1),
        to=st.integers(3, 1_000_000),
        needs=st.integers(1, 2),
    )
    def edit_and_submit(self, which: int, who: int, to: int, needs: int) -> None:
        self.edit(which, who, to)
        self.submit(which, who, needs)

    @precondition(lambda self: self.papers and _holders)
    @rule(which=st.integers(0, 1), who=st.integers(0, 30), verdict=st.sampled_from(Verdict))
    def a_holder_decides(self, which: int, who: int, verdict: Verdict) -> None:
        holder = sorted(_holders)[who % len(_holders)]
        self.decide(which, self.people.index(holder), verdict, "right", REASON)

    @precondition(lambda self: self.papers and self.loans)
    @rule(which=st.integers(0, 1), loan=st.integers(0, 30), verdict=st.sampled_from(Verdict))
    def a_stand_in_decides(self, which: int, loan: int, verdict: Verdict) -> None:
        taker = self.loans[loan % len(self.loans)].taker
        self.decide(which, self.people.index(taker), verdict, "right", REASON)

    @precondition(lambda self: self.papers)
    @rule(
        which=st.integers(0, 30),
        who=st.integers(0, PEOPLE - 1),
        verdict=st.sampled_from(Verdict),
        sight=st.sampled_from(["right", "right", "right", "right", "old version", "other content"]),
        reason=st.sampled_from([REASON, REASON, REASON, "x"]),
    )
    def decide(self, which: int, who: int, verdict: Verdict, sight: str, reason: str) -> None:
        paper = self.papers[-1 - which % len(self.papers)]
        decider = self.people[who]
        expected = self.expected(paper, decider, sight, reason)

        def act() -> None:
            with work_of(decider) as session:
                services.decide(
                    session,
                    approval_id=paper.given.id,
                    decision=verdict,
                    reason=reason,
                    seen_version=paper.version + (sight == "old version"),
                    seen_hash="0" * 64 if sight == "other content" else paper.given.content_hash,
                )

        self.check("decide", expected, act)
        if expected == "done":
            self.conclude(paper, decider, verdict)

    @precondition(lambda self: self.papers)
    @rule(which=st.integers(0, 30), who=st.integers(0, PEOPLE - 1))
    def withdraw(self, which: int, who: int) -> None:
        paper = self.papers[-1 - which % len(self.papers)]
        by = self.people[who]
        if by != paper.submitter:
            expected = "E-SOD-18"
        elif paper.state == "voided":
            expected = "E-SOD-13"
        else:
            expected = "done" if paper.state == "pending" else "E-SOD-14"

        def act() -> None:
            with work_of(by) as session:
                services.withdraw(session, approval_id=paper.given.id)

        self.check("withdraw", expected, act)
        if expected == "done":
            paper.state = "withdrawn"

    @rule(
        giver=st.integers(0, PEOPLE - 1),
        taker=st.integers(0, PEOPLE - 1),
        begins=st.integers(-1, 3),
        days=st.integers(-1, 6),
    )
    def delegate(self, giver: int, taker: int, begins: int, days: int) -> None:
        today = _clock["today"]
        from_on = today + timedelta(days=begins)
        until_on = from_on + timedelta(days=days)
        from_id, to_id = self.people[giver], self.people[taker]
        expected = "done"
        if until_on < from_on or until_on < today:
            expected = "E-SOD-17"
        elif from_id not in _holders:
            expected = "E-SOD-12"
        elif from_id == to_id:
            expected = "E-SOD-17"

        def act() -> None:
            with work_of(from_id) as session:
                delegating.delegate(
                    session,
                    to_id=to_id,
                    object_types=["limit"],
                    from_on=from_on,
                    until_on=until_on,
                )

        self.check("delegate", expected, act)
        if expected == "done":
            self.loans.append(Loan(from_id, to_id, from_on, until_on))

    @precondition(lambda self: self.loans)
    @rule(which=st.integers(0, 30), who=st.integers(0, PEOPLE - 1))
    def take_back(self, which: int, who: int) -> None:
        place = which % len(self.loans)
        loan, by = self.loans[place], self.people[who]
        with db.reading() as session:
            shown = queries.delegations(session, loan.giver)
        mine = [each for each in shown if each.from_id == loan.giver and each.to_id == loan.taker]
        same = [each for each in self.loans if (each.giver, each.taker) == (loan.giver, loan.taker)]
        # Shown latest first, by the first day and then by when it was made.
        order = sorted(range(len(same)), key=lambda i: (same[i].from_on, i), reverse=True)
        public_id = mine[order.index(next(i for i, x in enumerate(same) if x is loan))].public_id
        expected = "done" if by == loan.giver else "E-SOD-20"

        def act() -> None:
            with work_of(by) as session:
                delegating.withdraw_delegation(session, public_id=public_id)

        self.check("take back", expected, act)
        if expected == "done":
            loan.is_withdrawn = True

    def check(self, step: str, expected: str, act: Any) -> None:
        """Do something and compare how it ends with what the model says."""
        found = "done"
        try:
            act()
        except AppError as error:
            found = error.code
        assert found == expected, f"{step}: {found} instead of {expected}"
        counts[f"{step}: {found}"] += 1

    def lines_of_power(self) -> list[tuple[int, int]]:
        """Return who may use whose power today, writers and earlier decisions apart."""
        own = [(holder, holder) for holder in sorted(_holders)]
        lent = [
            (loan.taker, loan.giver)
            for loan in self.loans
            if loan.lends(_clock["today"]) and loan.giver in _holders
        ]
        return own + lent

    def usable(self, paper: Paper, decider: int) -> list[int]:
        """Return whose power a person may use on a submission, the one used first in front."""
        spent = {person for by, power, _ in paper.said for person in (by, power)}
        if decider in spent:
            return []
        if decider in paper.writers:
            return [decider] if _holders == {decider} else []
        return [
            power
            for user, power in self.lines_of_power()
            if user == decider and power not in paper.writers | spent
        ]

    def expected(self, paper: Paper, decider: int, sight: str, reason: str) -> str:
        """Return how a decision must end."""
        if reason == "x":
            return "E-AUD-01"
        if paper.state == "voided":
            return "E-SOD-13"
        if paper.state != "pending":
            return "E-SOD-14"
        if sight != "right":
            return "E-SOD-13"
        if self.usable(paper, decider):
            return "done"
        if any(decider in (by, power) for by, power, _ in paper.said):
            return "E-SOD-15"
        return "E-SOD-01" if decider in paper.writers else "E-SOD-12"

    def conclude(self, paper: Paper, decider: int, verdict: Verdict) -> None:
        """Note in the model what a decision that went through has changed."""
        power = self.usable(paper, decider)[0]
        is_independent = decider not in paper.writers
        paper.said.append((decider, power, is_independent))
        enough = len(paper.said) >= paper.needs
        if verdict is Verdict.REJECT:
            paper.state, paper.is_independent = "rejected", is_independent
        elif enough or len(_holders) == 1:
            paper.state, paper.is_independent = "approved", is_independent and enough

    @invariant()
    def the_database_says_what_the_model_says(self) -> None:
        with db.reading() as session:
            ids = [paper.given.id for paper in self.papers]
            rows = {row.id: row for row in session.scalars(_approvals(ids))}
            said: dict[int, list[tuple[int, int, bool]]] = {}
            for each in session.scalars(_decisions(ids)):
                power = each.stands_in_for_id or each.decided_by_id
                said.setdefault(each.approval_id, []).append(
                    (each.decided_by_id, power, each.is_independent)
                )
        for paper in self.papers:
            row = rows[paper.given.id]
            assert row.state == paper.state
            assert row.is_independent == paper.is_independent
            assert said.get(row.id, []) == paper.said
            self.no_step_was_forbidden(row)
            self.what_is_approved_is_what_holds(paper, row)
        self.one_waits_per_object()

    def no_step_was_forbidden(self, row: Approval) -> None:
        before = self.seen.get(row.id, "pending")
        assert before == row.state or (before, row.state) in STEPS_ALLOWED
        self.seen[row.id] = row.state

    def what_is_approved_is_what_holds(self, paper: Paper, row: Approval) -> None:
        if row.state != State.APPROVED:
            return
        assert row.content_hash == values.content_hash({"amount": paper.thing.amount})
        if row.is_independent:
            powers = {power for _, power, _ in paper.said}
            assert len(powers) == paper.needs
            assert not powers & paper.writers
            assert not {by for by, _, _ in paper.said} & paper.writers

    def one_waits_per_object(self) -> None:
        waiting = Counter(p.thing.about for p in self.papers if p.state == "pending")
        assert all(n == 1 for n in waiting.values())


def run(*, runs: int, steps: int, seed: int, shrinks: bool = True) -> Counter[str]:
    """Run the machine on the bound database; return how often each step ended how.

    shrinks: whether a failure is made as small as possible, which takes minutes.
    """
    counts.clear()
    how = settings(
        max_examples=runs,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        phases=[Phase.generate, *([Phase.shrink] if shrinks else [])],
        suppress_health_check=list(HealthCheck),
    )
    kind = ObjectKind("limit", "Limits", lambda _session: frozenset(_holders))
    factory = hypothesis.seed(seed)(lambda: Approvals())
    with registered(kind), _simulated_clock():
        run_state_machine_as_test(factory, settings=how, _min_steps=steps)  # type: ignore[no-untyped-call]
    return Counter(counts)


@contextmanager
def _simulated_clock() -> Iterator[None]:
    real = clock.now
    clock.now = lambda: datetime.combine(_clock["today"], time(9, 30), UTC)
    try:
        yield
    finally:
        clock.now = real


def _approvals(ids: list[int]) -> Any:
    return select(Approval).where(Approval.id.in_(ids))


def _decisions(ids: list[int]) -> Any:
    return (
        select(ApprovalDecision)
        .where(ApprovalDecision.approval_id.in_(ids))
        .order_by(ApprovalDecision.approval_id, ApprovalDecision.place)
    )
