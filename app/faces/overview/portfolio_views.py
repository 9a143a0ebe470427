"""The list of suppliers: filter, sort, search, page and export, all in the address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from flask import Response, flash, make_response, redirect, render_template
from sqlalchemy.orm import Session

from app.base import db, formatting
from app.base.charts import Sparkline, Svg
from app.base.errors import Conflict
from app.base.web.access import requires
from app.base.web.exports import Sheet, exported
from app.base.web.lists import Filter, ListShape, ListState, Pages, read_list
from app.base.web.rendering import address
from app.faces.overview.blueprint import blueprint
from app.faces.overview.forms import SupplierForm
from app.faces.overview.periods import period_words
from app.faces.overview.states import (
    STATUS_WORDS,
    Badge,
    band_badge,
    grade_badge,
    trend_badge,
)
from app.facts.suppliers import directory, groups, places, registration
from app.judgement.risk_index import portfolio as reads
from app.judgement.risk_index.portfolio import (
    BANDS,
    GRADES,
    NO_BAND,
    NOT_RATED,
    Movement,
    PortfolioPage,
    PortfolioQuery,
    PortfolioRow,
    Summary,
)
from app.judgement.scorecards import wording
from app.judgement.scorecards.sureness import Sureness

QUARTER = timedelta(days=80)
MOVERS = 3
# Unknown or small things first read badly: figures fall when first sorted by.
FALLS = {
    "name": False, "number": False, "country": False, "category": False, "status": False,
    "grade": False, "score": False, "otif": False, "lines": True, "ppm": True, "risk": True,
    "single": True,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """A supplier as the list shows it.

    `possible` names the grades that chance alone allows, `ranked_as` the OTIF that the list is
    sorted by; both empty where there is nothing to say.
    """

    own: PortfolioRow
    grade: Badge
    band: Badge
    spark: Svg
    trend: Badge | None
    score: str
    possible: str
    place: str
    ranked_as: str
    is_rated: bool


@blueprint.get("/suppliers/")
@requires("suppliers.view")
def portfolio() -> Response:
    """List the suppliers with what is published of them."""
    with db.reading() as session:
        state = read_list(_shape(session))
        query = _query(session, state)
        page = reads.portfolio(session, query)
        if state.export:
            return exported(_sheet(page), state.export)
        totals = reads.summary(session)
        movers = _movers(session, page)
    return make_response(
        render_template(
            "overview/portfolio.html",
            state=state,
            pages=Pages(state, page.total),
            rows=[_row(own) for own in page.rows],
            page_of=page,
            has_places=query.has_places,
            period_words=None if page.period is None else period_words(page.period),
            totals=totals,
            tiles=_tiles(totals),
            movers=movers,
            status_words=STATUS_WORDS,
        )
    )


@blueprint.get("/suppliers/new")
@requires("suppliers.edit")
def new_supplier() -> str:
    """Ask for a supplier to enter by hand."""
    return _form_page(SupplierForm(formdata=None))


@blueprint.post("/suppliers/new")
@requires("suppliers.edit")
def create_supplier() -> Response:
    """Add a supplier; what is wrong stands beside its field, what was typed is kept."""
    form = SupplierForm()
    if not form.validate():
        return make_response(_form_page(form), 422)
    try:
        with db.transaction() as session:
            supplier = registration.register_supplier(
                session,
                number=form.number.data or "",
                name=form.name.data or "",
                country=form.country.data or None,
                category=form.category.data or None,
            )
            public_id, name = supplier.public_id, supplier.name
    except Conflict as error:
        form.number.errors = [error.message]
        return make_response(_form_page(form), 409)
    flash(f"{name} is entered.")
    return make_response(redirect(address("overview.supplier", {"public_id": public_id}), 303))


def _form_page(form: SupplierForm) -> str:
    with db.reading() as session:
        categories = list(directory.category_names(session).values())
    return render_template("overview/new_supplier.html", form=form, categories=categories)


def _shape(session: Session) -> ListShape:
    categories = {str(key): name for key, name in directory.category_names(session).items()}
    countries = {country: country for country in directory.countries(session)}
    plants = {str(plant.id): plant.name for plant in places.own_plants(session)}
    tops = {str(each.top.supplier_id): each.top.name for each in groups.groups(session)}
    bands = {band: "no data" if band == NO_BAND else band for band in BANDS}
    grades = {grade: "not rated" if grade == NOT_RATED else grade for grade in GRADES}
    return ListShape(
        sorts=FALLS,
        default="name",
        filters=(
            Filter("category", "Category", categories),
            Filter("grade", "Grade", grades),
            Filter("band", "Supply risk", bands),
            Filter("status", "Standing", STATUS_WORDS),
            Filter("country", "Country", countries),
            Filter("plant", "Our plant", plants),
            Filter("group", "Group", tops),
        ),
    )


def _query(session: Session, state: ListState) -> PortfolioQuery:
    tops = [int(key) for key in state.values("group")]
    return PortfolioQuery(
        plants=[int(key) for key in state.values("plant")],
        members=groups.member_ids(session, tops) if tops else None,
        search=state.search,
        categories=[int(key) for key in state.values("category")],
        countries=state.values("country"),
        statuses=state.values("status"),
        grades=state.values("grade"),
        bands=state.values("band"),
        sort=state.sort,
        is_falling=state.is_falling,
        offset=0 if state.export else state.offset,
        limit=None if state.export else state.size,
        with_trends=not state.export,
        with_places=bool(state.export),
    )


def _movers(session: Session, page: PortfolioPage) -> list[Movement]:
    if page.period is None:
        return []
    since: date = page.period.last_day - QUARTER
    return reads.movements(session, since=since, limit=MOVERS)


def _row(own: PortfolioRow) -> Row:
    score = formatting.score(own.score) if own.score is not None else "not rated"
    values = tuple(point.value for point in own.trend)
    spark = Svg("")
    known = [value for value in values if value is not None]
    if known:
        said = f"From {formatting.percent(known[0])} to {formatting.percent(known[-1])}."
        rate = "On time" if own.is_by_date else "OTIF"
        spark = Sparkline(f"{rate}, 12 months", said, values).svg(width=70)
    risk = "" if own.risk is None else formatting.number(own.risk, 1)
    return Row(
        own=own,
        grade=grade_badge(own.grade, own.sure),
        band=band_badge(own.band, risk),
        spark=spark,
        trend=trend_badge(own.trend_word),
        score=score,
        possible="" if own.sure is None else _possible(own.sure),
        place="" if own.place is None else wording.plausible_text(own.place),
        ranked_as="" if own.otif_shrunk is None else formatting.percent(own.otif_shrunk),
        is_rated=own.score is not None,
    )


def _possible(sure: Sureness) -> str:
    told = f"Sampling range {wording.range_text(sure)}"
    return f"{told}: {wording.possible_text(sure)}" if sure.is_open else told


def _tiles(totals: Summary) -> list[dict[str, str]]:
    rated = totals.total - totals.by_grade.get(NOT_RATED, 0)
    weak = totals.by_grade.get("C", 0) + totals.by_grade.get("D", 0)
    high = totals.by_band.get("high", 0) + totals.by_band.get("critical", 0)
    lacking = totals.by_grade.get(NOT_RATED, 0)
    return [
        {
            "name": "Rated",
            "figure": formatting.number(rated),
            "beside": f"of {formatting.number(totals.total)}"
            + (f" · {formatting.number(lacking)} too little data" if lacking else ""),
            "href": address("overview.portfolio", {"grade": NOT_RATED}) if lacking else "",
        },
        {
            "name": "Grade C or D",
            "figure": formatting.number(weak),
            "beside": formatting.percent(weak / rated, 0) + " of the rated" if rated else "",
            "href": address("overview.portfolio", {"grade": ["C", "D"]}),
        },
        {
            "name": "Risk high or critical",
            "figure": formatting.number(high),
            "beside": f"of {formatting.number(totals.total)}",
            "href": address("overview.portfolio", {"band": ["high", "critical"]}),
        },
        {
            "name": "Single-sourced parts",
            "figure": formatting.number(totals.single_parts),
            "beside": f"of {formatting.number(totals.parts)}",
            "href": address("overview.portfolio", {"sort": "-single"}),
        },
    ]


HEADS = (
    ("number", "Number"), ("name", "Supplier"), ("country", "Country"), ("category", "Category"),
    ("grade", "Grade"), ("score", "Score"), ("score_low", "Sampling range from"),
    ("score_high", "Sampling range to"), ("possible", "Possible grades"),
    ("place", "Place in category"), ("place_low", "Place from"), ("place_high", "Place to"),
    ("peers", "Rated in category"), ("coverage", "Coverage"), ("otif", "OTIF"),
    ("otif_ranked", "OTIF, for ranking only"), ("lines", "Lines"), ("on_time", "On time"),
    ("on_time_lines", "Lines judged by date"), ("ppm", "Defects, ppm"),
    ("risk", "Supply risk index"), ("band", "Risk band"), ("parts", "Parts"),
    ("single_parts", "Single-sourced parts"),
    ("status", "Standing"), ("owner", "Owner"),
)  # fmt: skip


def _sheet(page: PortfolioPage) -> Sheet:
    rows = [_cells(own) for own in page.rows]
    about = "" if page.period is None else f"{period_words(page.period)}, method {page.method}"
    return Sheet("suppliers", HEADS, rows, about)


def _cells(own: PortfolioRow) -> tuple[str | int | float | None, ...]:
    sure, place = own.sure, own.place
    ranges = (None,) * 3 if sure is None else (sure.lo, sure.hi, " ".join(sure.grades))
    places = (None,) * 4 if place is None else (place.rank, place.low, place.high, place.of)
    on_time = (None, None) if own.on_time is None else (own.on_time.value, own.on_time.n)
    return (
        own.number, own.name, own.country, own.category, own.grade, own.score, *ranges, *places,
        own.coverage, own.otif, own.otif_shrunk, own.otif_n, *on_time, own.ppm,
        own.risk, own.band,
        own.parts, own.single_parts, own.status, own.owner,
    )  # fmt: skip
