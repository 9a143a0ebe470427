"""What a text may do to a page: no endless words, no control characters, never “None”."""

from __future__ import annotations

import re
from typing import Any

from app.base import formatting

SHORTENED = "[shortened, full text in annex CSV]"
LONGEST_WORD = 80
KEPT_OF_WORD = 40
LONGEST_TEXT = 4_000

_LONG_WORD = re.compile(rf"\S{{{LONGEST_WORD + 1},}}")
# Control characters and lone halves of surrogate pairs: no font has them, no PDF needs them.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def printed(value: Any) -> Any:
    """Return what a template puts out for `value`; the template engine's `finalize`.

    Any: a template puts out texts, numbers and markup. Markup passes; texts lose overlong
    words and breaks between a figure and its unit; None is a programming error, because
    unknown is a text with its reason.
    """
    if value is None:
        raise TypeError("a template printed None; an unknown figure is a text with its reason")
    if hasattr(value, "__html__"):
        return value
    return formatting.unbroken(shortened(str(value)))


def shortened(text: str) -> str:
    """Return `text` with overlong words and an overlong rest cut and marked."""
    if len(text) <= LONGEST_WORD:
        return text
    if len(text) > LONGEST_TEXT:
        text = _cut_words(text[:LONGEST_TEXT]).removesuffix(SHORTENED).rstrip()
        return f"{text} {SHORTENED}"
    return _cut_words(text)


def printable(source: str) -> str:
    """Return a page's source without what can't be printed; � stands in its place."""
    return _UNPRINTABLE.sub("\ufffd", source)


def _cut_words(text: str) -> str:
    return _LONG_WORD.sub(lambda found: f"{found[0][:KEPT_OF_WORD]}… {SHORTENED}", text)
