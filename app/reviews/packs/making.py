"""What a worker does for a pack: read, build, print, write the file. Records nothing.

A task is a few plain values and so is what returns, so that it can be sent away and done
again: a file that is never recorded can't be reached, and is collected later.
"""

from __future__ import annotations

import hashlib
import threading
import uuid
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import groupby
from multiprocessing.util import Finalize
from pathlib import Path

from sqlalchemy.orm import Session

from app.base import db
from app.base.errors import AppError
from app.base.pdf.files import write_file
from app.base.pdf.printable import PaperSize
from app.base.pdf.renderer import Renderer, page_count
from app.reviews.packs import builder, queries
from app.reviews.packs.builder import Basis
from app.reviews.packs.content import ReviewPack, ScorecardSheet
from app.reviews.packs.models import Pack

LONGEST_NAME = 150
SUPERSEDED = "superseded"


class PackKind(StrEnum):
    """The printed documents."""

    REVIEW = "qbr"
    ANNEXED = "qbr_annex"
    SCORECARD = "scorecard"


TEMPLATES = {
    PackKind.REVIEW: "review_pack.html",
    PackKind.ANNEXED: "review_pack.html",
    PackKind.SCORECARD: "scorecard.html",
}


@dataclass(frozen=True, slots=True)
class PackRequest:
    """One document to make. period: `2012Q4`, `2012-10`, `2012`, `12m`."""

    supplier_id: int
    kind: PackKind
    period: str


@dataclass(frozen=True, slots=True)
class Workshop:
    """Where and as whom packs are made.

    files: the folder of stored files, the same for every worker. house: the buying company's
    name, may be empty. by: who asked.
    """

    files: Path
    house: str
    paper_size: PaperSize
    by: str
    # The audit log's head when the batch began; its pages print it.
    audit_head: str = ""


@dataclass(frozen=True, slots=True)
class MakeTask:
    """Documents to make, all knowing the facts up to one day."""

    requests: tuple[PackRequest, ...]
    workshop: Workshop
    facts_until: date


@dataclass(frozen=True, slots=True)
class Sheet:
    """A printed document whose file lies in its place, with what its row will say."""

    pack_id: uuid.UUID
    period: str
    as_of: date
    scorecard_snapshot_id: int | None
    risk_snapshot_id: int | None
    content_hash: str
    file_sha256: str
    file_name: str
    size: int
    pages: int


@dataclass(frozen=True, slots=True)
class Known:
    """A pack that prints exactly this content already; superseded ones are to stand again."""

    pack_id: uuid.UUID
    row_id: int
    is_superseded: bool
    file_name: str
    pages: int


@dataclass(frozen=True, slots=True)
class Made:
    """What became of one request: a new sheet, a known pack, or why neither."""

    request: PackRequest
    found: Sheet | Known | AppError


@dataclass(frozen=True, slots=True)
class _Draft:
    """A content ready to be printed."""

    request: PackRequest
    basis: Basis
    content: ScorecardSheet | ReviewPack


def make(task: MakeTask, renderer: Renderer | None = None) -> list[Made]:
    """Make the requested documents in their order, failures among them.

    1. Read and build all contents; one that is stored already is not printed.
    2. Print the others, outside any transaction.
    3. Write each file whole.
    """
    drafts = _drafted(task)
    jobs = [
        (TEMPLATES[each.request.kind], each.content) for each in drafts if isinstance(each, _Draft)
    ]
    made = []
    with _printing:
        printed = (renderer or _printer()).render_many(jobs) if jobs else iter(())
        for draft in drafts:
            if isinstance(draft, Made):
                made.append(draft)
                continue
            found = next(printed)
            whole = found if isinstance(found, AppError) else _sheet(draft, found, task.workshop)
            made.append(Made(draft.request, whole))
    return made


def stored_path(files: Path, pack_id: uuid.UUID) -> Path:
    """Return where a pack's file lies: spread over folders by its id."""
    name = pack_id.hex
    return files / name[:2] / name[2:4] / f"{pack_id}.pdf"


def _drafted(task: MakeTask) -> list[_Draft | Made]:
    found: list[_Draft | Made] = []
    with db.reading() as session:
        for period, group in groupby(task.requests, key=lambda request: request.period):
            own = list(group)
            ids = list(dict.fromkeys(request.supplier_id for request in own))
            try:
                known = builder.gather_many(session, ids, period, facts_until=task.facts_until)
            except AppError as error:
                found += [Made(request, error) for request in own]
                continue
            found += [
                _draft(session, request, known[request.supplier_id], task.workshop)
                for request in own
            ]
    return found


def _draft(
    session: Session, request: PackRequest, basis: Basis | AppError, workshop: Workshop
) -> _Draft | Made:
    if isinstance(basis, AppError):
        return Made(request, basis)
    content = _built(session, request.kind, basis, workshop)
    known = queries.pack_with_content(
        session,
        supplier_id=request.supplier_id,
        kind=request.kind,
        period=basis.period.label,
        content_hash=content.content_hash,
    )
    if known is not None and stored_path(workshop.files, known.public_id).exists():
        return Made(request, known_pack(known))
    return _Draft(request, basis, replace(content, audit_head=workshop.audit_head))


def _built(
    session: Session, kind: PackKind, basis: Basis, workshop: Workshop
) -> ScorecardSheet | ReviewPack:
    house, paper = workshop.house, workshop.paper_size
    if kind is PackKind.ANNEXED:
        found = builder.gather_annex(session, basis)
        return builder.annexed_review_pack(basis, found, house=house, paper_size=paper)
    if kind is PackKind.REVIEW:
        return builder.review_pack(basis, house=house, paper_size=paper)
    return builder.scorecard_sheet(basis, house=house, paper_size=paper)


def known_pack(row: Pack) -> Known:
    """Return a stored pack as an outcome."""
    return Known(row.public_id, row.id, row.state == SUPERSEDED, row.file_name, row.pages)


def _sheet(draft: _Draft, printed: bytes, workshop: Workshop) -> Sheet | AppError:
    basis, pack_id = draft.basis, uuid.uuid4()
    try:
        write_file(printed, stored_path(workshop.files, pack_id))
    except AppError as error:
        return error
    return Sheet(
        pack_id=pack_id,
        period=basis.period.label,
        as_of=basis.as_of,
        scorecard_snapshot_id=basis.scorecard_snapshot_id,
        risk_snapshot_id=basis.risk_snapshot_id,
        content_hash=draft.content.content_hash,
        file_sha256=hashlib.sha256(printed).hexdigest(),
        file_name=_file_name(basis, draft.request.kind),
        size=len(printed),
        pages=page_count(printed),
    )


def _file_name(basis: Basis, kind: PackKind) -> str:
    """Return a name that people recognise and every file system takes."""
    words = f"{basis.supplier_name} {kind} {basis.period.label}"
    kept = "".join(sign if sign.isalnum() or sign in "-." else " " for sign in words)
    return "-".join(kept.split())[:LONGEST_NAME] + ".pdf"


# A worker prints one document at a time, however many threads it is given.
_printing = threading.RLock()
_kept_printer: list[Renderer] = []


def _printer() -> Renderer:
    """Return this worker's printer, started with its first document, ended with the worker."""
    if not _kept_printer:
        renderer = Renderer(processes=1)
        Finalize(None, renderer.end_now, exitpriority=10)
        _kept_printer.append(renderer)
    return _kept_printer[0]
