"""Contents at the edges: a supplier of whom little is known, and one whose texts attack."""

from __future__ import annotations

import dataclasses

from app.base.charts import LineChart, Staircase, Step, Unit
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
    Attention,
    Dimension,
    Figure,
    KeyFigure,
    MeasureRow,
    Miss,
    Panel,
    ScoreTotal,
    Sign,
    Standing,
    State,
    Table,
)
from tests.builders import pack_content as full

NO_QUANTITY = "the feed has no received quantity"
NO_REJECTS = "the feed has no rejects"
RESILIENCE = ("How ready it is", "Times", "Exercises", "Contracts", "Promised", "Claims")
UNKNOWN = State(Sign.NO_DATA, "not counted")
INJECTION = (
    "{{7*7}} ${7*7} {0.__class__} <link rel=attachment href=file:///etc/passwd>"
    "<img src=http://127.0.0.1:9/x><script>app.alert(1)</script>"
)
NAMES = "株式会社山田製作所 한국부품 · شركة الصلب · מפעל · Żółć · Ωμέγα · 🚀 🏭 😀"
ENDLESS = "W" * 1_000_000


def empty_sheet(**changes: object) -> ScorecardSheet:
    """Return the scorecard of a supplier of whom only the on-time rate is known."""
    given: dict[str, object] = {
        "standing": empty_standing(),
        "key_figures": empty_key_figures(),
        "rows": empty_rows(),
        "total": ScoreTotal("not rated", "", "NR", "", "100", "–"),
        "otif": unknown_panel("OTIF by line, month by month", NO_QUANTITY),
        "defects": unknown_panel("Defects by month of receipt", NO_REJECTS),
        "risk": unknown_index(),
        "misses": (),
        "actions": (),
        "frame": full.frame(
            house="", supplier="Aurora Pharma Limited", supplier_line="V-20001 · Medicines"
        ),
        **changes,
    }
    return full.scorecard_sheet(**given)


def empty_pack(**changes: object) -> ReviewPack:
    """Return the review pack of a supplier of whom only the on-time rate is known."""
    on_time = on_time_panel()
    no_table = Table("By month", "", (), (), missing=NO_REJECTS)
    unknown_figures = tuple(
        Figure(label, "no data", reason, "0", state=State(Sign.NO_DATA, "not judged"))
        for label, reason in (
            ("OTIF by line (the contractual one)", NO_QUANTITY),
            ("OTIF by order", NO_QUANTITY),
            ("In full", NO_QUANTITY),
        )
    )
    known = Figure(
        "On time, current promise", "82.6 %", "79.0 – 85.8", "484", "400 of 484", "95 %",
        State(Sign.ACT, "below target"),
    )  # fmt: skip
    given: dict[str, object] = {
        "frame": full.frame(
            house="", supplier="Aurora Pharma Limited", supplier_line="V-20001 · Medicines"
        ),
        "prepared_for": "",
        "standing": empty_standing(),
        "summary": Summary(
            sentences=(
                "82.6 % of 484 lines arrived on or before their date.",
                "Whether they were complete, and how many pieces were rejected, is unknown.",
            ),
            key_figures=empty_key_figures(),
            risk=unknown_index(),
            attention=(
                Attention(State(Sign.NO_DATA, "no data"), "Received quantities: ask for them."),
            ),
            periods=full.summary().periods,
        ),
        "scorecard": Scorecard(
            "Too little has data to rate this supplier.",
            empty_rows(),
            ScoreTotal("not rated", "", "NR", "", "100", "–"),
            ("Less than 60 % of the weight has data: not rated.",),
            unknown_panel("Where the points are lost", "the supplier is not rated"),
        ),
        "delivery": Delivery(
            "On time is known, in full is not.",
            on_time,
            (known, *unknown_figures),
            unknown_panel("How the lines were missed", "no causes are recorded"),
            unknown_panel("Open past due, by age", "no line is open"),
            (),
            Table("By month", "", (), (), missing="no lines were due"),
            "70 – 100 %",
        ),
        "quality": Quality(
            "Nothing is known about quality.",
            unknown_panel("Defects by month of receipt", NO_REJECTS),
            (
                Figure(
                    "Defects", "no data", NO_REJECTS, "0", state=State(Sign.NO_DATA, "not judged")
                ),
            ),
            unknown_panel("Rejected units by part", NO_REJECTS),
            no_table,
        ),
        "lead_time": LeadTime(
            "No order dates are in the feed.",
            unknown_panel("Lead time, order to complete", "no order dates"),
            unknown_panel("Days late", "no order dates"),
            (Figure("Lead time, mean", "no data", "no order dates", "0"),),
            (),
            Table("By part", "", (), (), missing="no order dates"),
        ),
        "risk": Risk(
            "The index needs at least 70 % of its weight.",
            unknown_index(),
            tuple(
                Dimension(name, "no data", weight, "–", "ask for it", UNKNOWN, None)
                for name, weight in (("financial", "20"), ("geographic", "15"), ("quality", "20"))
            ),
            ("Insufficient data: this is not a low risk.",),
            None,
            ("The last two annual statements.",),
        ),
        "resilience": Resilience(
            "Nobody asked it for a continuity plan, so its readiness is not known.",
            *(Table(name, "", (), (), missing="nobody asked") for name in RESILIENCE),
        ),
        "misses": Misses("", (), "no line was missed"),
        "lineage": (),
        **changes,
    }
    return full.review_pack(**given)


def hostile_sheet() -> ScorecardSheet:
    """Return a scorecard whose texts are attacks, endless words and many scripts."""
    sheet = full.scorecard_sheet()
    return dataclasses.replace(
        sheet,
        frame=full.frame(supplier=f"{NAMES} {INJECTION}", supplier_line=INJECTION),
        misses=(
            Miss("1 / 1", ENDLESS, "1", "1 Jan 2026", f"{ENDLESS} {INJECTION}", "x", "1 d"),
            *sheet.misses[1:],
        ),
        otif=dataclasses.replace(sheet.otif, heading=INJECTION),
        risk=Panel(
            INJECTION,
            INJECTION,
            Staircase(INJECTION, INJECTION, (Step(INJECTION, 1.0, "+1"),), 1.0, "Index", "1.0"),
        ),
    )


def hostile_pack() -> ReviewPack:
    """Return a pack whose texts are attacks, endless words and many scripts."""
    pack = full.review_pack()
    return dataclasses.replace(
        pack,
        frame=full.frame(supplier=f"{NAMES}", supplier_line=f"{INJECTION}\x00\x07\ud800"),
        occasion=INJECTION,
        circulation=ENDLESS,
        misses=Misses(INJECTION, (Miss(ENDLESS, NAMES, "1", "–", INJECTION, NAMES, "1 d"),)),
    )


def empty_standing() -> Standing:
    return Standing(
        "NR", "not rated", "first scorecard", "5 %", "3.1 – 98.1",
        ("Less than 60 % of the weight has data: not rated.",),
    )  # fmt: skip


def empty_key_figures() -> tuple[KeyFigure, ...]:
    return (
        KeyFigure("OTIF by line", "no data", "", NO_QUANTITY),
        KeyFigure("On time", "82.6", "%", "400 of 484 · 79.0 – 85.8"),
        KeyFigure("Defects", "no data", "", NO_REJECTS),
        KeyFigure("Lead time, P90", "no data", "", "no order dates"),
        KeyFigure("Coverage", "5", "%", "not rated below 60 %"),
    )


def empty_rows() -> tuple[MeasureRow, ...]:
    reasons = {"Quality · defects": NO_REJECTS, "Delivery · OTIF by line": NO_QUANTITY}
    return tuple(
        dataclasses.replace(
            row,
            value="no data",
            interval=reasons.get(row.label, "not fed"),
            n="0",
            state=UNKNOWN,
            points=None,
            points_text="shared out",
            contribution="–",
        )
        for row in full.measure_rows()
    )


def unknown_panel(heading: str, why: str) -> Panel:
    return Panel(heading, "", None, missing=why)


def unknown_index() -> Panel:
    return Panel(
        "Supply risk index: insufficient data",
        "Unknown is not low.",
        Staircase(
            "Supply risk index, insufficient data",
            "Only geography is known, 3.6 points.",
            (
                Step("financial", None, "no data"),
                Step("geographic", 3.6, "+3.6"),
                Step("quality", None, "no data"),
                Step("delivery", None, "no data"),
                Step("dependency", None, "no data"),
                Step("continuity", None, "no data"),
            ),
            None,
            "Index",
            "insufficient data",
            edges=((25.0, "medium"), (50.0, "high"), (70.0, "critical")),
        ),
    )


def on_time_panel() -> Panel:
    return Panel(
        "On time, month by month",
        "484 lines; three months without a due line are left open.",
        LineChart(
            "On time by month",
            "Between 75 and 92 %, no data from April to June.",
            first_month=2012 * 12,
            values=(0.9, 0.88, 0.92, None, None, None, 0.75, None, 0.81, 0.8, 0.79, 0.83),
            unit=Unit.PERCENT,
            target=0.95,
            target_label="target 95 %",
            last_label="83.0 %",
        ),
    )


def on_letter(content: ScorecardSheet | ReviewPack) -> ScorecardSheet | ReviewPack:
    """Return the content on Letter paper."""
    return dataclasses.replace(
        content, frame=dataclasses.replace(content.frame, paper_size=PaperSize.LETTER)
    )
