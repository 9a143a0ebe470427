"""Make packs: hand slices of them to workers, keep what comes back, record it.

Nothing is rendered twice: an unchanged content hash reuses the stored file. Workers read,
build, print and write files; a row is written here, a slice at a time in one short
transaction, so that a file without a row can't be reached and a run that lost its lease
records nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.base import db
from app.base.errors import AppError
from app.base.pdf.renderer import Renderer
from app.facts.suppliers import queries as suppliers
from app.platform.audit import anchoring
from app.platform.jobs.fleet import HERE, Failure, Fleet, attempt
from app.platform.jobs.handle import Run
from app.reviews.packs import builder
from app.reviews.packs.making import (
    SUPERSEDED,
    Known,
    Made,
    MakeTask,
    PackKind,
    PackRequest,
    Sheet,
    Workshop,
    known_pack,
    make,
    stored_path,
)
from app.reviews.packs.models import Pack

__all__ = [
    "Outcome",
    "PackKind",
    "PackRequest",
    "Workshop",
    "collect_orphans",
    "latest_day",
    "produce",
    "stored_path",
]

# Documents per slice: one scorecard takes a quarter of a second, one read serves all of them.
CHUNK = 16
DRAFT = "draft"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one request: a file (made now or reused), or why not."""

    request: PackRequest
    file: Path | None
    pack_id: UUID | None = None
    file_name: str = ""
    pages: int = 0
    was_reused: bool = False
    error: AppError | None = None


# Called in the transaction that records a slice, with the outcomes of the slice.
Note = Callable[[Session, Sequence[Outcome]], None]


def produce(
    requests: Sequence[PackRequest],
    *,
    workshop: Workshop,
    renderer: Renderer | None = None,
    fleet: Fleet = HERE,
    run: Run | None = None,
    note: Note | None = None,
    facts_until: date | None = None,
) -> Iterator[Outcome]:
    """Make the requested documents; yield each outcome in order, failures among them.

    Slices are made by the `fleet`, or here by a `renderer` that is given. All of them know
    the facts of one day, by default the latest. Under a `run` a slice is recorded only while
    the run is still ours, together with what `note` writes.
    """
    run, day = run or Run.by_hand(), facts_until or latest_day()
    workshop = replace(workshop, audit_head=audit_head())
    size = run.slice_size or CHUNK
    tasks = (
        MakeTask(tuple(requests[start : start + size]), workshop, day)
        for start in range(0, len(requests), size)
    )
    work = make if renderer is None else partial(make, renderer=renderer)
    with closing(fleet.each(work, tasks)) as slices:
        for task, found in slices:
            made = _one_by_one(work, task) if isinstance(found, Failure) else found
            yield from _recorded(made, workshop, run, note)


def audit_head() -> str:
    """Return the audit log's head as packs print it: the last event's number and hash."""
    with db.reading() as session:
        return str(anchoring.head_of(session))


def latest_day() -> date:
    """Return the day of the latest fact, at most today; today where there are no facts."""
    with db.reading() as session:
        return builder.facts_until(session)


def collect_orphans(files: Path, before: datetime, *, is_dry_run: bool = False) -> int:
    """Remove files of packs that no row knows and that were written before a moment.

    They are left by runs that were ended between file and row; younger ones may belong to a
    run under way. Returns how many went, or would go.
    """
    count = 0
    for folder in sorted(files.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]")):
        own = {path: _pack_id(path) for path in folder.iterdir() if _is_old(path, before)}
        with db.reading() as session:
            wanted = [pack_id for pack_id in own.values() if pack_id is not None]
            known = set(session.scalars(select(Pack.public_id).where(Pack.public_id.in_(wanted))))
        for path, pack_id in own.items():
            if pack_id is not None and pack_id not in known:
                if not is_dry_run:
                    path.unlink(missing_ok=True)
                count += 1
    return count


def _one_by_one(work: Callable[[MakeTask], list[Made]], task: MakeTask) -> list[Made]:
    """Make a slice that failed document by document, so that the guilty one fails alone."""
    made = []
    for request in task.requests:
        alone = MakeTask((request,), task.workshop, task.facts_until)
        found = attempt(work, alone)
        made += [Made(request, found.error)] if isinstance(found, Failure) else found
    return made


def _recorded(
    made: Sequence[Made], workshop: Workshop, run: Run, note: Note | None
) -> Generator[Outcome]:
    """Record a slice: all of it or, where the run is not ours any more, nothing."""
    superfluous: list[Path] = []
    with db.transaction() as session:
        run.guard(session)
        outcomes = [_kept(session, each, workshop, superfluous) for each in made]
        for each in outcomes:
            if each.error is not None:
                run.item_failed(_item(session, each.request), each.error, session=session)
        if note is not None:
            note(session, outcomes)
    for path in superfluous:
        path.unlink(missing_ok=True)
    yield from outcomes


def _item(session: Session, request: PackRequest) -> str:
    head = suppliers.heads_of(session, [request.supplier_id]).get(request.supplier_id)
    name = f"supplier {request.supplier_id}" if head is None else f"{head.name} ({head.number})"
    return f"{name}, {request.kind} {request.period}"


def _kept(session: Session, made: Made, workshop: Workshop, superfluous: list[Path]) -> Outcome:
    found = made.found
    if isinstance(found, AppError):
        return Outcome(made.request, file=None, error=found)
    if isinstance(found, Known):
        if found.is_superseded:
            _stand_again(session, found.row_id)
        return _reused(made.request, found, workshop)
    path = stored_path(workshop.files, found.pack_id)
    other = _recorded_by_others(session, made.request, found, workshop)
    if other is not None:
        # Somebody else printed the same content meanwhile; theirs stands.
        superfluous.append(path)
        return _reused(made.request, known_pack(other), workshop)
    return Outcome(made.request, path, found.pack_id, file_name=found.file_name, pages=found.pages)


def _recorded_by_others(
    session: Session, request: PackRequest, sheet: Sheet, workshop: Workshop
) -> Pack | None:
    """Record a sheet as the newest of its supplier, kind and period.

    Returns the row that stands for the same content already, where there is one with its
    file; a row whose file is lost makes room.
    """
    same = (
        (Pack.supplier_id == request.supplier_id)
        & (Pack.kind == request.kind)
        & (Pack.period == sheet.period)
    )
    alike = select(Pack).where(same, Pack.content_hash == sheet.content_hash)
    known = session.scalar(alike)
    if known is not None:
        if stored_path(workshop.files, known.public_id).exists():
            return known
        session.delete(known)
        session.flush()
    try:
        with session.begin_nested():
            session.execute(update(Pack).where(same).values(state=SUPERSEDED))
            session.add(_row(request, sheet, workshop))
    except IntegrityError:
        return session.scalars(alike).one()
    return None


def _row(request: PackRequest, sheet: Sheet, workshop: Workshop) -> Pack:
    return Pack(
        public_id=sheet.pack_id,
        kind=request.kind,
        supplier_id=request.supplier_id,
        period=sheet.period,
        as_of=sheet.as_of,
        scorecard_snapshot_id=sheet.scorecard_snapshot_id,
        risk_snapshot_id=sheet.risk_snapshot_id,
        content_hash=sheet.content_hash,
        file_sha256=sheet.file_sha256,
        file_name=sheet.file_name,
        size=sheet.size,
        pages=sheet.pages,
        made_by=workshop.by,
        audit_head=workshop.audit_head or None,
    )


def _reused(request: PackRequest, known: Known, workshop: Workshop) -> Outcome:
    return Outcome(
        request,
        file=stored_path(workshop.files, known.pack_id),
        pack_id=known.pack_id,
        file_name=known.file_name,
        pages=known.pages,
        was_reused=True,
    )


def _stand_again(session: Session, row_id: int) -> None:
    """Let a superseded pack stand again whose content is the present one once more."""
    pack = session.get_one(Pack, row_id)
    same = (
        (Pack.supplier_id == pack.supplier_id)
        & (Pack.kind == pack.kind)
        & (Pack.period == pack.period)
    )
    session.execute(update(Pack).where(same, Pack.id != pack.id).values(state=SUPERSEDED))
    pack.state = DRAFT


def _is_old(path: Path, before: datetime) -> bool:
    try:
        return os.stat(path).st_mtime < before.timestamp()
    except FileNotFoundError:
        return False


def _pack_id(path: Path) -> UUID | None:
    """Return the id of the pack whose file this is, whole or half written; None of others."""
    name = path.name.removeprefix(".").split(".pdf")[0]
    try:
        return UUID(name) if ".pdf" in path.name else None
    except ValueError:
        return None
