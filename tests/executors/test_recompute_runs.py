"""A recompute that is ended anywhere goes on, and what it publishes is seen all at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import recompute as recomputing
from app.base import db
from app.base.db import Database
from app.calc.periods import parse_period
from app.facts.deliveries import rollup
from app.judgement.risk_index import queries as risk
from app.judgement.risk_index.models import RiskSnapshot
from app.judgement.scorecards import queries as scorecards
from app.judgement.scorecards.evaluation import PeriodKind
from app.judgement.scorecards.models import ScorecardSnapshot
from app.judgement.snapshots import services as publisher
from app.judgement.snapshots.models import Publication
from app.platform.jobs import handle
from app.platform.jobs.handle import LostLease, Run
from app.platform.jobs.models import JobItem
from app.recompute import Slice, recompute, recompute_job
from tests.builders import facts
from tests.conftest import NOW
from tests.executors.houses import AS_OF, built, claimed, digest, state_of, taken_over, wipe

# Five suppliers in slices of two: the beginning, three slices and the end, and between them
# notes of progress. More than there are would be a run that nothing ends.
TRANSACTIONS = 7
ARGUMENTS = {"as_of": AS_OF.isoformat()}


class Killed(BaseException):
    """The process is gone: no handler of the product sees this."""


def die_at(monkeypatch: pytest.MonkeyPatch, number: int, *, after: bool) -> None:
    """End the work in the transaction of a number: just before its commit, or just after."""
    real, numbers = db.transaction, count(1)
    # Progress is noted by the clock; here it is noted at the beginning and the end alone.
    monkeypatch.setattr(handle, "monotonic", lambda: 1000.0)

    @contextmanager
    def deadly() -> Iterator[Session]:
        own = next(numbers)
        with real() as session:
            yield session
            if own == number and not after:
                raise Killed
        if own == number:
            raise Killed

    monkeypatch.setattr(db, "transaction", deadly)


def seen() -> tuple[int, int, bool]:
    """Count what readers see: cards, indexes, and whether any period is published."""
    with db.reading() as session:
        cards = session.execute(scorecards.newest_cards(PeriodKind.ROLLING_YEAR, AS_OF)).all()
        indexes = session.execute(risk.newest_indexes(AS_OF)).all()
        end = scorecards.newest_period_end(session, PeriodKind.ROLLING_YEAR)
    return len(cards), len(indexes), end is not None


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("number", range(1, TRANSACTIONS + 1))
def test_a_run_that_is_ended_anywhere_publishes_the_same(
    database: Database, monkeypatch: pytest.MonkeyPatch, number: int, after: bool
) -> None:
    built()
    recompute(AS_OF)
    undisturbed = digest()
    wipe()
    held = claimed("recompute", **ARGUMENTS)
    with monkeypatch.context() as patched:
        die_at(patched, number, after=after)
        with pytest.raises(Killed):
            recompute_job(ARGUMENTS, Run(held, slice_size=2))
    is_over = state_of(held) == "succeeded"
    assert is_over == (number == TRANSACTIONS and after)
    assert seen() == ((5, 5, True) if is_over else (0, 0, False))
    if not is_over:
        report = recompute_job(ARGUMENTS, Run(taken_over(held), slice_size=2))
        assert "10 scorecards and 5 risk indexes published" in report["summary"]
    assert digest() == undisturbed
    assert seen() == (5, 5, True)
    assert state_of(held) == "succeeded"


def test_a_process_killed_in_the_middle_is_followed_by_one_that_goes_on(
    database: Database,
) -> None:
    built()
    recompute(AS_OF)
    undisturbed = digest()
    wipe()
    held = claimed("recompute", **ARGUMENTS)
    program = [sys.executable, "-m", "tests.executors.killed_program"]
    done = subprocess.run(
        [*program, str(held.run_id)],
        env={**os.environ, "DATABASE_URL": database.url},
        check=False,
        capture_output=True,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert seen() == (0, 0, False)
    again = taken_over(held)
    assert again.checkpoint is not None
    assert len(again.checkpoint["published"]) == 5
    recompute_job(ARGUMENTS, Run(again, slice_size=2))
    assert digest() == undisturbed


def test_a_stale_holder_writes_nothing(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    built()
    held = claimed("recompute", **ARGUMENTS)
    judged, asked = recomputing.judge, []

    def paused(task: Slice) -> recomputing.Rows:
        asked.append(task)
        if len(asked) == 2:
            with monkeypatch.context() as patched:
                patched.setattr(recomputing, "judge", judged)
                recompute_job(ARGUMENTS, Run(taken_over(held), slice_size=2))
        return judged(task)

    monkeypatch.setattr(recomputing, "judge", paused)
    with pytest.raises(LostLease):
        recompute_job(ARGUMENTS, Run(held, slice_size=2))
    stored = digest()
    wipe()
    monkeypatch.setattr(recomputing, "judge", judged)
    recompute(AS_OF)
    assert digest() == stored


def test_before_the_first_fact_no_card_says_no_data_of_a_later_day(database: Database) -> None:
    with db.transaction() as session:
        one = facts.supplier(session)
    assert recompute().report["rows_out"] == 0
    with db.transaction() as session:
        line = facts.line(session, facts.order(session, one))
        facts.receipt(session, line, facts.DUE_ON)
        rollup.rebuild(session, until=facts.DUE_ON)
    recompute()
    with db.reading() as session:
        end = scorecards.newest_period_end(session, PeriodKind.ROLLING_YEAR)
        [card] = session.execute(scorecards.newest_cards(PeriodKind.ROLLING_YEAR, facts.DUE_ON))
    assert (end, card.otif_n) == (facts.DUE_ON, 1)


def test_who_can_not_be_judged_is_listed_and_the_rest_is_published(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = built()
    judged = recomputing.judge

    def fails_for_one(task: Slice) -> recomputing.Rows:
        if ids[3] in task.supplier_ids:
            raise ZeroDivisionError("canary")
        return judged(task)

    monkeypatch.setattr(recomputing, "judge", fails_for_one)
    held = claimed("recompute", **ARGUMENTS)
    report = recompute_job(ARGUMENTS, Run(held))
    assert report["summary"].endswith("1 supplier could not be judged.")
    assert seen() == (4, 4, True)
    assert state_of(held) == "partial"
    with db.reading() as session:
        item = session.scalars(select(JobItem)).one()
    assert item.item.startswith("Supplier 3 (")
    assert "canary" not in item.error


def test_what_was_left_open_is_gone_on_with(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    built()
    recompute(AS_OF)
    undisturbed = digest()
    wipe()
    with monkeypatch.context() as patched:
        die_at(patched, 3, after=True)
        with pytest.raises(Killed):
            recompute(AS_OF, run=Run(slice_size=2))
    recompute(AS_OF)
    assert digest() == undisturbed
    with db.reading() as session:
        assert session.scalars(select(Publication.published_at)).all() == [NOW]


def test_another_day_does_not_build_on_what_nobody_has_seen(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = built()[0]
    with monkeypatch.context() as patched:
        die_at(patched, 3, after=True)
        with pytest.raises(Killed):
            recompute(AS_OF, run=Run(slice_size=2))
    result = recompute(AS_OF.replace(day=30))
    assert result.scorecards["quarter"].written == 5
    assert result.scorecards["quarter"].restated == 0
    with db.reading() as session:
        (card,) = scorecards.snapshots_of(session, own, PeriodKind.QUARTER)
    assert card.restated_because is None
    assert card.as_of == AS_OF.replace(day=30)


def test_abandoned_snapshots_are_removed_and_published_ones_stay(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    built()
    recompute(AS_OF)
    published = digest()
    with monkeypatch.context() as patched:
        die_at(patched, 3, after=True)
        with pytest.raises(Killed):
            recompute(AS_OF.replace(day=30), run=Run(slice_size=2))
    both = [ScorecardSnapshot, RiskSnapshot]
    with db.transaction() as session:
        assert publisher.discard_abandoned(session, both, before=NOW) == 0
        assert publisher.discard_abandoned(session, both, before=NOW.replace(year=2027)) > 0
    assert digest() == published


def test_a_supplier_reads_its_card_while_another_one_is_written(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = built()[0]
    recompute(AS_OF.replace(day=30))
    with monkeypatch.context() as patched:
        die_at(patched, 3, after=True)
        with pytest.raises(Killed):
            recompute(AS_OF, run=Run(slice_size=2))
    with db.reading() as session:
        assert scorecards.newest_period_end(session, PeriodKind.ROLLING_YEAR) == AS_OF.replace(
            day=30
        )
        year = parse_period("12m", as_of=AS_OF)
        assert scorecards.snapshot_of(session, own, year) is None
        assert scorecards.newest_snapshots(session, [own], year) == {}
        assert risk.snapshot_of(session, own, AS_OF) is None
