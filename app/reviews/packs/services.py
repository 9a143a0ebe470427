"""Make packs: build the content, print it once, keep the file, record it.

Nothing is rendered twice: an unchanged content hash reuses the stored file. No rendering
happens inside a transaction, and no reader is open while pages are printed: the next chunk
of contents is read while the children still print the one before.
"""

from __future__ import annotations

import hashlib
import uuid
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import groupby
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.base import db
from app.base.errors import AppError, Unavailable
from app.base.pdf.files import write_file
from app.base.pdf.printable import PaperSize
from app.base.pdf.renderer import Job, Renderer, page_count
from app.reviews.packs import builder, queries
from app.reviews.packs.builder import Basis, EvidenceShelf
from app.reviews.packs.content import ReviewPack, ScorecardSheet
from app.reviews.packs.models import Pack

# Suppliers read at a time while a batch is printed.
CHUNK = 32
FEW_SUPPLIERS = 4
LONGEST_NAME = 150
DRAFT, SUPERSEDED = "draft", "superseded"


class PackKind(StrEnum):
    """The printed documents."""

    REVIEW = "qbr"
    SCORECARD = "scorecard"


TEMPLATES = {PackKind.REVIEW: "review_pack.html", PackKind.SCORECARD: "scorecard.html"}


@dataclass(frozen=True, slots=True)
class PackRequest:
    """One document to make. period: `2012Q4`, `2012-10`, `2012`, `12m`."""

    supplier_id: int
    kind: PackKind
    period: str


@dataclass(frozen=True, slots=True)
class Workshop:
    """Where and as whom packs are made.

    files: the folder of stored files. house: the buying company's name, may be empty.
    by: who asked.
    """

    files: Path
    house: str
    paper_size: PaperSize
    by: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one request: a file (made now or reused), or why not."""

    request: PackRequest
    file: Path | None
    pack_id: uuid.UUID | None = None
    file_name: str = ""
    pages: int = 0
    was_reused: bool = False
    error: AppError | None = None


@dataclass(frozen=True, slots=True)
class _Draft:
    """A content ready to be printed, with what its row will say."""

    request: PackRequest
    content: ScorecardSheet | ReviewPack
    period: str
    as_of: date
    file_name: str
    scorecard_snapshot_id: int | None
    risk_snapshot_id: int | None


def produce(
    requests: Sequence[PackRequest], *, workshop: Workshop, renderer: Renderer
) -> Iterator[Outcome]:
    """Make the requested documents; yield each outcome in order, failures among them.

    1. Read and build a chunk of contents; one that is stored already, or can't be made, is
       an outcome at once.
    2. Print the others, handing the children the next ones while these are kept.
    3. Write the file whole, then record it: a file without a row can't be reached.
    """
    waiting: deque[_Draft | Outcome] = deque()
    for printed in renderer.render_many(_jobs(requests, workshop, waiting)):
        yield from _finished(waiting)
        draft = waiting.popleft()
        assert isinstance(draft, _Draft)  # noqa: S101 # `_finished` left it in front
        yield _kept(draft, printed, workshop)
    yield from _finished(waiting)


def stored_path(files: Path, pack_id: uuid.UUID) -> Path:
    """Return where a pack's file lies: spread over folders by its id."""
    name = pack_id.hex
    return files / name[:2] / name[2:4] / f"{pack_id}.pdf"


def _finished(waiting: deque[_Draft | Outcome]) -> Iterator[Outcome]:
    """Take the outcomes that stand before the next draft."""
    while waiting and isinstance(waiting[0], Outcome):
        yield waiting.popleft()  # type: ignore[misc] # the condition says which it is


def _jobs(
    requests: Sequence[PackRequest], workshop: Workshop, waiting: deque[_Draft | Outcome]
) -> Iterator[Job]:
    """Yield what is to be printed, putting every draft and outcome into the queue in order."""
    shelf = EvidenceShelf(is_for_many=len(requests) > FEW_SUPPLIERS)
    for start in range(0, len(requests), CHUNK):
        for draft in _drafted(requests[start : start + CHUNK], workshop, shelf):
            waiting.append(draft)
            if isinstance(draft, _Draft):
                yield TEMPLATES[draft.request.kind], draft.content


def _drafted(
    requests: Sequence[PackRequest], workshop: Workshop, shelf: EvidenceShelf
) -> list[_Draft | Outcome]:
    found: list[_Draft | Outcome] = []
    returned: list[int] = []
    with db.reading() as session:
        for period, group in groupby(requests, key=lambda request: request.period):
            own = list(group)
            ids = list(dict.fromkeys(request.supplier_id for request in own))
            try:
                known = builder.gather_many(session, ids, period, shelf=shelf)
            except AppError as error:
                found += [Outcome(request, file=None, error=error) for request in own]
                continue
            found += [
                _draft(session, request, known[request.supplier_id], workshop, returned)
                for request in own
            ]
    _stand_again(returned)
    return found


def _draft(
    session: Session,
    request: PackRequest,
    basis: Basis | AppError,
    workshop: Workshop,
    returned: list[int],
) -> _Draft | Outcome:
    """Return the draft, or the outcome; note in `returned` what was superseded and is no more."""
    if isinstance(basis, AppError):
        return Outcome(request, file=None, error=basis)
    build = builder.review_pack if request.kind is PackKind.REVIEW else builder.scorecard_sheet
    content = build(basis, house=workshop.house, paper_size=workshop.paper_size)
    known = queries.pack_with_content(
        session,
        supplier_id=request.supplier_id,
        kind=request.kind,
        period=basis.period.label,
        content_hash=content.content_hash,
    )
    if known is not None and stored_path(workshop.files, known.public_id).exists():
        if known.state == SUPERSEDED:
            returned.append(known.id)
        return _reused(request, known, workshop)
    return _Draft(
        request,
        content,
        period=basis.period.label,
        as_of=basis.as_of,
        file_name=_file_name(basis, request.kind),
        scorecard_snapshot_id=basis.scorecard_snapshot_id,
        risk_snapshot_id=basis.risk_snapshot_id,
    )


def _reused(request: PackRequest, known: Pack, workshop: Workshop) -> Outcome:
    return Outcome(
        request,
        file=stored_path(workshop.files, known.public_id),
        pack_id=known.public_id,
        file_name=known.file_name,
        pages=known.pages,
        was_reused=True,
    )


def _kept(draft: _Draft, printed: bytes | AppError, workshop: Workshop) -> Outcome:
    if isinstance(printed, AppError):
        return Outcome(draft.request, file=None, error=printed)
    pack_id = uuid.uuid4()
    path = stored_path(workshop.files, pack_id)
    write_file(printed, path)
    pages = page_count(printed)
    row = Pack(
        public_id=pack_id,
        kind=draft.request.kind,
        supplier_id=draft.request.supplier_id,
        period=draft.period,
        as_of=draft.as_of,
        scorecard_snapshot_id=draft.scorecard_snapshot_id,
        risk_snapshot_id=draft.risk_snapshot_id,
        content_hash=draft.content.content_hash,
        file_sha256=hashlib.sha256(printed).hexdigest(),
        file_name=draft.file_name,
        size=len(printed),
        pages=pages,
        made_by=workshop.by,
    )
    try:
        with db.transaction() as session:
            _supersede(session, row, workshop)
            session.add(row)
    except (_AlreadyKept, IntegrityError):
        # Somebody else printed the same content meanwhile; theirs stands.
        path.unlink()
        return _of_others(draft, workshop)
    return Outcome(draft.request, path, pack_id, file_name=draft.file_name, pages=pages)


class _AlreadyKept(Exception):
    """A row with its file already stands for the same content."""


def _supersede(session: Session, row: Pack, workshop: Workshop) -> None:
    """Mark the earlier packs of the same supplier, kind and period as superseded.

    A row of the same content whose file is lost makes room for the new one.
    """
    same = (
        (Pack.supplier_id == row.supplier_id)
        & (Pack.kind == row.kind)
        & (Pack.period == row.period)
    )
    known = session.scalar(select(Pack).where(same, Pack.content_hash == row.content_hash))
    if known is not None:
        if stored_path(workshop.files, known.public_id).exists():
            raise _AlreadyKept
        session.delete(known)
        session.flush()
    session.execute(update(Pack).where(same).values(state=SUPERSEDED))


def _of_others(draft: _Draft, workshop: Workshop) -> Outcome:
    with db.reading() as session:
        known = queries.pack_with_content(
            session,
            supplier_id=draft.request.supplier_id,
            kind=draft.request.kind,
            period=draft.period,
            content_hash=draft.content.content_hash,
        )
    if known is None:
        error = Unavailable("E-PCK-08", "The pack was taken out while it was made; try again.")
        return Outcome(draft.request, file=None, error=error)
    return _reused(draft.request, known, workshop)


def _stand_again(pack_ids: Sequence[int]) -> None:
    """Let superseded packs stand again whose content is the present one once more."""
    if not pack_ids:
        return
    with db.transaction() as session:
        for pack in session.scalars(select(Pack).where(Pack.id.in_(pack_ids))):
            same = (
                (Pack.supplier_id == pack.supplier_id)
                & (Pack.kind == pack.kind)
                & (Pack.period == pack.period)
            )
            session.execute(update(Pack).where(same, Pack.id != pack.id).values(state=SUPERSEDED))
            pack.state = DRAFT


def _file_name(basis: Basis, kind: PackKind) -> str:
    """Return a name that people recognise and every file system takes."""
    words = f"{basis.supplier_name} {kind} {basis.period.label}"
    kept = "".join(sign if sign.isalnum() or sign in "-." else " " for sign in words)
    return "-".join(kept.split())[:LONGEST_NAME] + ".pdf"
