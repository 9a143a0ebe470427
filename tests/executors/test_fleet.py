"""Tasks come back in their order, whatever becomes of the workers."""

from __future__ import annotations

import dataclasses
import functools
from pathlib import Path

import pytest

from app.base import db
from app.base.db import Database
from app.platform.jobs import executor
from app.platform.jobs.fleet import HERE, Failure, Fleet, fleet_of
from config import Settings
from tests.builders import facts
from tests.executors import sample_tasks


@pytest.fixture
def settings(database: Database, tmp_path: Path) -> Settings:
    """Settings of a house that names no cluster."""
    env = {"DATABASE_URL": database.url, "MAINSTAY_INSTANCE": str(tmp_path / "instance")}
    return Settings.from_env(env)


@pytest.fixture
def two(settings: Settings) -> Fleet:
    """Two processes of this machine, whatever it has."""
    return dataclasses.replace(fleet_of(settings, tasks=2), workers=2)


def test_one_that_fails_is_told_and_the_others_go_on() -> None:
    found = dict(HERE.each(sample_tasks.double, [1, 13, 99, 4]))
    assert (found[1], found[4]) == (2, 8)
    refused, broken = found[13], found[99]
    assert isinstance(refused, Failure)
    assert str(refused.error) == "E-X-13: Not this one."
    assert isinstance(broken, Failure)
    assert broken.error.code == "E-JOB-14"
    assert "canary" not in broken.error.message


def test_a_task_with_bound_arguments_fails_alone_too() -> None:
    [(_, broken)] = HERE.each(functools.partial(sample_tasks.divide, by=0), [7])
    assert isinstance(broken, Failure)
    assert broken.error.code == "E-JOB-14"
    assert broken.error.message.startswith("Unexpected: ZeroDivisionError.")


def test_workers_read_from_our_database_and_answer_in_order(two: Fleet) -> None:
    with db.transaction() as session:
        facts.supplier(session)
    assert list(two.each(sample_tasks.count_suppliers, [1])) == [(1, 1)]
    numbers = list(range(20))
    assert list(two.each(sample_tasks.double, [n for n in numbers if n != 13])) == [
        (n, 2 * n) for n in numbers if n != 13
    ]


def test_a_worker_that_ends_in_the_middle_changes_nothing(two: Fleet, tmp_path: Path) -> None:
    names = ["a", "deadly", "b", "c", "d", "e"]
    found = two.each(sample_tasks.die_once, [str(tmp_path / name) for name in names])
    assert [told for _, told in found] == names


def test_a_task_that_ends_its_worker_fails_alone(two: Fleet) -> None:
    found = dict(two.each(sample_tasks.always_die, [1, 2, 3, 4, 5]))
    guilty = found.pop(3)
    assert found == {1: 1, 2: 2, 4: 4, 5: 5}
    assert isinstance(guilty, Failure)
    assert guilty.error.code == "E-JOB-04"


def test_a_single_task_starts_no_process(settings: Settings) -> None:
    assert fleet_of(settings, tasks=1) is HERE


def test_a_cluster_that_does_not_answer_is_named(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executor, "CLUSTER_SECONDS", 1)
    lost = dataclasses.replace(settings, cluster="tcp://127.0.0.1:9")
    with pytest.raises(Exception, match=r"E-JOB-13.*tcp://127\.0\.0\.1:9"):
        fleet_of(lost)
