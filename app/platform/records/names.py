"""Names of files as people see them: shown, never used as a path."""

from __future__ import annotations

import unicodedata

LONGEST_NAME = 150
UNNAMED = "file"
# Signs that steer how a text is drawn: a name could read “exe.pdf” backwards.
STEERING = frozenset(
    "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
REPLACEMENT = "�"


def shown_name(raw: str) -> str:
    """Return a file's name without its folders and without signs that deceive.

    Control signs become visible replacements, steering signs go, the end with its extension
    stays when the name is too long. The result is never empty.

    >>> shown_name("../../etc/passwd"), shown_name("a\\r\\nSet-Cookie: y.pdf")
    ('passwd', 'a��Set-Cookie: y.pdf')
    """
    last = raw.replace("\\", "/").rstrip("/").rpartition("/")[2]
    kept = (sign for sign in unicodedata.normalize("NFC", last) if sign not in STEERING)
    name = "".join(sign if is_drawn(sign) else REPLACEMENT for sign in kept).strip(" .")
    return _shortened(name) or UNNAMED


def extension_of(name: str) -> str:
    """Return a name's extension in small letters, without its point; empty where it has none."""
    stem, point, extension = name.rpartition(".")
    return extension.lower() if point and stem else ""


def is_drawn(sign: str) -> bool:
    """Tell whether a sign is drawn: no control sign, no half of one, no line end."""
    return unicodedata.category(sign) not in {"Cc", "Cs", "Cn", "Co", "Zl", "Zp", "Cf"}


def _shortened(name: str) -> str:
    if len(name) <= LONGEST_NAME:
        return name
    extension = extension_of(name)[:10]
    end = f"….{extension}" if extension else "…"
    return name[: LONGEST_NAME - len(end)] + end
