"""What the demo company fears, what it does about it, and what its risk meeting said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

FOUNDRY, MAGNETS = "V-10544", "V-10574"


@dataclass(frozen=True, slots=True)
class Given:
    """A rating: when, of which kind, S O D, why and on what evidence."""

    on: date
    kind: str
    scores: tuple[int, int, int]
    reason: str = ""
    evidence: str = ""

    @property
    def is_present(self) -> bool:
        """Whether it says how the row stood."""
        return self.kind in ("current", "revised")


@dataclass(frozen=True, slots=True)
class Mode:
    """A failure mode with one effect, one cause and its controls, and its ratings in order."""

    of: str
    name: str
    family: str
    measured: str | None
    effect: str
    cause: str
    prevention: str
    detection: str
    by: str
    ratings: tuple[Given, ...]


@dataclass(frozen=True, slots=True)
class Act:
    """An action; `planned`, `before`, `revised` are positions among its mode's ratings."""

    mode: str
    title: str
    kind: str
    owner: str
    made_on: date
    due_on: date
    state: str
    cost: int | None = None
    because: str = ""
    planned: int | None = None
    before: int | None = None
    revised: int | None = None
    evidence: str = ""
    effect_change: str | None = None
    ended_on: date | None = None


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting that was held and closed."""

    on: date
    chair: str
    minutes: str
    attendees: tuple[tuple[str, str], ...]
    # Section, failure mode, what the agenda said, what was said to it.
    points: tuple[tuple[str, str, str, str], ...]
    decisions: tuple[tuple[str, str], ...]
    # About which mode, what, who, until when, what came of it.
    commitments: tuple[tuple[str, str, str, date, str | None], ...]


LINDQVIST, OYELARAN, BRANDT, WEBER = "A. Lindqvist", "S. Oyelaran", "K. Brandt", "M. Weber"
LATE, CRACKED, BANKRUPT = "Housings come late", "Cracked housings", "Foundry gives up"
PORT, EXPORT, MIXED = "Port of Ningbo closed", "Export licence refused", "Wrong magnet grade"
REGISTERS = (
    (FOUNDRY, "Castings from Someș", LINDQVIST, date(2025, 11, 10)),
    (MAGNETS, "Magnets from Ganzhou", OYELARAN, date(2026, 1, 19)),
)
MODES = (
    Mode(
        FOUNDRY, LATE, "supply", "late_lines", "Assembly line 2 stands",
        "One moulding line, worn out", "Maintenance plan of the supplier", "Weekly call on Mondays",
        LINDQVIST,
        (
            Given(date(2025, 11, 10), "inherent", (8, 8, 9)),
            Given(date(2025, 11, 10), "current", (8, 4, 6)),
            Given(date(2026, 10, 5), "current", (8, 6, 5), "Late in three weeks of September"),
            Given(date(2026, 10, 6), "planned", (8, 2, 3), "Planned by the risk meeting"),
        ),
    ),
    Mode(
        FOUNDRY, CRACKED, "quality", "rejected_lots", "Pumps leak at the test bench",
        "Core shifts in the mould", "Mould check every shift", "X-ray of the first ten pieces",
        LINDQVIST,
        (
            Given(date(2025, 11, 10), "inherent", (8, 7, 8)),
            Given(date(2025, 11, 10), "current", (8, 6, 5)),
            Given(date(2026, 2, 2), "planned", (8, 2, 3), "Planned with the new locating pin"),
            Given(
                date(2026, 5, 18), "revised", (8, 2, 3), "Action done: New locating pin",
                "Capability study of 11 May: Cpk 1.7; twelve lots without a finding",
            ),
        ),
    ),
    Mode(
        FOUNDRY, BANKRUPT, "supply", None, "No housings for twelve weeks",
        "Energy prices above what customers pay", "Half-yearly talk with the owner",
        "Statement once a year", BRANDT,
        (
            Given(date(2025, 11, 10), "inherent", (10, 3, 8)),
            Given(date(2025, 11, 10), "current", (10, 3, 7)),
            Given(
                date(2026, 6, 22), "revised", (8, 3, 7), "Action done: Second source qualified",
                "Sample release of Sonnenberg, 8 June; 30 % of the volume ordered there",
            ),
        ),
    ),
    Mode(
        MAGNETS, PORT, "logistics", "late_lines", "Motor line stands for a week",
        "Typhoon season", "Safety stock of three weeks", "Port notices of the forwarder", OYELARAN,
        (
            Given(date(2026, 1, 19), "inherent", (8, 6, 7)),
            Given(date(2026, 1, 19), "current", (7, 5, 5)),
        ),
    ),
    Mode(
        MAGNETS, EXPORT, "geopolitical", None, "No segment magnets from China",
        "Licence needed for rare earths", "Licences asked for half a year ahead",
        "Embassy’s newsletter", OYELARAN,
        (
            Given(date(2026, 1, 19), "inherent", (9, 6, 8)),
            Given(date(2026, 1, 19), "current", (9, 4, 7)),
            Given(date(2026, 9, 14), "planned", (7, 4, 5), "Planned with the Slovenian source"),
        ),
    ),
    Mode(
        MAGNETS, MIXED, "quality", "rejected_lots", "Rework of assembled rotors",
        "Labels changed by hand", "Bar codes on every box", "Gauss meter at goods receipt",
        OYELARAN,
        (Given(date(2026, 1, 19), "current", (5, 3, 4)),),
    ),
)  # fmt: skip
ACTIONS = (
    Act(
        LATE, "Second moulding line in two shifts", "prevention", "Someș, works manager",
        date(2026, 10, 6), date(2026, 12, 18), "implementation_pending", planned=3,
    ),
    Act(
        LATE, "Daily output by mail, alert below plan", "detection", LINDQVIST,
        date(2026, 9, 21), date(2026, 10, 16), "open", 1500,
    ),
    Act(
        LATE, "Rent the competitor’s moulding line", "contingency", LINDQVIST,
        date(2026, 3, 2), date(2026, 6, 30), "not_implemented", 60000,
        because="The competitor needs the line itself since April", ended_on=date(2026, 5, 4),
    ),
    Act(
        CRACKED, "New locating pin", "prevention", "Someș, toolmaking",
        date(2026, 2, 2), date(2026, 5, 15), "completed", 8200, planned=2, before=1, revised=3,
        evidence="Capability study of 11 May: Cpk 1.7; twelve lots without a finding",
        ended_on=date(2026, 5, 18),
    ),
    Act(
        BANKRUPT, "Second source qualified", "contingency", BRANDT,
        date(2025, 12, 1), date(2026, 6, 30), "completed", 42000, before=1, revised=2,
        evidence="Sample release of Sonnenberg, 8 June; 30 % of the volume ordered there",
        effect_change="dual_source", ended_on=date(2026, 6, 22),
    ),
    Act(
        EXPORT, "Segment magnets from Kranj", "contingency", OYELARAN,
        date(2026, 9, 14), date(2027, 2, 26), "decision_pending", 95000, planned=2,
    ),
    Act(
        PORT, "Rail as a second lane", "contingency", "Logistics, J. Novák",
        date(2026, 4, 13), date(2026, 9, 30), "open", 12000,
    ),
)  # fmt: skip
ACCEPTANCES = (
    (
        PORT, WEBER, "Three weeks of stock cover what a typhoon closes; rail is being looked at.",
        date(2026, 3, 16), date(2026, 9, 30), BRANDT,
    ),
    (
        MIXED, WEBER, "The gauss meter finds it before assembly; more costs more than it saves.",
        date(2026, 2, 9), date(2027, 1, 31), BRANDT,
    ),
)  # fmt: skip
JOINTS = (
    (
        LATE, date(2026, 10, 8), "Someș, managing director", (6, 3, 5),
        "They count on the overtime of October; we count the late lines.",
    ),
)  # fmt: skip
# A contract of the register's supplier, by its number.
LINKS = ((EXPORT, "contract", "RV-2022-009"),)
DRIFTED = PORT
# Quarter's end, suggested, events, supplier-years.
DRIFTED_AT = ((date(2026, 6, 30), 9, 13, 3.0), (date(2026, 9, 30), 9, 15, 3.0))
MEETING = Meeting(
    date(2026, 10, 5),
    WEBER,
    "The lateness of Someș is the risk of the month; everything else can wait for November.\n"
    "Acceptances are not extended by silence: who wants one asks for it.",
    (
        (WEBER, "procurement"), (LINDQVIST, "castings"), (OYELARAN, "magnets"),
        ("J. Novák", "logistics"),
    ),
    (
        ("high", LATE, "was M (S 8 · O 4 · D 6), now H (S 8 · O 6 · D 5)",
         "Late again and again; the supplier names a second moulding line for December."),
        ("overdue", PORT, "Rail as a second lane: J. Novák, due 30 Sep 2026, 5 days over",
         "Offers came late; the decision is due by the end of October."),
        ("acceptances", PORT, "M. Weber’s acceptance ran out on 30 Sep 2026",
         "Not renewed before the rail offer is on the table."),
    ),
    ((LATE, "Orders of new parts go to the second source until the second line runs."),),
    (
        (LATE, "Visit the works, look at the second moulding line", LINDQVIST, date(2026, 10, 23),
         "Visited on 21 October; report attached to the supplier’s files"),
        (PORT, "Put the rail offer on the table", "J. Novák", date(2026, 10, 30), None),
    ),
)  # fmt: skip
