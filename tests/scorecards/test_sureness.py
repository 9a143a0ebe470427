"""A score says how far chance alone may have moved it, and a published one keeps saying so."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select

from app.base import db
from app.base.db import Database
from app.calc.grading import Grade
from app.calc.periods import parse_period
from app.calc.sampling import DrawScale
from app.judgement.scorecards import queries, snapshots
from app.judgement.scorecards.evaluation import PeriodKind, evaluate
from app.judgement.scorecards.measures import measure_table
from app.judgement.scorecards.models import ScorecardSnapshot
from app.judgement.scorecards.packing import packed_measures
from app.judgement.scorecards.scores import scores
from app.judgement.scorecards.sums import PeriodSums
from app.judgement.scorecards.sureness import (
    Sureness,
    packed_sureness,
    ranges_of,
    scale_of,
    surenesses,
    unpacked_sureness,
)
from app.recompute import recompute
from tests.builders import facts, houses
from tests.builders.sums import CENTS, MICRO, judged, sums
from tests.scorecards.test_scores import METHOD

AS_OF = date(2026, 10, 31)


def supplier(*, lines: int = 100, missed: int = 5, **events: int) -> PeriodSums:
    """A supplier with a weight of 85 known; `lines` of each kind."""
    own = judged(lines, lines - missed) | {
        "lateness_n": lines, "lateness_scored_squares": 4 * (lines - 1),
        "receipts": lines, "receipts_known": lines,
        "quantity_received": lines * 1000 * MICRO, "quantity_rejected": 5 * MICRO,
    }  # fmt: skip
    known = {
        "lots_inspected": lines, "lots_rejected": 1,
        "price_lines": lines, "price_billed": 1000 * CENTS, "price_contract": 1000 * CENTS,
        "invoice_lines_known": lines, "invoice_lines_accurate": lines - 1,
        "acknowledged": lines, "acknowledge_minutes": lines * 1440,
        "acknowledge_minutes_squares": lines * 1440 * 1440,
    } | events  # fmt: skip
    return sums(lines=own, events=known, disruptions_recorded=True)


def sure(own: PeriodSums, *, below: bool = False) -> Sureness | None:
    table = measure_table(own)
    results = scores(packed_measures(table), METHOD, below=[below])
    return surenesses(ranges_of(table, METHOD), results, METHOD)[0]


def test_a_census_and_what_has_no_interval_are_held() -> None:
    columns = measure_table(supplier()).columns
    assert {id_: scale_of(columns[id_]) for id_ in ("otif_line", "ltv_A", "ppm", "ack_hours")} == {
        "otif_line": DrawScale.WILSON,
        "ltv_A": DrawScale.LOG,
        "ppm": DrawScale.CUBE_ROOT,
        "ack_hours": DrawScale.LINEAR,
    }
    for held in ("disruptions", "price_variance"):
        assert scale_of(columns[held]) is DrawScale.FIXED


def test_the_range_holds_the_score_and_says_how_much_could_be_drawn() -> None:
    own = sure(supplier())
    assert own is not None
    # OTIF 25, spread 5, defects 20, lots 5, invoices 5 and acknowledgement 10 of 100.
    assert own.drawn_weight == 0.70
    assert own.lo < 92.5 < own.hi


def test_few_lines_make_the_grade_open_and_many_settle_it() -> None:
    few, many = sure(supplier(lines=40, missed=2)), sure(supplier(lines=40_000, missed=2_000))
    assert few is not None
    assert many is not None
    assert few.is_open
    assert few.grades[:2] == (Grade.A, Grade.B)
    assert not many.is_open
    assert many.hi - many.lo < 3 < 10 < few.hi - few.lo


def test_rejects_that_come_by_lot_widen_the_range() -> None:
    # All five in one lot of 1,000 of a hundred: Σr²/s = 0.025, χ² = 100,000/5·0.025 − 5 = 495,
    # φ = 495/99 = 5.
    scattered, by_lot = supplier(), supplier()
    squares = {"rejected_squares": np.array([25_000], np.int64)}
    by_lot = replace(by_lot, lines={**by_lot.lines, **squares})
    assert measure_table(by_lot).measures(0)["ppm"].deff == pytest.approx(5.0, abs=1e-9)
    narrow, wide = sure(scattered), sure(by_lot)
    assert narrow is not None
    assert wide is not None
    assert wide.lo < narrow.lo - 1


def test_no_grade_is_possible_that_a_cap_rules_out() -> None:
    capped = sure(supplier(lines=40, missed=2), below=True)
    assert capped is not None
    assert capped.grades[0] is Grade.C


def test_what_is_not_rated_has_no_range() -> None:
    assert sure(sums(lines=judged(100, 95))) is None


def test_another_supplier_never_changes_the_range() -> None:
    alone = sure(supplier())
    table = measure_table(_together(supplier(), supplier(lines=500, missed=200)))
    results = scores(packed_measures(table), METHOD, below=[False, False])
    assert surenesses(ranges_of(table, METHOD), results, METHOD)[0] == alone


def test_a_range_survives_being_stored() -> None:
    own = sure(supplier())
    assert unpacked_sureness(packed_sureness(own)) == own
    assert unpacked_sureness(None) is None


def test_a_row_to_publish_carries_the_range_of_its_card() -> None:
    own = supplier()
    period = parse_period("12m", as_of=AS_OF)
    done = evaluate(
        own, kind=PeriodKind.ROLLING_YEAR, period=period, method=METHOD, below=np.array([False])
    )
    parts: dict[str, Any] = _json(done.rows[0]["parts"])
    assert parts["format"] == 2
    assert unpacked_sureness(parts["range"]) == sure(own)


def test_a_card_published_before_ranges_were_kept_has_none(database: Database) -> None:
    with db.transaction() as session:
        own = facts.supplier(session, "Nordlys Elektronik AS")
        houses.deliveries(session, own, lines=60, late=3)
    recompute(AS_OF)
    with db.transaction() as session:
        stored = session.scalars(select(ScorecardSnapshot)).first()
        assert stored is not None
        stored.parts = {k: v for k, v in stored.parts.items() if k != "range"} | {"format": 1}
        key = stored.id
    with db.reading() as session:
        assert snapshots.stored_card(session, key).sure is None
        assert queries.sureness_of_many(session, [key])[key].score is None


def test_published_ranges_are_read_without_the_documents(database: Database) -> None:
    with db.transaction() as session:
        own = facts.supplier(session, "Nordlys Elektronik AS")
        houses.deliveries(session, own, lines=60, late=3)
    recompute(AS_OF)
    told = {"lo": 71.5, "hi": 84.25, "drawn": 0.5, "grades": ["B", "C"]}
    with db.transaction() as session:
        stored = session.scalars(select(ScorecardSnapshot)).first()
        assert stored is not None
        stored.parts = dict(stored.parts) | {"range": told}
        key = stored.id
    with db.reading() as session:
        found = queries.sureness_of_many(session, [key])[key]
    assert found.score == Sureness(71.5, 84.25, 0.5, (Grade.B, Grade.C))
    assert found.otif_deff == pytest.approx(60 / 59)


def test_the_same_facts_always_have_the_same_range() -> None:
    assert sure(supplier()) == sure(supplier())


def _together(*some: PeriodSums) -> PeriodSums:
    one, other = some

    def both(left: Any, right: Any) -> Any:
        return {name: np.concatenate([left[name], right[name]]) for name in left}

    return PeriodSums(
        supplier_ids=np.array([1, 2]),
        lines=both(one.lines, other.lines),
        events=both(one.events, other.events),
        orders={name: both(one.orders[name], other.orders[name]) for name in one.orders},
        percentiles=both(one.percentiles, other.percentiles),
        within_part_sd=np.concatenate([one.within_part_sd, other.within_part_sd]),
        within_part_n=np.concatenate([one.within_part_n, other.within_part_n]),
        open_past_due=None,
        disruptions_recorded=True,
    )


def _json(text: Any) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(text)
    return parsed
