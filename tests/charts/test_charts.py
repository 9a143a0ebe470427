"""Charts: unknown is a gap, paper is grey, every picture has words."""

from __future__ import annotations

import dataclasses
import re
from datetime import date
from xml.etree import ElementTree

import pytest

from app.base.charts import (
    EUROPE,
    Bar,
    BarChart,
    ColumnChart,
    DayHistogram,
    IntervalStrip,
    LineChart,
    MapCountry,
    MapDot,
    Mark,
    Medium,
    Meter,
    ScorePoint,
    ScoreTrend,
    Sparkline,
    Staircase,
    Step,
    Svg,
    Unit,
    WorldMap,
)
from app.base.charts.axis import ticks
from app.base.charts.svg import fitted, spread_apart
from app.base.charts.world_map import steps_by_share

JANUARY_2026 = 2026 * 12

LINE = LineChart(
    "OTIF <by> month",
    "Falls & rises",
    JANUARY_2026,
    (0.95, 0.9, None, 0.85, 0.8, 0.83),
    target=0.98,
    target_label="target 98 %",
    lower_limits=(0.88,) * 6,
    upper_limits=(1.0,) * 6,
    limit_label="3σ limit",
    outside=(4,),
    last_label="83.0 %",
)
COLUMNS = ColumnChart("PPM", "…", JANUARY_2026, (0.0, None, 100.0), limit=50.0, limit_label="50")
HISTOGRAM = DayHistogram("Days", "…", 10, (1, 5, 9, 5, 1), (Mark(12, "P50 12 d"),), "days")
STAIRCASE = Staircase(
    "Index",
    "…",
    (Step("quality", 20.0, "+20.0"), Step("financial", None, "no data"), Step("extra", 5.0, "+5")),
    25.0,
    "Index",
    "25.0",
)
BARS = BarChart("Causes", "…", (Bar("late", 10, "10"), Bar("ours", 5, "5", is_ours=True)))
SMALL = (
    Sparkline("Course", "falls", (1.0, 0.5, None, 0.2)),
    Meter("49.5 of 100 points", 49.5),
    IntervalStrip("89.9 %", 0.899, 0.88, 0.91, 0.98, 0.7, 1.0),
)
TREND = ScoreTrend(
    "Z′ by year",
    "…",
    (ScorePoint(date(2024, 12, 31), 1.93, "1.93"), ScorePoint(date(2025, 12, 31), None)),
    1.23,
    2.9,
    ("distress", "grey", "safe"),
)
WORLD_MAP = WorldMap(
    "World",
    "…",
    (
        MapCountry("DEU", 4, "Germany"),
        MapCountry("SGP", 1, "Singapore"),
        MapCountry("IND", None, "India"),
    ),
    (MapDot(10.9, 48.4, 100.0),),
    ("nothing", "some", "", "", "most"),
    unknown="unknown",
)
ALL = (LINE, COLUMNS, HISTOGRAM, STAIRCASE, BARS, TREND, WORLD_MAP, *SMALL)


def paths(svg: Svg, ink: str) -> list[str]:
    """Return the commands of the paths drawn with one ink on screen."""
    return re.findall(rf'<path class="{ink}" d="([^"]*)"', svg)


def texts(svg: Svg) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


@pytest.mark.parametrize("chart", ALL, ids=lambda chart: type(chart).__name__)
@pytest.mark.parametrize("medium", list(Medium))
def test_a_chart_is_well_formed_and_named(chart: LineChart, medium: Medium) -> None:
    root = ElementTree.fromstring(chart.svg(medium))  # noqa: S314 # our own drawing
    assert root.get("role") == "img"
    title = root.find("{http://www.w3.org/2000/svg}title")
    assert title is not None
    assert (title.text or "").startswith(chart.title)


@pytest.mark.parametrize("chart", ALL, ids=lambda chart: type(chart).__name__)
def test_paper_knows_only_grey_and_no_class(chart: LineChart) -> None:
    source = chart.svg(Medium.PAPER)
    assert "class=" not in source
    colours = set(re.findall(r"#([0-9a-f]{6})", source))
    assert colours
    assert all(colour[:2] == colour[2:4] == colour[4:] for colour in colours)


@pytest.mark.parametrize("chart", ALL, ids=lambda chart: type(chart).__name__)
def test_the_screen_gets_classes_and_no_colour_or_style(chart: LineChart) -> None:
    source = chart.svg(Medium.SCREEN)
    assert 'class="chart"' in source
    assert "style=" not in source
    assert "#" not in source


def test_a_screen_chart_has_a_description_and_texts_are_escaped() -> None:
    source = LINE.svg()
    assert "<title>OTIF &lt;by&gt; month</title><desc>Falls &amp; rises</desc>" in source


def test_the_alternative_text_on_paper_holds_title_and_description() -> None:
    assert "<title>OTIF &lt;by&gt; month. Falls &amp; rises</title>" in LINE.svg(Medium.PAPER)


def test_an_unknown_month_breaks_the_line_and_is_never_drawn_as_zero() -> None:
    (line,) = paths(LINE.svg(), "c-line")
    assert line.count("M") == 2
    assert line.count("L") == 3
    assert paths(LINE.svg(), "c-gap")


def test_a_month_outside_the_limits_is_a_ring_and_not_a_dot() -> None:
    source = LINE.svg()
    assert paths(source, "c-ring")[0].count("M") == 1
    assert paths(source, "c-dot")[0].count("M") == 4


def test_labels_at_the_end_stand_in_the_words_given() -> None:
    assert {"target 98 %", "3σ limit", "83.0 %"} <= set(texts(LINE.svg()))


def test_rates_are_labelled_in_percent_with_the_unit_once() -> None:
    labels = texts(LINE.svg())
    assert "100 %" in labels
    assert "90" in labels


def test_a_series_without_any_value_says_no_data() -> None:
    nothing = LineChart("OTIF", "…", JANUARY_2026, (None, None), target=0.98)
    assert texts(nothing.svg()) == ["no data"]
    assert texts(ColumnChart("PPM", "…", JANUARY_2026, (None,)).svg()) == ["no data"]
    assert texts(DayHistogram("Days", "…", 0, (0, 0)).svg()) == ["no data"]
    assert texts(BarChart("Causes", "…", ()).svg()) == ["no data"]


def test_no_rate_is_drawn_on_a_scale_above_100_percent() -> None:
    perfect = LineChart("OTIF", "…", JANUARY_2026, (1.0, 1.0, 1.0))
    assert [label for label in texts(perfect.svg()) if label[0].isdigit()] == ["90", "95", "100 %"]


def test_zero_is_a_flat_column_and_unknown_is_an_open_mark() -> None:
    source = COLUMNS.svg()
    assert paths(source, "c-bar")[0].count("M") == 2
    assert paths(source, "c-unknown")[0].count("M") == 1


def test_the_highest_column_carries_its_value() -> None:
    assert "100" in texts(COLUMNS.svg())


def test_bars_of_a_histogram_are_one_path() -> None:
    assert len(paths(HISTOGRAM.svg(), "c-bar")) == 1
    assert paths(HISTOGRAM.svg(), "c-bar")[0].count("M") == 5


def test_a_long_tail_is_gathered_so_that_the_middle_stays_readable() -> None:
    counts = (1, *(0,) * 300, *(500,) * 20, *(0,) * 300, 1)
    source = DayHistogram("Days", "…", -300, counts).svg()
    assert paths(source, "c-bar")[0].count("M") == 20


def test_the_staircase_ends_in_the_total_and_leaves_an_unknown_step_open() -> None:
    source = STAIRCASE.svg(width=330)
    assert paths(source, "c-bar")[0].count("M") == 2
    assert "no data" in texts(source)
    stairs = re.findall(r"M([\d.]+) [\d.]+h([\d.]+)", paths(source, "c-bar")[0])
    (total,) = re.findall(r"M([\d.]+) [\d.]+h([\d.]+)", paths(source, "c-total")[0])
    end_of_stairs = float(stairs[-1][0]) + float(stairs[-1][1])
    assert float(total[0]) + float(total[1]) == pytest.approx(end_of_stairs, abs=0.02)


def test_an_index_without_value_draws_no_total() -> None:
    unknown = Staircase("Index", "…", (Step("a", None, "no data"),), None, "Index", "insufficient")
    assert not paths(unknown.svg(), "c-total")
    assert "insufficient" in texts(unknown.svg())


def test_a_bands_edge_leaves_out_the_words_that_it_would_strike_through() -> None:
    def runs(edge: float) -> int:
        drawn = dataclasses.replace(STAIRCASE, edges=((edge, "medium"),), top=100.0).svg()
        return sum(path.count("M") for path in paths(drawn, "c-grid"))

    # The head, a run for each of four rows, the foot; “+20.0” and “no data” reach over 22.
    assert (runs(60.0), runs(22.0)) == (6, 4)


def test_what_is_ours_is_drawn_open() -> None:
    assert paths(BARS.svg(), "c-extra")[0].count("M") == 1


def test_small_pictures_hold_no_text() -> None:
    assert all(not texts(chart.svg()) for chart in SMALL)


def test_a_meter_without_points_is_an_empty_frame() -> None:
    assert not paths(Meter("no data", None).svg(), "c-total")


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 388, [0, 100, 200, 300, 400]),
        (70.0, 98.0, [70, 80, 90, 100]),
        (5, 5, [4, 6]),
        (0, 0, [0, 0.5]),
    ],
)
def test_ticks_are_round_numbers_around_the_data(
    low: float, high: float, expected: list[float]
) -> None:
    assert ticks(low, high) == expected


def test_labels_are_moved_apart_and_keep_their_order() -> None:
    assert spread_apart([50, 52, 10], 12, top=0, bottom=100) == [50, 62, 10]
    assert spread_apart([99, 100], 12, top=0, bottom=100) == [88, 100]


def test_a_label_too_long_is_cut_with_an_ellipsis() -> None:
    assert fitted("continuity", 30, 10) == "conti…"


def test_equal_data_draw_equal_pictures() -> None:
    assert LINE.svg(Medium.PAPER) == LINE.svg(Medium.PAPER)


def test_days_are_labelled_as_they_are() -> None:
    chart = LineChart("Lead time", "…", JANUARY_2026, (20.0, 30.0), unit=Unit.DAYS)
    assert "30 d" in texts(chart.svg())


def test_a_country_with_an_address_is_a_door_on_screen_and_none_on_paper() -> None:
    country = MapCountry("DEU", 2, "Germany: <1 EUR", "/risk/countries/DEU")
    chart = WorldMap("World", "…", (country,))
    screen = chart.svg()
    assert 'role="group"' in screen
    assert '<a href="/risk/countries/DEU" aria-label="Germany: &lt;1 EUR">' in screen
    assert "<a " not in chart.svg(Medium.PAPER)


def test_a_view_shows_what_lies_in_it_and_cuts_the_rest() -> None:
    dots = (MapDot(10.9, 48.4, 1.0), MapDot(121.0, 24.8, 9.0))
    europe = WorldMap("Europe", "…", (MapCountry("CHN", 1, "China"),), dots, view=EUROPE).svg()
    assert paths(europe, "c-shade-1") == []
    assert len(paths(europe, "c-place")) == 1
    numbers = [float(x) for x in re.findall(r"[ML](-?[\d.]+) ", paths(europe, "c-land")[0])]
    assert min(numbers) >= 0
    assert max(numbers) <= 960


def test_a_step_is_a_share_of_the_sum() -> None:
    steps = steps_by_share({"AUT": 0.0, "DEU": 4.0, "CZE": 16.0, "CHN": 80.0}, (0.05, 0.2, 0.5))
    assert steps == {"AUT": 0, "DEU": 1, "CZE": 2, "CHN": 4}
    assert steps_by_share({"AUT": 0.0}, (0.5,)) == {"AUT": 0}
