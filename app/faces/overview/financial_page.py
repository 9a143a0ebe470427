"""The page “Financial health” made of what was read: every year's score with its terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from app.base import formatting
from app.base.charts import Svg
from app.base.charts.score_trend import ScorePoint, ScoreTrend
from app.calc.financial import (
    ALTMAN,
    AltmanModel,
    AltmanTerm,
    AltmanTerms,
    AltmanZone,
    FinancialKind,
    FinancialRisk,
    altman_working,
    financial_risk,
    is_stale,
    model_for,
)
from app.calc.financial_proxy import (
    HALF_WIDTH,
    MEDIA_RISK,
    PAYMENT_RISK,
    RATING_RISK,
    ProxyKind,
    ProxyRisk,
    proxy_risk,
    proxy_that_counts,
)
from app.faces.overview.financial_forms import KIND_WORDS, MEDIA_WORDS
from app.faces.overview.states import Badge
from app.facts.evidence.finance.queries import DeclaredProxy, FullStatement

FIGURE_WORDS = {
    "working_capital": "working capital",
    "total_assets": "total assets",
    "retained_earnings": "retained earnings",
    "ebit": "EBIT",
    "market_value_equity": "equity, market value",
    "book_value_equity": "equity, book value",
    "total_liabilities": "total liabilities",
    "sales": "sales",
}
MODEL_WORDS = {
    AltmanModel.Z: ("Z", "public manufacturers, Altman 1968"),
    AltmanModel.Z1: ("Z′", "private manufacturers, Altman 1983"),
    AltmanModel.Z2: ("Z″", "companies that do not manufacture, Altman 1995"),
    AltmanModel.EM: ("Z″ + 3.25", "companies of emerging markets, Altman 1995"),
}
ZONE_BADGES = {
    AltmanZone.DISTRESS: Badge("act", "distress"),
    AltmanZone.GREY: Badge("watch", "grey"),
    AltmanZone.SAFE: Badge("good", "safe"),
}
# Equity and liabilities that miss the assets by more than this share are worth a look.
BALANCE_TOLERANCE = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class StatementSheet:
    """One year's statement with its score, term by term, and what is strange about it."""

    row: FullStatement
    risk: FinancialRisk | None
    terms: tuple[AltmanTerm, ...]
    notes: tuple[str, ...]
    file_name: str | None
    # Closed after the day that the page is about: it is there and does not count yet.
    is_ahead: bool

    @property
    def badge(self) -> Badge | None:
        """The zone as a badge, None without a score."""
        return None if self.risk is None or self.risk.zone is None else ZONE_BADGES[self.risk.zone]


@dataclass(frozen=True, slots=True)
class ProxyLine:
    """A proxy with what it stands for, and whether it counts on the day."""

    proxy: DeclaredProxy
    said: str
    kind_words: str
    risk: ProxyRisk
    is_expired: bool
    is_ahead: bool
    counts: bool


@dataclass(frozen=True, slots=True)
class FinancialPage:
    """Everything the page shows. `model` is None where none fits or the kind is unknown."""

    model: AltmanModel | None
    terms: AltmanTerms | None
    sheets: tuple[StatementSheet, ...]
    trend: Svg | None
    proxies: tuple[ProxyLine, ...]
    withdrawn: tuple[DeclaredProxy, ...]

    @property
    def newest(self) -> StatementSheet | None:
        """The newest statement of the day, if there is any."""
        return next((each for each in self.sheets if not each.is_ahead), None)

    @property
    def counting(self) -> ProxyLine | None:
        """The proxy that the index reads, if it reads one."""
        return next((each for each in self.proxies if each.counts), None)


def financial_page(
    rows: Sequence[FullStatement],
    proxies: Sequence[DeclaredProxy],
    *,
    kind: str | None,
    emerging: bool,
    as_of: date,
    file_names: Mapping[UUID, str],
) -> FinancialPage:
    """Return the page of a supplier on a day; what lies after it is shown and does not count."""
    own = None if kind is None else FinancialKind(kind)
    model = None if own is None else model_for(own, emerging=emerging)
    sheets = tuple(_sheet(row, own, model, emerging, as_of, file_names) for row in rows)
    past = tuple(each for each in sheets if not each.is_ahead)
    is_told = bool(past) and past[0].risk is not None and past[0].risk.risk is not None
    return FinancialPage(
        model=model,
        terms=None if model is None else ALTMAN[model],
        sheets=sheets,
        trend=None if model is None or not past else _trend(past, model),
        proxies=_proxy_lines(proxies, as_of, is_needed=not is_told),
        withdrawn=tuple(each for each in proxies if each.withdrawn_at is not None),
    )


def scales() -> tuple[tuple[str, float, tuple[tuple[str, float], ...]], ...]:
    """Return every scale of a proxy as pages show it: kind, half width, (observed, risk)."""
    points = {
        ProxyKind.RATING: tuple(RATING_RISK.items()),
        ProxyKind.PAYMENT: tuple(
            (formatting.count(int(days), "day"), risk) for days, risk in PAYMENT_RISK
        ),
        ProxyKind.MEDIA: tuple((MEDIA_WORDS[word], risk) for word, risk in MEDIA_RISK.items()),
    }
    return tuple((KIND_WORDS[kind], HALF_WIDTH[kind], points[kind]) for kind in ProxyKind)


def said_of(kind: ProxyKind, observed: str) -> str:
    """Return what was observed as people read it."""
    if kind is ProxyKind.PAYMENT:
        return f"{formatting.count(int(observed), 'day')} beyond terms"
    return MEDIA_WORDS[observed] if kind is ProxyKind.MEDIA else observed


def _sheet(
    row: FullStatement,
    kind: FinancialKind | None,
    model: AltmanModel | None,
    emerging: bool,
    as_of: date,
    file_names: Mapping[UUID, str],
) -> StatementSheet:
    risk = None
    if kind is not None:
        risk = financial_risk(row.statement, kind=kind, as_of=as_of, emerging=emerging)
    return StatementSheet(
        row=row,
        risk=risk,
        terms=() if model is None else altman_working(row.statement, model),
        notes=tuple(_notes(row)),
        file_name=file_names.get(row.evidence_file) if row.evidence_file else None,
        is_ahead=row.closed_on > as_of,
    )


def _notes(row: FullStatement) -> list[str]:
    figures, notes = row.figures, []
    assets, liabilities = figures["total_assets"], figures["total_liabilities"]
    equity = figures["book_value_equity"]
    if liabilities is not None and liabilities <= 0:
        notes.append("Liabilities are not above 0: X4 is undefined, and with it the score.")
    if assets is not None and assets <= 0:
        notes.append("Total assets are not above 0: no ratio can be formed.")
    if assets is not None and assets > 0 and liabilities is not None and equity is not None:
        gap = equity + liabilities - assets
        if abs(gap) > assets * BALANCE_TOLERANCE:
            notes.append(
                f"Equity and liabilities differ from total assets by "
                f"{formatting.money(gap, row.currency, 0)}. Check the figures."
            )
    return notes


def _trend(sheets: tuple[StatementSheet, ...], model: AltmanModel) -> Svg:
    terms, name = ALTMAN[model], MODEL_WORDS[model][0]
    points = [
        ScorePoint(
            sheet.row.closed_on,
            None if sheet.risk is None else sheet.risk.score,
            "" if sheet.risk is None else formatting.number(sheet.risk.score, 2),
        )
        for sheet in reversed(sheets)
    ]
    told = "; ".join(
        f"{formatting.day(point.on)} {point.label or formatting.NO_DATA}" for point in points
    )
    cuts = (
        f"Distress below {formatting.number(terms.distress_cut, 2)}, safe above "
        f"{formatting.number(terms.safe_cut, 2)}"
    )
    return ScoreTrend(
        title=f"{name} by year",
        description=f"{told}. {cuts}.",
        points=tuple(points),
        low_cut=terms.distress_cut,
        high_cut=terms.safe_cut,
        zones=("distress", "grey", "safe"),
    ).svg()


def _proxy_lines(
    proxies: Sequence[DeclaredProxy], as_of: date, *, is_needed: bool
) -> tuple[ProxyLine, ...]:
    standing = [p for p in proxies if p.withdrawn_at is None]
    # As they were entered: of two on one day the later one counts.
    found = proxy_that_counts([p.observation for p in reversed(standing)], as_of=as_of)
    chosen = next((p for p in standing if p.observation == found), None) if is_needed else None
    return tuple(
        ProxyLine(
            proxy=each,
            said=said_of(each.kind, each.observed),
            kind_words=KIND_WORDS[each.kind],
            risk=proxy_risk(each.kind, each.observed),
            is_expired=is_stale(each.observed_on, as_of=as_of),
            is_ahead=each.observed_on > as_of,
            counts=each is chosen,
        )
        for each in standing
    )
