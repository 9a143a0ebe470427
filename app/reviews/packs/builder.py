"""Builds the contents of packs: gathers what is known, then says it, page by page.

`gather` reads; the builders are pure: the same basis gives the same content and hash.
"""

from __future__ import annotations

from dataclasses import fields

from sqlalchemy.orm import Session

from app.base.errors import AppError
from app.base.pdf.printable import PaperSize
from app.reviews.packs.basis import AnnexLines, Basis
from app.reviews.packs.building import (
    annex,
    card,
    definitions,
    delivery,
    frames,
    lead_time,
    misses,
    quality,
    resilience,
    risk,
    series,
    summary,
)
from app.reviews.packs.content import AnnexedReviewPack, ReviewPack, ScorecardSheet, sealed
from app.reviews.packs.periods import occasion
from app.reviews.packs.reading import facts_until, gather_annex, gather_many

__all__ = [
    "AnnexLines",
    "Basis",
    "annexed_review_pack",
    "facts_until",
    "gather",
    "gather_annex",
    "gather_many",
    "review_pack",
    "scorecard_sheet",
]


def gather(session: Session, supplier_id: int, period_text: str) -> Basis:
    """Return the basis of one supplier's pack; raises AppError where it gets none."""
    day = facts_until(session)
    found = gather_many(session, [supplier_id], period_text, facts_until=day)[supplier_id]
    if isinstance(found, AppError):
        raise found
    return found


def scorecard_sheet(basis: Basis, *, house: str, paper_size: PaperSize) -> ScorecardSheet:
    """Return the one-page printed scorecard, sealed with its hash."""
    return sealed(
        ScorecardSheet(
            frame=frames.frame(basis, house=house, paper_size=paper_size),
            standing=card.standing(basis, on_sheet=True),
            key_figures=card.key_figures(basis),
            rows=card.rows(basis),
            total=card.total(basis),
            otif=series.leading_panel(basis),
            defects=series.defects_panel(basis),
            risk=risk.panel(basis),
            misses=misses.on_sheet(basis),
            no_misses=misses.none_words(basis),
            actions=(),
            definitions=definitions.short(basis),
            dispute=definitions.short_dispute(basis),
            signatures=frames.signatures(basis, house=house),
        )
    )


def annexed_review_pack(
    basis: Basis, found: AnnexLines, *, house: str, paper_size: PaperSize
) -> AnnexedReviewPack:
    """Return the review pack with its annex, sealed with its hash."""
    pack = review_pack(basis, house=house, paper_size=paper_size)
    parts = {each.name: getattr(pack, each.name) for each in fields(pack)}
    return sealed(AnnexedReviewPack(**parts, annex=annex.annex(basis, found)))


def review_pack(basis: Basis, *, house: str, paper_size: PaperSize) -> ReviewPack:
    """Return the review pack, sealed with its hash."""
    return sealed(
        ReviewPack(
            frame=frames.frame(basis, house=house, paper_size=paper_size),
            occasion=occasion(basis.period),
            prepared_for="",
            circulation=frames.circulation(basis, house=house),
            standing=card.standing(basis),
            summary=summary.summary(basis),
            scorecard=card.scorecard(basis),
            delivery=delivery.delivery(basis),
            quality=quality.quality(basis),
            lead_time=lead_time.lead_time(basis),
            risk=risk.risk(basis),
            resilience=resilience.resilience(basis),
            misses=misses.misses(basis),
            definitions=definitions.full(basis),
            lineage=frames.lineage(basis),
            dispute=definitions.dispute(basis),
            signatures=frames.signatures(basis, house=house),
        )
    )
