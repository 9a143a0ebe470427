"""Text that no spreadsheet takes for a formula, and the way back to what it was.

Standing in one place, because what an export guards an import must unguard: `restored`
undoes `harmless` for every text.
"""

from __future__ import annotations

GUARD = "'"
# What starts a formula somewhere, with the full-width forms that some programs accept.
FORMULA_STARTS = "=+-@＝＋－＠\t\r\n"
# What may stand before it without making it harmless.
SKIPPED = " ;,\"'\u00a0\u3000\ufeff"


def harmless(text: str) -> str:
    """Return `text` so that no spreadsheet takes it for a formula.

    >>> harmless("=1+1"), harmless("a=1")
    ("'=1+1", 'a=1')
    """
    return GUARD + text if starts_a_formula(text) else text


def restored(text: str) -> str:
    """Return what a text was before `harmless`.

    >>> restored("'=1+1"), restored("'tis")
    ('=1+1', "'tis")
    """
    if text[:1] == GUARD and starts_a_formula(text[1:]):
        return text[1:]
    return text


def starts_a_formula(text: str) -> bool:
    """Tell whether some spreadsheet would run the text, blanks and separators before it aside."""
    if not text:
        return False
    if text[0] in FORMULA_STARTS:
        return True
    rest = text.lstrip(SKIPPED)
    return bool(rest) and rest[0] in FORMULA_STARTS
