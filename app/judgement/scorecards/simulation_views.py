"""What a method would change: everybody under it beside the method in force, for any period."""

from __future__ import annotations

from datetime import date

from flask import Response, make_response, render_template, request

from app.base import clock, db, formatting
from app.base.web.access import requires
from app.base.web.exports import Sheet, exported
from app.base.web.lists import BadQuery, Pages, read_list
from app.calc.periods import Period, month_end, parse_period, quarter_named
from app.facts.deliveries import queries as deliveries
from app.judgement.scorecards import comparing, method_wording, versions
from app.judgement.scorecards.blueprint import blueprint
from app.judgement.scorecards.comparing import Change, Comparison
from app.judgement.scorecards.gathering import full_quarters
from app.judgement.snapshots.simulating import Named, listed, matrix_rows, names_of, shape_of
from app.judgement.snapshots.standings import STANDING_WORDS

MONTHS_OFFERED = 12
QUARTERS_OFFERED = 4
YEAR_TO = "to-"
TO_DATE = "12m"
SHAPE = shape_of("Grade")
GRADE_KINDS = {"A": "good", "B": "good", "C": "watch", "D": "act"}


@blueprint.get("/<int:method_id>/simulate")
@requires("methods.simulate")
def simulate(method_id: int) -> Response:
    """Show who would change grade under a version, and everybody's two scores."""
    state, today = read_list(SHAPE), clock.today()
    with db.reading() as session:
        version = versions.version(session, method_id, on=today)
        latest = min(deliveries.latest_fact_on(session) or today, today)
        asked = request.args.get("period") or TO_DATE
        period = _period(asked, latest)
        found = comparing.compare(session, period, version.method)
        names = names_of(session)
    changes = listed(
        found.changes,
        names,
        state,
        moves=lambda each: each.moves_grade,
        value=lambda each, side: getattr(each, side).score,
    )
    if state.export:
        return exported(_sheet(found, changes, names), state.export)
    shown = changes[state.offset : state.offset + state.size]
    page = render_template(
        "methods/simulate.html",
        version=version,
        found=found,
        changes=shown,
        names=names,
        state=state,
        pages=Pages(state, len(changes)),
        periods=_offered(latest),
        asked=asked,
        words=_words(period),
        query=_query(asked),
        standing_words=STANDING_WORDS,
        kinds=GRADE_KINDS,
        whom=method_wording.whom(version.method.segment),
        matrix=matrix_rows(found.grades, found.matrix),
    )
    return make_response(page)


@blueprint.get("/<int:method_id>/history")
@requires("methods.simulate")
def history(method_id: int) -> Response:
    """Show the last twelve months scored again by a version, beside their own method."""
    today = clock.today()
    with db.reading() as session:
        version = versions.version(session, method_id, on=today)
        latest = min(deliveries.latest_fact_on(session) or today, today)
        found = comparing.history(session, _months(latest), version.method)
    page = render_template(
        "methods/history.html",
        version=version,
        method=version.method,
        grades=found[0].grades,
        rows=[(_words(each.period), f"{YEAR_TO}{each.period.last_day}", each) for each in found],
        standing_words=STANDING_WORDS,
    )
    return make_response(page)


def _months(latest: date) -> list[Period]:
    """Return the twelve months' windows that end with the last full months, the newest first."""
    present = parse_period(TO_DATE, as_of=latest)
    first = (
        present.last_month if month_end(present.last_month) <= latest else present.last_month - 1
    )
    return [parse_period(TO_DATE, as_of=month_end(first - back)) for back in range(MONTHS_OFFERED)]


def _period(asked: str, latest: date) -> Period:
    """Return the period that the address names; raises BadQuery."""
    try:
        if asked.startswith(YEAR_TO):
            day = date.fromisoformat(asked.removeprefix(YEAR_TO))
            if day > latest:
                raise BadQuery("E-API-06", f"{day.isoformat()} lies after the latest fact.")
            return parse_period(TO_DATE, as_of=day)
        return parse_period(asked, as_of=latest)
    except ValueError as error:
        raise BadQuery("E-API-06", f"“{asked[:20]}” is no period such as 2026Q3.") from error


def _offered(latest: date) -> list[tuple[str, str]]:
    """Return the periods that the page offers: to date, the last months' ends, quarters."""
    present = parse_period(TO_DATE, as_of=latest)
    ends = [each.last_day for each in _months(latest)]
    quarters = full_quarters(present, QUARTERS_OFFERED)
    return [
        (TO_DATE, f"12 months to {formatting.day(present.last_day)}"),
        *(
            (f"{YEAR_TO}{end.isoformat()}", f"12 months to {formatting.day(end)}")
            for end in ends
            if end < present.last_day
        ),
        *((quarter.label, _words(quarter)) for quarter in quarters),
    ]


def _words(period: Period) -> str:
    if quarter := quarter_named(period.label):
        year, place = quarter
        return f"quarter {place} of {year}"
    first, last = period.first_day, formatting.day(period.last_day)
    if period.label == TO_DATE:
        return f"12 months to {last}"
    return f"everything to {last}" if first is None else f"{formatting.day(first)} to {last}"


def _query(asked: str) -> dict[str, str]:
    """Return what a supplier's page needs to show the same period."""
    if asked == TO_DATE:
        return {}
    if asked.startswith(YEAR_TO):
        return {"as_of": asked.removeprefix(YEAR_TO)}
    return {"window": asked}


def _sheet(found: Comparison, changes: list[Change], names: dict[int, Named]) -> Sheet:
    before, after = found.before.label, found.after.label
    heads = [
        ("number", "Number"), ("supplier", "Supplier"),
        ("score_before", f"Score, {before}"), ("grade_before", f"Grade, {before}"),
        ("score_after", f"Score, {after}"), ("grade_after", f"Grade, {after}"),
        ("difference", "Difference"), ("changes_grade", "Changes grade"),
        ("coverage_before", "Coverage before"), ("coverage_after", "Coverage after"),
    ]  # fmt: skip
    rows = [
        (
            names[each.supplier_id][1], names[each.supplier_id][2],
            each.before.score, each.before.word, each.after.score, each.after.word,
            each.difference, each.moves_grade, each.before.coverage, each.after.coverage,
        )
        for each in changes
    ]  # fmt: skip
    about = f"{_words(found.period)}, {after} beside {before}; worked out, not published"
    return Sheet("simulation", heads, rows, about)
