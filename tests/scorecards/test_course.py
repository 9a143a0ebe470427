"""One word for a trend, limits that are those that judge, early signs that stand and clear."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from app.base.formatting import NARROW_SPACE
from app.calc.measure import Measure, MeasureState, rate
from app.calc.p_chart import Verdict
from app.calc.rate_trend import TrendWord
from app.calc.signals import Severity, SignalKind
from app.judgement.scorecards import wording
from app.judgement.scorecards.course import Course, course, leading_measure, words_of
from app.judgement.scorecards.queries import MonthFigures
from app.judgement.scorecards.signs import Sign, early_signs

OCTOBER = 2026 * 12 + 9
STEADY = [38] * 24
FALLING = [38] * 12 + [38, 38, 37, 37, 36, 35, 35, 34, 33, 33, 32, 31]
DROPPED = [38] * 22 + [24, 24]


def months(true: Sequence[int | None], *, lines: int = 40) -> tuple[MonthFigures, ...]:
    """Months to October 2026 with `lines` each; None is a month without a judged line."""
    first = OCTOBER - len(true) + 1
    return tuple(
        MonthFigures(
            first + at, {"otif_line": rate("otif_line", x or 0, _n(x, lines), reason_no_data="")}
        )
        for at, x in enumerate(true)
    )


def _n(x: int | None, lines: int) -> int:
    return 0 if x is None else lines


def gone(true: Sequence[int | None], *, lines: int = 40) -> Course:
    return course(months(true, lines=lines), "otif_line", deff=None)


def signs(
    true: Sequence[int | None],
    *,
    floor: float = 0.5,
    lateness: dict[int, dict[int, int]] | None = None,
) -> tuple[Sign, ...]:
    return early_signs(months(true), "otif_line", deff=None, floor=floor, lateness=lateness or {})


@pytest.mark.parametrize(
    ("true", "word"),
    [
        (STEADY, TrendWord.STABLE),
        (FALLING, TrendWord.WORSENING),
        (DROPPED, TrendWord.WORSENING),
        ([30] * 12 + list(range(29, 41)), TrendWord.IMPROVING),
    ],
)
def test_a_trend_is_one_word(true: list[int], word: TrendWord) -> None:
    assert gone(true).word is word


def test_below_eight_months_with_lines_there_is_no_word_and_it_says_what_is_missing() -> None:
    young = gone([None] * 17 + [40, 38, 36, 34, 32, 30, 28])
    assert young.word is TrendWord.TOO_SHORT
    assert young.known_months == 7
    assert not young.has_chart
    assert wording.trend_text(young) == ("no trend yet: 7 months of 12 with lines, 8 are needed")


def test_no_significance_is_claimed_on_four_points() -> None:
    # A perfect fall over four months: two-sided p is 2/4! = 0.083, whatever it looks like.
    four = gone([None] * 20 + [40, 36, 32, 28])
    assert four.word is TrendWord.TOO_SHORT
    assert signs([None] * 20 + [40, 36, 32, 28]) == ()


def test_the_baseline_never_holds_a_month_under_test() -> None:
    dropped = gone(DROPPED)
    assert dropped.baseline_months == 12
    assert dropped.centre == 0.95
    assert all(month.verdict is None for month in dropped.months[:12])
    assert dropped.outside == (22, 23)
    assert dropped.months[23].verdict is Verdict.LOW_ALARM


def test_months_before_the_first_line_are_no_baseline() -> None:
    young = gone([None] * 14 + [38] * 10)
    assert (young.baseline_from, young.baseline_months) == (OCTOBER - 9, 8)
    assert young.word is TrendWord.STABLE
    assert [month.verdict for month in young.months[-2:]] == [Verdict.IN_CONTROL] * 2


def test_a_list_has_the_words_of_the_cards() -> None:
    rows = [STEADY, FALLING, DROPPED, [0] * 14 + [38] * 10, [0] * 14 + [38] * 8 + [20, 20]]
    n = [[40] * 24] * 3 + [[0] * 14 + [40] * 10] * 2
    many = words_of(np.array(rows, float), np.array(n, float), deffs=[None] * 5)
    alone = [gone(row).word for row in rows[:3]]
    alone += [gone([x or None for x in row]).word for row in rows[3:]]
    assert many == alone
    assert many[-1] is TrendWord.WORSENING


def test_a_month_without_lines_is_a_gap_without_limits() -> None:
    own = gone([*STEADY[:20], None, *STEADY[21:]]).months[20]
    assert (own.value, own.lower, own.upper, own.n) == (None, None, None, 0)
    assert own.verdict is Verdict.UNKNOWN


def test_limits_follow_the_lines_of_each_month_and_drifts_stay_within_rates() -> None:
    found = course(months(STEADY[:23]) + _one(OCTOBER, 4, 4), "otif_line", deff=None)
    assert found.months[-1].lower is not None
    assert found.months[-2].lower is not None
    assert found.months[-1].lower < found.months[-2].lower
    assert all((month.smoothed_upper or 0) <= 1 for month in found.months)


def test_lines_that_fail_together_widen_the_limits() -> None:
    alone = course(months(STEADY), "otif_line", deff=1.0)
    together = course(months(STEADY), "otif_line", deff=4.0)
    assert (alone.inflation, together.inflation) == (1.0, 2.0)


def test_the_trend_is_of_otif_or_of_on_time_where_that_is_unknown() -> None:
    otif, nothing = _known("otif_line", 0.9), _known("otif_line", None)
    on_time = _known("otd", 0.9)
    assert leading_measure({"otif_line": otif, "otd": on_time}) == "otif_line"
    assert leading_measure({"otif_line": nothing, "otd": on_time}) == "otd"
    assert leading_measure({"otif_line": nothing, "otd": _known("otd", None)}) == "otif_line"


def test_a_stable_supplier_has_no_sign() -> None:
    assert signs(STEADY) == ()


def test_a_fall_and_a_drop_are_signs_with_their_evidence() -> None:
    fall, low = signs(FALLING)
    assert low.kind is SignalKind.OUT_OF_CONTROL
    assert (fall.kind, fall.severity) == (SignalKind.DEGRADATION, Severity.WARNING)
    assert fall.is_raised
    assert wording.sign_evidence(fall) == (
        "−20.0 points over the 12 months to Oct 2026, more than chance explains"
    )
    (drop,) = signs(DROPPED)
    assert drop.kind is SignalKind.OUT_OF_CONTROL
    assert (drop.since, drop.is_older) == (OCTOBER, False)
    assert "60.0" in wording.sign_evidence(drop)


def test_a_sign_stands_until_two_good_months() -> None:
    one_good = signs([*[38] * 21, 24, 24, 38])
    assert [sign.kind for sign in one_good] == [SignalKind.OUT_OF_CONTROL]
    assert not one_good[0].is_raised
    assert wording.sign_evidence(one_good[0]).endswith(", better since")
    assert signs([*[38] * 20, 24, 24, 38, 38]) == ()


def test_two_months_below_the_floor_are_the_gravest_sign() -> None:
    found = signs([*[38] * 22, 24, 24], floor=0.9)
    assert found[0].kind is SignalKind.BELOW_SLA
    assert found[0].severity is Severity.ALARM


def test_late_lines_that_come_later_are_a_sign() -> None:
    calm = {OCTOBER - back: {0: 17, 4: 3} for back in range(1, 13)}
    (later,) = signs(STEADY, lateness=calm | {OCTOBER: {0: 8, 4: 3, 9: 9}})
    assert later.kind is SignalKind.LATENESS_UP
    assert wording.sign_evidence(later) == (
        f"nine of ten by 9{NARROW_SPACE}d in Oct 2026, by 4{NARROW_SPACE}d in the year before"
    )
    assert signs(STEADY, lateness=calm | {OCTOBER: {0: 17, 4: 3}}) == ()


def test_a_sign_says_since_when_it_stands_or_that_it_is_older_than_the_look_back() -> None:
    (drop,) = signs(DROPPED)
    assert wording.since_text(drop) == "stands since Oct 2026"
    (long,) = (sign for sign in signs([38] * 16 + [24] * 8, floor=0.9) if _is_below(sign))
    assert wording.since_text(long) == "stands since Jun 2026 or before"


def test_hardly_a_stable_supplier_has_a_sign_of_its_trend() -> None:
    """One of the tests is enough: the rate of false flags is held in the calculation layer."""
    draws = np.random.Generator(np.random.PCG64(7)).binomial(40, 0.95, (60, 24))
    raised = [found for row in draws.tolist() for found in signs(row) if found.is_raised]
    assert len(raised) <= 2


def _one(month: int, x: int, n: int) -> tuple[MonthFigures, ...]:
    return (MonthFigures(month, {"otif_line": rate("otif_line", x, n, reason_no_data="")}),)


def _known(measure_id: str, value: float | None) -> Measure:
    state = MeasureState.NO_DATA if value is None else MeasureState.OK
    return Measure(measure_id, value, 40, None, None, None, None, state, None)


def _is_below(sign: Sign) -> bool:
    return sign.kind is SignalKind.BELOW_SLA
