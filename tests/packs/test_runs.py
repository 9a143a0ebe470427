"""A batch of packs as a run: it goes on where it was ended, lists who failed, leaves no litter."""

from __future__ import annotations

import os
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from app.base import db
from app.calc.windows import last_quarter
from app.platform.jobs import ledger
from app.platform.jobs.handle import LostLease, Run
from app.platform.jobs.models import JobItem
from app.reviews.packs import making, printing, services
from app.reviews.packs.making import Made, MakeTask
from app.reviews.packs.models import Pack
from app.reviews.packs.printing import quarter_packs_job
from app.reviews.packs.services import collect_orphans
from config import Settings
from tests.conftest import NOW
from tests.executors.houses import claimed, state_of, taken_over
from tests.packs.conftest import House, Paperless

BATCH = {"period": "2026Q3", "kinds": ["scorecard"]}


class Killed(BaseException):
    """The process is gone."""


@pytest.fixture(autouse=True)
def no_paper(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Print no pages, in this process, for this house."""
    settings: Settings = app.config["SETTINGS"]
    monkeypatch.setattr(making, "Renderer", lambda **_: Paperless())
    monkeypatch.setattr(making, "_kept_printer", [])
    monkeypatch.setattr(printing.Settings, "from_env", lambda: settings)
    monkeypatch.setattr(printing, "fleet_of", lambda _settings, **_: services.HERE)


@pytest.fixture
def files(app: Flask) -> Path:
    settings: Settings = app.config["SETTINGS"]
    return settings.files


def packs() -> list[Pack]:
    with db.reading() as session:
        return list(session.scalars(select(Pack).order_by(Pack.supplier_id)))


def kept(files: Path) -> set[str]:
    return {path.name for path in files.glob("*/*/*.pdf")}


def die_at(monkeypatch: pytest.MonkeyPatch, number: int) -> list[MakeTask]:
    """End the process when a slice's files are written and its rows are not."""
    asked: list[MakeTask] = []

    def deadly(task: MakeTask) -> list[Made]:
        asked.append(task)
        made = making.make(task)
        if len(asked) == number:
            raise Killed
        return made

    monkeypatch.setattr(services, "make", deadly)
    return asked


def test_a_run_that_is_ended_goes_on_behind_its_last_slice(
    house: House, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = claimed("quarter_packs", **BATCH)
    with monkeypatch.context() as patched:
        die_at(patched, 2)
        with pytest.raises(Killed):
            quarter_packs_job(BATCH, Run(held, slice_size=1))
    assert [pack.supplier_id for pack in packs()] == [house.kestrel]
    with monkeypatch.context() as patched:
        asked = die_at(patched, 99)
        report = quarter_packs_job(BATCH, Run(taken_over(held), slice_size=1))
    assert [task.requests[0].supplier_id for task in asked] == [house.nordlys, house.silent]
    assert report["summary"] == "3 documents ready, 0 of them unchanged."
    assert len(packs()) == 3


def test_files_that_were_never_recorded_are_collected_when_they_are_old(
    house: House, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        die_at(patched, 2)
        with pytest.raises(Killed):
            quarter_packs_job(BATCH, Run(slice_size=1))
    recorded = {f"{pack.public_id}.pdf" for pack in packs()}
    assert len(kept(files)) == 2
    (orphan,) = [path for path in files.glob("*/*/*.pdf") if path.name not in recorded]
    half = orphan.with_name(f".{orphan.name}.x7.part")
    half.write_bytes(b"%PDF half")
    other = orphan.with_name("notes.txt")
    other.write_text("of somebody else", encoding="utf-8")
    for path in (*files.glob("*/*/*"), *files.glob("*/*/.*")):
        os.utime(path, (NOW.timestamp(), NOW.timestamp()))
    assert collect_orphans(files, NOW) == 0
    later = NOW + timedelta(seconds=1)
    assert collect_orphans(files, later, is_dry_run=True) == 2
    assert collect_orphans(files, later) == 2
    assert kept(files) == recorded
    assert not half.exists()
    assert other.exists()


def test_a_stale_holder_records_nothing(
    house: House, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = claimed("quarter_packs", **BATCH)
    taken_over(held)
    with pytest.raises(LostLease):
        quarter_packs_job(BATCH, Run(held, slice_size=1))
    assert packs() == []


def test_who_gets_no_pack_is_listed_and_the_rest_is_printed(house: House) -> None:
    arguments = {
        "supplier_ids": [house.kestrel, house.warehouse],
        "kind": "scorecard",
        "period": "2026Q3",
    }
    held = claimed("packs", **arguments)
    run = Run(held)
    report = printing.print_packs_job(arguments, run)
    assert "1 document refused: E-PCK-06" in report["summary"]
    assert len(packs()) == 1
    with db.reading() as session:
        item = session.scalars(select(JobItem)).one()
    assert item.item.startswith("Our warehouse (")
    assert item.error_code == "E-PCK-06"
    with db.transaction() as session:
        ledger.finish(session, held, result=report, state=run.end_state(report))
    assert state_of(held) == "partial"


@pytest.mark.parametrize(
    ("day", "quarter"),
    [
        (date(2026, 10, 1), "2026Q3"),
        (date(2026, 12, 30), "2026Q3"),
        (date(2027, 1, 1), "2026Q4"),
        (date(2028, 2, 29), "2027Q4"),
    ],
)
def test_the_quarter_is_the_last_one_that_is_over(day: date, quarter: str) -> None:
    assert last_quarter(day) == quarter
