"""Schedulers that are killed, doubled, asleep or told the wrong time: each period once."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from sqlalchemy import create_engine, text

from app.platform.jobs.calendar import Daily, Hourly, Monthly, Quarterly
from app.platform.jobs.table import CatchUp, Job, JobTable, table_of
from tests.faults import job_tasks, killed_jobs, processes
from tests.faults.engines import Engine, House
from tests.faults.report import Plan, Tally

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HALF_HOUR = timedelta(minutes=30)
UTC_ZONE, BERLIN, APIA = "UTC", "Europe/Berlin", "Pacific/Apia"
CALENDAR = table_of(
    Job("hourly", "Every hour", job_tasks.nothing, when=Hourly(), catch_up=CatchUp.EACH),
    Job("nightly", "Every night", job_tasks.nothing, when=Daily(2, 30), catch_up=CatchUp.EACH),
    Job("latest", "The newest night", job_tasks.nothing, when=Daily(2, 30)),
    Job("monthly", "Every month", job_tasks.nothing, when=Monthly(1, 4), catch_up=CatchUp.EACH),
    Job("quarterly", "Quarters", job_tasks.nothing, when=Quarterly(2, 4), catch_up=CatchUp.EACH),
)
LEDGER = "SELECT job, period_key, state, attempt, due_at FROM job_run"


@dataclass(frozen=True, slots=True)
class Story:
    """Moments at which a scheduler ticks, and the first of them."""

    name: str
    zone: str
    moments: list[datetime]

    @property
    def jobs(self) -> JobTable:
        """The jobs it keeps."""
        return CALENDAR


def _every(step: timedelta, first: datetime, last: datetime) -> list[datetime]:
    found = [first]
    while found[-1] + step <= last:
        found.append(found[-1] + step)
    return found


def _days(first: date, days: int) -> list[datetime]:
    """Return a tick an hour, at a quarter to, for some days from a first one."""
    begin = datetime(first.year, first.month, first.day, 0, 45, tzinfo=UTC)
    return _every(HOUR, begin, begin + days * DAY)


def stories() -> list[Story]:
    """Return the days on which clocks mislead: what comes twice, never, late or again."""
    steady = _days(date(2026, 3, 3), 2)
    set_back = [at - HOUR for at in steady[-4:]]
    return [
        Story("clocks go forward", BERLIN, _days(date(2026, 3, 27), 4)),
        Story("clocks go back", BERLIN, _days(date(2026, 10, 23), 4)),
        Story("leap day", BERLIN, _days(date(2028, 2, 27), 4)),
        Story("year end", BERLIN, _days(date(2026, 12, 30), 4)),
        Story("a day that never was", APIA, _days(date(2011, 12, 28), 5)),
        Story("clock set back an hour", BERLIN, [*steady, *set_back, *_days(date(2026, 3, 5), 1)]),
        Story("clock a day ahead", BERLIN, [*steady, *_days(date(2026, 3, 6), 1)]),
        Story("down an hour", BERLIN, _with_gap(HOUR)),
        Story("down 3 days", BERLIN, _with_gap(3 * DAY)),
        Story("down 40 days", BERLIN, _with_gap(40 * DAY)),
    ]


def _with_gap(gap: timedelta) -> list[datetime]:
    before = _days(date(2026, 5, 4), 1)
    return [*before, *[at + DAY + gap for at in before]]


def misled_clocks(engine: Engine, plan: Plan) -> Tally:
    """Keep the timetable through days on which clocks mislead; each period is there once."""
    tally = Tally()
    for story in stories()[: plan.runs]:
        tally.runs += 1
        with engine.house("empty") as house:
            asked = (house.url, story.zone, story.moments, story.jobs)
            processes.done(job_tasks.tick, *asked)
            _judge(tally, house, story)
    return tally


def kill_scheduler(engine: Engine, plan: Plan) -> Tally:
    """Kill a scheduler among its ticks; the next one ticks once, at the end of the story.

    All periods that are made up for one by one are there, exactly once; of `latest` the newest.
    """
    tally, chance = Tally(), plan.chance()
    story = Story("two days", BERLIN, _days(date(2026, 10, 24), 2))
    seconds = _measured(engine, story)
    for _ in range(plan.runs):
        tally.runs += 1
        with engine.house("empty") as house:
            asked = (house.url, story.zone, story.moments, story.jobs)
            # The first tick begins the timetable; what lies before it was never due.
            processes.done(job_tasks.tick, house.url, story.zone, story.moments[:1], story.jobs)
            child = processes.start(job_tasks.tick, *asked)
            child.wait_for("begun")
            child.kill(chance.uniform(0, 1) * seconds)
            house.wait_until_left()
            tally.counts["killed" if child.said("done") is None else "had ended"] += 1
            killed_jobs.expire_leases(house)
            processes.done(job_tasks.tick, house.url, story.zone, story.moments[-1:], story.jobs)
            _judge(tally, house, story)
    return tally


def _measured(engine: Engine, story: Story) -> float:
    with engine.house("empty") as house:
        child = processes.start(job_tasks.tick, house.url, story.zone, story.moments, story.jobs)
        child.wait_for("begun")
        began = time.monotonic()
        child.result()
        return time.monotonic() - began


def _judge(tally: Tally, house: House, story: Story) -> None:
    """Hold the ledger to the calendar: every period once, those too old listed as skipped."""
    rows = _ledger(house)
    zone, first, last = ZoneInfo(story.zone), story.moments[0], max(story.moments)
    for job in story.jobs.values():
        wanted = _expected(job.name, first, last, zone)
        have = Counter(key for name, key, _, _, _ in rows if name == job.name)
        doubled = [key for key, n in have.items() if n > 1]
        if doubled:
            tally.fail("doubled", f"{story.name}: {job.name} {doubled[:3]}")
        if job.catch_up is CatchUp.LATEST:
            wanted = wanted[-1:]
        missing = [key for key in wanted if key not in have]
        if missing:
            tally.fail("lost", f"{story.name}: {job.name} {missing[:3]} of {len(wanted)}")
        tally.counts[f"periods of {job.name}"] += len(have)
    _judge_runs(tally, rows, story, last)


def _expected(name: str, first: datetime, last: datetime, zone: ZoneInfo) -> list[str]:
    """Return the periods that become due after a moment, by looking at a wall clock.

    Every half hour somebody looks and says which period's time has come; who rules the
    product's timetable has no part in it.
    """
    seen: dict[str, None] = {}
    for moment in _every(HALF_HOUR, first, last):
        if (said := _said(name, moment, moment.astimezone(zone))) is not None:
            seen.setdefault(said)
    seen.pop(_said(name, first, first.astimezone(zone)) or "", None)
    return list(seen)


def nights_of(story: Story) -> list[str]:
    """Return the nights that become due in a story, as a wall clock tells them."""
    return _expected("nightly", story.moments[0], max(story.moments), ZoneInfo(story.zone))


def _said(name: str, moment: datetime, local: datetime) -> str | None:
    if name == "hourly":
        return f"{moment:%Y-%m-%dT%H}Z"
    if name in ("nightly", "latest"):
        return f"{local:%Y-%m-%d}" if (local.hour, local.minute) >= (2, 30) else None
    if name == "monthly":
        before = (local.replace(day=1) - DAY).date()
        return f"{before:%Y-%m}" if (local.day, local.hour) >= (1, 4) else None
    begins = (local.month - 1) // 3 * 3 + 1
    before = (local.replace(month=begins, day=1) - DAY).date()
    is_over = (local.month, local.day, local.hour) >= (begins, 2, 4)
    return f"{before.year}Q{(before.month + 2) // 3}" if is_over else None


def _judge_runs(
    tally: Tally, rows: list[tuple[str, str, str, int, datetime]], story: Story, last: datetime
) -> None:
    """Hold each row to its end: done in one attempt, or skipped and said so."""
    for name, key, state, attempt, due_at in rows:
        tally.counts[state] += 1
        if state not in ("succeeded", "skipped"):
            tally.fail("partial", f"{story.name}: {name} {key} stands at {state}")
        if state == "succeeded" and not 1 <= attempt <= 2:
            tally.fail("doubled", f"{story.name}: {name} {key} took {attempt} attempts")
        if due_at is not None and _moment(due_at) > last:
            tally.fail("doubled", f"{story.name}: {name} {key} lies in the future")


def _moment(given: datetime | str) -> datetime:
    moment = datetime.fromisoformat(given) if isinstance(given, str) else given
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _ledger(house: House) -> list[tuple[str, str, str, int, datetime]]:
    engine = create_engine(house.url)
    try:
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(LEDGER))]  # type: ignore[misc]
    finally:
        engine.dispose()


# Several at once


def two_schedulers(engine: Engine, plan: Plan) -> Tally:
    """Let two schedulers and two workers keep one timetable for minutes."""
    return _at_once(engine, plan, many=2)


def five_schedulers(engine: Engine, plan: Plan) -> Tally:
    """Let five schedulers and five workers keep one timetable for minutes."""
    return _at_once(engine, plan, many=5)


def _at_once(engine: Engine, plan: Plan, *, many: int) -> Tally:
    """Count the rows that a job of every other second leaves: one for each slot.

    Runs are seconds here: the time for which all of them keep the timetable.
    """
    tally = Tally()
    with engine.house("empty") as house:
        with ExitStack() as stack:
            workers = [
                stack.enter_context(processes.running(job_tasks.work_off, house.url, "slots"))
                for _ in range(many)
            ]
            keepers = [
                stack.enter_context(processes.running(job_tasks.keep_timetable, house.url))
                for _ in range(many)
            ]
            for each in [*workers, *keepers]:
                each.wait_for("begun")
            # Where processes begin slowly the timetable does too: its first slot starts the clock.
            wait_for_names(house, "slot %", 1)
            time.sleep(plan.runs)
            for each in keepers:
                each.terminate()
            for each in keepers:
                each.result()
            wait_until_done(house)
            for each in workers:
                each.terminate()
            for each in workers:
                each.result()
        _judge_slots(tally, house, plan.runs)
    return tally


def _judge_slots(tally: Tally, house: House, seconds: int) -> None:
    slots = Counter(name.split()[1] for name in names(house, "slot %"))
    rows = [(key, state) for job, key, state, _, _ in _ledger(house) if job == "slot"]
    due = [key for key, state in rows if state != "skipped"]
    tally.runs, tally.counts["slots"] = seconds, len(due)
    for key, n in slots.items():
        if n > 1:
            tally.fail("doubled", f"slot {key} ran {n} times")
    for key in due:
        if key not in slots:
            tally.fail("lost", f"slot {key} never ran")
    at = sorted(datetime.fromisoformat(key) for key in due)
    longest = timedelta(seconds=job_tasks.SLOT_SECONDS)
    gaps = [later - early for early, later in pairwise(at) if later - early > longest]
    if gaps:
        tally.fail("lost", f"{len(gaps)} gaps between slots, the first of {gaps[0]}")
    if len(due) < seconds / job_tasks.SLOT_SECONDS / 2:
        tally.fail("lost", f"only {len(due)} slots in {seconds} s")


def wait_until_done(house: House, longest: float = 120.0) -> None:
    """Wait until no run is open any more, but no longer than some seconds."""
    deadline = time.monotonic() + longest
    is_open = "SELECT count(*) FROM job_run WHERE state IN ('due', 'queued', 'running')"
    while killed_jobs.asked(house, is_open) and time.monotonic() < deadline:
        time.sleep(0.2)


def wait_for_names(house: House, like: str, count: int, longest: float = 60.0) -> None:
    """Wait until jobs left so many names behind, but no longer than some seconds."""
    deadline = time.monotonic() + longest
    while len(names(house, like)) < count and time.monotonic() < deadline:
        time.sleep(0.05)


def names(house: House, like: str) -> list[str]:
    """Return the names that jobs left behind."""
    engine = create_engine(house.url)
    try:
        with engine.connect() as connection:
            found = connection.execute(
                text("SELECT name FROM category WHERE name LIKE :like"), {"like": like}
            )
            return [row[0] for row in found]
    finally:
        engine.dispose()
