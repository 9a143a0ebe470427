"""The harness finds what it looks for: an oracle that can't fail proves nothing."""

from __future__ import annotations

import json
import os
import signal
import time
from collections import Counter

import pytest

from app.base import db
from app.base.db import Database
from app.facts.suppliers.models import Supplier
from tests.builders import facts
from tests.faults import digests, processes, schedulers
from tests.faults.digests import FACTS, Contents
from tests.faults.processes import ChildFailed, Say
from tests.faults.report import Row, Tally


def linger(say: Say) -> None:
    say("begun")
    time.sleep(600)


def refuse(say: Say) -> None:
    raise ValueError("canary")


def test_a_killed_child_is_gone_and_has_said_what_it_said() -> None:
    child = processes.start(linger)
    child.wait_for("begun")
    child.kill()
    assert child.process.exitcode == -signal.SIGKILL
    assert child.messages == [("begun",)]
    with pytest.raises(ProcessLookupError):
        os.kill(child.pid, 0)


def test_a_child_that_fails_by_itself_fails_the_run() -> None:
    with pytest.raises(ChildFailed, match="canary"):
        processes.done(refuse)


def test_contents_are_equal_however_rows_are_numbered(database: Database) -> None:
    with db.transaction() as session:
        first = facts.supplier(session, "Kestrel Castings", number="V-1")
        order = facts.order(session, first, number="PO-1")
    before, numbers = digests.contents(database.url, [FACTS]), (first.id, order.id)
    with db.transaction() as session:
        session.delete(session.merge(order))
        session.flush()
        session.delete(session.merge(first))
        session.flush()
        filler = facts.supplier(session, "Nobody", number="V-0")
        filling = facts.order(session, filler, number="PO-0")
        again = facts.supplier(session, "Kestrel Castings", number="V-1")
        order = facts.order(session, again, number="PO-1")
        session.delete(filling)
        session.flush()
        session.delete(filler)
    assert numbers != (again.id, order.id)
    assert digests.contents(database.url, [FACTS]).digest == before.digest


def test_contents_differ_by_one_cell_and_say_where(database: Database) -> None:
    with db.transaction() as session:
        first = facts.supplier(session, "Kestrel Castings", number="V-1")
        facts.order(session, first, number="PO-1")
    before = digests.contents(database.url, [FACTS])
    with db.transaction() as session:
        session.query(Supplier).filter_by(number="V-1").one().country = "DEU"
    after = digests.contents(database.url, [FACTS])
    # The order names the supplier, so it is another one too.
    assert before.difference(after) == {"purchase_order": (1, 1), "supplier": (1, 1)}


def test_a_row_too_many_is_a_difference() -> None:
    one, two = Contents({"part": Counter(a=1)}), Contents({"part": Counter(a=2)})
    assert one.digest != two.digest
    assert one.difference(two) == {"part": (0, 1)}


def test_a_row_of_the_table_fails_by_what_was_found() -> None:
    tally = Tally(runs=3)
    assert Row("x", "sqlite", 7, tally, 1.0).verdict == "ok"
    tally.fail("lost", "gone")
    row = Row("x", "sqlite", 7, tally, 1.0)
    assert row.verdict == "failed"
    assert json.loads(row.as_json())["lost"] == 1
    assert Row("x", "sqlite", 7, Tally(), 1.0).verdict == "failed"
    assert Row("x", "sqlite", 7, Tally(), 1.0, skipped="no root").verdict == "skipped"


def test_the_calendar_that_a_wall_clock_tells_has_every_night_of_the_changed_clocks() -> None:
    story = next(each for each in schedulers.stories() if each.name == "clocks go back")
    assert schedulers.nights_of(story) == ["2026-10-24", "2026-10-25", "2026-10-26"]
    skipped = next(each for each in schedulers.stories() if each.name == "a day that never was")
    assert schedulers.nights_of(skipped) == [
        "2011-12-28", "2011-12-29", "2011-12-31", "2012-01-01", "2012-01-02",
    ]  # fmt: skip
