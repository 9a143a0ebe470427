"""The quarter's batch gives the same files on processes, on a cluster, and when workers die."""

from __future__ import annotations

import dataclasses
import hashlib
import multiprocessing
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from app.base import db
from app.base.db import Database
from app.platform.jobs.handle import Run
from app.reviews.packs import printing, services
from app.reviews.packs.models import Pack
from app.reviews.packs.services import stored_path
from config import Settings
from tests.builders import facts, houses
from tests.executors import cluster
from tests.packs.conftest import AUGUST, OCTOBER

BATCH = {"period": "2026Q3", "kinds": ["scorecard", "qbr"], "by": "test"}
DOCUMENTS = 6
Files = dict[tuple[int, str], str]


@pytest.fixture
def settings(database: Database, tmp_path: Path) -> Settings:
    """A house of three suppliers without a cluster."""
    with db.transaction() as session:
        for late in range(3):
            supplier = facts.supplier(session, f"Supplier {late}", country="DEU")
            houses.deliveries(session, supplier, lines=12, late=late, due_on=AUGUST)
        houses.deliveries(session, supplier, lines=1, due_on=OCTOBER)
    env = {
        "DATABASE_URL": database.url,
        "MAINSTAY_INSTANCE": str(tmp_path / "instance"),
        "MAINSTAY_HOUSE_NAME": "Adler Pumps SE",
    }
    return Settings.from_env(env)


def batch(
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    *,
    in_the_middle: Callable[[], None] = lambda: None,
) -> Files:
    """Print the quarter into an empty store; return the sha256 of each file as it lies there."""
    told: list[int] = []

    def watch(done: int, _total: int | None) -> None:
        told.append(done)
        if len(told) == 1:
            in_the_middle()

    with db.transaction() as session:
        session.execute(delete(Pack))
    with monkeypatch.context() as patched:
        patched.setattr(printing.Settings, "from_env", lambda: settings)
        # Each page prints the audit log's head; the log has grown since the batch before.
        patched.setattr(services, "audit_head", lambda: "12 " + "ab" * 32)
        report = printing.quarter_packs_job(BATCH, Run(slice_size=1, watch=watch))
    assert told == [1, 2, 3, 4, 5, 6]
    assert report["summary"] == f"{DOCUMENTS} documents ready, 0 of them unchanged."
    with db.reading() as session:
        packs = list(session.scalars(select(Pack)))
    found = {}
    for pack in packs:
        data = stored_path(settings.files, pack.public_id).read_bytes()
        assert hashlib.sha256(data).hexdigest() == pack.file_sha256
        assert data.startswith(b"%PDF")
        found[pack.supplier_id, pack.kind] = pack.file_sha256
    return found


def kill_a_process() -> None:
    """End one of the processes that do the work."""
    victim = multiprocessing.active_children()[0]
    assert victim.pid is not None
    os.kill(victim.pid, signal.SIGKILL)


def test_a_killed_process_changes_no_file(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_processes = batch(settings, monkeypatch)
    assert len(on_processes) == DOCUMENTS
    assert len(set(on_processes.values())) == DOCUMENTS
    assert batch(settings, monkeypatch, in_the_middle=kill_a_process) == on_processes


# Other machines reach no file of ours: a cluster works on a server's database.
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_cluster_makes_the_same_files_whoever_dies(
    settings: Settings, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_processes = batch(settings, monkeypatch)
    with cluster.running(tmp_path, database_url=database.url) as own:
        on_cluster = dataclasses.replace(settings, cluster=own.address)
        assert batch(on_cluster, monkeypatch) == on_processes
        assert batch(on_cluster, monkeypatch, in_the_middle=own.workers[0].kill) == on_processes
