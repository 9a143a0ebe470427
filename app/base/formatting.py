"""Numbers, dates, money and quantities as text: the only place that rounds.

Rounds half up, as printed scorecards are checked by hand. Unknown is “no data”,
never a number. Knows no unit conversion beyond fraction → percent.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

NO_DATA = "no data"
BAND_STEP = 5
MINUS = "−"
EN_DASH = "–"
NARROW_SPACE = " "
_BEFORE_UNIT = re.compile(r"(?<=\d) (?=(?:%|ppm|d|h|×)(?!\w)|– [\d−+])")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
LONG_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def half_up(value: float | Decimal, places: int) -> Decimal:
    """Return `value` rounded half up to `places` decimals (2.25 → 2.3)."""
    # repr() of a float is the shortest decimal that stands for it, which is what people see.
    exact = value if isinstance(value, Decimal) else Decimal(repr(float(value)))
    return exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def number(value: float | Decimal | None, places: int = 0) -> str:
    """Return `value` with thousands separated by commas, or “no data”."""
    if value is None:
        return NO_DATA
    text = f"{half_up(value, places):,.{places}f}"
    if text.startswith("-"):
        return text.removeprefix("-") if not text.strip("-0.,") else MINUS + text[1:]
    return text


def score_places(value: float | Decimal) -> int:
    """Return how many decimals a score needs, so that it never prints as an edge it missed.

    Grades begin at multiples of five: 79.96 rounded to 80.0 would stand beside a C.
    """
    rounded = half_up(value, 1)
    return 2 if rounded % BAND_STEP == 0 and Decimal(repr(float(value))) < rounded else 1


def score(value: float | Decimal | None) -> str:
    """Return a score of 0 to 100 to 0.1, finer where rounding would reach the next grade."""
    if value is None:
        return NO_DATA
    places = score_places(value)
    if places > 1 and half_up(value, places) % BAND_STEP == 0:
        # Nearer still: cut, not rounded.
        return f"{Decimal(repr(float(value))).quantize(Decimal('0.01'), rounding=ROUND_DOWN)}"
    return number(value, places)


def signed(value: float | Decimal | None, places: int = 1) -> str:
    """Return `value` with its sign written out (+1.2, −0.3), or “no data”."""
    text = number(value, places)
    if value is None or text.startswith(MINUS) or not text.strip("0.,"):
        return text
    return "+" + text


def percent(fraction: float | Decimal | None, places: int = 1) -> str:
    """Return a fraction as percent (0.8989 → “89.9 %”), or “no data”."""
    if fraction is None:
        return NO_DATA
    return f"{percent_figure(fraction, places)}{NARROW_SPACE}%"


def unbroken(text: str) -> str:
    """Return a text that breaks neither before a unit nor before the dash of a range."""
    return text if hasattr(text, "__html__") else _BEFORE_UNIT.sub("\u00a0", text)


def percent_figure(fraction: float | Decimal, places: int = 1) -> str:
    """Return a fraction as a percent figure without its sign (0.8989 → “89.9”)."""
    exact = fraction if isinstance(fraction, Decimal) else Decimal(repr(float(fraction)))
    return number(exact * 100, places)


def percent_interval(lower: float | None, upper: float | None, places: int = 1) -> str:
    """Return an interval of fractions in percent (“88.2 – 91.4”), or an empty text."""
    if lower is None or upper is None:
        return ""
    return f"{percent_figure(lower, places)} {EN_DASH} {percent_figure(upper, places)}"


def interval(lower: float | None, upper: float | None, places: int = 0) -> str:
    """Return an interval in the measure's own unit (“136 – 304”), or an empty text."""
    if lower is None or upper is None:
        return ""
    return f"{number(lower, places)} {EN_DASH} {number(upper, places)}"


def ppm(value: float | None) -> str:
    """Return parts per million as people read them (“212 ppm”), or “no data”."""
    if value is None:
        return NO_DATA
    places = 1 if 0 < value < 10 else 0
    return f"{number(value, places)}{NARROW_SPACE}ppm"


def days(value: float | None, places: int = 1) -> str:
    """Return a number of days (“3.1 d”), or “no data”."""
    if value is None:
        return NO_DATA
    return f"{number(value, places)}{NARROW_SPACE}d"


def quantity(value: Decimal | None) -> str:
    """Return a quantity without trailing zeros (“1,000”, “2.5”), or “no data”."""
    if value is None:
        return NO_DATA
    plain = value.normalize()
    exponent = plain.as_tuple().exponent
    places = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    return number(plain, places)


def money(amount: Decimal | None, currency: str, places: int = 2) -> str:
    """Return an amount with its currency (“1,234.50 EUR”), or “no data”."""
    if amount is None:
        return NO_DATA
    return f"{number(amount, places)}{NARROW_SPACE}{currency}"


def day(value: date | None) -> str:
    """Return a date (“31 Oct 2026”), or “no data”."""
    if value is None:
        return NO_DATA
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}"


def long_day(value: date) -> str:
    """Return a date with the month written out (“31 October 2026”)."""
    return f"{value.day} {LONG_MONTHS[value.month - 1]} {value.year}"


def short_day(value: date) -> str:
    """Return a date without its year (“3 Sep”)."""
    return f"{value.day} {MONTHS[value.month - 1]}"


def moment(value: datetime) -> str:
    """Return a moment to the minute, in UTC (“1 Nov 2026 06:10 UTC”)."""
    return f"{day(value.date())} {value:%H:%M} UTC"


def month(index: int) -> str:
    """Return a month index (year × 12 + month − 1, January is 0) as “Oct 2026”."""
    return f"{MONTHS[index % 12]} {index // 12}"


def count(number_of: int, singular: str, plural: str | None = None) -> str:
    """Return a count with its noun (“1 line”, “2,577 lines”)."""
    noun = singular if number_of == 1 else (plural or singular + "s")
    return f"{number(number_of)} {noun}"
