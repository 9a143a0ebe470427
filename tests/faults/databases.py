"""Databases that go away or are locked while the application is asked for work."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace

import psycopg
from sqlalchemy.engine import make_url

from tests.faults import cluster, engines, probe, processes
from tests.faults.engines import SQLITE, Engine, House
from tests.faults.probe import Answer, Load
from tests.faults.report import Plan, Tally

THREADS = 4
BACK_WITHIN_SECONDS = 5.0
LONGEST_LOAD_SECONDS = 90.0
ANSWERED_WITHIN_SECONDS = 12.0
UNAVAILABLE = 503
BUSY = "E-SYS-02"


def restart_postgres(engine: Engine, plan: Plan) -> Tally:
    """Restart the server at once under load, and cut all connections of another load."""
    tally = Tally()
    chance = plan.chance()
    with cluster.opened() as own:
        twin = replace(engine, server=own.url, _templates={})
        for number in range(plan.runs):
            tally.runs += 1
            disturb = own.end_backends if number % 2 else own.restart_at_once
            with twin.house("empty") as house:
                own.settle()
                _disturbed(tally, house, disturb, after=chance.uniform(0.3, 1.5))
        twin.drop()
    return tally


def _disturbed(tally: Tally, house: House, disturb: Callable[[], None], *, after: float) -> None:
    """Disturb the server in the midst of a load; the house answers again and lost nothing."""
    asked = Load(THREADS, seconds=LONGEST_LOAD_SECONDS)
    with processes.running(probe.load, house.url, str(house.folder), asked) as child:
        child.wait_for("begun")
        time.sleep(after)
        began = time.monotonic()
        disturb()
        there = time.monotonic()
        time.sleep(BACK_WITHIN_SECONDS / 2)
        (house.folder / probe.STOP).touch()
        answers = child.result()
    _judge_writes(tally, house, answers)
    failed = [each for each in answers if each.status != probe.OK]
    last = max((each.at for each in failed), default=there)
    tally.counts["requests"] += len(answers)
    tally.counts["refused"] += len(failed)
    _note_slowest(tally, "server away at most [ms]", there - began)
    _note_slowest(tally, "then refused at most [ms]", last - there)
    if last - there > BACK_WITHIN_SECONDS:
        tally.fail("lost", f"not back {last - there:.1f} s after the server")
    if not any(each.status == probe.OK and each.at > last for each in answers):
        tally.fail("lost", "no request succeeded after the last failure")


def lock_shortly(engine: Engine, plan: Plan) -> Tally:
    """Hold the database for less than anybody waits: every request succeeds."""
    tally = Tally()
    seconds = 1.0 if plan.is_short else 3.0
    for _ in range(plan.runs):
        tally.runs += 1
        with engine.house("empty") as house:
            answers, _ = _locked(house, seconds, Load(THREADS, seconds + 1))
            _judge_writes(tally, house, answers)
            refused = [each for each in answers if each.status != probe.OK]
            tally.counts["requests"] += len(answers)
            tally.counts["waited"] += sum(each.seconds > seconds / 2 for each in answers)
            if refused:
                tally.fail("lost", f"{len(refused)} refused, first {refused[0]}")
    return tally


def lock_long(engine: Engine, plan: Plan) -> Tally:
    """Hold the database for longer: a clear answer in time, and work as before afterwards."""
    tally = Tally()
    seconds, wait_ms = (1.5, 300) if plan.is_short else (30.0, None)
    for _ in range(plan.runs):
        tally.runs += 1
        with engine.house("empty") as house:
            answers, released = _locked(house, seconds, Load(THREADS, seconds + 3, wait_ms))
            _judge_writes(tally, house, answers)
            _judge_refusals(tally, answers, released)
    return tally


def _judge_refusals(tally: Tally, answers: list[Answer], released: float) -> None:
    refused = [each for each in answers if each.status != probe.OK]
    tally.counts["requests"] += len(answers)
    tally.counts["refused"] += len(refused)
    slowest = max(each.seconds for each in answers)
    _note_slowest(tally, "slowest answer [ms]", slowest)
    if not refused:
        tally.fail("lost", "the lock refused nobody: nothing was tested")
        return
    if slowest > ANSWERED_WITHIN_SECONDS:
        tally.fail("lost", f"an answer took {slowest:.1f} s")
    if {each.code for each in refused} != {BUSY}:
        tally.fail("lost", f"not everybody was told {BUSY}: {refused[0]}")
    # The threads wait for one another too: a refusal later on is no fault of the lock's.
    served = [each for each in answers if each.status == probe.OK and each.at > released]
    busy = {each.name.partition("-")[0] for each in served}
    if len(busy) < THREADS:
        tally.fail("lost", f"only {len(busy)} of {THREADS} threads work after the lock")


def _note_slowest(tally: Tally, name: str, seconds: float) -> None:
    tally.counts[name] = max(tally.counts[name], round(1000 * seconds))


def _judge_writes(tally: Tally, house: House, answers: list[Answer]) -> None:
    """Hold what was acknowledged and refused against what is there."""
    first, second = probe.written(house.url)
    acknowledged = {each.name for each in answers if each.status == probe.OK}
    if missing := acknowledged - (first & second):
        tally.fail("lost", f"{len(missing)} acknowledged writes, such as {min(missing)}")
    if halves := first ^ second:
        tally.fail("partial", f"{len(halves)} half writes, such as {min(halves)}")
    wrong = [each for each in answers if each.status not in (probe.OK, UNAVAILABLE)]
    if wrong:
        tally.fail("lost", f"{len(wrong)} answers that are neither 200 nor 503: {wrong[0]}")
    if not all(each.retry_after for each in answers if each.status == UNAVAILABLE):
        tally.fail("lost", "a refusal does not say when to try again")


def _locked(house: House, seconds: float, asked: Load) -> tuple[list[Answer], float]:
    """Let the load begin, hold the database for some seconds; all answers, and when it ended."""
    released = []

    def hold() -> None:
        _hold(house, seconds)
        released.append(time.monotonic())

    with processes.running(probe.load, house.url, str(house.folder), asked) as child:
        child.wait_for("begun")
        holder = threading.Thread(target=hold)
        holder.start()
        answers: list[Answer] = child.result()
        holder.join()
    return answers, released[0]


def _hold(house: House, seconds: float) -> None:
    if house.engine == SQLITE:
        path = make_url(house.url).database or ""
        with closing(sqlite3.connect(path, isolation_level=None, timeout=60)) as connection:
            connection.execute("BEGIN EXCLUSIVE")
            time.sleep(seconds)
            connection.execute("ROLLBACK")
        return
    with psycopg.connect(engines.plain(house.url)) as connection:
        connection.execute("LOCK TABLE category")
        time.sleep(seconds)
        connection.rollback()
