"""Sums at every level are the same counts, however they are cut: the parts make the whole."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from app.base.db import Database
from app.calc.windows import parse_window
from app.facts.deliveries import levels, queries, rollup
from app.facts.deliveries.levels import By, LevelScope
from app.facts.deliveries.queries import HistogramKind
from app.facts.suppliers.models import Category, Site
from tests.builders import facts

UNTIL = date(2026, 4, 30)


def furnish(session: Session) -> dict[str, int]:
    """Two suppliers deliver two parts of two categories to two plants, some late or rejected."""
    castings, forgings = Category(name="Castings"), Category(name="Forgings")
    ulm, brno = Site(name="Ulm"), Site(name="Brno")
    session.add_all([castings, forgings, ulm, brno])
    session.flush()
    one, other = facts.supplier(session), facts.supplier(session)
    parts = [facts.part(session), facts.part(session)]
    for place in range(48):
        due = date(2026, 1, 3) + timedelta(days=2 * place)
        of = (one, other)[place % 2]
        line = facts.line(
            session,
            facts.order(session, of, ordered_on=due - timedelta(days=14 + place % 5)),
            promised_original_on=due,
            part_id=parts[place // 2 % 2].id,
            category_id=(castings, forgings)[place // 2 % 2].id,
            site_id=(ulm, brno)[place // 4 % 2].id,
        )
        came = due + timedelta(days=place % 5 - 1)
        facts.receipt(session, line, came, quantity_rejected=Decimal(place % 4))
    rollup.rebuild(session, until=UNTIL)
    return {
        "one": one.id, "other": other.id, "part": parts[0].id, "second": parts[1].id,
        "castings": castings.id, "forgings": forgings.id, "ulm": ulm.id, "brno": brno.id,
    }  # fmt: skip


@pytest.mark.parametrize("label", ["12m", "2026-02", "13w"])
def test_every_level_adds_up_to_the_house(database: Database, label: str) -> None:
    with database.transaction() as session:
        ids = furnish(session)
        period = parse_window(label, as_of=date(2026, 4, 11))
        house = queries.delivery_sums(session, period, together=True).of(queries.HOUSE)
        as_one = levels.level_sums(session, period, LevelScope()).of(queries.HOUSE)
        by = {each: levels.level_sums(session, period, LevelScope(), by=each) for each in By}
        # A part has one category here: its lines, read one by one, are the category's sums.
        part = levels.level_sums(session, period, LevelScope(part_ids=(ids["part"],)))
        castings = levels.level_sums(session, period, LevelScope(category_ids=(ids["castings"],)))
        within = LevelScope(supplier_ids=(ids["one"],), site_id=ids["ulm"])
        at_ulm = levels.level_sums(session, period, within).of(queries.HOUSE)
        by_part = levels.level_sums(session, period, within, by=By.PART)
    assert house is not None
    assert house == as_one
    assert house["n_due"] > 10
    assert house["receipts"] > 10
    for sums in by.values():
        assert {name: int(column.sum()) for name, column in sums.columns.items()} == house
    assert by[By.SITE].supplier_ids.tolist() == [ids["ulm"], ids["brno"]]
    assert part.of(queries.HOUSE) == castings.of(queries.HOUSE)
    assert at_ulm == {name: int(column.sum()) for name, column in by_part.columns.items()}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_percentiles_of_a_part_are_those_of_its_category(database: Database) -> None:
    with database.transaction() as session:
        ids = furnish(session)
        period = parse_window("13w", as_of=date(2026, 4, 11))
        found = [
            levels.level_percentiles(
                session, period, scope, HistogramKind.LATENESS, wanted=(0.5, 0.9)
            )
            for scope in (
                LevelScope(part_ids=(ids["part"],)),
                LevelScope(category_ids=(ids["castings"],)),
            )
        ]
    assert found[0] == found[1]
    assert found[0][0.9] > found[0][0.5]
