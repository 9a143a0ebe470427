"""Reads of concentration: by category and item over suppliers, by country, port and plant.

Every figure is of one currency: exchange rates are not kept, so a market that is paid in two
has two figures, and says so. An item whose suppliers are paid in several is told by quantity.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import numpy as np
from sqlalchemy.orm import Session

from app.calc.concentration import Concentration, concentration, concentrations
from app.calc.concentration_moves import UNKNOWN, spread
from app.facts.evidence.concentration.spending import (
    Spend,
    Vendor,
    Window,
    bought_parts,
    spend_by_category,
    spend_by_supplier,
    vendors,
    window_of,
)
from app.facts.evidence.concentration.spreads import By, Shares, shares_by
from app.facts.evidence.sub_tier.queries import NodeKind
from app.facts.evidence.sub_tier.sharing import sharing
from app.facts.suppliers import places

NO_CURRENCY = ""
BY_QUANTITY = "quantity"
# Above which a category is told as a breach: its target in the register of measures.
CATEGORY_HHI_LIMIT = 2_500
COUNTRY_SHARE_LIMIT = 0.5
YEAR = 12


@dataclass(frozen=True, slots=True)
class Group:
    """How concentrated one category or item is, in one currency or by quantity.

    `total`, in 1/10,000 of the currency, or in 1/1,000,000 of the part's unit; `biggest` is
    the supplier with the largest share; `floored` amounts below 0 count as 0; `unvalued`
    lines have no known value; `result` None: nothing above 0.
    """

    key: int
    unit: str
    total: float
    hhi: float | None
    effective_number: float | None
    max_share: float | None
    biggest: int
    n: int
    floored: int
    unvalued: int = 0


@dataclass(frozen=True, slots=True)
class Bucket:
    """One country, port or plant: what of the spend lies there, and with how many suppliers."""

    name: str
    amount: Fraction
    share: float
    suppliers: int


@dataclass(frozen=True, slots=True)
class Spread:
    """How the spend in one currency lies over buckets; unknown is one of them."""

    currency: str
    total: int
    result: Concentration | None
    buckets: tuple[Bucket, ...]
    unvalued: int

    @property
    def unknown_share(self) -> float:
        """What part of the spend lies nobody knows where."""
        return next((each.share for each in self.buckets if each.name == UNKNOWN), 0.0)


@dataclass(frozen=True, slots=True)
class Breach:
    """A concentration above its limit, for whoever warns of it.

    kind: category_hhi, country_share or shared_plant. `value` and `limit` in the kind's own
    unit: index points, a fraction, a count of parts without a way around. `supplier_ids`: who
    has the largest share, who delivers from there, who hangs on it.
    """

    kind: str
    key: str
    label: str
    unit: str
    value: float
    limit: float
    supplier_ids: tuple[int, ...]


def by_category(session: Session, window: Window) -> list[Group]:
    """Return how concentrated each category is over its suppliers, by currency."""
    known = vendors(session)
    groups: dict[tuple[int, str], dict[int, int]] = defaultdict(dict)
    unvalued: Counter[tuple[int, str]] = Counter()
    for (supplier_id, category_id), spend in spend_by_category(session, window).items():
        if supplier_id in known and spend.lines:
            key = (category_id, known[supplier_id].currency or NO_CURRENCY)
            groups[key][supplier_id] = spend.amount
            unvalued[key] += spend.unvalued
    return [
        _group(category_id, currency, amounts, unvalued[category_id, currency])
        for (category_id, currency), amounts in sorted(groups.items())
    ]


def by_item(session: Session, window: Window) -> list[Group]:
    """Return how concentrated each item is over its suppliers.

    By spend where all who delivered it are paid in one currency and every value is known,
    else by quantity, which is of one unit for one part.
    """
    known = vendors(session)
    part, supplier, value, quantity = bought_parts(session, window)
    codes = {currency: place for place, currency in enumerate(_currencies(known))}
    paid_in = np.array([codes[known[key].currency or NO_CURRENCY] if key in known else -1
                        for key in supplier.tolist()], dtype=np.int64)  # fmt: skip
    kept = paid_in >= 0
    part, supplier, value, quantity = (each[kept] for each in (part, supplier, value, quantity))
    paid_in = paid_in[kept]
    if not len(part):
        return []
    keys, place = np.unique(part, return_inverse=True)
    low = np.full(len(keys), np.iinfo(np.int64).max)
    high = np.full(len(keys), -1)
    np.minimum.at(low, place, paid_in)
    np.maximum.at(high, place, paid_in)
    lacks = np.bincount(place, (value == 0) & (quantity > 0), len(keys)) > 0
    is_by_value = (low == high) & ~lacks & (low != codes.get(NO_CURRENCY, -2))
    amount = np.where(is_by_value[place], value, quantity)
    merged_keys, merged_amount = _added(part, supplier, amount)
    found = concentrations(merged_keys[:, 0], merged_keys[:, 1], merged_amount)
    names = list(codes)
    units = [names[low[at]] if told else BY_QUANTITY for at, told in enumerate(is_by_value)]
    rows = zip(
        found.groups.tolist(), units, found.total.tolist(), _known(found.hhi),
        _known(found.effective_number), _known(found.max_share), found.biggest.tolist(),
        found.n.tolist(), found.floored.tolist(), strict=True,
    )  # fmt: skip
    return [Group(*row) for row in rows]


def by_bucket(session: Session, by: By, window: Window) -> list[Spread]:
    """Return how the spend of each currency lies over countries, ports or plants upstream."""
    known, spent = vendors(session), spend_by_supplier(session, window)
    return spreads(known, spent, shares_by(session, by, known, spent, window))


def spreads(
    known: Mapping[int, Vendor], spent: Mapping[int, Spend], shares: Mapping[int, Shares]
) -> list[Spread]:
    """Return the spend of each currency over the buckets that suppliers' shares name."""
    of: dict[str, list[int]] = defaultdict(list)
    for supplier_id, each in spent.items():
        if supplier_id in known and each.lines:
            of[known[supplier_id].currency or NO_CURRENCY].append(supplier_id)
    return [
        _spread(currency, {key: spent[key] for key in keys}, shares)
        for currency, keys in sorted(of.items())
    ]


def concentration_breaches(session: Session, *, as_of: date) -> list[Breach]:
    """Return what is concentrated above its limit over the 12 months that end on a day.

    Categories above an index of 2,500, countries with more than half of a currency's spend,
    plants upstream on which all of two or more sources of a part hang. A category that is paid
    in several currencies is left out: the part of it in one of them says nothing of the whole.
    """
    window = window_of(as_of, YEAR)
    names = places.all_categories(session)
    groups = by_category(session, window)
    paid_in = Counter(group.key for group in groups)
    found = [
        Breach(
            "category_hhi",
            str(group.key),
            names[group.key].name if group.key in names else "no category",
            group.unit,
            group.hhi,
            CATEGORY_HHI_LIMIT,
            (group.biggest,),
        )
        for group in groups
        if paid_in[group.key] == 1 and group.hhi is not None and group.hhi > CATEGORY_HHI_LIMIT
    ]
    return found + _countries(session, window) + _plants(session, as_of)


def _countries(session: Session, window: Window) -> list[Breach]:
    known, spent = vendors(session), spend_by_supplier(session, window)
    shares = shares_by(session, By.COUNTRY, known, spent, window)
    return [
        Breach(
            "country_share",
            bucket.name,
            bucket.name,
            told.currency,
            bucket.share,
            COUNTRY_SHARE_LIMIT,
            tuple(
                sorted(
                    key
                    for key in spent
                    if bucket.name in shares.get(key, {})
                    and (known[key].currency or NO_CURRENCY) == told.currency
                )
            ),
        )
        for told in spreads(known, spent, shares)
        for bucket in told.buckets
        if bucket.name != UNKNOWN and bucket.share > COUNTRY_SHARE_LIMIT
    ]


def _plants(session: Session, as_of: date) -> list[Breach]:
    return [
        Breach(
            "shared_plant",
            row.node.label,
            row.node.label,
            "parts",
            row.parts_blocked,
            0,
            row.supplier_ids,
        )
        for row in sharing(session, as_of=as_of, kind=NodeKind.PLANT).rows
        if row.parts_blocked
    ]


def _group(key: int, unit: str, amounts: Mapping[int, int], unvalued: int) -> Group:
    found = concentration(list(amounts.values()))
    total = float(sum(max(amount, 0) for amount in amounts.values()))
    floored = sum(1 for amount in amounts.values() if amount < 0)
    if found is None or unit == NO_CURRENCY:
        return Group(key, unit, total, None, None, None, 0, 0, floored, unvalued)
    biggest = min(amounts, key=lambda each: (-amounts[each], each))
    return Group(
        key, unit, total, found.hhi, found.effective_number, found.max_share, biggest, found.n,
        floored, unvalued,
    )  # fmt: skip


def _spread(currency: str, spent: Mapping[int, Spend], shares: Mapping[int, Shares]) -> Spread:
    amounts: dict[str, Fraction] = defaultdict(Fraction)
    count: Counter[str] = Counter()
    for supplier_id, each in spent.items():
        for name, amount in spread(max(each.amount, 0), shares.get(supplier_id, {})).items():
            amounts[name] += amount
            count[name] += 1
    total = sum(max(each.amount, 0) for each in spent.values())
    buckets = [
        Bucket(name, amount, float(amount / total), count[name])
        for name, amount in amounts.items()
        if amount > 0
    ]
    ranked = sorted(buckets, key=lambda each: (-each.amount, each.name))
    return Spread(
        currency=currency,
        total=total,
        # Without a currency no two amounts may be added.
        result=concentration(list(amounts.values())) if currency else None,
        buckets=tuple(ranked),
        unvalued=sum(each.unvalued for each in spent.values()),
    )


def _currencies(known: Mapping[int, Vendor]) -> list[str]:
    return sorted({vendor.currency or NO_CURRENCY for vendor in known.values()})


def _added(
    part: np.ndarray, supplier: np.ndarray, amount: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the different (part, supplier) and their sums: a merged supplier stands twice."""
    order = np.lexsort((supplier, part))
    keys = np.stack((part[order], supplier[order]), axis=1)
    is_new = np.ones(len(keys), dtype=bool)
    is_new[1:] = (keys[1:] != keys[:-1]).any(axis=1)
    starts = np.flatnonzero(is_new)
    return keys[starts], np.add.reduceat(amount[order].astype(np.float64), starts)


def _known(values: np.ndarray) -> list[float | None]:
    return [None if np.isnan(value) else float(value) for value in values.tolist()]
