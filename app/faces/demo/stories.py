"""The stories that show in the demo company's numbers, told as data.

Each sentence is recomputed from the database by a test. The deliveries that make it true
are fixed in `scripts`; incidents, causes, upstream plants and balances stand here.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.faces.demo.scripts import (
    BAD_LOT,
    CALLED_OFF,
    CANCELLED,
    DRIFT,
    EARLY,
    EXACT,
    EXW,
    FEW_UNITS,
    FRAGILE,
    NEWCOMER,
    OVER_DELIVERER,
    RESCHEDULER,
    SEASONAL,
    SHARED_PLANT,
    SILENT,
    TWO_SITES,
    VETERAN,
)


@dataclass(frozen=True, slots=True)
class Story:
    """One sentence that the numbers bear out, and where it is seen."""

    numbers: tuple[str, ...]
    title: str
    sentence: str


STORIES = (
    Story(
        (DRIFT,),
        "The drift",
        "OTIF falls from 96 % in September 2025 to 83 % in October 2026. July 2026 is the second "
        "month in a row below the floor of 90 %, 52 days before the first line stop on "
        "21 September. Of the 113 lines missed in twelve months, 20 are our own doing.",
    ),
    Story(
        (EXW,),
        "Ex works",
        "Of 300 lines, 97 % are handed over in time and 81 % are in time at our dock: the rest is "
        "our own carrier.",
    ),
    Story(
        (BAD_LOT,),
        "One bad lot",
        "June 2026 shows 1,240 ppm between months of 38 ppm; one lot holds 120 of its 124 rejects.",
    ),
    Story(
        (NEWCOMER, VETERAN),
        "Four of four beside fifty-seven of sixty",
        "The newcomer met 4 of 4 lines and is not rated; the veteran met 57 of 60.",
    ),
    Story(
        (FEW_UNITS,),
        "Nothing wrong in 300 units",
        "No unit of 300 was rejected. At a limit of 50 ppm that is too few to rate, not perfect.",
    ),
    Story(
        (FRAGILE,),
        "Good and fragile",
        "Grade A. Z′ fell from 2.61 over 1.93 to 1.17, all parts are single-sourced, and one "
        "needs 21 days to recover against 9 days of stock: high risk all the same.",
    ),
    Story(
        SHARED_PLANT,
        "Three sources, one plant",
        "Three approved sources of the ring magnets take their powder from one plant.",
    ),
    Story(
        (EXACT,),
        "Exactly on target",
        "OTIF 95 %, lateness spread 2 days, 50 ppm, 99 % of lots, prices as agreed, 99 % of "
        "invoices, 24 hours: every target met to the digit is an A.",
    ),
    Story(
        (SILENT,),
        "No data",
        "Nothing is known yet. The page says what to ask for.",
    ),
    Story(
        (RESCHEDULER,),
        "Moved promises",
        "71 % of 200 lines met the original promise, 96 % the promise as the supplier moved it.",
    ),
    Story(
        (CANCELLED,),
        "Cancelled by us",
        "18 lines that we cancelled stand outside the 180 that count.",
    ),
    Story(
        (OVER_DELIVERER,),
        "More than ordered",
        "All 150 lines came in time; 24 brought more than was ordered, so OTIF is 84 %.",
    ),
    Story(
        (EARLY,),
        "Too early",
        "Just in time allows one day early. 30 of 240 lines came earlier: OTIF 87.5 %.",
    ),
    Story(
        (SEASONAL,),
        "August and December",
        "16 of 20 lines in August and December, 160 of 164 in the other ten months.",
    ),
    Story(
        (TWO_SITES,),
        "Two sites",
        "60 % of the volume comes from Norway and 40 % from Viet Nam; geography weighs both.",
    ),
    Story(
        (CALLED_OFF,),
        "Called off",
        "34 of 36 weekly call-offs were met. 2,000 of the 6,000 that came on 17 April served the "
        "week after; less asked for inside the firm zone changed nothing; the week of 31 August "
        "was withdrawn in time and is in no rate.",
    ),
)


@dataclass(frozen=True, slots=True)
class Incident:
    """A line stop, premium freight or other disruption at one of our plants."""

    number: str
    on: str
    kind: str
    caused_by: str
    hours: int | None
    cost: int | None
    plant: int
    note: str


FIRST_LINE_STOP = "2026-09-21"

INCIDENTS = (
    Incident(DRIFT, "2026-07-16", "premium_freight", "supplier", None, 3850, 0,
             "Air freight Chemnitz to Augsburg, volute housings"),
    Incident(DRIFT, FIRST_LINE_STOP, "line_stop", "supplier", 6, 41200, 0,
             "Assembly line 2 without volute housings"),
    Incident(DRIFT, "2026-10-14", "line_stop", "supplier", 4, 27600, 0,
             "Assembly line 2 without motor flanges"),
    Incident(DRIFT, "2026-10-15", "special_status", "supplier", None, None, 0,
             "Special status: weekly capacity call until stable"),
    Incident("V-10544", "2026-03-05", "premium_freight", "supplier", None, 2140, 1,
             "Express van Cluj-Napoca to Brno"),
    Incident("V-10544", "2026-06-23", "premium_freight", "supplier", None, 1980, 1,
             "Express van Cluj-Napoca to Brno"),
    Incident("V-10533", "2026-02-11", "premium_freight", "supplier", None, 12400, 0,
             "Air freight Delhi to Munich, pump shafts"),
    Incident("V-10574", "2025-12-09", "premium_freight", "supplier", None, 9800, 0,
             "Air freight, segment magnets"),
    Incident("V-10574", "2026-08-19", "yard_hold", "supplier", 16, None, 1,
             "Container held for missing test reports"),
    Incident("V-10738", "2026-05-06", "premium_freight", "customs", None, 1350, 0,
             "Parcel held at the border; invoice was ours"),
    Incident("V-10738", "2026-09-02", "premium_freight", "supplier", None, 1620, 0,
             "Courier Huddersfield to Augsburg"),
    Incident("V-10767", "2026-04-22", "premium_freight", "supplier", None, 7600, 0,
             "Air freight, impellers"),
    Incident("V-10295", "2026-01-28", "stop_ship", "supplier", 48, None, 0,
             "Firmware mix-up on display boards"),
    Incident("V-10250", "2026-04-09", "premium_freight", "buyer", None, 890, 1,
             "Our order came after the cut-off"),
    Incident("V-10436", "2025-03-18", "premium_freight", "force_majeure", None, 8200, 0,
             "Port closed by storm"),
    Incident("V-10811", "2024-11-20", "line_stop", "supplier", 3, 9400, 1,
             "Wear rings out of tolerance"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cause:
    """Why lines were missed, as our people attributed them: so many lines, in these words."""

    cause: str
    lines: int
    notes: tuple[str, ...]


# The drift's 113 missed lines of twelve months; 16 are not attributed yet.
DRIFT_CAUSES = (
    Cause("supplier", 69, ("Capacity on line 3", "Tooling 7731 under repair", "Scrap in casting")),
    Cause("buyer", 20, ("Order changed inside the firm zone", "Drawing released late")),
    Cause("carrier", 8, ("Truck late",)),
)


@dataclass(frozen=True, slots=True)
class Upstream:
    """Who supplies our supplier, from which plant, with what."""

    numbers: tuple[str, ...]
    name: str
    site: str
    country: str
    material: str


UPSTREAM = (
    Upstream(SHARED_PLANT, "Tianlan Rare Earth Sintering Co., Ltd", "Plant 2, Baotou", "CHN",
             "Sintered NdFeB powder"),
    Upstream(("V-10716",), "Tianlan Rare Earth Sintering Co., Ltd", "Plant 1, Baotou", "CHN",
             "Sintered NdFeB powder"),
    Upstream(("V-10447",), "Steinach Ferritwerk GmbH", "Steinach", "DEU", "Ferrite powder"),
    Upstream(("V-10482", "V-10117"), "Alu-Guss Vormetall AG", "Linz", "AUT", "Aluminium ingots"),
    Upstream(("V-10178",), "Hsinchu Ridge Devices Co., Ltd", "Hsinchu", "TWN", "Motor drivers"),
    Upstream(("V-10364",), "Jurong Wafer Pte Ltd", "Singapore", "SGP", "Microcontrollers"),
)  # fmt: skip

# The parts that only the three sources of one plant deliver, and the fragile one's own.
SHARED_NOUN = "Ring magnet"
SHARED_PARTS = 3
FRAGILE_NOUN = "Rotor shaft"
FRAGILE_PARTS = 3
FRAGILE_RECOVER_DAYS = 21
FRAGILE_SURVIVE_DAYS = 9
DRIFT_SINGLE_PARTS = 3


@dataclass(frozen=True, slots=True)
class Balance:
    """One annual statement as Altman's five ratios to 100 million of total assets."""

    closed_on: str
    working_capital: str
    retained_earnings: str
    ebit: str
    equity_to_liabilities: str
    sales: str


# Z′ 2.61, 1.93 and 1.17: below 1.23 is distress.
FRAGILE_BALANCES = (
    Balance("2023-12-31", "0.20", "0.30", "0.12", "1.10", "1.38"),
    Balance("2024-12-31", "0.12", "0.26", "0.06", "0.80", "1.10"),
    Balance("2025-12-31", "0.02", "0.18", "-0.01", "0.48", "0.83"),
)
