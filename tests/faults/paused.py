"""A worker that sleeps through its lease: what it does when it wakes up does not count."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from random import Random

from tests.faults import job_tasks, killed_jobs, processes, schedulers
from tests.faults.engines import Engine, House
from tests.faults.processes import Child, marked
from tests.faults.report import Plan, Tally

AT_ONCE = 5
# The lease is 60 s long and renewed every 15 s.
REAL_PAUSE_SECONDS = 90.0
SHORT_PAUSE_SECONDS = 3.0
LONGEST_RUN_SECONDS = 240.0
WHO = ("both", "the worker", "its process")


@dataclass(frozen=True, slots=True)
class Pause:
    """How long the sleep is, and the lease (None: the product's own)."""

    seconds: float
    lease_seconds: float | None


def pause_shortly(engine: Engine, plan: Plan) -> Tally:
    """Pause a worker for longer than a shortened lease, at a random step of its job."""
    pause = Pause(SHORT_PAUSE_SECONDS, job_tasks.SHORT_LEASE_SECONDS)
    tally, chance = Tally(), plan.chance()
    for number in range(plan.runs):
        _paused(tally, engine, pause, chance, WHO[number % 3])
    return tally


def pause_90s(engine: Engine, plan: Plan) -> Tally:
    """Pause workers for 90 s with the lease as it is; several houses at once, to save time."""
    tally, chance = Tally(), plan.chance()
    pause = Pause(REAL_PAUSE_SECONDS, None)
    engine.template("empty")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        runs = [
            pool.submit(_paused, tally, engine, pause, Random(chance.random()), WHO[number % 3])  # noqa: S311
            for number in range(plan.runs)
        ]
        for run in runs:
            run.result()
    return tally


def _paused(tally: Tally, engine: Engine, pause: Pause, chance: Random, who: str) -> None:
    """Let one worker begin, pause it, let another one take over, wake the first one up."""
    tally.runs += 1
    with engine.house("empty") as house:
        processes.done(job_tasks.queue_steps, house.url)
        with _worker(house, pause) as first:
            schedulers.wait_for_names(house, "step 00%", chance.randint(2, 9), LONGEST_RUN_SECONDS)
            sleepers = _family(first, who)
            _send(sleepers, signal.SIGSTOP)
            with _worker(house, pause) as second:
                time.sleep(pause.seconds)
                taken_over = killed_jobs.asked(house, "SELECT max(fence) FROM job_run") > 1
                _send(sleepers, signal.SIGCONT)
                schedulers.wait_until_done(house, LONGEST_RUN_SECONDS)
                second.terminate()
                second.result()
            first.terminate()
            first.result()
        _judge(tally, house, who, taken_over=taken_over)


def stop_worker(engine: Engine, plan: Plan) -> Tally:
    """Ask a worker to end (SIGTERM) amid its job: it hands over, the next one goes on."""
    tally, chance = Tally(), plan.chance()
    pause = Pause(0, None)
    for _ in range(plan.runs):
        tally.runs += 1
        with engine.house("empty") as house:
            processes.done(job_tasks.queue_steps, house.url)
            with _worker(house, pause) as first:
                schedulers.wait_for_names(
                    house, "step 0%", chance.randint(1, job_tasks.STEPS - 5), LONGEST_RUN_SECONDS
                )
                first.terminate()
                first.result()
            if killed_jobs.asked(house, "SELECT count(*) FROM job_run WHERE state = 'running'"):
                tally.fail("lost", "a worker that was asked to end kept its run")
            with _worker(house, pause) as second:
                schedulers.wait_until_done(house, LONGEST_RUN_SECONDS)
                second.terminate()
                second.result()
            _judge(tally, house, "nobody", taken_over=True)
    return tally


def _judge(tally: Tally, house: House, who: str, *, taken_over: bool) -> None:
    steps = [name.split() for name in schedulers.names(house, "step %")]
    taken = sorted((int(number), int(fence)) for _, number, _, fence, _ in steps)
    numbers = [number for number, _ in taken]
    tally.counts[f"taken over, paused: {who}" if taken_over else f"kept, paused: {who}"] += 1
    tally.counts["steps of the second"] += sum(fence > 1 for _, fence in taken)
    if len(numbers) != len(set(numbers)):
        tally.fail("doubled", f"{who} paused: {taken}")
    if set(numbers) != set(range(job_tasks.STEPS)):
        tally.fail("lost", f"{who} paused: {len(set(numbers))} of {job_tasks.STEPS} steps")
    fences = [fence for _, fence in taken]
    if fences != sorted(fences):
        tally.fail("doubled", f"{who} paused: the stale holder wrote after the other: {taken}")
    if killed_jobs.asked(house, "SELECT count(*) FROM job_run WHERE state = 'succeeded'") != 1:
        tally.fail("lost", "the run did not end well")


@contextmanager
def _worker(house: House, pause: Pause) -> Iterator[Child]:
    asked = (house.url, "steps", pause.lease_seconds)
    with processes.running(job_tasks.work_off, *asked) as child:
        child.wait_for("begun")
        yield child


def _family(worker: Child, who: str) -> list[int]:
    """Return the processes to pause: the worker, the process that does its work, or both."""
    own = marked(worker.mark)
    return {"both": [worker.pid, *own], "the worker": [worker.pid], "its process": own}[who]


def _send(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
