"""Child processes that the harness starts, pauses, kills, and never leaves behind.

A fork server that has loaded the product already forks one child per run, so that a run
costs its work and not the start of an interpreter. Only processes of our own are ended,
each by its id: the child itself, and what carries its mark in the environment.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import secrets
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

MARK = "MAINSTAY_FAULT_RUN"
PRELOADED = ["tests.faults.tasks", "tests.faults.job_tasks", "tests.faults.pack_tasks"]
LONGEST_WAIT_SECONDS = 120.0
LOOK_SECONDS = 0.01

Say = Callable[..., None]


class ChildFailed(Exception):
    """A child that nobody killed ended with an error; the message is the child's."""


@dataclass(slots=True)
class Child:
    """One process at work on one task, and what it has said so far.

    A message is a tuple whose first part is its kind: begun, done, failed, or a task's own.
    """

    process: Any  # Any: a context's Process has no public type
    inbox: Connection
    mark: str
    messages: list[tuple[Any, ...]] = field(default_factory=list)
    _is_closed: bool = False

    @property
    def pid(self) -> int:
        """The process's id."""
        return int(self.process.pid)

    def wait_for(self, kind: str, seconds: float = LONGEST_WAIT_SECONDS) -> tuple[Any, ...] | None:
        """Wait for a message of a kind and return it; None where the child ended without it."""
        deadline = time.monotonic() + seconds
        while (found := self.said(kind)) is None:
            left = deadline - time.monotonic()
            if left <= 0:
                raise ChildFailed(f"no {kind!r} within {seconds:g} s; it said {self.messages}")
            if not self._hear(left):
                return self.said(kind)
        return found

    def said(self, kind: str) -> tuple[Any, ...] | None:
        """Return the first message of a kind among those heard, or None."""
        return next((each for each in self.messages if each[0] == kind), None)

    def kill(self, seconds: float = 0.0) -> None:
        """Kill it after some seconds, unless it has ended by then, with all that it started."""
        self._listen(seconds)
        self.pause()
        family = marked(self.mark)
        self._send(signal.SIGKILL)
        self.end(family=family)

    def kill_alone(self, seconds: float = 0.0) -> None:
        """Kill it after some seconds and let what it started go on without it."""
        self._listen(seconds)
        self._send(signal.SIGKILL)
        self.process.join(LONGEST_WAIT_SECONDS)

    def pause(self) -> None:
        """Stop it (SIGSTOP), unless it is gone."""
        self._send(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on (SIGCONT)."""
        self._send(signal.SIGCONT)

    def terminate(self) -> None:
        """Ask it to end (SIGTERM)."""
        self._send(signal.SIGTERM)

    def result(self, seconds: float = LONGEST_WAIT_SECONDS) -> Any:  # Any: the task's own value
        """Wait for its end and return what the task returned; raises ChildFailed otherwise."""
        while self._hear(seconds):
            pass
        self.end()
        done = self.said("done")
        if done is None:
            raise ChildFailed(f"exit code {self.process.exitcode}: {self.said('failed')}")
        return done[1]

    def end(self, family: list[int] | None = None) -> None:
        """Wait for its end, take what it still said, and end what it left behind."""
        self.process.join(LONGEST_WAIT_SECONDS)
        while self._hear(0):
            pass
        for pid in {*(family or ()), *marked(self.mark)}:
            end_marked(pid, self.mark)
        if not self._is_closed:
            self._is_closed = True
            self.inbox.close()

    def _send(self, number: signal.Signals) -> None:
        """Send a signal, unless it has ended: its id may be somebody else's by then."""
        if self.process.exitcode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def _listen(self, seconds: float) -> None:
        """Take messages for some seconds, or until the child ends."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            if not self._hear(left) and self.process.exitcode is not None:
                return

    def _hear(self, seconds: float) -> bool:
        """Take one message; False when none came in time or none can come any more."""
        if self._is_closed:
            return False
        try:
            if not self.inbox.poll(seconds):
                return False
            self.messages.append(self.inbox.recv())
        except (EOFError, ConnectionResetError):
            self.process.join(LONGEST_WAIT_SECONDS)
            return False
        return True


def start(task: Callable[..., Any], *arguments: Any) -> Child:  # Any: a task's own arguments
    """Start a task, a function of `tasks`, in a process of its own."""
    from tests.faults import tasks

    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    inbox, outbox = context.Pipe(duplex=False)
    mark = secrets.token_hex(8)
    process = context.Process(target=tasks.run, args=(outbox, mark, task, arguments))
    process.start()
    outbox.close()
    return Child(process, inbox, mark)


def done(task: Callable[..., Any], *arguments: Any) -> Any:  # Any: as `start`
    """Do a task in a process of its own, undisturbed, and return its result."""
    return start(task, *arguments).result()


@contextlib.contextmanager
def running(task: Callable[..., Any], *arguments: Any) -> Iterator[Child]:
    """Yield a child at work; whatever happens, it is gone afterwards."""
    child = start(task, *arguments)
    try:
        yield child
    finally:
        if child.process.exitcode is None:
            child.kill()
        child.end()


def marked(mark: str) -> list[int]:
    """Return the processes that were started with a mark in their environment."""
    wanted = f"{MARK}={mark}".encode()
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            if wanted in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
    return found


def end_marked(pid: int, mark: str) -> None:
    """Kill a process by its id, if that still is one of ours, and wait until it is gone."""
    deadline = time.monotonic() + LONGEST_WAIT_SECONDS
    while pid in marked(mark) and time.monotonic() < deadline:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        time.sleep(LOOK_SECONDS)
