"""Parts of the worked examples that the tests of a single formula leave unsaid.

Every other worked example stands with its formula; ids are the examples' names.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from math import prod

import pytest

from app.base.formatting import half_up
from app.calc.composite import supply_risk_index
from app.calc.delivery import Line, Receipt, Window, judge_line
from app.calc.delivery_levels import otif_by_unit
from app.calc.fmea import Scores, action_priority, rpn
from app.calc.fmea_matrix import Priority
from app.calc.index_rules import Aggregation, IndexRules
from app.calc.perfect_order import COMPONENTS, PerfectLine, perfect_orders
from app.calc.score_levels import recency_weighted_score

AS_OF = date(2026, 3, 31)
GOOD = PerfectLine(in_full=True, on_time=True, documents_ok=True, undamaged=True)
BAD = PerfectLine(in_full=False, on_time=False, documents_ok=False, undamaged=False)
LATE = PerfectLine(in_full=True, on_time=False, documents_ok=True, undamaged=True)
SHORT = PerfectLine(in_full=False, on_time=True, documents_ok=True, undamaged=True)
UNDOCUMENTED = PerfectLine(in_full=True, on_time=True, documents_ok=False, undamaged=True)
DAMAGED = PerfectLine(in_full=True, on_time=True, documents_ok=True, undamaged=False)


def came(day: int, quantity: int) -> Receipt:
    return Receipt(date(2026, 3, day), quantity)


@pytest.mark.parametrize(
    ("receipts", "window", "is_otif", "units"),
    [
        pytest.param(
            [came(5, 990), came(6, 10)], Window(), False, 0.99, id="otif_split_1_day_late_balance"
        ),
        pytest.param(
            [came(4, 960)],
            Window(under_ppm=50_000, over_ppm=50_000),
            True,
            0.96,
            id="otif_under_tolerance_5pct",
        ),
    ],
)
def test_a_rate_by_units_forgives_no_tolerance_and_fails_no_whole_line(
    receipts: list[Receipt], window: Window, is_otif: bool, units: float
) -> None:
    verdict = judge_line(Line(1000, date(2026, 3, 5)), receipts, window=window, as_of=AS_OF)

    assert verdict.otif is is_otif
    assert otif_by_unit([verdict]).value == pytest.approx(units, abs=1e-9)


def test_a_split_line_completes_with_its_last_receipt() -> None:
    # quantity_weighted_lead_time_split: 14 days by quantity, 20 to completion.
    line = Line(1000, date(2026, 1, 21), ordered_on=date(2026, 1, 1))
    receipts = [Receipt(date(2026, 1, 11), 600), Receipt(date(2026, 1, 21), 400)]

    assert judge_line(line, receipts, window=Window(), as_of=AS_OF).lead_time_days == 20


@pytest.mark.parametrize(
    ("lines", "perfect"),
    [
        pytest.param(
            [*[GOOD] * 9, BAD], 0.9, id="scor_perfect_order_is_conjunction_coincident_failures"
        ),
        pytest.param(
            [*[GOOD] * 6, LATE, SHORT, UNDOCUMENTED, DAMAGED],
            0.6,
            id="scor_perfect_order_is_conjunction_separate_failures",
        ),
    ],
)
def test_the_same_four_rates_of_90_percent_are_any_share_of_perfect_orders(
    lines: list[PerfectLine], perfect: float
) -> None:
    found = perfect_orders([[line] for line in lines])
    components = [found.met[name] / found.told[name] for name in COMPONENTS]

    assert components == pytest.approx([0.9, 0.9, 0.9, 0.9], abs=1e-9)
    assert prod(components) == pytest.approx(0.6561, abs=1e-9)
    assert found.measure.value == pytest.approx(perfect, abs=1e-9)


def test_scores_weighted_by_recency_print_as_77() -> None:
    # erpnext_period_weighting: 211.667/2.75 = 76.97, printed with one place.
    score = recency_weighted_score([90, 60, 80])

    assert score is not None
    assert half_up(score, 1) == Decimal("77.0")


def test_a_row_with_a_quarter_of_the_rpn_may_be_the_urgent_one() -> None:
    # rpn_vs_ap_inversion.
    urgent, idle = Scores(9, 6, 1), Scores(3, 7, 10)

    assert (rpn(urgent), action_priority(urgent)) == (54, Priority.HIGH)
    assert (rpn(idle), action_priority(idle)) == (210, Priority.LOW)


def test_shares_of_contributions_make_up_the_whole_index() -> None:
    # contribution_decomposition, as the arithmetic mean.
    result = supply_risk_index(
        {"financial": 60.0, "geographic": 30.0, "quality": 20.0, "delivery": 50.0},
        {"financial": 40, "geographic": 30, "quality": 20, "delivery": 10},
        rules=IndexRules(aggregation=Aggregation.ARITHMETIC),
    )

    assert result.value is not None
    assert result.value == pytest.approx(42.0, abs=1e-5)
    assert [part / result.value for part in result.contributions.values()] == pytest.approx(
        [0.571429, 0.214286, 0.095238, 0.119048], abs=1e-5
    )
