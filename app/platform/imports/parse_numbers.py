"""Numbers as text, read strictly in a declared format into exact scaled integers.

`Decimal()` and `float()` take NaN, 1e999999, 1_000 and Arabic digits; this takes plain
ASCII digits with the declared decimal sign and well-formed groups of thousands only.
"""

from __future__ import annotations

import re
from decimal import Decimal

from app.platform.imports.problems import Code, Fault, quoted

LARGEST = 10**18
LONGEST = 40
# Spreadsheets keep 15 digits of a number and put 0 for the others.
LARGEST_WHOLE = 10**15
# So many digits are in range whatever they are scaled by.
PLAIN_DIGITS = 11
TENS: list[int] = [10**power for power in range(8)]
SIGNS = {".": ",", ",": "."}  # decimal sign → its sign of thousands
EXAMPLE = {".": "1,234.50", ",": "1.234,50"}
NAMES = {".": "point", ",": "comma"}
PLAIN = re.compile(r"[+-]?[0-9]+", re.ASCII)
ANY_NUMBER = re.compile(r"[+-]?[.,]?[0-9][0-9.,]*", re.ASCII)


def _pattern(decimal: str) -> re.Pattern[str]:
    point, group = re.escape(decimal), re.escape(SIGNS[decimal])
    whole = rf"[0-9]+|[0-9]{{1,3}}(?:{group}[0-9]{{3}})+"
    return re.compile(rf"([+-]?)(?:({whole})(?:{point}([0-9]+))?|{point}([0-9]+))")


PATTERNS = {sign: _pattern(sign) for sign in SIGNS}


def fits(text: str, decimal: str) -> bool:
    """Tell whether `text` is a number with this decimal sign."""
    return PATTERNS[decimal].fullmatch(text) is not None


def scaled(text: str, decimal: str | None, places: int) -> int | Fault:
    """Return the number times 10^places as an exact integer, or why it is none.

    `decimal` None means that nobody declared the sign: only numbers without any sign of
    decimals or thousands can be read then; others are a fault that asks.
    """
    plain = _plain(text, decimal or ".", places)
    if plain is not None and (decimal is not None or text.isdecimal()):
        return plain
    if decimal is None:
        return _undeclared(text, places)
    match = PATTERNS[decimal].fullmatch(text) if len(text) <= LONGEST else None
    if match is None:
        return _misfit(text, decimal)
    sign, whole, behind, alone = match.groups()
    fraction = (behind or alone or "").rstrip("0")
    if len(fraction) > places:
        return _too_fine(text, places)
    digits = int((whole or "0").replace(SIGNS[decimal], "") + fraction.ljust(places, "0"))
    return _in_range(-digits if sign == "-" else digits, text)


def _plain(text: str, decimal: str, places: int) -> int | None:
    """Return the number if it is digits with one decimal sign at most: nearly all are."""
    whole, _, fraction = text.partition(decimal)
    digits = whole + fraction
    if len(digits) > PLAIN_DIGITS or len(fraction) > places:
        return None
    if not (whole.isdecimal() and digits.isdecimal() and digits.isascii()):
        return None
    if text[-1] == decimal:
        return None
    return int(digits) * TENS[places - len(fraction)]


def scaled_number(number: int | float | Decimal, places: int) -> int | Fault:
    """Return a number that a workbook holds as such, times 10^places, exactly."""
    exact = Decimal(repr(number)) if isinstance(number, float) else Decimal(number)
    if not exact.is_finite():
        return _no(str(number))
    shifted = exact.scaleb(places)
    if shifted != shifted.to_integral_value():
        # A workbook computes in binary: 0.1 + 0.2 is no finer number, only a longer one.
        shifted = _shortened(exact).scaleb(places)
        if shifted != shifted.to_integral_value():
            return _too_fine(str(number), places)
    return _in_range(int(shifted), str(number))


def shortened_key(number: int | float) -> Fault:
    """Return why a number that stands for a name, such as an order's, is none any more."""
    return Fault(
        Code.NOT_A_NUMBER,
        f"{quoted(str(number))} has more than 15 digits, and a spreadsheet keeps 15 of a number."
        " Make the column text and enter it again.",
    )


def _shortened(exact: Decimal) -> Decimal:
    """Return the number with the 15 digits that a spreadsheet shows at most."""
    return Decimal(f"{exact:.15g}")


def _in_range(value: int, text: str) -> int | Fault:
    if abs(value) >= LARGEST:
        return Fault(Code.NOT_A_NUMBER, f"{quoted(text)} is out of range.")
    return value


def _undeclared(text: str, places: int) -> int | Fault:
    if len(text) <= LONGEST and PLAIN.fullmatch(text):
        return _in_range(int(text) * 10**places, text)
    if len(text) <= LONGEST and any(fits(text, sign) for sign in SIGNS):
        return Fault(Code.NUMBER_FORMAT, f"{quoted(text)} needs a declared decimal sign.")
    return _no(text)


def _misfit(text: str, decimal: str) -> Fault:
    other = SIGNS[decimal]
    if len(text) <= LONGEST and ANY_NUMBER.fullmatch(text):
        hint = f" Choose decimal {NAMES[other]}?" if fits(text, other) else ""
        return Fault(Code.NUMBER_FORMAT, f"{quoted(text)} does not fit {EXAMPLE[decimal]}.{hint}")
    return _no(text)


def _no(text: str) -> Fault:
    return Fault(
        Code.NOT_A_NUMBER,
        f"{quoted(text)} is not a number in the chosen format."
        " Write digits only, without unit, currency sign or brackets.",
    )


def _too_fine(text: str, places: int) -> Fault:
    return Fault(
        Code.NOT_A_NUMBER,
        f"{quoted(text)} has more than {places} decimals, which is finer than can be kept.",
    )
