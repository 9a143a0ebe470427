"""What a valid value of the supplier master is: one rule each, for forms and import rows.

A rule returns why a text is not valid, as the rest of a sentence that begins with the
value; None means that it is valid.
"""

from __future__ import annotations

import re

DUNS = re.compile(r"[0-9]{9}", re.ASCII)
LEI = re.compile(r"[A-Z0-9]{18}[0-9]{2}", re.ASCII)
VAT = re.compile(r"[A-Z]{2}[A-Z0-9+*]{2,18}", re.ASCII)


def duns_fault(text: str) -> str | None:
    """Return why a text is no D-U-N-S number."""
    return None if DUNS.fullmatch(text) else "is not a D-U-N-S number; it has nine digits."


def lei_fault(text: str) -> str | None:
    """Return why a text is no legal entity identifier (ISO 17442), check digits included."""
    if not LEI.fullmatch(text):
        return "is not an LEI; it has 20 letters and digits."
    number = int("".join(str(int(char, 36)) for char in text))
    return None if number % 97 == 1 else "is not an LEI; its check digits are wrong."


def vat_fault(text: str) -> str | None:
    """Return why a text is no VAT number with its country prefix."""
    return None if VAT.fullmatch(text) else "is not a VAT number; it begins with its country: DE…"
