"""What the harness lets its children do with packs."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from app import timetable
from app.base import db
from app.base.pdf.fonts import write_configuration
from app.base.pdf.press import Press
from app.base.pdf.renderer import TEMPLATES, Job, Outcome, Renderer
from app.reviews.packs import making, services
from app.reviews.packs.models import Pack
from config import Settings
from tests.faults import job_tasks, tasks
from tests.faults.processes import Say

PERIOD, KIND = "2026Q1", "scorecard"
DOCUMENTS_PER_SLICE = 2
SUPPLIERS = 5


class AtHand(Renderer):
    """Prints in this very process: the layout engine was loaded before it was forked."""

    def __init__(self) -> None:
        super().__init__(processes=1)
        folder = tempfile.mkdtemp(dir=os.environ["MAINSTAY_INSTANCE"])
        write_configuration(Path(folder))
        os.environ["FONTCONFIG_FILE"] = str(Path(folder) / "fonts.conf")
        self._press = Press(TEMPLATES, {})

    def render_many(self, jobs: Iterable[Job]) -> Iterator[Outcome]:
        """Yield each document."""
        for template, content in jobs:
            yield self._press.print(template, content)


def print_batch(
    say: Say,
    url: str,
    folder: str,
    supplier_ids: list[int],
    is_real: bool,
    period: str = job_tasks.PERIOD,
) -> str:
    """Queue a batch unless it is there, and print it if it may be taken; return its state.

    Without `is_real` pages are printed in this process, and not by a printer of its own.
    """
    tasks.installed(url, folder)
    services.CHUNK = DOCUMENTS_PER_SLICE
    if not is_real:
        making._kept_printer.append(AtHand())
    job = replace(timetable.JOBS["packs"], slice_size=None)
    asked = {"kind": KIND, "period": PERIOD, "supplier_ids": supplier_ids, "by": tasks.BY}
    return job_tasks.run_period(say, job, asked, period)


def collect(say: Say, url: str, folder: str) -> int:
    """Collect the files that no row knows, as housekeeping does a day later."""
    tasks.installed(url, folder)
    later = tasks.real_now() + timedelta(days=1)
    return services.collect_orphans(Settings.from_env().files, before=later)


def kept(say: Say, url: str, folder: str) -> list[tuple[int, str, str, str]]:
    """Return supplier, content hash, file's sha256 and place of every pack there is."""
    tasks.installed(url, folder)
    files = Settings.from_env().files
    with db.reading() as session:
        rows = session.scalars(select(Pack)).all()
    return [
        (row.supplier_id, row.content_hash, row.file_sha256,
         str(services.stored_path(files, row.public_id)))
        for row in rows
    ]  # fmt: skip
