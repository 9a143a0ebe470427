"""Ratings that the facts suggest, and the quarterly look at how far stored ones are off."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import clock, formatting
from app.calc.fmea_suggestion import (
    DRIFT_QUARTERS,
    OccurrenceSuggestion,
    detection_rating,
    has_drifted,
    severity_rating,
    suggest_occurrence,
)
from app.calc.periods import month_end, month_index, quarter_label
from app.facts.deliveries.period_reads import merged_suppliers
from app.facts.suppliers.models import Supplier
from app.judgement.fmea.living import measured, reviews
from app.judgement.fmea.living.measured import Basis
from app.judgement.fmea.living.models import FmeaSuggestion, ReviewKind
from app.judgement.fmea.living.rows import RowHead, running_rows
from app.judgement.fmea.models import Subject

DIMENSIONS = ("severity", "occurrence", "detection")
MONTHS_IN_QUARTER = 3


@dataclass(frozen=True, slots=True)
class Suggested:
    """What the facts suggest for one row. Each rating is None where they carry none."""

    basis: Basis
    severity: int | None
    occurrence: int | None
    detection: int | None
    frequency: OccurrenceSuggestion

    def of(self, dimension: str) -> int | None:
        """Return the suggestion for a dimension."""
        found: int | None = getattr(self, dimension)
        return found


def suggestions(session: Session, rows: Collection[RowHead], as_of: date) -> dict[int, Suggested]:
    """Return by row what the facts up to a day suggest."""
    about = _suppliers_of(session, rows)
    wanted = sorted({key for keys in about.values() for key in keys})
    facts = measured.gather(session, as_of, supplier_ids=wanted) if wanted else {}
    found = {}
    for row in rows:
        own = [facts[key] for key in about[row.cause_id]]
        basis = measured.basis_of(own, row.measured_kind, as_of, part_id=row.part_id)
        found[row.cause_id] = suggested(basis)
    return found


def suggested(basis: Basis) -> Suggested:
    """Return what a basis suggests."""
    frequency = suggest_occurrence(basis.events, basis.exposure_years)
    return Suggested(
        basis,
        severity_rating(basis.stop_days),
        frequency.rating,
        detection_rating(basis.warning_days, basis.survive_days, is_automated=basis.is_alerted),
        frequency,
    )


def note_quarter(session: Session, quarter_end: date) -> tuple[int, int]:
    """Store what the facts suggested at a quarter's end; return rows noted, reviews raised.

    A row and quarter that are noted already stay as they are, and raise nothing again.
    """
    rows = running_rows(session, is_measured=True)
    found = suggestions(session, rows, quarter_end)
    known = set(
        session.scalars(
            select(FmeaSuggestion.cause_id).where(FmeaSuggestion.quarter_end == quarter_end)
        )
    )
    fresh = [row for row in rows if row.cause_id not in known]
    for row in fresh:
        one = found[row.cause_id]
        session.add_all(
            FmeaSuggestion(
                cause_id=row.cause_id,
                dimension=dimension,
                quarter_end=quarter_end,
                suggested=one.of(dimension),
                stored=getattr(row, dimension),
                basis=asdict(one.basis),
                noted_at=clock.now(),
            )
            for dimension in DIMENSIONS
        )
    session.flush()
    noted = _noted(session, _ends_before(quarter_end))
    raised = sum(_raise(session, row, quarter_end, noted) for row in rows)
    return len(fresh), raised


def history_of(session: Session, cause_id: int) -> list[FmeaSuggestion]:
    """Return what was suggested for a row at past quarters' ends, the oldest first."""
    return list(
        session.scalars(
            select(FmeaSuggestion)
            .where(FmeaSuggestion.cause_id == cause_id)
            .order_by(FmeaSuggestion.quarter_end, FmeaSuggestion.id)
        )
    )


Noted = Mapping[tuple[int, str, date], FmeaSuggestion]


def _noted(session: Session, ends: Collection[date]) -> Noted:
    """Return what was noted at some quarters' ends, by row, dimension and end."""
    rows = session.scalars(select(FmeaSuggestion).where(FmeaSuggestion.quarter_end.in_(ends)))
    return {(each.cause_id, each.dimension, each.quarter_end): each for each in rows}


def _raise(session: Session, row: RowHead, quarter_end: date, stored: Noted) -> int:
    """Raise a review for a row whose suggestion has stood off long enough."""
    ends = _ends_before(quarter_end)
    told = []
    for dimension in DIMENSIONS:
        noted = [stored.get((row.cause_id, dimension, end)) for end in ends]
        if has_drifted([_gap(each) for each in noted]) and noted[-1] is not None:
            told.append(f"{dimension} {noted[-1].stored}, facts say {noted[-1].suggested}")
    if not told:
        return 0
    label = quarter_label(month_index(quarter_end))
    return reviews.raise_review(
        session,
        row.cause_id,
        ReviewKind.DRIFT,
        key=label,
        on=clock.today(),
        because=f"For {formatting.count(DRIFT_QUARTERS, 'quarter')} up to {label} two or more "
        f"steps off: {'; '.join(told)}.",
    )


def _gap(noted: FmeaSuggestion | None) -> int | None:
    if noted is None or noted.suggested is None or noted.stored is None:
        return None
    return noted.suggested - noted.stored


def _ends_before(quarter_end: date) -> list[date]:
    """Return the ends of the quarters that a drift is told by, the oldest first."""
    last = month_index(quarter_end)
    return [month_end(last - MONTHS_IN_QUARTER * back) for back in reversed(range(DRIFT_QUARTERS))]


def _suppliers_of(session: Session, rows: Collection[RowHead]) -> dict[int, list[int]]:
    """Return by row the suppliers whose facts speak for it; none for a lane or a site."""
    categories = sorted(
        {
            row.category_id
            for row in rows
            if row.supplier_id is None and row.subject == Subject.CATEGORY and row.category_id
        }
    )
    of_category: dict[int, list[int]] = {}
    if categories:
        found = select(Supplier.category_id, Supplier.id).where(
            Supplier.category_id.in_(categories), Supplier.effective_supplier_id.is_(None)
        )
        for category_id, supplier_id in session.execute(found):
            of_category.setdefault(category_id or 0, []).append(supplier_id)
    merged = merged_suppliers(session)
    return {
        row.cause_id: [merged.get(row.supplier_id, row.supplier_id)]
        if row.supplier_id is not None
        else of_category.get(row.category_id or 0, [])
        if row.subject == Subject.CATEGORY
        else []
        for row in rows
    }
