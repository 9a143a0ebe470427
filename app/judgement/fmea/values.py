"""What a valid rating and a valid text are: one rule for forms and for rows of files."""

from __future__ import annotations

import unicodedata

from app.calc.fmea_matrix import HIGHEST, SCALE

WHOLE_NUMBER = "Whole number from 1 to 10."
NOT_RATED = "none"
# How worksheets say that nobody rated something; anything else must be a rating.
UNSCORED_WORDS = frozenset({"", "-", "–", "n/a", "na", "n.a.", "none", "tbd", "?"})


# Categories of signs that nobody sees: formats, controls, separators.
INVISIBLE = ("Cf", "Cc", "Z")


def clean(text: str | None) -> str:
    """Return a text without blanks and invisible signs at its ends; only those leave nothing.

    >>> clean(" \u200b\ufeff "), clean(" Port strike ")
    ('', 'Port strike')
    """
    left, right = 0, len(text or "")
    said = text or ""
    while left < right and unicodedata.category(said[left]).startswith(INVISIBLE):
        left += 1
    while left < right and unicodedata.category(said[right - 1]).startswith(INVISIBLE):
        right -= 1
    return said[left:right]


def rating_of(text: str) -> int | None:
    """Return the rating that a text is, None where it is none from 1 to 10.

    >>> [rating_of(text) for text in ("1", "10", "11", "0", "2.5", "", "1e1", "٣", " 7 ")]
    [1, 10, None, None, None, None, None, None, 7]
    """
    clean = text.strip()
    if not (clean.isascii() and clean.isdigit() and len(clean) <= len(str(HIGHEST))):
        return None
    value = int(clean)
    return value if value in SCALE else None


def is_unscored(text: str) -> bool:
    """Return whether a cell of a worksheet says that nobody rated it.

    >>> is_unscored("N/A"), is_unscored("0")
    (True, False)
    """
    return text.strip().casefold() in UNSCORED_WORDS


def rating_fault(text: str) -> str | None:
    """Return why a cell is no rating, None where it is one or says that there is none.

    >>> rating_fault("11")
    'is not a whole number from 1 to 10. Mend it, or leave it empty: unscored.'
    """
    if is_unscored(text) or rating_of(text) is not None:
        return None
    return "is not a whole number from 1 to 10. Mend it, or leave it empty: unscored."
