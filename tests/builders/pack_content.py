"""Contents of a review that went fully: Kestrel Castings, as its builder would fill them.

The figures are invented, yet consistent: contributions add up to the total, counts to their
rates. `nearly_empty` and `hostile` in their own modules start from these.
"""

from __future__ import annotations

from functools import partial

from app.base.charts import (
    Bar,
    BarChart,
    ColumnChart,
    DayHistogram,
    IntervalStrip,
    LineChart,
    Mark,
    Staircase,
    Step,
    Unit,
)
from app.base.pdf.printable import PaperSize
from app.reviews.packs.content import (
    Delivery,
    LeadTime,
    Misses,
    Quality,
    Resilience,
    ReviewPack,
    Risk,
    Scorecard,
    ScorecardSheet,
    Summary,
)
from app.reviews.packs.parts import (
    Action,
    Attention,
    Column,
    Definition,
    Dimension,
    Figure,
    Frame,
    KeyFigure,
    LeftOut,
    MeasureRow,
    Miss,
    Panel,
    ScoreTotal,
    Sign,
    SourceFile,
    Standing,
    State,
    Table,
)

SIGNATURES = ("for Adler Pumps SE, date", "for Kestrel Castings GmbH, date", "remarks")
JANUARY_2025 = 2025 * 12
NOVEMBER_2025 = 2025 * 12 + 10
OTIF_BY_MONTH = (
    0.952, 0.944, 0.957, 0.941, 0.960, 0.945, 0.952, 0.948, 0.938, 0.956, 0.941, 0.922,
    0.941, 0.922, 0.908, 0.921, 0.905, 0.893, 0.859, 0.878, 0.851, 0.835,
)  # fmt: skip
LOWER_LIMITS = (
    0.901, 0.902, 0.900, 0.903, 0.900, 0.899, 0.901, 0.902, 0.898, 0.901, 0.900, 0.903,
    0.900, 0.901, 0.899, 0.902, 0.900, 0.901, 0.900, 0.899, 0.902, 0.900,
)  # fmt: skip
UPPER_LIMITS = tuple(min(1.0, 0.948 + (0.948 - low)) for low in LOWER_LIMITS)
PPM_BY_MONTH = (38.0, 41.0, 0.0, 77.0, 115.0, 160.0, 214.0, 260.0, 302.0, 291.0, 355.0, 388.0)
LEAD_TIME_COUNTS = (
    22, 44, 75, 120, 160, 208, 262, 300, 341, 316, 270, 222, 170, 132, 96, 70, 52, 41, 30, 24,
    18, 14, 10, 8, 6, 3, 2, 2, 1, 1,
)  # fmt: skip
LATENESS_COUNTS = (
    4, 10, 18, 31, 60, 121, 260, 2077, 62, 44, 31, 22, 18, 14, 11, 9, 8, 7, 5, 4, 3, 2, 1, 1, 1,
)  # fmt: skip


def frame(**changes: object) -> Frame:
    """Return Kestrel's frame with `changes`."""
    given: dict[str, object] = {
        "house": "Adler Pumps SE",
        "supplier": "Kestrel Castings GmbH",
        "supplier_line": "V-10482 · Aluminium castings · Chemnitz, DE and Brașov, RO",
        "period": "12 months to 31 October 2026",
        "as_of": "31 Oct 2026",
        "method": "Direct material v4",
        "created_on": "2026-10-31",
        "paper_size": PaperSize.A4,
        **changes,
    }
    return Frame(**given)  # type: ignore[arg-type] # a builder of plain keyword arguments


def scorecard_sheet(**changes: object) -> ScorecardSheet:
    """Return Kestrel's printed scorecard with `changes`."""
    given: dict[str, object] = {
        "frame": frame(),
        "standing": standing(),
        "key_figures": key_figures(),
        "rows": measure_rows(),
        "total": score_total(),
        "otif": otif_panel(),
        "defects": defects_panel(),
        "risk": risk_panel(),
        "misses": misses()[:3],
        "actions": actions(),
        "definitions": short_definitions(),
        "dispute": "You may dispute any line until 13 November 2026.",
        "signatures": SIGNATURES,
        **changes,
    }
    return ScorecardSheet(**given)  # type: ignore[arg-type] # as in `frame`


def review_pack(**changes: object) -> ReviewPack:
    """Return Kestrel's review pack with `changes`."""
    given: dict[str, object] = {
        "frame": frame(),
        "occasion": "Quarterly business review, Q4 2026",
        "prepared_for": "Chemnitz, 12 November 2026, 10:00 – 11:30",
        "circulation": "for Kestrel Castings GmbH and Adler Pumps SE only",
        "standing": standing(),
        "summary": summary(),
        "scorecard": scorecard(),
        "delivery": delivery(),
        "quality": quality(),
        "lead_time": lead_time(),
        "risk": risk(),
        "resilience": resilience(),
        "misses": Misses(
            reading="261 lines were missed in the period. These 22 waited longest or stopped us; "
            "all of them are in the list behind the figure.",
            lines=misses(),
        ),
        "definitions": definitions(),
        "lineage": lineage(),
        "dispute": "Any line may be disputed until 13 November 2026, ten working days after "
        "circulation; a dispute is answered on the next card.",
        "signatures": SIGNATURES,
        **changes,
    }
    return ReviewPack(**given)  # type: ignore[arg-type] # as in `frame`


def standing() -> Standing:
    return Standing(
        grade="D",
        score="62.3 of 100",
        previous="was C 74.9",
        coverage="95 %",
        bounds="59.2 – 64.2",
        notes=(
            "One line stop caused by the supplier caps the grade at D.",
            "Invoice accuracy has no data; its weight of 5 is shared out among the others. "
            "If it were 0 the score would be 59.2, if it were 100 it would be 64.2.",
        ),
    )


def key_figures() -> tuple[KeyFigure, ...]:
    return (
        KeyFigure("OTIF by line", "89.9", "%", "floor 90 % · October 83.5 %"),
        KeyFigure("Defects", "212", "ppm", "66 of 311,480 · limit 50"),
        KeyFigure("Lateness spread", "3.1", "days", "261 lines missed · P95 +9 d"),
        KeyFigure("Lead time, P90", "35", "days", "P50 26 d · promised 28 d"),
        KeyFigure("Coverage", "95", "%", "if missing were 0 / 100: 59.2 – 64.2"),
    )


def measure_rows() -> tuple[MeasureRow, ...]:
    fine, watch, act = Sign.FINE, Sign.WATCH, Sign.ACT
    falling, none = Sign.FALLING, Sign.NO_DATA
    rows = (
        ("Delivery · OTIF by line", "89.9 %", "88.2 – 91.4", "2,577", "98 %",
         State(falling, "below floor"), 49.5, "49.5", "25", "12.38"),
        ("Delivery · lateness spread", "3.1 d", "P95 +9 d", "2,521", "≤ 2 d",
         State(watch, "widening"), 75.3, "75.3", "5", "3.77"),
        ("Delivery · stops, premium freight", "1", "line stop, 9 Sep", "1", "0",
         State(act, "caps at D"), 50.0, "50.0", "5", "2.50"),
        ("Quality · defects", "212 ppm", "136 – 304", "311,480", "≤ 50",
         State(watch, "rising"), 48.9, "48.9", "20", "9.78"),
        ("Quality · lots accepted", "98.1 %", "96.5 – 99.0", "486", "99 %",
         State(fine, "steady"), 81.5, "81.5", "5", "4.08"),
        ("Quality · 8D answers on time", "75 %", "46.8 – 91.1", "12", "95 %",
         State(falling, "falling"), 55.6, "55.6", "10", "5.56"),
        ("Commercial · price to contract", "+0.4 %", "", "2,577", "0 %",
         State(fine, "steady"), 92.0, "92.0", "10", "9.20"),
        ("Commercial · invoice accuracy", "no data", "no invoices fed", "0", "99 %",
         State(none, "not counted"), None, "shared out", "5", "–"),
        ("Service · orders acknowledged", "31 h", "28 – 34", "402", "24 h",
         State(watch, "slower"), 94.2, "94.2", "10", "9.42"),
        ("Continuity · readiness", "45", "never exercised", "1", "80",
         State(act, "weak"), 50.6, "50.6", "5", "2.53"),
    )  # fmt: skip
    return tuple(MeasureRow(*row) for row in rows)


def score_total() -> ScoreTotal:
    return ScoreTotal("62.3", "58.9 – 65.8", "D", "59.22 ÷ 0.95", "100", "59.22")


def otif_panel() -> Panel:
    return Panel(
        heading="OTIF by line, month by month",
        reading="Shaded: what chance explains, given each month's number of lines and their "
        "clustering by order (baseline 2025, 94.8 %). Rings lie outside it. Dashed: target 98 %.",
        chart=LineChart(
            title="OTIF by line, January 2025 to October 2026",
            description="Falls from 95.2 % in January 2025 to 83.5 % in October 2026; the last "
            "five months lie below what chance explains.",
            first_month=JANUARY_2025,
            values=OTIF_BY_MONTH,
            unit=Unit.PERCENT,
            target=0.98,
            target_label="target 98 %",
            lower_limits=LOWER_LIMITS,
            upper_limits=UPPER_LIMITS,
            limit_label="3σ limit",
            outside=(17, 18, 19, 20, 21),
            last_label="83.5 %",
        ),
    )


def defects_panel() -> Panel:
    return Panel(
        heading="Defects by month of receipt",
        reading="Rejected units per million received, 66 of 311,480. Dashed: limit 50 ppm.",
        chart=ColumnChart(
            title="Defects by month, November 2025 to October 2026",
            description="Rises from 38 ppm to 388 ppm; above the limit of 50 since February.",
            first_month=NOVEMBER_2025,
            values=PPM_BY_MONTH,
            unit=Unit.PPM,
            limit=50.0,
            limit_label="limit 50",
        ),
    )


def risk_panel() -> Panel:
    steps = (
        Step("financial", 12.5, "+12.5"),
        Step("geographic", 3.6, "+3.6"),
        Step("quality", 8.9, "+8.9"),
        Step("delivery", 9.3, "+9.3"),
        Step("dependency", 6.2, "+6.2"),
        Step("continuity", 5.5, "+5.5"),
        Step("imbalance", 1.1, "+1.1", is_extra=True),
    )
    return Panel(
        heading="Supply risk index 47.1, medium (July: 38.9)",
        reading="Points add up; imbalance is the extra that one bad dimension costs.",
        chart=Staircase(
            title="Supply risk index 47.1 by dimension",
            description="Financial 12.5, delivery 9.3, quality 8.9, dependency 6.2, continuity "
            "5.5, geographic 3.6 and imbalance 1.1 points.",
            steps=steps,
            total=47.1,
            total_label="Index",
            total_text="47.1",
            edges=((25.0, "medium"), (50.0, "high"), (70.0, "critical")),
        ),
    )


def misses() -> tuple[Miss, ...]:
    worst = (
        Miss("4500012 / 10", "Housing 7731-A", "1,000", "3 Sep 2026",
             "600 of 1,000 on 3 Sep in the window, 400 on 17 Sep", "supplier · capacity", "14 d"),
        Miss("4500187 / 20", "Bracket 5518", "2,400", "30 Sep 2026",
             "nothing of 2,400 received; promise moved twice by the supplier",
             "supplier · tooling", "> 31 d"),
        Miss("4500203 / 10", "Housing 7731-B", "800", "19 Oct 2026",
             "500 of 800 in the window, 300 still open", "unattributed", "> 12 d"),
    )  # fmt: skip
    later = tuple(
        Miss(
            f"45002{10 + number} / {10 * (1 + number % 3)}",
            ("Housing 7731-A", "Cover 2204", "Bracket 5518", "Flange 0917")[number % 4],
            f"{400 + 40 * number:,}",
            f"{1 + number} Aug 2026",
            f"all {400 + 40 * number:,} on {10 + number} Aug, after the window",
            ("supplier · capacity", "our change of date", "carrier")[number % 3],
            "9 d",
        )
        for number in range(19)
    )
    return worst + later


def actions() -> tuple[Action, ...]:
    return (
        Action("Second shift on line 3, capacity proof", "Kestrel", "30 Nov"),
        Action("8D-204 porosity 7731-A: root cause", "Kestrel", "overdue"),
        Action("Fixed forecast horizon of 6 weeks", "Adler", "15 Nov"),
    )


def short_definitions() -> tuple[Definition, ...]:
    return (
        Definition(
            "OTIF",
            "a schedule line counts when its full quantity (tolerance 0 %) arrives inside its "
            "window (original promise, 0 days late, early allowed; measured at arrival, DAP). A "
            "window counts once it has closed; open lines then count as missed. Left out: 29 "
            "lines cancelled by us.",
        ),
        Definition(
            "Defects",
            "units rejected per million received, by receipt date, after sorting; interval over "
            "lots, since rejects come by lot.",
        ),
        Definition(
            "Spread",
            "standard deviation of days late, early counted as 0, of completed lines.",
        ),
        Definition(
            "Score",
            "points between fixed anchors, weighted; a line stop caps the grade at D; a measure "
            "without data gives its weight to the others and is shown.",
        ),
    )


def summary() -> Summary:
    return Summary(
        sentences=(
            "Delivery has left its range: five months in a row lie outside what chance explains; "
            "capacity on line 3 accounts for 61 % of the missed lines, our own changes for 18 %.",
            "Defects are rising, from one part.",
            "The 2025 statement moves financial health down within the grey zone.",
            "We cover 9 days of demand against a claimed 21 days to recover; the plan was never "
            "exercised.",
        ),
        key_figures=key_figures(),
        risk=risk_panel(),
        attention=(
            Attention(
                State(Sign.ACT, "act"), "OTIF below its floor of 90 % for five months running."
            ),
            Attention(
                State(Sign.ACT, "act"), "One line stop, 9 September, 6 hours, housing 7731-A."
            ),
            Attention(State(Sign.WATCH, "watch"), "Defects 4.2 × the limit, from housing 7731-A."),
            Attention(State(Sign.FALLING, "falling"), "Z′ 2.31 → 1.64, still grey."),
            Attention(State(Sign.NO_DATA, "no data"), "Invoice accuracy: no invoices are fed."),
        ),
        periods=Table(
            heading="The quarter beside the twelve months",
            reading="An improvement plan is left on its last three months.",
            columns=(
                Column("Measure", 30, is_number=False),
                Column("Quarter", 14),
                Column("n", 10),
                Column("12 months", 14),
                Column("n", 10),
                Column("12 months before", 22),
            ),
            rows=(
                ("OTIF by line", "85.5 %", "646", "89.9 %", "2,577", "95.0 %"),
                ("Defects", "348 ppm", "77,500", "212 ppm", "311,480", "41 ppm"),
                ("Lateness spread", "4.0 d", "630", "3.1 d", "2,521", "1.9 d"),
                ("Lead time, P90", "38 d", "630", "35 d", "2,521", "31 d"),
                ("Lots accepted", "97.5 %", "120", "98.1 %", "486", "99.2 %"),
            ),
        ),
        decisions=(
            "Qualify a second source for 7731-A (12 weeks, 38,000 EUR): dependency 41 → 29, "
            "index −1.9.",
            "Raise the buffer on three parts, 120 → 160 pieces, 2,650 EUR a year.",
            "Notice on frame contract 2023-117 falls due on 1 December.",
        ),
        promises=None,
    )


def scorecard() -> Scorecard:
    return Scorecard(
        reading="Value, interval and n speak of the period; points lie between fixed anchors, "
        "0 to 100; contribution is weight × points ÷ 100. The contributions add up, and are "
        "divided by the share of the weight that has data.",
        rows=measure_rows(),
        total=score_total(),
        notes=standing().notes,
        lost=Panel(
            "Where the points are lost",
            "Weight × (100 − points) ÷ 100: what each measure costs, most first.",
            BarChart(
                "Points lost by measure",
                "OTIF by line 12.6, defects 10.2, 8D answers 4.4 points; the others less.",
                (
                    Bar("Delivery · OTIF by line", 12.62, "12.62"),
                    Bar("Quality · defects", 10.22, "10.22"),
                    Bar("Quality · 8D answers on time", 4.44, "4.44"),
                    Bar("Delivery · stops, premium freight", 2.50, "2.50"),
                    Bar("Continuity · readiness", 2.47, "2.47"),
                    Bar("Delivery · lateness spread", 1.23, "1.23"),
                    Bar("Quality · lots accepted", 0.92, "0.92"),
                    Bar("Commercial · price to contract", 0.80, "0.80"),
                    Bar("Service · orders acknowledged", 0.58, "0.58"),
                ),
            ),
        ),
    )


def strip(
    value: float | None, low: float | None, high: float | None, target: float | None
) -> IntervalStrip:
    words = "no data" if value is None else f"{value:.1%}"
    return IntervalStrip(words, value, low, high, target, start=0.7, end=1.0)


def delivery() -> Delivery:
    falling, watch, fine = Sign.FALLING, Sign.WATCH, Sign.FINE
    figures = (
        Figure("OTIF by line (the contractual one)", "89.9 %", "88.2 – 91.4", "2,577",
               "2,316 of 2,577", "98 %", State(falling, "below floor"),
               strip(0.899, 0.882, 0.914, 0.98)),
        Figure("OTIF by order", "84.1 %", "80.2 – 87.3", "402", "338 of 402", "93 %",
               State(falling, "falling"), strip(0.841, 0.802, 0.873, 0.93)),
        Figure("OTIF by unit", "94.6 %", "", "311,480", "294,660 of 311,480", "98 %",
               State(watch, "below target"), strip(0.946, None, None, 0.98)),
        Figure("OTIF by value", "93.8 %", "", "", "1.64 of 1.75 m EUR", "98 %",
               State(watch, "below target"), strip(0.938, None, None, 0.98)),
        Figure("On time, original promise", "91.7 %", "90.1 – 93.1", "2,577", "2,363 of 2,577",
               "95 %", State(watch, "below target"), strip(0.917, 0.901, 0.931, 0.95)),
        Figure("On time, current promise", "96.0 %", "94.9 – 96.9", "2,577", "2,474 of 2,577",
               "95 %", State(fine, "on target"), strip(0.960, 0.949, 0.969, 0.95)),
        Figure("On time, requested date", "no data", "no requested dates in the feed", "0",
               "", "95 %", State(Sign.NO_DATA, "not judged"), strip(None, None, None, 0.95)),
        Figure("In full", "97.1 %", "96.2 – 97.8", "2,577", "2,502 of 2,577", "98 %",
               State(watch, "below target"), strip(0.971, 0.962, 0.978, 0.98)),
        Figure("Open past due", "56", "oldest 43 d", "56", "", "0", State(Sign.ACT, "56 lines")),
        Figure("More than 5 days early", "112", "", "2,577", "112 of 2,577", "", None),
    )  # fmt: skip
    return Delivery(
        reading="Seven lines in eight were on time and in full. The fall began in March 2026 and "
        "has not stopped; most misses are late by less than two weeks.",
        otif=otif_panel(),
        figures=figures,
        causes=Panel(
            "How the 261 lines were missed",
            "Open bars: our own doing, 18 %.",
            BarChart(
                "Missed lines by cause",
                "159 capacity, 47 our own change, 31 tooling, 14 carrier, 10 unattributed.",
                (
                    Bar("capacity", 159, "159 · 61 %"),
                    Bar("our change of date", 47, "47 · 18 %", is_ours=True),
                    Bar("tooling", 31, "31 · 12 %"),
                    Bar("carrier", 14, "14 · 5 %"),
                    Bar("unattributed", 10, "10 · 4 %"),
                ),
            ),
        ),
        ages=Panel(
            "Open past due, by age",
            "56 lines, as of 31 October 2026.",
            BarChart(
                "Open past-due lines by age",
                "31 up to 7 days, 17 of 8 to 30 days, 8 over 30 days.",
                (
                    Bar("1 – 7 d", 31, "31 lines"),
                    Bar("8 – 30 d", 17, "17 lines"),
                    Bar("over 30 d", 8, "8 lines"),
                ),
            ),
        ),
        left_out=(
            LeftOut("cancelled by us before the window ended", "29"),
            LeftOut("window not yet closed on 31 October 2026", "214"),
            LeftOut("lines of our own warehouse", "0"),
        ),
        scale="70 – 100 %",
        months=Table(
            "By month",
            "A line belongs to the month in which its due window ends.",
            (
                Column("Month", 16, is_number=False),
                Column("Lines due", 14),
                Column("OTIF", 14),
                Column("On time", 14),
                Column("In full", 14),
                Column("Late, mean", 14),
                Column("Open", 14),
            ),
            tuple(
                (month, f"{210 + 3 * i}", f"{100 * rate:.1f} %", f"{100 * rate + 1.8:.1f} %",
                 "97.1 %", f"{1.1 + 0.2 * i:.1f} d", f"{i // 2}")
                for i, (month, rate) in enumerate(zip(MONTHS, OTIF_BY_MONTH[10:], strict=True))
            ),
        ),
    )  # fmt: skip


MONTHS = (
    "Nov 2025", "Dec 2025", "Jan 2026", "Feb 2026", "Mar 2026", "Apr 2026",
    "May 2026", "Jun 2026", "Jul 2026", "Aug 2026", "Sep 2026", "Oct 2026",
)  # fmt: skip


def quality() -> Quality:
    return Quality(
        reading="Defects passed their limit in February and have risen every month since. One "
        "part, housing 7731-A, carries 52 of the 66 rejected units.",
        defects=defects_panel(),
        figures=(
            Figure("Defects", "212 ppm", "136 – 304", "311,480", "66 of 311,480", "≤ 50 ppm",
                   State(Sign.WATCH, "rising")),
            Figure("Lots accepted", "98.1 %", "96.5 – 99.0", "486", "477 of 486", "99 %",
                   State(Sign.FINE, "steady")),
            Figure("First pass, without concession", "97.3 %", "95.5 – 98.4", "486", "473 of 486",
                   "", None),
            Figure("Lots not inspected", "61", "skip-lot, left out", "61", "", "", None),
            Figure("8D answers on time", "75 %", "46.8 – 91.1", "12", "9 of 12", "95 %",
                   State(Sign.FALLING, "falling")),
        ),
        parts=Panel(
            "Rejected units by part",
            "66 units in the period.",
            BarChart(
                "Rejected units by part",
                "52 housing 7731-A, 9 bracket 5518, 5 three other parts.",
                (
                    Bar("Housing 7731-A", 52, "52 · 79 %"),
                    Bar("Bracket 5518", 9, "9 · 14 %"),
                    Bar("3 other parts", 5, "5 · 8 %"),
                ),
            ),
        ),
        months=Table(
            "By month of receipt",
            "Returns count in the month of their receipt.",
            (
                Column("Month", 20, is_number=False),
                Column("Received", 16),
                Column("Rejected", 16),
                Column("PPM", 16),
                Column("Lots inspected", 16),
                Column("Lots rejected", 16),
            ),
            tuple(
                (month, f"{25_800 + 30 * i:,}", f"{round(ppm * 0.0258)}", f"{ppm:.0f}", "40", "1")
                for i, (month, ppm) in enumerate(zip(MONTHS, PPM_BY_MONTH, strict=True))
            ),
        ),
    )  # fmt: skip


def lead_time() -> LeadTime:
    return LeadTime(
        reading="Half of the lines take 26 days or less from order to complete, one in ten more "
        "than 35. Both spreads have grown by half within the year.",
        taken=Panel(
            "Lead time, order to complete",
            "2,521 completed lines; 56 open ones stand apart, oldest 43 days.",
            DayHistogram(
                "Lead time in days",
                "P50 26 days, P90 35 days, longest 47 days.",
                first_day=18,
                counts=LEAD_TIME_COUNTS,
                marks=(Mark(26, "P50 26 d"), Mark(35, "P90 35 d")),
                axis="days from order to complete",
            ),
        ),
        lateness=Panel(
            "Days late",
            "Against the original promise; early is negative.",
            DayHistogram(
                "Days late",
                "Four lines in five on the day; P95 9 days late.",
                first_day=-7,
                counts=LATENESS_COUNTS,
                marks=(Mark(0, "promised"), Mark(9, "P95 +9 d")),
                axis="days late",
            ),
        ),
        figures=(
            Figure("Lead time, mean", "26.8 d", "", "2,521"),
            Figure("Lead time, P50 / P90", "26 / 35 d", "", "2,521"),
            Figure("Spread against the promise (A), scored", "3.1 d", "early counted as 0",
                   "2,521", "", "≤ 2 d", State(Sign.WATCH, "widening")),
            Figure("Spread against the promise (A), raw", "3.9 d", "", "2,521"),
            Figure("Spread of lead time (B)", "4.6 d", "pooled within 14 parts", "2,507"),
            Figure("Variation, spread ÷ mean", "0.17", "moderate", "2,521"),
            Figure("Promises moved by the supplier", "9.3 %", "8.2 – 10.5", "2,577",
                   "240 of 2,577"),
            Figure("Slip of moved promises, mean", "6.2 d", "", "240"),
        ),
        notes=(
            "Open lines are not in these figures; the oldest has waited 43 days, so the true "
            "P90 is at least as long.",
            "Plan with (B) when orders are released by mean lead time, with (A) when they are "
            "released by promised date.",
        ),
        parts=Table(
            "By part",
            "The six parts with most lines.",
            (
                Column("Part", 34, is_number=False),
                Column("Lines", 12),
                Column("Mean", 14),
                Column("Spread", 14),
                Column("P50", 13),
                Column("P90", 13),
            ),
            (
                ("Housing 7731-A", "512", "27.9 d", "5.2 d", "27 d", "37 d"),
                ("Housing 7731-B", "498", "27.1 d", "4.8 d", "26 d", "36 d"),
                ("Bracket 5518", "377", "26.0 d", "4.4 d", "25 d", "34 d"),
                ("Cover 2204", "301", "25.7 d", "3.9 d", "25 d", "32 d"),
                ("Flange 0917", "288", "26.1 d", "4.1 d", "26 d", "33 d"),
                ("Ring 3310", "190", "no data", "no data", "no data", "no data"),
            ),
        ),
    )  # fmt: skip


def risk() -> Risk:
    rows = (
        ("financial", "62.5", "20", "+12.5", "Z′ 1.64, statement of 31 Dec 2025",
         State(Sign.FALLING, "falling"), 62.5),
        ("geographic", "24.0", "15", "+3.6", "2 sites, by volume; INFORM 2020",
         State(Sign.FINE, "low"), 24.0),
        ("quality", "44.5", "20", "+8.9", "100 − quality points of the scorecard",
         State(Sign.WATCH, "rising"), 44.5),
        ("delivery", "46.5", "20", "+9.3", "100 − delivery points of the scorecard",
         State(Sign.WATCH, "rising"), 46.5),
        ("dependency", "41.3", "15", "+6.2", "3 of 14 parts single-sourced; worst 100",
         State(Sign.WATCH, "3 parts"), 41.3),
        ("continuity", "55.0", "10", "+5.5", "100 − readiness 45; never exercised",
         State(Sign.ACT, "weak"), 55.0),
    )  # fmt: skip
    return Risk(
        reading="Medium, near high. Financial health moved the index most; delivery and quality "
        "followed.",
        index=risk_panel(),
        dimensions=tuple(Dimension(*row) for row in rows),
        notes=(
            "All six dimensions have data: coverage 100 %.",
            "No floor raises the band.",
        ),
        moved=Table(
            "Why it moved since July: 38.9 → 47.1",
            "The parts add up to the change.",
            (Column("What changed", 80, is_number=False), Column("Points", 20)),
            (
                ("Annual statement 2025: Z′ 2.31 → 1.64, still grey", "+4.0"),
                ("Delivery worsened", "+2.6"),
                ("Quality worsened", "+1.4"),
                ("Second source for 7731-B lost", "+0.6"),
                ("Late receipts of July restated", "−0.8"),
                ("Imbalance", "+0.4"),
                ("Change", "+8.2"),
            ),
            has_total=True,
        ),
        asks=("The half-year statement 2026.", "The date of the next continuity exercise."),
    )


def resilience() -> Resilience:
    words = partial(Column, is_number=False)
    return Resilience(
        reading="Readiness 45 of 100, weak, by BCP-0004. 1 contract in force, the next notice due "
        "by 30 Nov 2026.",
        rubric=Table(
            "How ready it is",
            "What each part of the rubric earns.",
            (words("Part", 24), Column("Points", 10), Column("Of", 6), words("Why", 60)),
            (
                ("Documented and approved", "15", "15", "Approved by another person in the year."),
                ("Recovery time shown", "10", "20", "Claimed, never shown: half the points."),
                ("Reviewed", "10", "10", "Reviewed within 12 months."),
                ("Exercised", "0", "20", "No exercise is recorded."),
                ("Alternate capacity", "not known", "15", "The plan lacks the minimum (MBCO)."),
                ("Stock held", "10", "10", "Finished goods are held."),
                ("Contacts reached", "0", "5", "Not every contact was reached."),
                ("Plans of sub-suppliers", "0", "5", "It did not obtain them."),
                ("Readiness", "45 to 60", "100", ""),
            ),
            has_total=True,
        ),
        times=Table(
            "How long until supply is back",
            "",
            (words("Time", 50), words("Days", 50)),
            (("Stated by the plan (RTO)", "14 days"), ("Our stock lasts", "12 days (7731-B)")),
        ),
        exercises=Table("What was exercised", "", (), (), missing="no exercise is recorded"),
        contracts=Table(
            "Contracts in force",
            "",
            (words("Contract", 46), words("Bound until", 18), words("Notice by", 18),
             words("Renews itself", 18)),
            (("RV-2024-017 · Castings", "28 Feb 2027", "30 Nov 2026", "yes"),),
        ),
        promised=Table(
            "Promised and measured",
            "",
            (words("Contract", 16), words("Promised", 32), words("Window", 20),
             Column("Measured", 12), Column("n", 8), words("Outcome", 12)),
            (("RV-2024-017", "OTIF by line at least 95 %", "2026-07 to 2026-09", "83.5 %", "612",
              "missed"),),
        ),
        claims=Table(
            "Claimed under them",
            "",
            (words("Claim", 28), words("For", 32), Column("Claimed", 20), Column("Settled", 20)),
            (("RV-2024-017/1", "1 Apr 2026 to 30 Jun 2026", "327.49 EUR", "open"),),
        ),
    )  # fmt: skip


def definitions() -> tuple[Definition, ...]:
    return (
        *short_definitions(),
        Definition(
            "Interval",
            "95 % Wilson interval with the effective number of lines: lines of one order share "
            "their fate (design effect 1.6). It speaks of the long-run rate, not of this year's "
            "count, which is complete.",
        ),
        Definition("n", "how many lines, lots or units the value rests on."),
        Definition(
            "OTIF by order, unit, value",
            "orders whose due lines are all on time and in full; quantity, and value, in the "
            "window ÷ due, over-delivery not counted.",
        ),
        Definition(
            "On time",
            "the date only, quantity complete; against the original promise, the current "
            "promise, or the date we asked for. The contract counts the original promise.",
        ),
        Definition(
            "Spread (A) and (B)",
            "(A) standard deviation of completion − promise; (B) standard deviation of lead time "
            "within parts, pooled. Sample form, n − 1.",
        ),
        Definition("P50, P90", "half, nine tenths of the lines took no longer."),
        Definition(
            "Grade",
            "A from 90, B from 80, C from 70, D below; rated from a coverage of 60 %, "
            "provisional below 80 %.",
        ),
        Definition(
            "Supply risk index",
            "0 best to 100 worst, from six weighted dimensions; one very bad dimension costs "
            "more than its weight (imbalance). Low below 25, medium below 50, high below 70, "
            "critical from there.",
        ),
        Definition("Single-sourced", "a part without a second qualified source."),
        Definition(
            "No data",
            "no population, or a fact that the feed does not carry. It is never counted as 0 or "
            "100; its weight goes to the others, and the coverage says so.",
        ),
    )


def lineage() -> tuple[SourceFile, ...]:
    return (
        SourceFile("erp_lines_2025.csv", "erp-lines v2", "12,004", "3: 2 dates, 1 quantity",
                   "2 Jan 2026 05:12 UTC, A. Lindqvist", "9f2c 11d0 84aa …"),
        SourceFile("erp_lines_2026-10.csv", "erp-lines v2", "1,288", "none",
                   "1 Nov 2026 06:10 UTC, A. Lindqvist", "07be 5521 c3f9 …"),
        SourceFile("inspection_lots.xlsx", "lots v1", "547", "none",
                   "1 Nov 2026 06:14 UTC, M. Weber", "d410 2ba7 6e08 …"),
    )  # fmt: skip
