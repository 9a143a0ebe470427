"""What a valid value of the supplier master is: one rule each, for forms and import rows.

A rule returns why a text is not valid, as the rest of a sentence that begins with the
value; None means that it is valid.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

DUNS = re.compile(r"[0-9]{9}", re.ASCII)
LEI = re.compile(r"[A-Z0-9]{18}[0-9]{2}", re.ASCII)
HOST = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+")
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


def website_fault(text: str) -> str | None:
    """Return why a text is no address of a website: a page of ours links to it.

    >>> website_fault("javascript:alert(1)")
    'is not the address of a website; it begins with https:// or http://.'
    """
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").encode("idna").decode()
        is_plain = parts.username is None and (parts.port is None or parts.port > 0)
    except (ValueError, UnicodeError):
        return "is not the address of a website; it cannot be read."
    if parts.scheme not in ("https", "http"):
        return "is not the address of a website; it begins with https:// or http://."
    if not is_plain or not HOST.fullmatch(host) or re.search(r"[\s<>\"'\\]", text):
        return "is not the address of a website; it looks like https://example.com."
    return None
