"""What a measure says about its sample, and when it counts."""

from __future__ import annotations

import pytest

from app.calc.measure import (
    MeasureState,
    event_count,
    no_data,
    rate,
    ratio,
    sample_state,
    statistic,
)

ASK = "No line is due."


@pytest.mark.parametrize(
    ("n", "state"),
    [
        (0, MeasureState.NO_DATA),
        (1, MeasureState.INSUFFICIENT),
        (9, MeasureState.INSUFFICIENT),
        (10, MeasureState.PROVISIONAL),
        (29, MeasureState.PROVISIONAL),
        (30, MeasureState.OK),
    ],
)
def test_sample_of_lines_earns_its_state(n: int, state: MeasureState) -> None:
    assert sample_state(n) is state


def test_rate_without_population_is_unknown_not_zero_and_not_hundred() -> None:
    measure = rate("otif_line", 0, 0, reason_no_data=ASK)

    assert measure.value is None
    assert (measure.lo, measure.hi) == (None, None)
    assert measure.state is MeasureState.NO_DATA
    assert measure.reason == ASK
    assert measure.counts is False


def test_insufficient_rate_is_shown_but_does_not_count() -> None:
    measure = rate("otif_line", 4, 4, reason_no_data=ASK)

    assert measure.value == 1.0
    assert measure.state is MeasureState.INSUFFICIENT
    assert measure.reason == "Too few lines: 4; at least 10 are needed."
    assert measure.counts is False


def test_veteran_is_firm_where_the_newcomer_is_not() -> None:
    veteran = rate("otif_line", 57, 60, reason_no_data=ASK)

    assert (veteran.value, veteran.state, veteran.reason) == (0.95, MeasureState.OK, None)
    assert veteran.counts is True


def test_unknown_lines_are_in_neither_part_of_the_rate() -> None:
    measure = rate("otif_line", 27, 30, unknown=12, reason_no_data=ASK)

    assert (measure.value, measure.n, measure.unknown) == (0.9, 30, 12)
    assert measure.reason == "Unknown lines, left out: 12."


def test_design_effect_widens_the_interval_but_leaves_the_value() -> None:
    measure = rate("otd", 40, 50, deff=50 / 9, reason_no_data=ASK)

    assert measure.value == 0.8
    assert (measure.lo, measure.hi) == pytest.approx(
        (0.47378850175721254, 0.9467244672065611), abs=1e-6
    )
    assert measure.state is MeasureState.OK


def test_rate_refuses_more_hits_than_trials() -> None:
    with pytest.raises(ValueError, match="true is 4 and known 3"):
        rate("otd", 4, 3, reason_no_data=ASK)
    with pytest.raises(ValueError, match=r"deff is 0\.5"):
        rate("otd", 3, 3, deff=0.5, reason_no_data=ASK)


def test_ratio_of_nothing_is_unknown() -> None:
    assert ratio("otif_unit", 0, denominator=0, n=0, reason_no_data=ASK).value is None
    assert ratio("otif_unit", 370, denominator=400, n=40, reason_no_data=ASK).value == 0.925


def test_spread_of_one_line_has_a_sample_but_no_value() -> None:
    measure = statistic("ltv_A", None, n=1, reason_no_data="One line has no spread.")

    assert (measure.value, measure.n, measure.state) == (None, 1, MeasureState.NO_DATA)


def test_spread_is_firm_from_eight_lines() -> None:
    states = [statistic("ltv_A", 2.0, n=n, reason_no_data=ASK).state for n in (2, 7, 8)]

    assert states == [MeasureState.PROVISIONAL, MeasureState.PROVISIONAL, MeasureState.OK]


def test_no_event_is_a_real_zero_only_where_events_are_recorded() -> None:
    recorded = event_count("line_stops", 0, reason_no_data="Disruptions are not recorded.")
    unrecorded = event_count("line_stops", None, reason_no_data="Disruptions are not recorded.")

    assert (recorded.value, recorded.counts) == (0.0, True)
    assert (unrecorded.value, unrecorded.counts) == (None, False)


def test_missing_measure_says_what_to_ask_for() -> None:
    assert no_data("ppm", "Ask for rejects per receipt.").reason == "Ask for rejects per receipt."
