"""Forms of contacts: shape and range only."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, HiddenField, StringField, TextAreaField
from wtforms.validators import Optional

from app.faces.overview.forms import at_most, clean, given
from app.facts.suppliers.contact_keeping import Said
from app.facts.suppliers.contact_models import ORDERS, Contact

LONGEST_EMAIL, LONGEST_NAME, LONGEST_ROLE, LONGEST_VERSION = 254, 200, 40, 9


class ContactForm(FlaskForm):  # type: ignore[misc] # the library ships no type information
    """An address at a supplier: whose it is, for what, until when it is kept."""

    email = StringField("Address", [given, at_most(LONGEST_EMAIL)], filters=[clean])
    name = StringField("Name", [at_most(LONGEST_NAME)], filters=[clean])
    role = StringField("Role", [given, at_most(LONGEST_ROLE)], filters=[clean], default=ORDERS)
    is_emergency = BooleanField("To be reached in an emergency")
    keep_until = DateField("Kept until", [Optional()])
    version = HiddenField()

    def said(self) -> Said:
        """Return what was filled in."""
        return Said(
            email=self.email.data or "",
            name=self.name.data or None,
            role=self.role.data or "",
            is_emergency=bool(self.is_emergency.data),
            keep_until=self.keep_until.data,
        )

    @property
    def seen_version(self) -> int:
        """The version that the person saw; 0, which none has, where the form lacks it."""
        text = self.version.data or ""
        is_number = text.isascii() and text.isdigit() and len(text) <= LONGEST_VERSION
        return int(text) if is_number else 0

    def show(self, contact: Contact) -> None:
        """Fill the fields with what is stored."""
        self.email.data, self.name.data, self.role.data = contact.email, contact.name, contact.role
        self.is_emergency.data, self.keep_until.data = contact.is_emergency, contact.keep_until
        self.version.data = str(contact.version)


class RemovalForm(FlaskForm):  # type: ignore[misc] # as above
    """Why a contact is removed."""

    reason = TextAreaField("Reason", filters=[clean])
