"""Risk across all suppliers: who moved, how sure the indexes are, categories and segments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import Response, make_response, render_template
from sqlalchemy.orm import Session

from app.base import clock, db, formatting
from app.base.charts import IntervalStrip, Svg
from app.base.web.access import requires
from app.base.web.exports import Sheet, exported
from app.base.web.lists import Filter, ListShape, ListState, Pages, read_list
from app.calc.risk_bands import RiskBand
from app.faces.overview import risk_pages
from app.faces.overview.blueprint import blueprint
from app.faces.overview.risk_pages import share_text
from app.faces.overview.states import band_badge
from app.facts.suppliers import queries as suppliers
from app.facts.suppliers.sourcing import reach
from app.judgement.risk_index import method_wording, ranges, rollups, stored
from app.judgement.risk_index import queries as risk_queries
from app.judgement.risk_index.overrides.queries import overrides_on
from app.judgement.risk_index.ranges import Range
from app.judgement.risk_index.rollups import Group

WAY = "way"
MOVES = ListShape(
    sorts={"change": True, "name": False, "before": True, "after": True},
    default="-change",
    filters=(Filter(WAY, "Way", {"worse": "worse", "better": "better", "band": "band changed"}),),
)
RANGES = ListShape(
    sorts={"index": True, "name": False, "width": True, "rank": False},
    default="-index",
    filters=(Filter("open", "Band", {"yes": "may be another", "no": "is sure"}),),
)
SURE_FROM = 0.95
STRIP = 150


@dataclass(frozen=True, slots=True)
class Moved:
    """A supplier's published index of two days; None where there was none."""

    public_id: str
    number: str
    name: str
    before: float | None
    before_band: str | None
    after: float | None
    after_band: str | None

    @property
    def change(self) -> float | None:
        """By how many points it moved, positive is worse."""
        if self.before is None or self.after is None:
            return None
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Ranged:
    """A supplier's index with its range, for a list."""

    public_id: str
    number: str
    name: str
    value: float
    band: str | None
    drawn: Range
    strip: Svg

    @property
    def other_bands(self) -> str:
        """The bands that draws reached, each with its probability."""
        named = zip(map(str, RiskBand), self.drawn.bands, strict=True)
        return ", ".join(f"{band} {share_text(share)}" for band, share in named if share)


@blueprint.get("/risk/moved")
@requires("suppliers.view")
def risk_moves() -> Response:
    """List whose index moved between two published days, the largest move first."""
    state = read_list(MOVES)
    with db.reading() as session:
        days = stored.published_days(session)
        until = risk_pages.asked_day("until", days, days[0] if days else None)
        earlier = [day for day in days if until is not None and day < until]
        since = risk_pages.asked_day("since", days, earlier[0] if earlier else None)
        is_pair = since is not None and until is not None and since < until
        every = _moved(session, since, until) if is_pair and since and until else []
    rows = _listed(every, state)
    if state.export and since and until:
        return exported(_moves_sheet(rows, since, until), state.export)
    page = render_template(
        "overview/risk_moves.html",
        days=days,
        since=since,
        until=until,
        is_pair=is_pair,
        rows=rows[state.offset : state.offset + state.size],
        state=state,
        pages=Pages(state, len(rows)),
        band_badge=band_badge,
    )
    return make_response(page)


@blueprint.get("/risk/ranges")
@requires("suppliers.view")
def risk_ranges() -> Response:
    """List how far each index, its rank and its band may stray."""
    state = read_list(RANGES)
    with db.reading() as session:
        days = stored.published_days(session)
        day = risk_pages.asked_day("day", days, days[0] if days else None)
        every = [] if day is None else _ranged(session, day)
    rows = _sorted(every, state)
    if state.export and day is not None:
        return exported(_ranges_sheet(rows, day), state.export)
    page = render_template(
        "overview/risk_ranges.html",
        days=days,
        day=day,
        rows=rows[state.offset : state.offset + state.size],
        state=state,
        pages=Pages(state, len(rows)),
        drawn=every[0].drawn if every else None,
        band_badge=band_badge,
    )
    return make_response(page)


@blueprint.get("/risk/roll-up")
@requires("suppliers.view")
def risk_roll_up() -> str:
    """Show the indexes of categories, segments and everybody, and what comes from upstream."""
    with db.reading() as session:
        days = stored.published_days(session)
        day = risk_pages.asked_day("day", days, days[0] if days else None)
        method = risk_queries.method_in_force(session, on=day or clock.today())
        found = None if day is None else rollups.roll_up(session, day)
        overridden = len(overrides_on(session, day)) if day is not None else 0
        partial = reach.partial_words(session)
    return render_template(
        "overview/risk_roll_up.html",
        partial=partial,
        days=days,
        day=day,
        found=found,
        overridden=overridden,
        leads=method.rules.roll_up,
        leads_words=method_wording.ROLL_UPS[method.rules.roll_up],
        parts_of=_parts,
        band_badge=band_badge,
        bands=[str(band) for band in RiskBand],
    )


def _parts(group: Group) -> list[tuple[str, str]]:
    """Return how many suppliers of a group have which band, in words."""
    return [(band, formatting.number(count)) for band, count in group.bands.items() if count]


def _moved(session: Session, since: date, until: date) -> list[Moved]:
    before = {row.supplier_id: row for row in session.execute(risk_queries.newest_indexes(since))}
    after = {row.supplier_id: row for row in session.execute(risk_queries.newest_indexes(until))}
    found = []
    for head in session.execute(suppliers.portfolio_heads()):
        old, new = before.get(head.supplier_id), after.get(head.supplier_id)
        if old is None and new is None:
            continue
        found.append(
            Moved(
                str(head.public_id),
                head.number,
                head.name,
                before=None if old is None else old.value,
                before_band=None if old is None else old.band,
                after=None if new is None else new.value,
                after_band=None if new is None else new.band,
            )
        )
    return found


def _listed(every: list[Moved], state: ListState) -> list[Moved]:
    wanted = state.values(WAY)
    rows = [row for row in every if not wanted or _ways(row) & set(wanted)]
    if state.sort == "name":
        rows.sort(key=lambda row: row.name.casefold(), reverse=state.is_falling)
        return rows
    rows.sort(key=lambda row: row.name.casefold())
    rows.sort(key=lambda row: _size(row, state.sort), reverse=state.is_falling)
    # Who has no figure stands last both ways.
    return [row for row in rows if _known(row, state.sort)] + [
        row for row in rows if not _known(row, state.sort)
    ]


def _ways(row: Moved) -> set[str]:
    change = row.change or 0.0
    found = {"band"} if row.before_band != row.after_band else set()
    if change:
        found.add("worse" if change > 0 else "better")
    return found


def _known(row: Moved, sort: str) -> bool:
    return getattr(row, sort) is not None


def _size(row: Moved, sort: str) -> float:
    value: float = getattr(row, sort) or 0.0
    return abs(value) if sort == "change" else value


def _moves_sheet(rows: list[Moved], since: date, until: date) -> Sheet:
    heads = [
        ("number", "Number"), ("supplier", "Supplier"),
        ("index_before", f"Index, {formatting.day(since)}"), ("band_before", "Band then"),
        ("index_after", f"Index, {formatting.day(until)}"), ("band_after", "Band now"),
        ("change", "Change, positive is worse"),
    ]  # fmt: skip
    cells = [
        (
            row.number, row.name, row.before, row.before_band, row.after, row.after_band, row.change
        )
        for row in rows
    ]  # fmt: skip
    about = f"Published indexes of {formatting.day(since)} and {formatting.day(until)}"
    return Sheet("risk-moves", heads, cells, about)


def _ranged(session: Session, day: date) -> list[Ranged]:
    drawn = ranges.ranges_on(session, day)
    values = {row.supplier_id: row for row in session.execute(risk_queries.newest_indexes(day))}
    found = []
    for head in session.execute(suppliers.portfolio_heads()):
        own, one = values.get(head.supplier_id), drawn.get(head.supplier_id)
        if own is None or own.value is None or one is None:
            continue
        ends = [formatting.number(end, 1) for end in (one.low, one.high)]
        strip = IntervalStrip(
            f"{formatting.number(own.value, 1)}, P5 to P95 {ends[0]} to {ends[1]}",
            own.value,
            one.low,
            one.high,
            target=None,
            start=0.0,
            end=100.0,
        ).svg(width=STRIP)
        found.append(
            Ranged(str(head.public_id), head.number, head.name, own.value, own.band, one, strip)
        )
    return found


def _sorted(every: list[Ranged], state: ListState) -> list[Ranged]:
    wanted = state.values("open")
    rows = [
        row
        for row in every
        if not wanted or ("no" if max(row.drawn.bands) >= SURE_FROM else "yes") in wanted
    ]
    keys = {
        "index": lambda row: row.value,
        "width": lambda row: row.drawn.high - row.drawn.low,
        "rank": lambda row: row.drawn.rank_low,
        "name": lambda row: row.name.casefold(),
    }
    return sorted(rows, key=keys[state.sort], reverse=state.is_falling)


def _ranges_sheet(rows: list[Ranged], day: date) -> Sheet:
    heads = [
        ("number", "Number"), ("supplier", "Supplier"), ("index", "Index"), ("band", "Band"),
        ("p5", "P5"), ("p95", "P95"), ("rank_p5", "Rank, P5"), ("rank_p95", "Rank, P95"),
        ("ranked", "Of"), ("p_low", "P(low)"), ("p_medium", "P(medium)"), ("p_high", "P(high)"),
        ("p_critical", "P(critical)"), ("seed", "Seed"), ("draws", "Draws"),
    ]  # fmt: skip
    cells = [
        (
            row.number, row.name, row.value, row.band, row.drawn.low, row.drawn.high,
            row.drawn.rank_low, row.drawn.rank_high, row.drawn.ranked, *row.drawn.bands,
            row.drawn.seed, row.drawn.draws,
        )
        for row in rows
    ]  # fmt: skip
    about = f"Published indexes of {formatting.day(day)}; {rows[0].drawn.generator if rows else ''}"
    return Sheet("risk-ranges", heads, cells, about)
