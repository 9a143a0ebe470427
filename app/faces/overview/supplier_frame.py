"""What every page of one supplier has on top: who it is, the period, key figures, tabs."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from app.base import formatting
from app.base.web.rendering import address
from app.calc.periods import quarter_named
from app.calc.windows import last_quarter
from app.faces.overview.key_figures import KeyFigure, Need, key_figures, needs
from app.faces.overview.periods import ShownPeriod, shown_period
from app.faces.overview.states import STATUS_WORDS, band_badge, grade_badge
from app.facts.deliveries.lines import line_words
from app.facts.suppliers import queries as suppliers
from app.facts.suppliers.queries import SourceRow, SupplierHead
from app.judgement.risk_index import queries as risk_queries
from app.judgement.risk_index.queries import RiskView
from app.judgement.scorecards import queries as scorecards
from app.judgement.scorecards.course import Course, course, leading_measure
from app.judgement.scorecards.evaluation import PeriodKind
from app.judgement.scorecards.queries import Card

TABS = (
    ("scorecard", "Scorecard", "overview.supplier"),
    ("deliveries", "Deliveries", "overview.supplier_deliveries"),
    ("quality", "Quality", "overview.supplier_quality"),
    ("measures", "Measures", "overview.supplier_measures"),
    ("risk", "Risk", "overview.supplier_risk"),
    ("continuity", "Continuity", "overview.supplier_continuity"),
    ("levels", "Levels", "overview.supplier_levels"),
    ("standing", "Standing", "overview.supplier_standing"),
    ("packs", "Packs", "overview.supplier_packs"),
    ("files", "Files", "overview.supplier_files"),
    ("facts", "Facts", "overview.supplier_facts"),
    ("history", "History", "overview.supplier_history"),
)
DEFAULT_LABEL = "12m"


@dataclass(frozen=True, slots=True)
class SupplierFrame:
    """Everything that a supplier's pages share."""

    head: SupplierHead
    shown: ShownPeriod
    card: Card
    course: Course
    risk: RiskView
    sources: tuple[SourceRow, ...]
    figures: tuple[KeyFigure, ...]
    needs: tuple[Need, ...]
    tabs: tuple[tuple[str, str, bool], ...]

    @property
    def has_deliveries(self) -> bool:
        """Whether anything at all is known of its deliveries in the period."""
        counted = ("n_due", "n_pending", "n_excluded", "receipts_undated")
        return any(self.card.population[name] for name in counted) or any(
            self.card.measures[name].n for name in ("ppm", "lot_accept")
        )

    @property
    def public_id(self) -> str:
        """The supplier's key in addresses."""
        return str(self.head.public_id)

    @property
    def pack_periods(self) -> dict[str, str]:
        """The period that each kind of pack would print: a review is of a full quarter."""
        label = self.shown.period.label
        is_quarter = quarter_named(label) is not None
        review = label if is_quarter else last_quarter(self.shown.as_of)
        return {
            "qbr": review,
            "qbr_annex": review,
            "scorecard": label if is_quarter else DEFAULT_LABEL,
        }

    @property
    def single_sourced(self) -> int:
        """How many of its parts have no other approved source."""
        return sum(1 for row in self.sources if row.sources == 1)

    @property
    def subtitle(self) -> str:
        """Who it is, in one line, without the single-sourced parts."""
        told = [self.head.category or "no category"]
        places = [f"{site.name}, {site.country or '?'}" for site in self.head.sites]
        told.append(" and ".join(places) if places else (self.head.country or "no country"))
        if self.sources:
            told.append(formatting.count(len(self.sources), "part"))
        return " · ".join(told)


def supplier_frame(session: Session, public_id: UUID, *, tab: str) -> SupplierFrame:
    """Return what a supplier's pages share; raises NotFound."""
    found = suppliers.supplier_by_public_id(session, public_id)
    head = suppliers.head_of(session, found.effective_supplier_id or found.id)
    shown = shown_period(session)
    card = scorecards.card(session, head.id, shown.period)
    leading = leading_measure(card.measures)
    trend = course(card.months, leading, deff=card.measures[leading].deff)
    is_year = shown.period.label == DEFAULT_LABEL
    risk = risk_queries.risk_card(
        session, head.id, shown.as_of, standings=card.standings if is_year else None
    )
    key = str(head.public_id)
    return SupplierFrame(
        head=head,
        shown=shown,
        card=card,
        course=trend,
        risk=risk,
        sources=tuple(suppliers.source_rows(session, as_of=shown.as_of, supplier_ids=[head.id])),
        figures=tuple(
            key_figures(
                card,
                risk,
                period=shown.words,
                trend=trend,
                before=_before(session, head.id, shown),
                risk_before=_risk_before(session, head.id, shown),
                supplier_id=key,
                query=shown.query,
            )
        ),
        needs=tuple(needs(card, risk, supplier_id=key, query=shown.query)),
        tabs=tuple(
            (words, address(endpoint, {"public_id": key, **shown.query}), name == tab)
            for name, words, endpoint in TABS
        ),
    )


def shared(frame: SupplierFrame) -> dict[str, object]:
    """Return what the frame of every page of a supplier needs."""
    return {
        "frame": frame,
        "head": frame.head,
        "shown": frame.shown,
        "card": frame.card,
        "risk": frame.risk,
        "status_words": STATUS_WORDS,
        "grade_badge": grade_badge,
        "band_badge": band_badge,
        "reason_words": line_words.reason_words,
    }


def _before(
    session: Session, supplier_id: int, shown: ShownPeriod
) -> scorecards.SnapshotHead | None:
    """Return the stored card of the period before, the newest that ended earlier."""
    kind = scorecards.kind_of(shown.period)
    if kind is None:
        return None
    stored = scorecards.snapshots_of(session, supplier_id, PeriodKind(kind))
    return next((each for each in stored if each.period_end < shown.period.last_day), None)


def _risk_before(
    session: Session, supplier_id: int, shown: ShownPeriod
) -> risk_queries.RiskSnapshotHead | None:
    stored = risk_queries.snapshots_of(session, supplier_id)
    return next((each for each in stored if each.period_end < shown.as_of), None)
