"""Printing packs as jobs: what a button asks for, and everybody's at the end of a quarter.

The same work as the command. A job keeps in the ledger how far it has come: a run that was
ended goes on behind its last slice, with the facts of the day it began on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from math import ceil
from typing import Any

from sqlalchemy.orm import Session

from app.base import clock, db, formatting
from app.base.errors import AppError, InvalidInput
from app.base.pdf.printable import PaperSize
from app.calc.periods import quarter_named
from app.calc.windows import last_quarter
from app.facts.suppliers import queries as suppliers
from app.platform.accounts import asking
from app.platform.jobs.fleet import fleet_of
from app.platform.jobs.handle import Run
from app.reviews.packs.services import (
    CHUNK,
    Outcome,
    PackKind,
    PackRequest,
    Workshop,
    latest_day,
    produce,
)
from config import Settings

Arguments = dict[str, Any]  # Any: JSON

JOB = "packs"
MOST_LINKS = 3
MOST_REFUSALS = 3


def print_packs_job(arguments: Arguments, run: Run) -> Arguments:
    """Print documents as a job.

    Arguments: `kind` (qbr, qbr_annex, scorecard), `period`, `supplier_ids` (none: every rated
    supplier), `by` (who asked), `asked_by` (their account, whose reach is looked at again).
    Returns a summary and links to the first files. Refused
    documents are told in the summary and listed one by one; where all are refused the job
    fails.
    """
    if arguments.get("supplier_ids") is not None:
        with db.reading() as session:
            asking.require_reach(
                session,
                user_id=arguments.get("asked_by"),
                supplier_ids=arguments["supplier_ids"],
            )
    return _printed(
        run,
        kinds=[PackKind(arguments["kind"])],
        period=arguments["period"],
        supplier_ids=arguments.get("supplier_ids"),
        by=arguments.get("by", "job"),
    )


def quarter_packs_job(arguments: Arguments, run: Run) -> Arguments:
    """Print everybody's documents of a quarter.

    Arguments: `period` (2026Q3; none: the last quarter that is over), `kinds` (none: the
    review pack alone), `by`.
    """
    period = arguments.get("period") or last_quarter(clock.today())
    if quarter_named(period) is None:
        raise InvalidInput("E-PCK-09", f"{period!r} is no quarter; give one as 2026Q3.")
    kinds = [PackKind(each) for each in arguments.get("kinds", [PackKind.REVIEW])]
    return _printed(run, kinds=kinds, period=period, by=arguments.get("by", "timetable"))


def workshop_of(settings: Settings, *, by: str) -> Workshop:
    """Return where this installation makes packs, in somebody's name."""
    return Workshop(
        files=settings.files,
        house=settings.house_name,
        paper_size=PaperSize(settings.paper_size),
        by=by,
    )


@dataclass(slots=True)
class _Tally:
    """How far a run has come: everything up to the supplier `behind` is recorded."""

    facts_until: str
    behind: int = 0
    done: int = 0
    made: int = 0
    reused: int = 0
    refused: list[list[str]] = field(default_factory=list)
    refusals: int = 0
    links: list[dict[str, str]] = field(default_factory=list)

    @classmethod
    def of(cls, run: Run) -> _Tally:
        """Return where the attempt before left off, nothing for a fresh start."""
        kept = run.resumed_from
        if kept is None:
            return cls(latest_day().isoformat())
        run.items_failed = kept["refusals"]
        return cls(**kept)

    @property
    def state(self) -> Arguments:
        """It as JSON, for the ledger."""
        return {name: getattr(self, name) for name in self.__slots__}

    def add(self, outcomes: Sequence[Outcome]) -> None:
        """Count the outcomes of a slice."""
        for each in outcomes:
            self.behind, self.done = each.request.supplier_id, self.done + 1
            self.reused += each.was_reused
            if each.error is not None:
                self._refuse(each.error)
                continue
            self.made += 1
            if len(self.links) < MOST_LINKS:
                href, label = f"/packs/{each.pack_id}/file", f"Download {each.file_name}"
                self.links.append({"href": href, "label": label})

    def _refuse(self, error: AppError) -> None:
        self.refusals += 1
        told = [error.code, error.message]
        if told not in self.refused and len(self.refused) < MOST_REFUSALS:
            self.refused.append(told)


def _printed(
    run: Run,
    *,
    kinds: Sequence[PackKind],
    period: str,
    by: str,
    supplier_ids: Sequence[int] | None = None,
) -> Arguments:
    if supplier_ids is None:
        with db.reading() as session:
            supplier_ids = suppliers.rated_supplier_ids(session)
    tally, settings = _Tally.of(run), Settings.from_env()
    left = [each for each in sorted(supplier_ids) if each > tally.behind]
    requests = [PackRequest(each, kind, period) for each in left for kind in kinds]
    total = tally.done + len(requests)

    def note(session: Session, outcomes: Sequence[Outcome]) -> None:
        tally.add(outcomes)
        words = f"document {tally.done:,}"
        run.checkpoint(tally.state, words=words, session=session)

    outcomes = produce(
        requests,
        workshop=workshop_of(settings, by=by),
        fleet=fleet_of(settings, tasks=ceil(len(requests) / (run.slice_size or CHUNK))),
        run=run,
        note=note,
        facts_until=date.fromisoformat(tally.facts_until),
    )
    for _ in outcomes:
        run.progress(tally.done, total)
    return _report(tally)


def _report(tally: _Tally) -> Arguments:
    if tally.refused and not tally.made:
        code, message = tally.refused[0]
        raise AppError(code, message)
    told = f"{formatting.count(tally.made, 'document')} ready, {tally.reused} of them unchanged."
    if tally.made == 1:
        told = "The document is ready."
        if tally.reused:
            told = "Unchanged: the stored document stands."
    if tally.refused:
        reasons = " ".join(f"{code}: {message}" for code, message in tally.refused)
        told += f" {formatting.count(tally.refusals, 'document')} refused: {reasons}"
    return {"summary": told, "links": tally.links}
