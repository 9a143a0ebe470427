"""Child processes that live and end together with the command that started them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType

LONGEST_GOODBYE_SECONDS = 10
LOOK_EVERY_SECONDS = 0.5
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(slots=True)
class Household:
    """Named child processes: when one ends or a signal says so, all end.

    `environment` is added to theirs; `lost` names those that ended before the others.
    """

    environment: Mapping[str, str]
    lost: list[str] = field(default_factory=list)
    _children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _told_to_end: threading.Event = field(default_factory=threading.Event)

    def start(self, name: str, command: Sequence[str]) -> None:
        """Start a child; Ctrl-C reaches it through us, so that it may finish what it does."""
        self._children[name] = subprocess.Popen(  # noqa: S603 # our own commands
            command, env={**os.environ, **self.environment}, start_new_session=True
        )

    def heed_signals(self) -> None:
        """End everybody on Ctrl-C, a termination signal or a closed terminal."""
        for number in ENDING:
            signal.signal(number, self._on_signal)

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until a signal comes or a child ends; return whether one of them did so.

        With `seconds`, return False when nothing happened in that time.
        """
        waited = 0.0
        while seconds is None or waited < seconds:
            if self._told_to_end.wait(LOOK_EVERY_SECONDS) or self.ended():
                return True
            waited += LOOK_EVERY_SECONDS
        return False

    def ended(self) -> list[str]:
        """Return the names of the children that are no more."""
        return [name for name, child in self._children.items() if child.poll() is not None]

    @property
    def was_told_to_end(self) -> bool:
        """Whether a signal asked for the end."""
        return self._told_to_end.is_set()

    def stop(self) -> None:
        """Ask all children to end, wait, and end by force those that don't."""
        self.lost = self.ended()
        for child in self._children.values():
            if child.poll() is None:
                child.terminate()
        for child in self._children.values():
            try:
                child.wait(timeout=LONGEST_GOODBYE_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._told_to_end.set()


def is_free(host: str, port: int) -> bool:
    """Tell whether a server could listen on `port` of `host`."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def answers(host: str, port: int) -> bool:
    """Tell whether somebody listens on `port` of `host`."""
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True
