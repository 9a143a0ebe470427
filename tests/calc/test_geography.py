"""Country indicators, places and sites."""

from __future__ import annotations

import pytest

from app.calc.geography import (
    CountryIndicators,
    InformClass,
    Lane,
    Site,
    country_risk,
    geographic_risk,
    inform_class,
    inform_score,
    lpi_risk,
    single_lane,
    wgi_risk,
)


def test_inform_is_a_geometric_mean() -> None:
    assert inform_score(6.0, 5.5, coping=5.0) == pytest.approx(5.4848, abs=1e-4)


def test_good_governance_is_low_risk() -> None:
    assert [wgi_risk(wgi) for wgi in (2.5, 0, -2.5, -1.0)] == pytest.approx(
        [0, 50, 100, 70], abs=1e-9
    )


def test_governance_beyond_its_scale_is_clamped() -> None:
    assert (wgi_risk(2.7), wgi_risk(-3.0)) == (0.0, 100.0)


def test_good_logistics_is_low_risk() -> None:
    assert [lpi_risk(lpi) for lpi in (5, 4, 1)] == [0.0, 25.0, 100.0]


def test_inform_classes_give_their_edge_to_the_worse() -> None:
    scores = (0, 1.99, 2.0, 3.5, 5.0, 6.49, 6.5, 10)

    assert [inform_class(score) for score in scores] == [
        InformClass.VERY_LOW,
        InformClass.VERY_LOW,
        InformClass.LOW,
        InformClass.MEDIUM,
        InformClass.HIGH,
        InformClass.HIGH,
        InformClass.VERY_HIGH,
        InformClass.VERY_HIGH,
    ]


def test_place_is_the_mean_of_what_is_known() -> None:
    full = CountryIndicators(inform_natural=2.0, inform_human=4.0, wgi=0.0, lpi=3.0)

    assert country_risk(full).risk == pytest.approx((20 + 40 + 50 + 50) / 4)
    assert country_risk(CountryIndicators(wgi=-1.0)).risk == pytest.approx(70.0)


def test_inform_total_stands_in_only_where_both_hazards_are_missing() -> None:
    with_hazard = CountryIndicators(inform_natural=2.0, inform_total=8.0)
    only_total = CountryIndicators(inform_total=5.4)

    assert country_risk(with_hazard).terms == {"inform_natural": 20.0}
    assert country_risk(only_total).risk == pytest.approx(54.0)


def test_country_in_no_table_is_unknown() -> None:
    assert country_risk(None).risk is None
    assert country_risk(None, is_single_lane=True).risk is None
    assert country_risk(CountryIndicators()).risk is None


def test_single_lane_adds_ten_up_to_100() -> None:
    calm, harsh = CountryIndicators(inform_total=5.0), CountryIndicators(inform_total=9.5)

    assert country_risk(calm, is_single_lane=True).risk == pytest.approx(60.0)
    assert country_risk(harsh, is_single_lane=True).risk == 100.0


def test_sites_are_weighted_by_volume_with_the_worst_beside() -> None:
    result = geographic_risk([Site(20.0, 900), Site(70.0, 100)])

    assert (result.risk, result.worst, result.is_weighted) == (25.0, 70.0, True)


def test_sites_weigh_the_same_where_a_volume_is_unknown() -> None:
    result = geographic_risk([Site(20.0, 900), Site(70.0, None)])

    assert (result.risk, result.is_weighted) == (45.0, False)


def test_site_of_unknown_risk_lowers_the_coverage() -> None:
    result = geographic_risk([Site(20.0, 500), Site(None, 500)])

    assert (result.risk, result.coverage) == (20.0, 0.5)


def test_supplier_without_known_site_has_unknown_geography() -> None:
    assert geographic_risk([]).risk is None
    assert geographic_risk([Site(None)]).coverage == 0.0


def test_inform_outside_its_scale_is_refused() -> None:
    with pytest.raises(ValueError, match="inform_natural is 45"):
        country_risk(CountryIndicators(inform_natural=45))
    with pytest.raises(ValueError, match="volume"):
        geographic_risk([Site(20.0, -1)])


OCEAN = [Lane("ocean", "Hamburg", 3), Lane("Sea", " hamburg ", 2)]


@pytest.mark.parametrize(
    ("lanes", "receipts", "port"),
    [
        (OCEAN, 5, "Hamburg"),
        (OCEAN, 6, "Hamburg"),
        # 5 of 7 tell their way: 71 %.
        (OCEAN, 7, None),
        ([Lane("ocean", "Hamburg", 4)], 4, None),
        ([*OCEAN, Lane("ocean", "Koper", 1)], 6, None),
        ([*OCEAN, Lane("road", None, 1)], 6, None),
        ([Lane("truck", None, 50)], 50, None),
    ],
)
def test_a_single_port_is_told_by_five_receipts_and_80_percent(
    lanes: list[Lane], receipts: int, port: str | None
) -> None:
    found = single_lane(lanes, receipts=receipts)
    assert (None if found is None else found.port) == port


def test_a_single_mode_beside_the_road_is_a_single_lane() -> None:
    assert single_lane([Lane("rail", None, 6)], receipts=6) == Lane("rail", None, 6)
