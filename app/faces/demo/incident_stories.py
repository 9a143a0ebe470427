"""What stopped the demo company, what it agreed on for the next time, who could step in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from app.faces.demo.scripts import DRIFT, SHARED_PLANT

LINDQVIST, BRANDT, NOVAK, OYELARAN, WEBER = (
    "A. Lindqvist", "K. Brandt", "J. Novák", "S. Oyelaran", "M. Weber",
)  # fmt: skip
FOUNDRY, MAGNETS, BOARDS, WINDINGS, RINGS = "V-10544", "V-10574", "V-10295", "V-10436", "V-10811"
SONNENBERG, VALBRENTA, KRANJ = "V-10117", "V-10233", "V-10716"


@dataclass(frozen=True, slots=True)
class Agreed:
    """A response: for whom, on which rule, its steps as (hours, who, what)."""

    name: str
    number: str
    rule: str | None
    steps: tuple[tuple[int, str, str], ...]
    approver: str
    authority: int
    substitute: str
    flies: bool = False


@dataclass(frozen=True, slots=True)
class Happened:
    """An incident that people opened. tasks: what, who, due, done; decisions: what, why, who,
    when, how much; stops: days of recorded disruptions that belong to it."""

    number: str
    title: str
    state: str
    by: str
    signalled: datetime
    started: datetime | None = None
    confirmed: datetime | None = None
    contained: datetime | None = None
    restored: datetime | None = None
    dismissed: datetime | None = None
    because: str | None = None
    cause: str | None = None
    cause_text: str | None = None
    details: str | None = None
    cost: int | None = None
    parts: int = 3
    tasks: tuple[tuple[str, str, datetime, datetime | None], ...] = ()
    decisions: tuple[tuple[str, str, str, datetime, int | None], ...] = ()
    stops: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup of the first part of a kind that fits. covers: of our need, in per cent."""

    number: str
    part: str
    stage: str
    owner: str
    identified: date
    because: str | None = None
    sampling: date | None = None
    qualified: date | None = None
    released: date | None = None
    due: date | None = None
    share: int | None = None
    covers: int | None = None
    ready: int | None = None


def _at(year: int, month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


RESPONSES = (
    Agreed(
        "Volute housings stop", DRIFT, "otif_below_sla",
        (
            (4, LINDQVIST, "Call the plant manager in Chemnitz: what stands, until when"),
            (8, NOVAK, "Count housings and flanges at both plants and on the road"),
            (24, LINDQVIST, "Release the emergency order at Sonnenberg"),
            (24, BRANDT, "Put pumps with other housings first on line 2"),
            (72, OYELARAN, "Weekly capacity call until two months are in target again"),
        ),
        WEBER, 40_000, SONNENBERG, flies=True,
    ),
    Agreed(
        "Magnet powder stops", SHARED_PLANT[0], "event_hit",
        (
            (6, OYELARAN, "Ask all three magnet makers where their powder comes from"),
            (12, NOVAK, "Count magnets and motors in stock"),
            (48, OYELARAN, "Book powder of the other plant, and the magnets of Kranj"),
        ),
        WEBER, 60_000, KRANJ, flies=True,
    ),
    Agreed(
        "Magnets held in the port", MAGNETS, None,
        (
            (4, OYELARAN, "Ask the forwarder which containers stand"),
            (24, BRANDT, "Fly in what the motor line needs for two weeks"),
        ),
        WEBER, 25_000, KRANJ,
    ),
)  # fmt: skip

ROOMS = (
    Happened(
        RINGS, "Wear rings out of tolerance", "restored", BRANDT, _at(2024, 11, 20, 10),
        started=_at(2024, 11, 20, 8, 30), confirmed=_at(2024, 11, 20, 10, 45),
        contained=_at(2024, 11, 20, 12), restored=_at(2024, 11, 22, 15), cause="quality",
        cause_text="A worn gauge passed rings that were too wide.", cost=9400, parts=2,
        decisions=(("Sort the stock at our dock", "Line 1 stands", BRANDT,
                    _at(2024, 11, 20, 11), None),),
        stops=(date(2024, 11, 20),),
    ),
    Happened(
        BOARDS, "Firmware mix-up on display boards", "restored", NOVAK, _at(2026, 1, 28, 9, 30),
        started=_at(2026, 1, 28, 7), confirmed=_at(2026, 1, 28, 10), contained=_at(2026, 1, 29, 8),
        restored=_at(2026, 1, 30, 7), cause="quality",
        cause_text="Two firmware versions in one lot; nothing was delivered until all was read.",
        parts=2,
        decisions=(("Stop ship until every board is read", "Pumps would show wrong pressure",
                    WEBER, _at(2026, 1, 28, 11), None),),
        stops=(date(2026, 1, 28),),
    ),
    Happened(
        WINDINGS, "Rumour: port of Hai Phong closes", "dismissed", OYELARAN, _at(2026, 7, 21, 8),
        dismissed=_at(2026, 7, 22, 9), cause="logistics", parts=0,
        because="The forwarder confirmed all sailings; the storm turned north.",
    ),
    Happened(
        DRIFT, "Line 2 without volute housings", "restored", LINDQVIST, _at(2026, 9, 21, 6, 15),
        started=_at(2026, 9, 21, 5, 30), confirmed=_at(2026, 9, 21, 6, 40),
        contained=_at(2026, 9, 21, 11, 30), restored=_at(2026, 9, 23, 14), cause="production",
        cause_text="Tooling 7731 broke; the spare one was under repair.", cost=41200, parts=3,
        tasks=(
            ("Fly in 600 housings", LINDQVIST, _at(2026, 9, 21, 18), _at(2026, 9, 21, 16)),
            ("Ask for a second set of tools", OYELARAN, _at(2026, 10, 5, 12),
             _at(2026, 10, 2, 9)),
        ),
        decisions=(
            ("Fly in 600 housings from Chemnitz", "Line 2 stands since half past five", WEBER,
             _at(2026, 9, 21, 8), 3850),
            ("Run pumps with DN65 first", "Keeps two shifts at work", BRANDT,
             _at(2026, 9, 21, 9, 30), None),
        ),
        stops=(date(2026, 9, 21),),
    ),
    Happened(
        FOUNDRY, "One moulding line down at Cluj", "contained", LINDQVIST, _at(2026, 10, 26, 7, 45),
        started=_at(2026, 10, 25, 22), confirmed=_at(2026, 10, 26, 9),
        contained=_at(2026, 10, 27, 12), cause="production",
        details="Motor of the moulding line burnt out. A new one is promised for the end of "
        "November; the other line runs three shifts.",
        tasks=(
            ("Photograph and date of the new motor", LINDQVIST, _at(2026, 10, 30, 12),
             _at(2026, 10, 30, 10)),
            ("Second shift at Sonnenberg agreed", BRANDT, _at(2026, 11, 6, 12), None),
        ),
        decisions=(("Move 30 % of November to Sonnenberg", "One line can’t make our volume", WEBER,
                    _at(2026, 10, 26, 15), None),),
    ),
)  # fmt: skip

BACKUPS = (
    Backup(
        SONNENBERG, "Volute housing", "qualified", LINDQVIST, date(2026, 3, 2),
        "Samples of lot 3 in tolerance, audit passed with two remarks.", date(2026, 4, 20),
        date(2026, 8, 17), due=date(2026, 12, 11), share=25, covers=35, ready=18,
    ),
    Backup(
        VALBRENTA, "Volute housing", "sampling", LINDQVIST, date(2026, 6, 15),
        "First samples ordered.", date(2026, 7, 6), due=date(2026, 10, 16), share=10, covers=20,
        ready=30,
    ),
    Backup(
        FOUNDRY, "Volute housing", "identified", BRANDT, date(2026, 9, 28), due=date(2027, 1, 29)
    ),
    Backup(
        KRANJ, "Sensor magnet", "released", OYELARAN, date(2024, 9, 9),
        "Two lots without a finding.", date(2024, 11, 4), date(2025, 2, 17), date(2025, 3, 3),
        share=5, covers=40, ready=21,
    ),
)  # fmt: skip
