"""Places: the world by exposure, one country, the tables behind it, one supplier's sites."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from flask import Response, make_response, render_template, request
from sqlalchemy.orm import Session

from app.base import db
from app.base.errors import NotFound
from app.base.web.access import requires
from app.base.web.exports import Sheet, exported
from app.base.web.lists import ListShape, ListState, Pages, read_list
from app.calc.geography import SINGLE_LANE_SURCHARGE
from app.faces.overview import risk_pages, world_page
from app.faces.overview.blueprint import blueprint
from app.faces.overview.periods import ShownPeriod, shown_period
from app.faces.overview.supplier_frame import shared, supplier_frame
from app.faces.overview.world_page import CountryRow, World
from app.facts.deliveries import queries as deliveries
from app.facts.evidence import queries as evidence
from app.facts.evidence.indicators import INDICATOR_WORDS, READ_BY_INDEX
from app.facts.evidence.places import queries
from app.facts.evidence.places.queries import TableEdition
from app.judgement.risk_index.dimensions import CountryProfile, country_profiles
from app.judgement.risk_index.explanations import TERM_NAMES

VIEW = "suppliers.view"
SHAPE = ListShape(
    sorts={
        "name": False, "suppliers": True, "sites": True, "spend": True, "risk": True,
        "exposure": True,
    },
    default="-exposure",
    page_size=50,
)  # fmt: skip
HEADS = (
    ("country", "Country"), ("name", "Name"), ("suppliers", "Suppliers"), ("sites", "Sites"),
    ("head_offices", "Head offices in place of sites"), ("spend", "Spend"),
    ("currency", "Currency"), ("share", "Share of spend"), ("risk", "Risk"),
    ("exposure", "Spend times risk"), ("exposure_share", "Share of exposure"),
)  # fmt: skip
TABLE_HEADS = (
    ("source", "Source"), ("edition", "Edition"), ("indicator", "Indicator"),
    ("countries", "Countries"), ("read", "Read"), ("imported", "Imported"), ("by", "By"),
)  # fmt: skip
# What the publishers say of reuse; whoever imports a table keeps to it.
LICENCES = {
    "INFORM": "INFORM is published by the European Commission’s Joint Research Centre for free "
    "reuse with its source named.",
    "WGI": "Worldwide Governance Indicators, World Bank, CC BY 4.0.",
    "LPI": "Logistics Performance Index, World Bank, CC BY 4.0.",
    "demo": "Invented for the demo company.",
}
NO_LICENCE = "Look up the publisher’s terms."


@dataclass(frozen=True, slots=True)
class TableGroup:
    """One edition of one source, with its indicators."""

    source: str
    edition: str
    licence: str
    rows: tuple[TableEdition, ...]

    @property
    def words(self) -> str:
        """Which of its indicators are read, and why the others are not."""
        if any(row.is_newest and row.indicator in READ_BY_INDEX for row in self.rows):
            return "read"
        return "a later edition is read" if not self.rows[0].is_newest else "shown, not read"


@blueprint.get("/risk/world")
@requires(VIEW)
def world() -> Response:
    """Show the exposure by country as a map and as a table."""
    state = read_list(SHAPE)
    with db.reading() as session:
        shown = shown_period(session)
        found = _world(session, shown, request.args.get("currency"))
    rows = _sorted(found, state)
    if state.export:
        return exported(_sheet(found, rows), state.export)
    return make_response(
        render_template(
            "overview/world.html",
            shown=shown,
            world=found,
            pictures=world_page.pictures(found),
            state=state,
            pages=Pages(state, len(rows)),
            rows=rows[state.offset : state.offset + state.size],
        )
    )


@blueprint.get("/risk/countries/<code>")
@requires(VIEW)
def country(code: str) -> Response:
    """Show what the tables say of a country, and who supplies us from there."""
    if world_page.country_name(code) == code or not code.isupper():
        raise NotFound("E-GEO-01", "There is no such country.")
    with db.reading() as session:
        shown = shown_period(session)
        figures = queries.figures_of(session, code)
        profile = country_profiles(evidence.country_figures(session)).get(code)
        sites = queries.supplying_sites(session)
        spends = _spends(session, shown)
        bought = queries.buying(session)
    own: dict[int, list[queries.SupplyingSite]] = {}
    for site in sites:
        own.setdefault(site.supplier_id, []).append(site)
    places = [
        place
        for each in bought
        for place in world_page.places_of(each, own.get(each.id, ()), spends.get(each.id))
        if place.country == code
    ]
    return make_response(
        render_template(
            "overview/country.html",
            shown=shown,
            code=code,
            name=world_page.country_name(code),
            figures=figures,
            profile=profile,
            read=READ_BY_INDEX,
            indicator_words=INDICATOR_WORDS,
            term_names=TERM_NAMES,
            supplying=sorted(places, key=lambda place: -(place.spend or 0)),
        )
    )


@blueprint.get("/risk/tables")
@requires(VIEW)
def country_tables() -> Response:
    """List the editions of country tables, and which one is read."""
    state = read_list(ListShape(sorts={"source": False}, default="source"))
    with db.reading() as session:
        found = queries.country_tables(session)
    if state.export:
        cells = (
            (
                row.source, row.edition, row.indicator, row.countries,
                row.is_newest and row.indicator in READ_BY_INDEX, row.imported_at,
                row.imported_by,
            )
            for row in found
        )  # fmt: skip
        return exported(Sheet("country-tables", TABLE_HEADS, cells, "Country tables"), state.export)
    groups: dict[tuple[str, str], list[TableEdition]] = {}
    for row in found:
        groups.setdefault((row.source, row.edition), []).append(row)
    return make_response(
        render_template(
            "overview/country_tables.html",
            groups=[
                TableGroup(source, edition, LICENCES.get(source, NO_LICENCE), tuple(rows))
                for (source, edition), rows in groups.items()
            ],
            pages=Pages(state, len(found)),
            read=READ_BY_INDEX,
            indicator_words=INDICATOR_WORDS,
        )
    )


@blueprint.get("/suppliers/<uuid:public_id>/geography")
@requires(VIEW)
def supplier_geography(public_id: UUID) -> Response:
    """Show a supplier's sites with their countries' risks, and the ways its goods take."""
    with db.reading() as session:
        frame = supplier_frame(session, public_id, tab="risk")
        own, as_of = frame.head.id, frame.shown.as_of
        sites = queries.supplying_sites(session, supplier_ids=[own])
        lanes = queries.lanes_of(session, own, as_of=as_of)
        single = queries.single_lanes(session, as_of=as_of, supplier_ids=[own]).get(own)
        profiles = country_profiles(evidence.country_figures(session))
    dimension = next(each for each in frame.risk.card.dimensions if each.id == "geographic")
    return make_response(
        render_template(
            "overview/geography.html",
            **shared(frame),
            pages=risk_pages.links(frame.public_id, frame.shown.query),
            sites=sites,
            lanes=lanes,
            single=single,
            surcharge=SINGLE_LANE_SURCHARGE,
            profiles=profiles,
            dimension=dimension,
            term_names=TERM_NAMES,
            country_name=world_page.country_name,
        )
    )


def _world(session: Session, shown: ShownPeriod, currency: str | None) -> World:
    profiles: dict[str, CountryProfile] = country_profiles(evidence.country_figures(session))
    bought = queries.buying(session)
    known = {each.currency for each in bought if each.currency}
    if currency is not None and currency not in known:
        raise NotFound("E-GEO-02", "Nobody is paid in that currency.")
    return world_page.world_of(
        bought,
        queries.supplying_sites(session),
        _spends(session, shown),
        profiles,
        currency=currency,
    )


def _spends(session: Session, shown: ShownPeriod) -> dict[int, int]:
    sums = deliveries.delivery_sums(session, shown.period)
    return dict(zip(sums.supplier_ids.tolist(), sums.columns["spend"].tolist(), strict=True))


def _sorted(world: World, state: ListState) -> list[CountryRow]:
    keys: dict[str, Callable[[CountryRow], tuple[bool, float | str]]] = {
        "name": lambda row: (False, row.name.casefold()),
        "suppliers": lambda row: (False, len(row.suppliers)),
        "sites": lambda row: (False, row.sites),
        "spend": lambda row: (False, row.spend),
        "risk": lambda row: (row.risk is None, row.risk or 0.0),
        "exposure": lambda row: (row.exposure is None, row.exposure or 0.0),
    }
    key = keys[state.sort]
    known = [row for row in world.rows if not key(row)[0]]
    unknown = [row for row in world.rows if key(row)[0]]
    # Unknown stands last both ways.
    return sorted(known, key=key, reverse=state.is_falling) + unknown


def _sheet(world: World, rows: list[CountryRow]) -> Sheet:
    cells = (
        (
            row.country, row.name, len(row.suppliers), row.sites, row.head_offices,
            round(row.spend, 2), world.currency, row.share, row.risk, row.exposure,
            row.exposure_share,
        )
        for row in rows
    )  # fmt: skip
    return Sheet("world", HEADS, cells, "Exposure by country")
