"""Custom measures: what the catalogue gives, versions, faults, unknown stays unknown."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from app.base.db import Database
from app.base.errors import Conflict, InvalidInput
from app.calc.custom_definition import Definition, Filter, Template, Term
from app.calc.measure import Measure
from app.calc.periods import month_index, parse_period
from app.facts.deliveries import rollup
from app.facts.deliveries.models import (
    Acknowledgement,
    ChangedBy,
    Disruption,
    InspectionLot,
    LotVerdict,
    PromiseChange,
)
from app.facts.suppliers.models import Supplier
from app.judgement.corrective import services as corrective
from app.judgement.corrective.services import Problem
from app.judgement.scorecards.custom import queries, services
from app.judgement.scorecards.custom.catalogue import CATALOGUE, SOURCES, Records, values_of
from app.judgement.scorecards.custom.services import Draft
from app.judgement.scorecards.register import Better
from tests.builders import facts, houses

AS_OF = date(2026, 11, 20)
YEAR = parse_period("12m", as_of=AS_OF)
DAY = date(2026, 10, 5)
REASON = "asked for by plant logistics"


def kept(**values: str) -> frozenset[Filter]:
    return frozenset(Filter(field, frozenset(text.split(","))) for field, text in values.items())


def rate(of: Term, over: Term, **given: object) -> Definition:
    return Definition("own_rate", Template.RATE, (of,), (over,), **given)


def draft(definition: Definition, label: str = "Own") -> Draft:
    return Draft(definition, label, "What it says.", Better.LOWER, is_leading=False)


def value_of(session: Session, of: Supplier, definition: Definition) -> Measure:
    checked = services.check(definition)
    return queries.figures(session, [checked], YEAR, supplier_ids=[of.id])[of.id][0]


def furnished(session: Session) -> Supplier:
    """A supplier with 20 lines, 5 late, 4 lots of which one is rejected, and three stops."""
    of = facts.supplier(session)
    houses.deliveries(session, of, lines=20, late=5, rejected=100)
    verdicts = [LotVerdict.ACCEPTED, LotVerdict.REJECTED, *[LotVerdict.CONCESSION] * 2]
    for place, verdict in enumerate(verdicts):
        session.add(
            InspectionLot(
                supplier_id=of.id, lot=str(place), inspected_on=DAY + timedelta(place),
                month=month_index(DAY), verdict=verdict,
            )
        )  # fmt: skip
    for place, (kind, cause, hours) in enumerate(
        [("line_stop", "supplier", 4), ("line_stop", "buyer", 8), ("yard_hold", "supplier", None)]
    ):
        session.add(
            Disruption(
                supplier_id=of.id, reference=str(place), kind=kind, caused_by=cause,
                occurred_on=DAY, month=month_index(DAY),
                hours=None if hours is None else Decimal(hours),
            )
        )  # fmt: skip
    order = facts.order(session, of)
    line = facts.line(session, order)
    session.add(
        PromiseChange(line_id=line.id, to_on=DAY, changed_by=ChangedBy.SUPPLIER, changed_on=DAY)
    )
    sent = datetime(2026, 10, 1, 8, tzinfo=UTC)
    session.add(
        Acknowledgement(
            supplier_id=of.id, order_id=order.id, sent_at=sent, month=month_index(sent.date())
        )
    )
    session.flush()
    return of


SUPPLIERS = kept(caused_by="supplier")
CASES = [
    (rate(Term("lines on time"), Term("due lines"), is_part=True), 0.75),
    (rate(Term("lots inspected", kept(verdict="rejected")), Term("lots inspected"),
          is_part=True), 0.25),
    (rate(Term("units rejected"), Term("units received")), 0.005),
    (Definition("own", Template.SUM, (Term("disruption hours"),)), 12.0),
    (Definition("own", Template.SUM, (Term("disruption hours", SUPPLIERS),)), 4.0),
    (Definition("own", Template.COUNT, (Term("disruptions", kept(kind="line_stop,yard_hold",
                                                                 caused_by="supplier")),)), 2.0),
    (Definition("own", Template.MEAN, (Term("disruption hours"),)), 6.0),
    (Definition("own", Template.PERCENTILE, (Term("lateness of completed lines"),), p=0.9), 4.0),
    (Definition("own", Template.DAYS_SINCE, (Term("last inspected lot"),)), 43.0),
    (Definition("own", Template.COUNT, (Term("moves of a promise",
                                             kept(changed_by="supplier")),)), 1.0),
    (Definition("own", Template.COUNT, (Term("orders sent", kept(acknowledged="no")),)), 1.0),
]  # fmt: skip


def test_every_template_works_on_the_catalogue(database: Database) -> None:
    with database.transaction() as session:
        of = furnished(session)
        found = [value_of(session, of, definition).value for definition, _ in CASES]
    assert found == [value for _, value in CASES]


def test_what_has_no_value_is_left_out_and_told(sqlite_only: Database) -> None:
    with sqlite_only.transaction() as session:
        of = furnished(session)
        hours = value_of(session, of, CASES[3][0])
    assert (hours.unknown, hours.reason) == (1, "Unknown members, left out: 1.")


def test_division_by_zero_and_what_nobody_records_are_unknown(sqlite_only: Database) -> None:
    with sqlite_only.transaction() as session:
        of = facts.supplier(session)
        nothing = value_of(session, of, CASES[0][0])
        stops = value_of(session, of, CASES[5][0])
        since = value_of(session, of, CASES[8][0])
    assert [each.value for each in (nothing, stops, since)] == [None, None, None]
    assert nothing.reason == "There is nothing to divide by in this period."
    assert stops.reason == "The feed does not tell what is measured. Ask for it."


def test_withdrawn_disruptions_are_not_measured(sqlite_only: Database) -> None:
    with sqlite_only.transaction() as session:
        of = furnished(session)
        for each in session.query(Disruption):
            each.withdrawn_at, each.withdrawn_because = datetime(2026, 11, 1, tzinfo=UTC), REASON
        session.flush()
        assert value_of(session, of, CASES[5][0]).value == 0.0


def test_corrective_actions_can_be_counted_by_severity(sqlite_only: Database) -> None:
    with sqlite_only.transaction() as session:
        of = facts.supplier(session)
        at = datetime(2026, 10, 1, tzinfo=UTC)
        for is_safety in (True, False):
            said = Problem(f"Leaks {is_safety}", "x", is_safety=is_safety)
            corrective.open_action(session, of.id, said, at=at)
        term = Term("corrective actions", kept(severity="critical"))
        found = value_of(session, of, Definition("own", Template.COUNT, (term,)))
    assert found.value == 1.0


def test_a_withdrawn_corrective_action_counts_nowhere(sqlite_only: Database) -> None:
    with sqlite_only.transaction() as session:
        of = facts.supplier(session)
        at = datetime(2026, 10, 1, tzinfo=UTC)
        _, other = (
            corrective.open_action(session, of.id, Problem(title, "x", is_safety=False), at=at)
            for title in ("Leaks", "Leaks again")
        )
        corrective.withdraw(session, other, reason=REASON)
        term = Term("corrective actions")
        found = value_of(session, of, Definition("own", Template.COUNT, (term,)))
    assert found.value == 1.0


@pytest.mark.parametrize(
    ("definition", "said"),
    [
        (rate(Term("due lines"), Term("nothing known")), "no quantity of the catalogue"),
        (Definition("ppm", Template.COUNT, (Term("due lines"),)), "belongs to another measure"),
        (Definition("own", Template.SUM, (Term("disruption hours"), Term("spend"))),
         "Hours and money can't be added"),
        (Definition("own", Template.COUNT, (Term("disruptions", kept(kind="fire")),)),
         "kind of 'disruptions' is fire; it can be line_stop"),
        (Definition("own", Template.COUNT, (Term("due lines", kept(kind="x")),)),
         "can be filtered by nothing"),
    ],
)  # fmt: skip
def test_what_is_not_sound_is_refused_in_words(definition: Definition, said: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        services.check(definition)
    assert said in refused.value.message


def test_a_change_is_a_new_version_and_the_old_one_stays_readable(
    sqlite_only: Database,
) -> None:
    with sqlite_only.transaction() as session:
        of = furnished(session)
        first = services.add(session, draft(CASES[3][0]), reason=REASON)
        with pytest.raises(Conflict, match="exists already"):
            services.add(session, draft(CASES[4][0]), reason=REASON)
        second = services.follow(session, first.public_id, draft(CASES[4][0]), reason=REASON)
        with pytest.raises(Conflict, match="Version 1 is retired"):
            services.follow(session, first.public_id, draft(CASES[3][0]), reason=REASON)
        figures = queries.figures_of(session, of.id, YEAR)
        assert [(each.stored.version, each.measure.value) for each in figures] == [(2, 4.0)]
        assert queries.checked_of(first).definition == CASES[3][0]
        services.retire(session, second.public_id, reason=REASON)
        assert queries.figures_of(session, of.id, YEAR) == []
        versions = [each.version for each in queries.every_version(session)]
    assert versions == [2, 1]


def test_every_quantity_of_the_catalogue_can_be_read(database: Database) -> None:
    with database.transaction() as session:
        of = furnished(session)
        rollup.refresh_events(session, None)
        for name, quantity in CATALOGUE.items():
            templates = {"count": Template.COUNT, "sum": Template.SUM,
                         "values": Template.PERCENTILE, "day": Template.DAYS_SINCE}  # fmt: skip
            template = templates[quantity.kind]
            p = 0.5 if template is Template.PERCENTILE else None
            filters = frozenset(
                Filter(field, frozenset(values)) for field, values in values_of(name).items()
            )
            value_of(session, of, Definition("own", template, (Term(name, filters),), p=p))
    assert any(isinstance(each.read, Records) for each in SOURCES.values())
