"""A Dask cluster on this machine's loopback: a scheduler and workers as processes of the test."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from config import ROOT

WORKERS = 2
LONGEST_START_SECONDS = 90.0


@dataclass
class Cluster:
    """Where the scheduler answers, and the processes of its workers."""

    address: str
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)


@contextmanager
def running(folder: Path, *, database_url: str) -> Iterator[Cluster]:
    """Run a scheduler and two workers that bind a database by their own environment."""
    file = folder / "scheduler.json"
    env = {
        **os.environ,
        "DATABASE_URL": database_url,
        "MAINSTAY_INSTANCE": str(folder / "instance"),
        "PYTHONPATH": str(ROOT),
    }
    shared = ["--scheduler-file", str(file)]
    scheduler = _started(
        "dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", *shared,
        env=env, folder=folder,
    )  # fmt: skip
    own = Cluster("")
    try:
        own.address = _address(file, scheduler)
        for _ in range(WORKERS):
            own.workers.append(
                _started(
                    "dask_worker", "--no-nanny", "--nthreads", "1", "--no-dashboard",
                    "--host", "127.0.0.1", "--local-directory", str(folder), own.address,
                    env=env, folder=folder,
                )
            )  # fmt: skip
        _wait_for_workers(own)
        yield own
    finally:
        for process in (*own.workers, scheduler):
            process.kill()
            process.wait()


def _started(
    module: str, *words: str, env: dict[str, str], folder: Path
) -> subprocess.Popen[bytes]:
    log = (folder / f"{module}.log").open("ab")
    with log:
        command = [sys.executable, "-m", f"distributed.cli.{module}", *words]
        return subprocess.Popen(command, env=env, cwd=folder, stdout=log, stderr=log)


def _address(file: Path, scheduler: subprocess.Popen[bytes]) -> str:
    import json

    for _ in range(int(LONGEST_START_SECONDS / 0.1)):
        assert scheduler.poll() is None, "the scheduler ended"
        if file.exists() and file.stat().st_size:
            return str(json.loads(file.read_text(encoding="utf-8"))["address"])
        time.sleep(0.1)
    raise AssertionError("the scheduler did not start")


def _wait_for_workers(cluster: Cluster) -> None:
    from distributed import Client

    with Client(cluster.address, set_as_default=False) as client:  # type: ignore[no-untyped-call]
        client.wait_for_workers(WORKERS, timeout=LONGEST_START_SECONDS)  # type: ignore[no-untyped-call]
