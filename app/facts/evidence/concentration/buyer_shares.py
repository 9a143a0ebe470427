"""Our share of a supplier's sales: whether it hangs on us, or we are nobody to it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.base.db import MONEY_SCALE
from app.calc.dependency import BuyerShareFlag, buyer_share_flag
from app.calc.periods import month_index
from app.facts.evidence.concentration.spending import (
    Spend,
    Vendor,
    Window,
    first_month,
    spend_by_supplier,
    vendors,
)
from app.facts.evidence.models import FinancialStatement
from app.facts.suppliers.models import Supplier
from app.facts.suppliers.queries import effective_id

YEAR = 12


class Unknown(StrEnum):
    """Why a share can't be told."""

    NO_STATEMENT = "no_statement"
    NO_SALES = "no_sales"
    OTHER_CURRENCY = "other_currency"
    BEFORE_OUR_RECORDS = "before_our_records"
    NOTHING_VALUED = "nothing_valued"
    ABOVE_SALES = "above_sales"


@dataclass(frozen=True, slots=True)
class BuyerShare:
    """What we bought in the year of a supplier's newest statement, against its sales.

    Money is in the statement's currency. `share` a fraction, None where unknown says why;
    `unvalued` lines of that year have no known value, so that the share is at least that.
    """

    supplier: Vendor
    closed_on: date | None
    currency: str | None
    sales: Decimal | None
    spend: Decimal | None
    share: float | None
    flag: BuyerShareFlag | None
    unknown: Unknown | None
    unvalued: int = 0


def buyer_shares(
    session: Session, *, as_of: date, supplier_ids: Collection[int] | None = None
) -> list[BuyerShare]:
    """Return our share of every supplier's sales, or of some, by name."""
    known = vendors(session)
    wanted = known.keys() if supplier_ids is None else known.keys() & set(supplier_ids)
    newest = _newest(session, as_of)
    since = first_month(session)
    spent: dict[date, dict[int, Spend]] = {}
    for closed_on in {told[0] for key, told in newest.items() if key in wanted}:
        last = month_index(closed_on)
        spent[closed_on] = spend_by_supplier(session, Window(last - YEAR + 1, last))
    rows = [_share(known[key], newest.get(key), spent, since) for key in wanted]
    return sorted(rows, key=lambda row: (row.supplier.name.casefold(), row.supplier.id))


Told = tuple[date, str, Decimal | None]


def _newest(session: Session, as_of: date) -> dict[int, Told]:
    """Return by effective supplier the newest statement: its last day, currency and sales."""
    f = FinancialStatement
    newest = (
        select(f.supplier_id, func.max(f.closed_on).label("closed_on"))
        .where(f.closed_on <= as_of)
        .group_by(f.supplier_id)
        .subquery()
    )
    asked = (
        select(effective_id(), f.closed_on, f.currency, f.sales)
        .join(
            newest,
            (newest.c.supplier_id == f.supplier_id) & (newest.c.closed_on == f.closed_on),
        )
        .join(Supplier, Supplier.id == f.supplier_id)
        .order_by(f.closed_on)
    )
    return {row[0]: (row[1], row[2], row[3]) for row in session.execute(asked)}


def _share(
    vendor: Vendor,
    told: Told | None,
    spent: dict[date, dict[int, Spend]],
    since: int | None,
) -> BuyerShare:
    if told is None:
        return _unknown(vendor, None, Unknown.NO_STATEMENT)
    closed_on, currency, sales = told
    if not sales or sales <= 0:
        return _unknown(vendor, told, Unknown.NO_SALES)
    if vendor.currency != currency:
        return _unknown(vendor, told, Unknown.OTHER_CURRENCY)
    if since is None or month_index(closed_on) - YEAR + 1 < since:
        return _unknown(vendor, told, Unknown.BEFORE_OUR_RECORDS)
    own = spent[closed_on].get(vendor.id, Spend(0, 0, 0))
    if own.lines and own.unvalued == own.lines:
        return _unknown(vendor, told, Unknown.NOTHING_VALUED)
    spend = Decimal(max(own.amount, 0)) / MONEY_SCALE
    if spend > sales:
        return _unknown(vendor, told, Unknown.ABOVE_SALES, spend)
    share = float(spend / sales)
    return BuyerShare(
        vendor, closed_on, currency, sales, spend, share, buyer_share_flag(share), None,
        own.unvalued,
    )  # fmt: skip


def _unknown(
    vendor: Vendor, told: Told | None, why: Unknown, spend: Decimal | None = None
) -> BuyerShare:
    closed_on, currency, sales = told or (None, None, None)
    return BuyerShare(vendor, closed_on, currency, sales, spend, None, None, why)
