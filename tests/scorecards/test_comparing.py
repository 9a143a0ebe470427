"""What another method would make of a period, for everybody, without storing anything."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import func, select

from app.base import db
from app.base.db import Database
from app.calc.grading import CapReason
from app.calc.periods import Period, month_index, parse_period
from app.facts.deliveries import rollup
from app.facts.deliveries.models import CausedBy, Disruption, DisruptionKind
from app.judgement.scorecards import comparing, queries
from app.judgement.scorecards.comparing import Change, Comparison
from app.judgement.scorecards.methods import Json, Method, default_content, scoring_of
from app.judgement.scorecards.models import ScorecardSnapshot, ScoringMethod
from tests.builders import facts, houses

PERIOD = parse_period("12m", as_of=date(2026, 10, 31))
WEIGHTS = {"otif": 60, "ltv_A": 10, "ppm": 30}


def narrow_content(**changes: int) -> Json:
    """What the house knows: OTIF 60, spread of lateness 10, PPM 30 unless changed."""
    content, weights = default_content(), WEIGHTS | changes
    rows = [
        row | {"weight": weights[row["id"]]} for row in content["measures"] if row["id"] in weights
    ]
    return content | {"measures": rows}


def narrow(**changes: int) -> Method:
    """A method that is stored nowhere."""
    scoring = scoring_of(narrow_content(**changes))
    return Method(7, "Narrow", 3, "c0ffee", scoring, {"ppm": 50.0}, 0.9)


def put_in_force(content: Json) -> None:
    with db.transaction() as session:
        session.add(
            ScoringMethod(
                name="Narrow", version=2, state="active", valid_from=date(2026, 1, 1),
                content=content, content_hash="bead",
            )
        )  # fmt: skip


@pytest.fixture
def house(database: Database) -> dict[str, int]:
    """A healthy supplier, one that is late and one that rejects; each of 40 lines."""
    found = {}
    with db.transaction() as session:
        for name, late, rejected in (("well", 0, 0), ("late", 8, 0), ("bad", 0, 9)):
            own = facts.supplier(session, name.title(), segment=name)
            houses.deliveries(session, own, lines=40, late=late, rejected=rejected)
            found[name] = own.id
        facts.supplier(session, "Silent")
        houses.deliveries(session, houses.warehouse(session), lines=20)
    return found


def compared(method: Method, period: Period = PERIOD) -> Comparison:
    with db.reading() as session:
        return comparing.compare(session, period, method)


def of(comparison: Comparison, supplier_id: int) -> Change:
    return next(each for each in comparison.changes if each.supplier_id == supplier_id)


def test_both_cards_of_everybody_stand_side_by_side(house: dict[str, int]) -> None:
    found = compared(narrow())
    assert len(found.changes) == 4
    # The shipped method knows OTIF, spread and PPM alone: half of its weight.
    assert {each.before.word for each in found.changes} == {"NR"}
    words = {name: (of(found, key).after.word, of(found, key).after.score)
             for name, key in house.items()}  # fmt: skip
    assert words["well"] == ("A", 100.0)
    assert words["late"][0] == "D"
    assert words["bad"][1] == pytest.approx(83.75, abs=1e-9)


def test_the_matrix_counts_suppliers_by_grade_before_and_after(house: dict[str, int]) -> None:
    found = compared(narrow())
    assert found.grades == ("A", "B", "C", "D", "NR")
    assert found.matrix[4] == (1, 1, 0, 1, 1)
    assert sum(map(sum, found.matrix)) == 4


def test_who_changes_grade_comes_first_then_the_largest_change(house: dict[str, int]) -> None:
    put_in_force(narrow_content())
    found = compared(narrow(otif=30, ppm=60))
    assert [each.supplier_id for each in found.changes[:3]] == [
        house["bad"], house["late"], house["well"],
    ]  # fmt: skip
    assert [each.supplier_id for each in found.movers] == [house["bad"]]
    change = of(found, house["bad"])
    assert (change.before.word, change.after.word) == ("B", "D")
    # 9 rejects of 40,000 are 225 ppm, 4.5 times the limit: 45.833 points instead of 100.
    assert change.difference == pytest.approx(-16.25, abs=1e-9)


def test_a_comparison_stores_nothing(house: dict[str, int]) -> None:
    compared(narrow())
    with db.reading() as session:
        for table in (ScorecardSnapshot, ScoringMethod):
            assert session.scalar(select(func.count()).select_from(table)) == 0


def test_a_comparison_says_what_the_published_card_says(house: dict[str, int]) -> None:
    found = compared(narrow())
    with db.reading() as session:
        cards = queries.some(session, house.values(), PERIOD, method=narrow())
    for key, card in cards.items():
        own = of(found, key).after
        assert own.score == pytest.approx(card.result.score, abs=1e-9)
        assert own.grade == (card.result.grade and str(card.result.grade))


def test_another_supplier_never_changes_this_ones_score(house: dict[str, int]) -> None:
    before = of(compared(narrow()), house["late"])
    with db.transaction() as session:
        houses.deliveries(session, facts.supplier(session, "Newcomer"), lines=90, late=80)
    assert of(compared(narrow()), house["late"]) == before


def test_a_segments_method_is_compared_for_its_suppliers_only(house: dict[str, int]) -> None:
    found = compared(replace(narrow(), segment="late"))
    assert [each.supplier_id for each in found.changes] == [house["late"]]


def test_a_segment_without_suppliers_changes_nobody(house: dict[str, int]) -> None:
    found = compared(replace(narrow(), segment="nobody"))
    assert (found.changes, sum(map(sum, found.matrix))) == ((), 0)


def test_who_gets_better_or_worse_is_counted_of_those_rated_on_both_sides(
    house: dict[str, int],
) -> None:
    put_in_force(narrow_content())
    found = compared(narrow(otif=30, ppm=60))
    assert (found.better, found.worse) == (0, 1)
    assert found.counts == ((1, 1), (1, 0), (0, 0), (1, 2), (1, 1))


def test_a_smaller_sample_than_the_method_asks_for_counts_as_missing(
    house: dict[str, int],
) -> None:
    strict = replace(narrow(), minimums={"otif_line": 41})
    own = of(compared(strict), house["well"])
    assert (own.after.coverage, own.after.word) == (0.4, "NR")
    assert (
        of(compared(replace(strict, minimums={"otif_line": 40})), house["well"]).after.word == "A"
    )
    with db.reading() as session:
        card = queries.some(session, [house["well"]], PERIOD, method=strict)[house["well"]]
    reasons = {part.id: part.reason for part in card.result.parts}
    assert reasons["otif"] == "n is 40; this method counts it from 41 on."


def test_a_cap_that_a_method_leaves_out_holds_nothing_down(house: dict[str, int]) -> None:
    with db.transaction() as session:
        session.add(
            Disruption(
                supplier_id=house["well"], reference="D-1", kind=DisruptionKind.LINE_STOP,
                occurred_on=date(2026, 10, 6), month=month_index(date(2026, 10, 6)),
                caused_by=CausedBy.SUPPLIER,
            )
        )  # fmt: skip
        rollup.refresh_events(session, None)
    kept = of(compared(narrow()), house["well"]).after
    loose = replace(narrow(), caps=frozenset({CapReason.OTIF_BELOW_FLOOR}))
    freed = of(compared(loose), house["well"]).after
    assert (kept.word, freed.word) == ("D", "A")
