"""What is typed into forms: cleaned of what nobody sees, given at all, not too long."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from decimal import Decimal

from wtforms import DecimalField, Field, Form
from wtforms.validators import Length, ValidationError

LINE_BREAKS = "\n"
LONGEST_VERSION = 9


class NumberField(DecimalField):
    """A field of a decimal number; NaN and infinities are refused as any word is.

    Ranges compare, and what is no number can break that: so it never comes as far.
    """

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed."""
        super().process_formdata(valuelist)
        if self.data is not None and not self.data.is_finite():
            self.data = None
            raise ValueError(self.gettext("Not a valid decimal value."))


def clean_line(text: str | None) -> str:
    """Return one line without blanks around it and without characters that nobody sees."""
    return _seen(text, kept="").strip()


def clean_text(text: str | None) -> str:
    """Return a text without blanks around it and unseen characters; its lines stay lines."""
    whole = (text or "").replace("\r\n", LINE_BREAKS).replace("\r", LINE_BREAKS)
    return _seen(whole, kept=LINE_BREAKS).strip()


def given(_form: Form, field: Field) -> None:
    """Refuse an empty field, also one of blanks or of characters that nobody sees."""
    if not field.data:
        raise ValidationError("Required")


def at_most(longest: int) -> Length:
    """Return the rule that a text has at most `longest` characters."""
    return Length(max=longest, message=f"At most {longest:,} characters")


def version_in(text: str | None) -> int:
    """Return the version that a hidden field names; 0, which no row has, where it names none."""
    clean = text or ""
    is_number = clean.isascii() and clean.isdigit() and len(clean) <= LONGEST_VERSION
    return int(clean) if is_number else 0


def _seen(text: str | None, *, kept: str) -> str:
    return "".join(
        char
        for char in text or ""
        if char in kept or unicodedata.category(char) not in ("Cf", "Cc")
    )


def exactly(places: int) -> Callable[[Form, Field], None]:
    """Return the rule that a number has at most so many decimals: no more can be kept."""

    def check(_form: Form, field: Field) -> None:
        value = field.data
        exponent = value.as_tuple().exponent if isinstance(value, Decimal) else 0
        if not isinstance(exponent, int) or exponent < -places:
            raise ValidationError(f"At most {places} decimals")

    return check
