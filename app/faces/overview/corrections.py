"""What corrections did to a card, told on it: it was restated, or a closed one was left alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from app.base import formatting
from app.base.web.rendering import address
from app.calc.periods import month_index, quarter_label
from app.faces.overview.periods import quarter_words
from app.faces.overview.supplier_frame import SupplierFrame
from app.facts.deliveries.disputes import queries as disputes
from app.judgement.scorecards import wording
from app.judgement.scorecards.closed.queries import waiting_of
from app.judgement.scorecards.evaluation import PeriodKind
from app.judgement.scorecards.explaining import explained
from app.judgement.scorecards.queries import kind_of
from app.judgement.scorecards.register import BY_ID
from app.judgement.scorecards.restatements import prior_lines


@dataclass(frozen=True, slots=True)
class Correction:
    """A sentence, and where it leads to; empty texts where it leads nowhere."""

    text: str
    href: str = ""
    link: str = ""


def corrections_told(session: Session, frame: SupplierFrame) -> list[Correction]:
    """Return what the shown period's card tells of corrections."""
    told, head = [], frame.card.snapshot
    if head is not None and head.restated_because:
        href = ""
        if head.public_id is not None:
            key = {"public_id": frame.public_id, "snapshot_id": head.public_id}
            href = address("overview.published_scorecard", key)
        on = formatting.day(head.published_at.date())
        told.append(
            Correction(
                f"Restated on {on}. {head.restated_because} What was published before stays.",
                href,
                "beside the published one" if href else "",
            )
        )
    told += _waiting(session, frame)
    carried = prior_lines(session, [frame.head.id], frame.shown.period)
    for each in carried.get(frame.head.id, ()):
        period = period_words(each.period_kind, each.period_end)
        score = (each.score_before, each.score_after)
        text = wording.prior_line_text(period, score=score, because=each.because)
        told.append(Correction(f"From a closed period: {text}"))
    found = disputes.disputed(session, frame.shown.period, supplier_id=frame.head.id)
    if found.lines:
        primary = frame.card.measures[frame.course.measure_id]
        said = explained(primary, found).disputed
        told.append(
            Correction(
                f"{BY_ID[primary.id].label}: {said}",
                address("disputes.index", {"state": "open", "q": frame.head.number}),
                "open disputes",
            )
        )
    return told


def _waiting(session: Session, frame: SupplierFrame) -> list[Correction]:
    """What a person has to decide on about the closed card that is shown."""
    period = frame.shown.period
    kind = kind_of(period)
    if kind is None:
        return []
    found = waiting_of(session, frame.head.id, kind=kind, period_end=period.last_day)
    if found is None:
        return []
    before = _told(found.score_before, found.grade_before)
    after = _told(found.score_after, found.grade_after)
    text = (
        f"The published card is closed. {found.because} It would say {after} instead of {before}; "
        "a person decides whether it is restated."
    )
    there = address("restatements.index", {"state": "proposed", "q": frame.head.number})
    return [Correction(text, there, "what waits")]


def _told(score: float | None, grade: str | None) -> str:
    return "not rated" if score is None else f"{formatting.score(score)} {grade or ''}".strip()


def period_words(kind: str, end: date) -> str:
    """Return the period of a stored card in words (“2026 Q3”, “12 months to 31 Oct 2026”)."""
    if kind == PeriodKind.QUARTER:
        return quarter_words(quarter_label(month_index(end)))
    return f"12 months to {formatting.day(end)}"
