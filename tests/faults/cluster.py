"""A PostgreSQL of the harness's own that it may restart; what makes data safe is on."""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from tests import postgres
from tests.faults.report import Skipped

LONGEST_WAIT_SECONDS = 60.0
PR_SET_PDEATHSIG = 1
SETTINGS = {"listen_addresses": "", "max_connections": "60", "jit": "off"}


@dataclass(slots=True)
class Cluster:
    """A server in a folder, on a Unix socket only; it ends with the harness."""

    binaries: Path
    folder: Path
    settings: dict[str, str]
    server: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it is reached."""
        return f"postgresql+psycopg://postgres@/postgres?host={self.folder}"

    def start(self) -> None:
        """Start the server and return when it answers."""
        options = [f"--{name}={value}" for name, value in self.settings.items()]
        with (self.folder / "server.log").open("ab") as log:
            self.server = subprocess.Popen(
                [
                    *(str(self.binaries / "postgres"), "-D", str(self.folder / "data")),
                    *(f"--unix_socket_directories={self.folder}", *options),
                ],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder,
                preexec_fn=_end_with_parent, **unprivileged(),
            )  # fmt: skip
        self._wait_until_answers()

    def settle(self) -> None:
        """Write a checkpoint: recovery begins here, not at the copying of templates."""
        with self._connected() as connection:
            connection.execute("CHECKPOINT")

    def restart_at_once(self) -> None:
        """Do what `pg_ctl restart -m immediate` does: no checkpoint, no goodbye, then recovery."""
        self.stop_at_once()
        self.start()

    def stop_at_once(self) -> None:
        """End the server as a power cut would, as far as its processes go."""
        if self.server is not None:
            self.server.send_signal(signal.SIGQUIT)
            self.server.wait(LONGEST_WAIT_SECONDS)
            self.server = None

    def end_backends(self) -> None:
        """Cut all other connections (`pg_terminate_backend`)."""
        with self._connected() as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )

    def _connected(self) -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(
            host=str(self.folder), user="postgres", dbname="postgres", autocommit=True
        )

    def _wait_until_answers(self) -> None:
        deadline = time.monotonic() + LONGEST_WAIT_SECONDS
        while True:
            try:
                self._connected().close()
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
            else:
                return


@contextmanager
def opened(**settings: str) -> Iterator[Cluster]:
    """Yield a running cluster of our own; it is stopped and removed afterwards."""
    binaries = postgres.newest_binaries()
    if binaries is None:
        raise Skipped(postgres.missing_reason())
    folder = Path(tempfile.mkdtemp(prefix="mainstay-pg-"))
    identity = unprivileged()
    if identity:
        os.chown(folder, identity["user"], identity["group"])
    cluster = Cluster(binaries, folder, SETTINGS | settings)
    try:
        subprocess.run(
            [
                *(str(binaries / "initdb"), "--pgdata", str(folder / "data")),
                *("--username", "postgres", "--auth", "trust", "--encoding", "UTF8"),
                "--no-locale",
            ],
            check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, cwd=folder, **identity,
        )  # fmt: skip
        cluster.start()
        yield cluster
    finally:
        cluster.stop_at_once()
        shutil.rmtree(folder, ignore_errors=True)


def unprivileged() -> dict[str, Any]:
    """Return the arguments that make a child of root run as somebody else."""
    if os.geteuid() != 0:
        return {}
    try:
        account = pwd.getpwnam("postgres")
    except KeyError:
        account = pwd.getpwnam("nobody")
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)
