"""Windows that slide by a month say of each measure what each window says alone."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from app.base import db
from app.base.db import Database
from app.calc.periods import month_end, month_index, parse_period
from app.facts.deliveries import rollup
from app.judgement.scorecards.gathering import gather
from app.judgement.scorecards.measures import measure_table
from app.judgement.scorecards.register import IDS
from app.judgement.scorecards.sliding import NOT_SUMS, columns_over
from tests.builders import facts, houses
from tests.scorecards.test_restating import beside

LAST = month_index(date(2026, 9, 30))
WINDOWS = {"12m": 12, "3m": 3}


@pytest.fixture
def house(sqlite_only: Database) -> None:
    """Two suppliers with lines in four months, some late, with lots and acknowledgements."""
    with db.transaction() as session:
        for place, name in enumerate(("Nordlys", "Kestrel")):
            of = facts.supplier(session, name)
            for month in (5, 6, 8, 9 - place):
                houses.deliveries(
                    session, of, lines=6 + place, late=2, due_on=date(2026, month, 10)
                )
            if place == 0:
                session.add_all(beside(session, of.id))
        rollup.rebuild(session, until=houses.UNTIL)


def test_every_measure_of_sums_is_what_its_window_alone_says(house: None) -> None:
    ends = [LAST - 3, LAST - 1, LAST]
    compared = set()
    with db.reading() as session:
        for label, months in WINDOWS.items():
            alone = [
                measure_table(gather(session, parse_period(label, as_of=month_end(end))))
                for end in ends
            ]
            for measure_id in set(IDS) - NOT_SUMS:
                found = columns_over(session, measure_id, ends, months=months)
                for own, table in zip(found, alone, strict=True):
                    expected = table.columns[measure_id]
                    np.testing.assert_array_equal(own.value, expected.value, measure_id)
                    np.testing.assert_array_equal(own.n, expected.n, measure_id)
                    np.testing.assert_array_equal(own.state, expected.state, measure_id)
                    if np.nansum(own.value) > 0:
                        compared.add(measure_id)
    assert {"otif_line", "otd", "lt_mean", "lot_accept", "ack_hours"} <= compared


def test_what_is_no_sum_of_months_has_no_sliding_windows(house: None) -> None:
    with db.reading() as session, pytest.raises(ValueError, match="no sum of months"):
        columns_over(session, "lt_p90", [LAST], months=12)
