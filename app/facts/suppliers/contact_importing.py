"""The import kind of contacts: to whom at a supplier one writes."""

from __future__ import annotations

from collections.abc import Sequence

from app.base.errors import InvalidInput
from app.facts.suppliers.contact_models import ORDERS
from app.facts.suppliers.importing import SUPPLIER
from app.platform.imports.kinds import Field, FieldType
from app.platform.imports.table_kind import TableKind
from app.platform.outbox import values

TEXT = FieldType.TEXT


def address_fault(text: str) -> str | None:
    """Return why a text is no address, None where it is one."""
    try:
        values.clean_recipient(text)
    except InvalidInput:
        return "is not one mail address, such as m.weber@example.com."
    return None


class ContactsKind(TableKind):
    """People and mailboxes at suppliers."""

    name = "contacts"
    title = "Contacts at suppliers"
    noun = "contact"
    table = "contact"
    help = "One row is one address at a supplier; open orders are mailed to the role “orders”."
    key_columns = ("supplier_id", "email")
    references = (SUPPLIER,)
    fields = (
        Field("supplier_no", TEXT, "Number of the supplier.", "S-0042", True, True),
        Field(
            "email",
            TEXT,
            "Address.",
            "orders@adler.example",
            True,
            True,
            longest=254,
            rule=address_fault,
        ),
        Field("name", TEXT, "Name.", "M. Weber"),
        Field("role", TEXT, "Role. Empty: orders.", ORDERS, longest=40, default=ORDERS),
    )


KINDS: Sequence[TableKind] = (ContactsKind(),)
