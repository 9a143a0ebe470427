"""What every concentration becomes if a share of one award moves. Stores nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy.orm import Session

from app.base.errors import InvalidInput
from app.calc.concentration_moves import UNKNOWN, Moved, after_move, moved, spread
from app.facts.evidence.concentration.queries import BY_QUANTITY, NO_CURRENCY
from app.facts.evidence.concentration.spending import (
    Spend,
    Vendor,
    Window,
    bought_of_part,
    spend_by_category,
    spend_by_supplier,
    vendors,
)
from app.facts.evidence.concentration.spreads import By, Shares, shares_by
from app.facts.suppliers import places
from app.facts.suppliers.sourcing import queries as sourcing

PERCENT = 100


@dataclass(frozen=True, slots=True)
class Award:
    """A part, who is to give and to take, and how much of the giver's volume [percent]."""

    part: str
    giver: str
    taker: str
    percent: int


@dataclass(frozen=True, slots=True)
class MovedLine:
    """One concentration before and after; `what` it is of, in which unit.

    `biggest_before`, `biggest_after`: the names of the largest buckets.
    """

    what: str
    unit: str
    moved: Moved
    biggest_before: str
    biggest_after: str


@dataclass(frozen=True, slots=True)
class MoveSheet:
    """What a move changes, what it can't tell, and how much it moves.

    `amount` in 1/10,000 of `unit`, a currency; or in 1/1,000,000 of the part's own unit.
    """

    giver: Vendor
    taker: Vendor
    part_id: int
    amount: Fraction
    unit: str
    lines: tuple[MovedLine, ...]
    untold: tuple[str, ...]


def move_award(session: Session, award: Award, window: Window) -> MoveSheet:
    """Return every concentration that moving an award changes, before and after.

    Raises InvalidInput for a part or supplier that is not known, for a giver of whom nothing
    of it was bought in the window.
    """
    known = vendors(session)
    giver, taker = _vendor(known, award.giver, "from"), _vendor(known, award.taker, "to")
    if giver.id == taker.id:
        raise InvalidInput("E-AWD-03", "From and to are the same supplier; name two.")
    part_id = sourcing.part_id_of(session, award.part)
    if part_id is None:
        raise InvalidInput("E-AWD-01", f"There is no part {award.part[:60]!r}; give its number.")
    bought = {
        key: amounts
        for key, amounts in bought_of_part(session, part_id, window).items()
        if key in known
    }
    if not any(bought.get(giver.id, (0, 0))):
        raise InvalidInput(
            "E-AWD-04",
            f"Nothing of {award.part} was bought of {giver.name} in these months; "
            "choose more months or another supplier.",
        )
    unit, volumes = _volumes(known, bought, taker)
    share = Fraction(award.percent, PERCENT)
    item = _line(
        f"Suppliers of {award.part}",
        unit,
        {str(key): amount for key, amount in volumes.items()},
        (share * volumes[giver.id], {str(giver.id): Fraction(1)}, {str(taker.id): Fraction(1)}),
        {str(key): known[key].name for key in known},
    )
    value = share * bought[giver.id][0]
    lines, untold = _of_money(session, (giver, taker), part_id, value, window, known)
    return MoveSheet(
        giver,
        taker,
        part_id,
        share * volumes[giver.id],
        unit,
        tuple(line for line in (item, *lines) if line.moved.is_changed),
        untold,
    )


def _vendor(known: Mapping[int, Vendor], number: str, field: str) -> Vendor:
    found = next((each for each in known.values() if each.number == number), None)
    if found is None:
        raise InvalidInput(
            "E-AWD-02", f"There is no supplier {number[:60]!r} to move {field}; give its number."
        )
    return found


def _volumes(
    known: Mapping[int, Vendor], bought: Mapping[int, tuple[int, int]], taker: Vendor
) -> tuple[str, dict[int, int]]:
    """Return by spend where all are paid in one currency with known values, else by quantity."""
    involved = {*bought, taker.id}
    currencies = {known[key].currency for key in involved}
    has_values = all(value or not quantity for value, quantity in bought.values())
    only = next(iter(currencies))
    if len(currencies) == 1 and only and has_values:
        return only, {key: value for key, (value, _) in bought.items()}
    return BY_QUANTITY, {key: quantity for key, (_, quantity) in bought.items()}


def _of_money(
    session: Session,
    pair: tuple[Vendor, Vendor],
    part_id: int,
    value: Fraction,
    window: Window,
    known: Mapping[int, Vendor],
) -> tuple[list[MovedLine], tuple[str, ...]]:
    giver, taker = pair
    currency = giver.currency
    if not currency or currency != taker.currency:
        return [], (
            f"{giver.name} is paid in {currency or 'no known currency'}, {taker.name} in "
            f"{taker.currency or 'no known currency'}. Exchange rates are not kept, so category, "
            "country, port and plants upstream can’t be told; the item is told by quantity.",
        )
    if not value:
        return [], (
            f"What was bought of {giver.name} has no known value, so only the item can be told.",
        )
    spent = {
        key: each
        for key, each in spend_by_supplier(session, window).items()
        if key in known and known[key].currency == currency
    }
    lines = [_category(session, pair, part_id, value, window, known)]
    lines += [
        _bucket(by, pair, value, spent, shares_by(session, by, known, spent, window), currency)
        for by in By
    ]
    return lines, ()


def _category(
    session: Session,
    pair: tuple[Vendor, Vendor],
    part_id: int,
    value: Fraction,
    window: Window,
    known: Mapping[int, Vendor],
) -> MovedLine:
    giver, taker = pair
    part = places.part_by_id(session, part_id)
    category_id = part.parent_id or giver.category_id or 0
    names = places.all_categories(session)
    name = names[category_id].name if category_id in names else "no category"
    amounts = {
        str(key): each.amount
        for (key, category), each in spend_by_category(session, window).items()
        if category == category_id and key in known and known[key].currency == giver.currency
    }
    return _line(
        f"Suppliers of {name}",
        giver.currency or NO_CURRENCY,
        amounts,
        (value, {str(giver.id): Fraction(1)}, {str(taker.id): Fraction(1)}),
        {str(key): each.name for key, each in known.items()},
    )


WORDS = {By.COUNTRY: "Countries", By.PORT: "Ports", By.NODE: "Plants upstream"}


def _bucket(
    by: By,
    pair: tuple[Vendor, Vendor],
    value: Fraction,
    spent: Mapping[int, Spend],
    shares: Mapping[int, Shares],
    currency: str,
) -> MovedLine:
    giver, taker = pair
    before: dict[str, Fraction] = {}
    for key, each in spent.items():
        for name, amount in spread(max(each.amount, 0), shares.get(key, {})).items():
            before[name] = before.get(name, Fraction(0)) + amount
    move = (value, shares.get(giver.id, {}), shares.get(taker.id, {}))
    names = {name: name.partition("\x1f")[2] or name for name in before} | {UNKNOWN: "not known"}
    return _line(WORDS[by], currency, before, move, names)


def _line(
    what: str,
    unit: str,
    before: Mapping[str, int | Fraction],
    move: tuple[Fraction, Shares, Shares],
    names: Mapping[str, str],
) -> MovedLine:
    amount, source, target = move
    after = after_move(before, amount=amount, source=source, target=target)
    return MovedLine(
        what,
        unit,
        moved(before, amount=amount, source=source, target=target),
        _biggest(before, names),
        _biggest(after, names),
    )


def _biggest(amounts: Mapping[str, int | Fraction], names: Mapping[str, str]) -> str:
    if not amounts:
        return ""
    found = min(amounts, key=lambda name: (-amounts[name], name))
    return names.get(found, found.partition("\x1f")[2] or found)
