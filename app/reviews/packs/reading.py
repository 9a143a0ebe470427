"""Reads what packs are built from, for a chunk of suppliers at a time.

Everything is one read for the whole chunk, so that a further supplier costs no statement.
Writes nothing and says nothing in words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice

from sqlalchemy.orm import Session

from app.base import clock
from app.base.errors import AppError, Conflict, NotFound
from app.calc.delivery import VerdictReason
from app.calc.measure import MeasureState
from app.calc.periods import Period
from app.facts.deliveries import queries as deliveries
from app.facts.deliveries.lines import breakdowns, line_lists, missed_lines
from app.facts.deliveries.lines.arrivals import arrivals_of
from app.facts.deliveries.lines.counted_lines import CountedLine, counted_lines
from app.facts.deliveries.lines.line_lists import LineQuery, Outcome
from app.facts.deliveries.lines.missed_lines import MissedLine
from app.facts.deliveries.queries import HistogramKind, Sums
from app.facts.suppliers import queries as suppliers
from app.facts.suppliers.queries import SupplierHead
from app.facts.suppliers.standings import queries as standings
from app.judgement.contracts.queries import Coverage, coverage
from app.judgement.risk_index import queries as risk
from app.judgement.risk_index.evaluation import Evidence, RiskCard, cards
from app.judgement.risk_index.methods import IndexMethodVersion
from app.judgement.risk_index.queries import RiskSnapshotHead
from app.judgement.scorecards import queries as scorecards
from app.judgement.scorecards.course import course, leading_measure
from app.judgement.scorecards.methods import Method
from app.judgement.scorecards.queries import MonthFigures, Scored, SnapshotHead
from app.judgement.scorecards.restatements import PriorLine, prior_lines
from app.reviews.packs.basis import (
    ON_TIME,
    OTIF,
    AnnexLines,
    Basis,
    MissGroup,
    OpenLines,
    RiskBasis,
    ToldLine,
    Window,
)
from app.reviews.packs.periods import PackPeriods, pack_periods, words
from app.reviews.packs.resilience import NOTHING, Resilience, resilience_of

TREND_MONTHS = 24
MONTHLY = (OTIF, ON_TIME, "in_full", "ppm", "lateness_mean", "lot_accept", "lot_reject")
MOST_MISSES = 22
MOST_PARTS = 6
# An annex of more would be a book: its lines are in the file behind the figure.
MOST_ANNEX_LINES = 200
ANNEX_ORDER = (
    (Outcome.MISSED, "late"),
    (Outcome.UNKNOWN, "due"),
    (Outcome.EXCLUDED, "due"),
    (Outcome.MET, "due"),
    (Outcome.PENDING, "due"),
)
OWN_WAREHOUSE = "own_warehouse"


@dataclass(frozen=True, slots=True)
class _Chunk:
    """What was read for all suppliers of a chunk, by supplier."""

    periods: PackPeriods
    method: Method
    index_method: IndexMethodVersion
    year: Mapping[int, Scored]
    year_before: Mapping[int, Scored]
    focus: Mapping[int, Scored]
    focus_before: Mapping[int, Scored]
    months: Mapping[int, tuple[MonthFigures, ...]]
    lead_time_days: Mapping[int, dict[int, int]]
    lateness_days: Mapping[int, dict[int, int]]
    excluded: Mapping[int, dict[str, int]]
    open_lines: Sums | None
    missed: Mapping[int, Sequence[MissedLine]]
    told: Mapping[int, ToldLine]
    incidents: Mapping[int, Sequence[breakdowns.Incident]]
    parts: Mapping[int, Sequence[breakdowns.PartLeadTime]]
    rejects: Mapping[int, Sequence[breakdowns.PartRejects]]
    batches: Mapping[int, Sequence[breakdowns.BatchUse]]
    evidence: Evidence
    evidence_before: Evidence
    cards: Mapping[int, SnapshotHead]
    carried: Mapping[int, tuple[PriorLine, ...]]
    indexes: Mapping[int, RiskSnapshotHead]
    agreed: Mapping[int, Coverage]
    resilience: Mapping[int, Resilience]


def facts_until(session: Session) -> date:
    """Return the day of the latest fact, at most today; today where there are no facts."""
    return min(deliveries.latest_fact_on(session) or clock.today(), clock.today())


def gather_many(
    session: Session,
    supplier_ids: Collection[int],
    period_text: str,
    *,
    facts_until: date,
) -> dict[int, Basis | AppError]:
    """Return for each supplier the basis of its pack, or why it gets none.

    Raises InvalidInput where the text names no period that facts reach.
    """
    periods = pack_periods(period_text, latest=facts_until)
    groups = scorecards.method_groups(session, sorted(supplier_ids), on=periods.as_of)
    chunks = {
        supplier_id: chunk
        for chunk, ids in [(_read(session, ids, periods, method), ids) for method, ids in groups]
        for supplier_id in ids
    }
    heads = suppliers.heads_of(session, supplier_ids)
    statuses = {key: head.status for key, head in heads.items()}
    told = standings.standing_words_on(session, statuses, periods.as_of)
    found: dict[int, Basis | AppError] = {}
    for supplier_id in supplier_ids:
        head = heads.get(supplier_id)
        if head is None:
            found[supplier_id] = NotFound("E-SUP-01", "There is no such supplier.")
            continue
        chunk = chunks[supplier_id]
        refused = _refusal(head, chunk.evidence)
        found[supplier_id] = refused or _basis(head, chunk, standing=told[supplier_id])
    return found


def gather_annex(session: Session, basis: Basis) -> AnnexLines:
    """Return the lines behind a pack's leading measure, as many as an annex has room for."""
    query = LineQuery(basis.primary, basis.year.period, [basis.head.id])
    found: list[CountedLine] = []
    for outcome, sort in ANNEX_ORDER:
        wanted = replace(query, outcomes=[outcome])
        room = MOST_ANNEX_LINES - len(found)
        found += islice(counted_lines(session, wanted, sort=sort, limit=room), room)
    counts = line_lists.lines_page(session, query, limit=0).counts
    return AnnexLines(tuple(found), sum(counts.values()))


def _refusal(head: SupplierHead, evidence: Evidence) -> Conflict | None:
    if head.kind == OWN_WAREHOUSE:
        return Conflict(
            "E-PCK-06",
            f"{head.name} is our own warehouse: its lines count in the totals, but it is not "
            "rated and gets neither scorecard nor pack.",
        )
    if head.id not in evidence.suppliers:
        return Conflict(
            "E-PCK-07",
            f"{head.name} ({head.number}) was merged into another supplier; print that one's.",
        )
    return None


def _read(session: Session, ids: Sequence[int], periods: PackPeriods, method: Method) -> _Chunk:
    year = periods.year
    own = {"supplier_ids": ids}

    def scored(period: Period | None) -> dict[int, Scored]:
        return {} if period is None else scorecards.some(session, ids, period, method=method)

    missed = missed_lines.missed_lines(session, year, supplier_ids=ids)
    evidence = risk.gather(session, periods.as_of, supplier_ids=ids)
    is_now = year.last_day == year.as_of
    return _Chunk(
        periods=periods,
        method=method,
        index_method=risk.method_in_force(session, on=periods.as_of),
        year=scored(year),
        year_before=scored(periods.year_before),
        focus=scored(periods.focus),
        focus_before=scored(periods.focus_before),
        months=scorecards.months_of(
            session, ids, year, count=TREND_MONTHS, method=method, wanted=MONTHLY
        ),
        lead_time_days=breakdowns.histograms(session, year, HistogramKind.LEAD_TIME, **own),
        lateness_days=breakdowns.histograms(session, year, HistogramKind.LATENESS, **own),
        excluded=breakdowns.excluded_by_supplier(session, year, **own),
        # Open lines are told for the day of the facts only.
        open_lines=deliveries.open_past_due(session, year.as_of, supplier_ids=ids)
        if is_now
        else None,
        missed=missed,
        told=_told(session, [line for own in missed.values() for line in own[:MOST_MISSES]]),
        incidents=breakdowns.incidents(session, year, **own),
        parts=breakdowns.part_lead_times(session, year, **own, most=MOST_PARTS),
        rejects=breakdowns.part_rejects(session, year, **own),
        batches=breakdowns.batches_of(session, year, **own),
        evidence=evidence,
        evidence_before=risk.gather(session, periods.year_before.last_day, supplier_ids=ids),
        cards=scorecards.newest_snapshots(session, ids, year),
        carried=prior_lines(session, ids, year),
        indexes=risk.newest_snapshots(session, ids, periods.as_of),
        agreed=coverage(session, ids, as_of=periods.as_of),
        resilience=resilience_of(session, ids, year, evidence.readiness),
    )


def _told(session: Session, missed: Sequence[MissedLine]) -> dict[int, ToldLine]:
    ids = [each.line_id for each in missed]
    lines = line_lists.lines_by_ids(session, ids) if ids else {}
    arrivals = arrivals_of(session, ids)
    moved = missed_lines.promises_moved(session, ids)
    return {
        each.line_id: ToldLine(
            line=lines[each.line_id],
            arrivals=tuple(arrivals.get(each.line_id, ())),
            days=each.days,
            is_open=each.is_open,
            has_stopped_us=each.has_stopped_us,
            moved=moved.get(each.line_id, 0),
            note=each.note,
        )
        for each in missed
    }


def _basis(head: SupplierHead, chunk: _Chunk, *, standing: str) -> Basis:
    own, periods = head.id, chunk.periods
    year = _window(periods.year, chunk.year[own])
    before = _window_before(periods.year_before, chunk.year_before[own])
    index = _risk(chunk, year, before)
    missed = _primary_misses(year, chunk.missed.get(own, ()))
    leading = leading_measure(year.measures)
    return Basis(
        head=head,
        period=periods.asked,
        as_of=periods.as_of,
        is_over=periods.is_over,
        method=chunk.method,
        year=year,
        year_before=before,
        focus=None if periods.focus is None else _window(periods.focus, chunk.focus[own]),
        focus_before=(
            None
            if periods.focus_before is None
            else _window_before(periods.focus_before, chunk.focus_before[own])
        ),
        months=chunk.months[own],
        course=course(chunk.months[own], leading, deff=year[leading].deff),
        lead_time_days=chunk.lead_time_days.get(own, {}),
        lateness_days=chunk.lateness_days.get(own, {}),
        excluded=chunk.excluded.get(own, {}),
        open_lines=_open_lines(chunk, own),
        oldest_open_days=max((each.days for each in missed if each.is_open), default=None),
        missed=_groups(missed),
        worst=tuple(chunk.told[each.line_id] for each in missed[:MOST_MISSES]),
        incidents=tuple(chunk.incidents.get(own, ())),
        parts=tuple(chunk.parts.get(own, ())),
        rejects=tuple(chunk.rejects.get(own, ())),
        risk=index,
        batches=tuple(chunk.batches.get(own, ())),
        scorecard_snapshot_id=_scorecard_snapshot(chunk.cards.get(own), year),
        restated=_restated(chunk.cards.get(own), year),
        carried=chunk.carried.get(own, ()),
        risk_snapshot_id=_risk_snapshot(chunk.indexes.get(own), index.card),
        standing=standing,
        agreed=chunk.agreed.get(own),
        resilience=chunk.resilience.get(own, NOTHING),
    )


def _window(period: Period, scored: Scored) -> Window:
    return Window(period, words(period), scored)


def _window_before(period: Period, scored: Scored) -> Window | None:
    """Return the window, None where nothing at all is known of it."""
    # Counts of events are known to be 0 wherever a log is kept; they prove nothing.
    is_known = any(
        measure.state is not MeasureState.NO_DATA and measure.n
        for measure in scored.measures.values()
    )
    return _window(period, scored) if is_known else None


def _primary_misses(year: Window, missed: Sequence[MissedLine]) -> list[MissedLine]:
    """Keep the lines that stand behind the leading measure's figure."""
    by_otif = year[OTIF].value is not None
    return [each for each in missed if each.by_otif is by_otif]


def _groups(missed: Sequence[MissedLine]) -> tuple[MissGroup, ...]:
    counted = Counter((_reason(each), each.cause, each.note) for each in missed)
    ordered = sorted(counted.items(), key=lambda item: (-item[1], str(item[0])))
    return tuple(MissGroup(*key, lines=lines) for key, lines in ordered)


def _reason(line: MissedLine) -> str | None:
    """Return why a line is missed; where OTIF is unknown, only its date can be."""
    if line.by_otif:
        return line.reason
    return VerdictReason.NOTHING_RECEIVED if line.is_open else VerdictReason.LATE


def _open_lines(chunk: _Chunk, supplier_id: int) -> OpenLines | None:
    if chunk.open_lines is None:
        return None
    found = chunk.open_lines.of(supplier_id) or {}
    names = ("lines", "days_1_7", "days_8_30", "days_over_30")
    return OpenLines(*(found.get(name, 0) for name in names))


def _risk(chunk: _Chunk, year: Window, before: Window | None) -> RiskBasis:
    method = chunk.index_method
    now = _card(chunk.evidence, year.scored, method)
    if before is None:
        return RiskBasis(method, now, None, None)
    earlier = _card(chunk.evidence_before, before.scored, method)
    return RiskBasis(method, now, earlier, before.period.last_day)


def _card(evidence: Evidence, scored: Scored, method: IndexMethodVersion) -> RiskCard:
    own = scored.supplier_id
    narrowed = replace(evidence, suppliers={own: evidence.suppliers[own]})
    return next(cards(narrowed, {own: scored.standings}, method))


def _scorecard_snapshot(stored: SnapshotHead | None, year: Window) -> int | None:
    """Return the stored scorecard that says exactly what the pack says, if there is one."""
    if stored is None or stored.input_digest != year.scored.digest:
        return None
    return stored.id


def _restated(stored: SnapshotHead | None, year: Window) -> SnapshotHead | None:
    """Return the stored card that says what the pack says, where it restates another."""
    if _scorecard_snapshot(stored, year) is None or stored is None:
        return None
    return stored if stored.restated_because else None


def _risk_snapshot(stored: RiskSnapshotHead | None, card: RiskCard) -> int | None:
    same = stored is not None and (stored.value, stored.lower, stored.upper) == (
        card.result.value,
        card.result.lower,
        card.result.upper,
    )
    return stored.id if stored is not None and same else None
