"""Printing packs as a job: the same work as the command, asked for by a button or the clock."""

from __future__ import annotations

from typing import Any

from app.base import db, formatting
from app.base.errors import AppError
from app.base.pdf.printable import PaperSize
from app.base.pdf.renderer import Renderer
from app.facts.suppliers import queries as suppliers
from app.platform.jobs.handle import Run
from app.reviews.packs.services import Outcome, PackKind, PackRequest, Workshop, produce
from config import Settings

Arguments = dict[str, Any]  # Any: JSON

JOB = "packs"
MOST_LINKS = 3
MOST_REFUSALS = 3


def print_packs_job(arguments: Arguments, run: Run) -> Arguments:
    """Print documents as a job.

    Arguments: `kind` (qbr, scorecard), `period`, `supplier_ids` (none: every rated
    supplier), `by` (who asked). Returns a summary and links to the first files. Refused
    documents are told in the summary; where all are refused the job fails.
    """
    ids = arguments.get("supplier_ids")
    if ids is None:
        with db.reading() as session:
            ids = suppliers.rated_supplier_ids(session)
    kind, period = PackKind(arguments["kind"]), arguments["period"]
    requests = [PackRequest(each, kind, period) for each in ids]
    workshop = workshop_of(Settings.from_env(), by=arguments.get("by", "job"))
    outcomes = []
    with Renderer(processes=1 if len(requests) == 1 else None) as renderer:
        for outcome in produce(requests, workshop=workshop, renderer=renderer):
            outcomes.append(outcome)
            run.progress(len(outcomes), len(requests))
    return _report(outcomes)


def workshop_of(settings: Settings, *, by: str) -> Workshop:
    """Return where this installation makes packs, in somebody's name."""
    return Workshop(
        files=settings.files,
        house=settings.house_name,
        paper_size=PaperSize(settings.paper_size),
        by=by,
    )


def _report(outcomes: list[Outcome]) -> Arguments:
    made = [each for each in outcomes if each.file is not None]
    refused = [each.error for each in outcomes if each.error is not None]
    if refused and not made:
        raise refused[0]
    reused = sum(each.was_reused for each in made)
    told = f"{formatting.count(len(made), 'document')} ready, {reused} of them unchanged."
    if len(made) == 1:
        told = "Unchanged: the stored document stands." if reused else "The document is ready."
    if refused:
        told += f" {formatting.count(len(refused), 'document')} refused: {_reasons(refused)}"
    links = [
        {"href": f"/packs/{each.pack_id}/file", "label": f"Download {each.file_name}"}
        for each in made[:MOST_LINKS]
    ]
    return {"summary": told, "links": links}


def _reasons(refused: list[AppError]) -> str:
    reasons = dict.fromkeys(str(each) for each in refused)
    return " ".join(list(reasons)[:MOST_REFUSALS])
