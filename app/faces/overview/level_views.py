"""Levels: groups, plants, categories, parts and suppliers' sites, each with the same table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from flask import Response, make_response, redirect, render_template, request
from sqlalchemy.orm import Session

from app.base import db
from app.base.errors import NotFound
from app.base.web.access import requires
from app.base.web.exports import Sheet, exported
from app.base.web.lists import ListShape, read_list
from app.base.web.rendering import address
from app.calc.periods import YEAR_TO_DATE, Period
from app.calc.windows import THIRTEEN_WEEKS, fiscal_windows, last_month, last_quarter, parse_window
from app.faces.overview import level_page
from app.faces.overview.blueprint import blueprint
from app.faces.overview.level_page import BelowRow
from app.faces.overview.periods import DEFAULT_WINDOW, ShownPeriod, shown_period, window_words
from app.faces.overview.supplier_frame import SupplierFrame, shared, supplier_frame
from app.facts.deliveries.levels import By, LevelScope
from app.facts.suppliers import groups, places
from app.facts.suppliers import queries as suppliers
from app.facts.suppliers.groups import Group
from app.facts.suppliers.places import Place
from app.judgement.scorecards import levels
from app.judgement.scorecards import places as peers
from app.judgement.scorecards import queries as scorecards
from app.judgement.scorecards.levels import NO_SCORE, LevelFigures, LevelKind

KIND_WORDS = {
    LevelKind.GROUP: "Group",
    LevelKind.PLANT: "Our plant",
    LevelKind.CATEGORY: "Category",
    LevelKind.PART: "Part",
    LevelKind.SITE: "Supplier’s site",
}
HEADS = (
    ("level", "Level"), ("name", "Name"),
    ("otif", "OTIF"), ("otif_low", "OTIF from"), ("otif_high", "OTIF to"), ("otif_n", "OTIF lines"),
    ("otif_state", "OTIF state"),
    ("on_time", "On time"), ("on_time_low", "On time from"), ("on_time_high", "On time to"),
    ("on_time_n", "On time lines"), ("on_time_state", "On time state"),
    ("ppm", "Defects, ppm"), ("ppm_low", "Defects from"), ("ppm_high", "Defects to"),
    ("ppm_n", "Receipts"), ("ppm_state", "Defects state"),
)  # fmt: skip
SHAPE = ListShape(sorts={"lines": True}, default="-lines")
MOST_PARTS, MOST_ROWS = 40, 100
Named = Mapping[int, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Panel:
    """A table of what lies below: its title, how to read it, its rows, how many are shown."""

    title: str
    how: str
    rows: list[BelowRow]
    most: int = MOST_ROWS


@dataclass(frozen=True, slots=True)
class LevelPage:
    """A level: what it is called, what lies above, its scope, and what may lie below it."""

    kind: LevelKind
    name: str
    sub: str
    above: tuple[tuple[str, str], ...]
    where: LevelScope
    has_hidden: bool = False
    group: Group | None = None


@blueprint.get("/levels/")
@requires("suppliers.view")
def all_levels() -> Response:
    """List the groups, our plants and the categories with the same measures."""
    state = read_list(SHAPE)
    if number := request.args.get("part", "").strip():
        return _part_called(number)
    with db.reading() as session:
        shown = shown_period(session)
        panels = [
            _groups_panel(session, shown),
            _plants_panel(session, shown, LevelScope()),
            _categories_panel(session, shown),
        ]
        is_narrowed = _is_narrowed(session)
    if state.export:
        return exported(_sheet(panels, shown), state.export)
    return make_response(
        render_template(
            "overview/levels.html",
            shown=shown,
            panels=panels,
            is_narrowed=is_narrowed,
            part="",
        )
    )


@blueprint.get("/levels/<kind>/<key>")
@requires("suppliers.view")
def level(kind: str, key: str) -> Response:
    """Show one level: its measures in two windows side by side, and what lies below it."""
    state = read_list(SHAPE)
    with db.reading() as session:
        page = _level(session, kind, key)
        shown = shown_period(session)
        windows = [shown.period, shown.beside]
        figures = [_figures(session, page, period) for period in windows]
        panels = _below(session, page, shown)
        is_narrowed = _is_narrowed(session)
    if state.export:
        return exported(_sheet(panels, shown), state.export)
    return make_response(
        render_template(
            "overview/level.html",
            page_of=page,
            kind_words=KIND_WORDS[page.kind],
            shown=shown,
            windows=[window_words(period.label) for period in windows],
            rows=level_page.measure_rows([each.measures for each in figures]),
            lacking=level_page.not_kept(figures[0]),
            scores=[level_page.score_words(each.result, each.sure) for each in figures],
            is_scored=page.kind is LevelKind.GROUP,
            why_no_score=NO_SCORE,
            is_known=any(each.is_known for each in figures),
            panels=panels,
            is_narrowed=is_narrowed,
        )
    )


@blueprint.get("/suppliers/<uuid:public_id>/levels")
@requires("suppliers.view")
def supplier_levels(public_id: UUID) -> str:
    """One supplier in every window, among its peers, and by plant, category, site and part."""
    with db.reading() as session:
        frame = supplier_frame(session, public_id, tab="levels")
        own, shown = frame.head.id, frame.shown
        labels = _labels(shown)
        windows = [
            scorecards.scored(
                session, own, parse_window(each, as_of=shown.as_of, fiscal=shown.fiscal)
            )
            for each in labels
        ]
        wanted = [part.measure_id or part.id for part in windows[0].result.parts]
        group = groups.group_of(session, own)
        panels = _supplier_panels(session, frame)
        among = _among_peers(session, frame)
    return render_template(
        "overview/supplier_levels.html",
        **shared(frame),
        window_words=[window_words(each) for each in labels],
        scores=[level_page.score_words(each.result, each.sure) for each in windows],
        rows=level_page.measure_rows([each.measures for each in windows], wanted=wanted),
        group=group,
        panels=panels,
        peers=among,
        peer_rows=[] if among is None else level_page.peer_rows(among),
    )


def _labels(shown: ShownPeriod) -> list[str]:
    """Return the windows that stand side by side, the shortest first."""
    fiscal = fiscal_windows(shown.as_of, shown.fiscal)[:2]
    return [
        last_month(shown.as_of), THIRTEEN_WEEKS, last_quarter(shown.as_of), YEAR_TO_DATE,
        DEFAULT_WINDOW, *fiscal,
    ]  # fmt: skip


def _among_peers(session: Session, frame: SupplierFrame) -> peers.Peers | None:
    kind = scorecards.kind_of(frame.shown.period)
    if kind is None:
        return None
    end = frame.shown.period.last_day
    return peers.peers_of(session, frame.head.id, kind=kind, period_end=end)


def _level(session: Session, kind: str, key: str) -> LevelPage:
    openers: dict[str, Callable[[Session, str], LevelPage]] = {
        LevelKind.GROUP: _group, LevelKind.PLANT: _plant, LevelKind.CATEGORY: _category,
        LevelKind.PART: _part, LevelKind.SITE: _site,
    }  # fmt: skip
    if kind not in openers:
        raise NotFound("E-LVL-03", "There is no such level.")
    return openers[kind](session, key)


def _group(session: Session, key: str) -> LevelPage:
    try:
        public_id = UUID(key)
    except ValueError as error:
        raise NotFound("E-SUP-05", "There is no such group of suppliers.") from error
    found = groups.group_by_public_id(session, public_id)
    return LevelPage(
        LevelKind.GROUP, found.top.name, f"{len(found.members)} suppliers as one", (),
        LevelScope(supplier_ids=found.ids), found.has_hidden, found,
    )  # fmt: skip


def _plant(session: Session, key: str) -> LevelPage:
    site = places.site_by_id(session, _number(key))
    if site.supplier_id is not None:
        raise NotFound("E-LVL-01", "There is no such site.")
    return LevelPage(
        LevelKind.PLANT, site.name, "lines that we receive here", (), LevelScope(site_id=site.id)
    )


def _category(session: Session, key: str) -> LevelPage:
    known = places.all_categories(session)
    own = known.get(_number(key))
    if own is None:
        raise NotFound("E-LVL-04", "There is no such category.")
    below = places.categories_below(known, own.id)
    words = f"lines of this category and {len(below) - 1} below it" if below[1:] else "its lines"
    return LevelPage(
        LevelKind.CATEGORY, own.name, words, _above(known, own), LevelScope(category_ids=below)
    )


def _part(session: Session, key: str) -> LevelPage:
    part = places.part_by_id(session, _number(key))
    known = places.all_categories(session)
    own = known.get(part.parent_id or 0)
    above = () if own is None else (*_above(known, own), (own.name, _address("category", own.id)))
    return LevelPage(
        LevelKind.PART, part.name, "its lines, whoever delivers it", above,
        LevelScope(part_ids=(part.id,)),
    )  # fmt: skip


def _site(session: Session, key: str) -> LevelPage:
    site = places.site_by_id(session, _number(key))
    if site.supplier_id is None:
        raise NotFound("E-LVL-01", "There is no such site.")
    shown = shown_period(session)
    parts = places.parts_made_at(session, site, on=shown.as_of)
    head = suppliers.head_of(session, site.supplier_id)
    above = ((head.name, address("overview.supplier_levels", {"public_id": head.public_id})),)
    words = f"lines of {len(parts)} parts that its approved sources name this site for"
    scope = LevelScope(supplier_ids=(site.supplier_id,), part_ids=parts)
    return LevelPage(LevelKind.SITE, f"{head.name}, {site.name}", words, above, scope)


def _figures(session: Session, page: LevelPage, period: Period) -> LevelFigures:
    if page.group is not None:
        ids, top = page.group.ids, page.group.top.supplier_id
        return levels.group_figures(session, period, ids, top=top)
    return levels.level_figures(session, period, page.kind, page.where)


def _below(session: Session, page: LevelPage, shown: ShownPeriod) -> list[Panel]:
    panels = []
    if page.kind is not LevelKind.SITE:
        panels.append(_suppliers_panel(session, shown, page.where))
    if page.kind is not LevelKind.PLANT:
        panels.append(_plants_panel(session, shown, page.where))
    if page.kind in (LevelKind.GROUP, LevelKind.PLANT):
        panels.append(_categories_panel(session, shown, page.where))
    if page.kind in (LevelKind.GROUP, LevelKind.SITE):
        # Elsewhere every line of the house would have to be looked at.
        panels.append(_parts_panel(session, shown, page.where))
    return panels


def _supplier_panels(session: Session, frame: SupplierFrame) -> list[Panel]:
    where, shown = LevelScope(supplier_ids=(frame.head.id,)), frame.shown
    return [
        _plants_panel(session, shown, where),
        _categories_panel(session, shown, where),
        _sites_panel(session, frame),
        _parts_panel(session, shown, where),
    ]


def _suppliers_panel(session: Session, shown: ShownPeriod, where: LevelScope) -> Panel:
    found = levels.below(session, shown.period, where, by=By.SUPPLIER)
    heads = suppliers.suppliers_by_id(session, [each.key for each in found])
    named = {
        key: (
            head.name,
            address("overview.supplier_levels", {"public_id": head.public_id, **shown.query}),
        )
        for key, head in heads.items()
    }
    return Panel(
        "Suppliers", "Who delivers, most lines first.", level_page.below_rows(found, named)
    )


def _plants_panel(session: Session, shown: ShownPeriod, where: LevelScope) -> Panel:
    found = levels.below(session, shown.period, where, by=By.SITE)
    named = _named("plant", places.own_plants(session), shown)
    rows = level_page.below_rows(found, named, unnamed="no plant named")
    return Panel("Our plants", "Where we receive.", rows)


def _categories_panel(
    session: Session, shown: ShownPeriod, where: LevelScope | None = None
) -> Panel:
    found = levels.below(session, shown.period, where or LevelScope(), by=By.CATEGORY)
    named = _named("category", places.all_categories(session).values(), shown)
    rows = level_page.below_rows(found, named, unnamed="no category named")
    return Panel("Categories", "As the lines name them, each without those below it.", rows)


def _parts_panel(session: Session, shown: ShownPeriod, where: LevelScope) -> Panel:
    found = levels.below(session, shown.period, where, by=By.PART)[:MOST_PARTS]
    names = places.part_names(session, [each.key for each in found])
    named = {key: (name, _address("part", key, **shown.query)) for key, name in names.items()}
    how = f"The {MOST_PARTS} with most lines; any other is found by its number."
    return Panel("Parts", how, level_page.below_rows(found, named))


def _sites_panel(session: Session, frame: SupplierFrame) -> Panel:
    rows = []
    for site in places.sites_of(session, frame.head.id):
        parts = places.parts_made_at(session, site, on=frame.shown.as_of)
        if not parts:
            continue
        where = LevelScope(supplier_ids=(frame.head.id,), part_ids=parts)
        figures = levels.below(session, frame.shown.period, where, by=By.SUPPLIER)
        named = {frame.head.id: (site.name, _address("site", site.id, **frame.shown.query))}
        rows += level_page.below_rows(figures, named)
    how = "By the parts that approved sources name a site for; other lines can’t be told to one."
    return Panel("Its sites", how, rows)


def _groups_panel(session: Session, shown: ShownPeriod) -> Panel:
    rows = []
    for group in groups.groups(session):
        figures = levels.group_brief(session, shown.period, group.ids)
        href = _address("group", group.top.public_id, **shown.query)
        rows += level_page.below_rows([figures], {figures.key: (group.top.name, href)})
    return Panel("Groups", "Parent companies with all that belong to them, as one.", rows)


def _named(kind: str, found: Iterable[Place], shown: ShownPeriod) -> Named:
    return {each.id: (each.name, _address(kind, each.id, **shown.query)) for each in found}


def _above(known: Mapping[int, Place], own: Place) -> tuple[tuple[str, str], ...]:
    """Return the categories above one, the outermost first."""
    found: list[tuple[str, str]] = []
    above, seen = own.parent_id, {own.id}
    while above is not None and above in known and above not in seen:
        seen.add(above)
        found.insert(0, (known[above].name, _address("category", above)))
        above = known[above].parent_id
    return tuple(found)


def _part_called(number: str) -> Response:
    with db.reading() as session:
        found = places.part_named(session, number)
    if found is None:
        raise NotFound("E-LVL-02", f"No part has the number {number[:40]!r}.")
    return make_response(redirect(_address("part", found), 303))


def _address(kind: str, key: object, **query: str) -> str:
    return address("overview.level", {"kind": kind, "key": str(key), **query})


def _number(key: str) -> int:
    if not (key.isascii() and key.isdecimal() and len(key) < 16):
        raise NotFound("E-LVL-03", "There is no such level.")
    return int(key)


def _is_narrowed(session: Session) -> bool:
    """Whether the reader reaches less than everything, so that sums hold less too."""
    return not db.actor_of(session).reads.is_everything


def _sheet(panels: list[Panel], shown: ShownPeriod) -> Sheet:
    rows = [(panel.title, *row.cells) for panel in panels for row in panel.rows]
    return Sheet("levels", HEADS, rows, shown.words)
