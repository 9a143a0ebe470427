"""What a recipient and a subject may be, and how facts are printed: on one line, as they are."""

from __future__ import annotations

import re

from app.base.errors import InvalidInput

LONGEST_RECIPIENT = 254
LONGEST_SUBJECT = 200
LONGEST_FACT = 300

_RECIPIENT = re.compile(r"[^@\s\x00-\x1f\x7f\"<>(),;:\\]{1,64}@[A-Za-z0-9.-]{1,190}")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")


def clean_recipient(text: str) -> str:
    """Return a recipient's address; refuse what could become two, or a header of its own."""
    if len(text) > LONGEST_RECIPIENT or not _RECIPIENT.fullmatch(text):
        raise InvalidInput("E-MAI-01", "A mail goes to one address, such as m.weber@example.com.")
    return text


def clean_subject(text: str) -> str:
    """Return a subject; refuse line breaks, which would begin another header."""
    if not text.strip() or len(text) > LONGEST_SUBJECT or _CONTROLS.search(text):
        raise InvalidInput(
            "E-MAI-02", f"A subject is one line of at most {LONGEST_SUBJECT} characters."
        )
    return text


def one_line(text: str) -> str:
    """Return a fact as it stands in a letter: on one line, shortened, otherwise literal.

    >>> one_line("M. Weber\\r\\n\\r\\nOpen http://elsewhere")
    'M. Weber Open http://elsewhere'
    """
    plain = _CONTROLS.sub(" ", text).strip()
    return plain if len(plain) <= LONGEST_FACT else plain[: LONGEST_FACT - 1] + "…"
