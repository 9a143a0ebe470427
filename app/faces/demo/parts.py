"""The parts that the demo company buys, who may deliver them, and at what price."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from random import Random

from app.faces.demo.cast import (
    CAST,
    COUNTRIES,
    CURRENCY,
    FAMILIES,
    PARTS_PER_FAMILY,
    Family,
    Member,
)
from app.faces.demo.rows import Row, Rows
from app.faces.demo.scripts import (
    DRIFT,
    EXACT,
    FRAGILE,
    NEWCOMER,
    SHARED_PLANT,
    SILENT,
    VETERAN,
)
from app.faces.demo.stories import (
    DRIFT_SINGLE_PARTS,
    FRAGILE_NOUN,
    FRAGILE_PARTS,
    FRAGILE_RECOVER_DAYS,
    FRAGILE_SURVIVE_DAYS,
    SHARED_NOUN,
    SHARED_PARTS,
)
from app.facts.deliveries.models import ContractPrice
from app.facts.suppliers.models import (
    SHARE_SCALE,
    ApprovedSource,
    Category,
    Part,
    Site,
    SourceRole,
)

# What a price of one euro is quoted at in the supplier's currency.
QUOTED = {"EUR": 1.0, "USD": 1.09, "GBP": 0.86, "CHF": 0.95}
# Single, dual, three and four sources.
SOURCES = (1, 2, 3, 4)
SOURCE_WEIGHTS = (11, 44, 34, 11)
SHARES = {1: (100,), 2: (65, 35), 3: (50, 30, 20), 4: (45, 25, 20, 10)}
ROLES = (SourceRole.PRIMARY, SourceRole.SECONDARY, SourceRole.ALTERNATE, SourceRole.EMERGENCY)
PRICE_YEARS = (2023, 2024, 2025, 2026)
YEARLY_RISE = 0.016


@dataclass(frozen=True, slots=True)
class Offer:
    """A part as one supplier offers it: its share of our demand and its price by year."""

    part: Row
    share: int
    prices: dict[int, Decimal]

    def price_on(self, day: date) -> Decimal:
        """Return the contract price of a day."""
        return self.prices[day.year]


def add_parts(rows: Rows, rng: Random) -> dict[str, list[Row]]:
    """Add categories and parts; return the parts by category name."""
    made: dict[str, list[Row]] = {}
    for name, family in FAMILIES.items():
        category = rows.add(Category, name=name, parent_id=None)
        made[name] = [
            _part(rows, family, category["id"], index, rng) for index in range(PARTS_PER_FAMILY)
        ]
    return made


def _part(rows: Rows, family: Family, category_id: int, index: int, rng: Random) -> Row:
    noun = family.nouns[index // len(family.sizes)]
    size = family.sizes[index % len(family.sizes)]
    low, high = family.price
    cost = money(low * (high / low) ** ((index % len(family.sizes) + rng.random()) / 8))
    usage = round(rng.lognormvariate(0, 0.5) * sum(family.lot) * 12, -2)
    criticality = rng.choices(("high", "medium", "low"), (2, 5, 3))[0]
    margin = {"high": 9, "medium": 4, "low": 2}[criticality]
    return rows.add(
        Part,
        number=f"{family.base + index // 2}-{'AB'[index % 2]}",
        name=f"{noun} {size}",
        unit="pcs",
        category_id=category_id,
        criticality=criticality,
        annual_usage=Decimal(int(usage)),
        unit_cost=cost,
        revenue_exposed=(cost * int(usage) * margin).quantize(Decimal(1)),
        currency=CURRENCY,
        survive_days=rng.randint(10, 45),
    )


def add_sources(
    rows: Rows, parts: dict[str, list[Row]], suppliers: dict[str, int], rng: Random
) -> dict[str, list[Offer]]:
    """Add approved sources and contract prices; return what each supplier offers."""
    offers: dict[str, list[Offer]] = {member.number: [] for member in CAST}
    for category, family_parts in parts.items():
        for part, chosen, shares in _chosen(category, family_parts, rng):
            for rank, (member, share) in enumerate(zip(chosen, shares, strict=True)):
                _source(rows, part, member, suppliers[member.number], (rank, share), rng)
                prices = _prices(rows, part, member, suppliers[member.number], rng)
                offers[member.number].append(Offer(part, share, prices))
    return offers


def _chosen(
    category: str, parts: list[Row], rng: Random
) -> Iterator[tuple[Row, list[Member], tuple[int, ...]]]:
    """Yield each part with its sources and their shares in per cent."""
    members = [member for member in CAST if member.category == category]
    bound = _bound_sources(parts)
    free = [m for m in members if m.number not in {FRAGILE, NEWCOMER, SILENT}]
    turns: list[Member] = []
    for part in parts:
        if part["id"] in bound:
            numbers = bound[part["id"]]
            chosen = [next(m for m in members if m.number == number) for number in numbers]
            shares = (34, 33, 33) if numbers == SHARED_PLANT else SHARES[len(chosen)]
        else:
            count = min(rng.choices(SOURCES, SOURCE_WEIGHTS)[0], len(free))
            chosen = _next(turns, free, count, rng)
            shares = SHARES[count]
        yield part, chosen, shares


def _next(turns: list[Member], free: list[Member], count: int, rng: Random) -> list[Member]:
    """Take the next suppliers in turn, so that nobody is left without parts."""
    chosen: list[Member] = []
    while len(chosen) < count:
        if not turns:
            turns.extend(rng.sample(free, len(free)))
        following = next((m for m in turns if m not in chosen), None)
        if following is None:
            turns.extend(rng.sample(free, len(free)))
            continue
        turns.remove(following)
        chosen.append(following)
    return chosen


def _bound_sources(parts: list[Row]) -> dict[int, tuple[str, ...]]:
    """Return the parts whose sources a story fixes."""
    bound: dict[int, tuple[str, ...]] = {}
    for noun, count, numbers in (
        (SHARED_NOUN, SHARED_PARTS, SHARED_PLANT),
        (FRAGILE_NOUN, FRAGILE_PARTS, (FRAGILE,)),
        ("Volute housing", DRIFT_SINGLE_PARTS, (DRIFT,)),
        ("Drive board", 1, (VETERAN, NEWCOMER)),
    ):
        named = [part for part in parts if part["name"].startswith(noun)]
        bound |= {part["id"]: numbers for part in named[:count]}
    return bound


def _source(
    rows: Rows, part: Row, member: Member, supplier_id: int, place: tuple[int, int], rng: Random
) -> None:
    rank, share = place
    is_own = member.number == FRAGILE
    weeks = rng.randint(*FAMILIES[member.category].requalification_weeks)
    recover = FRAGILE_RECOVER_DAYS if is_own else rng.randint(7, 28)
    if is_own:
        # Only the first of its parts is uncovered.
        first = part["name"] == f"{FRAGILE_NOUN} {FAMILIES[member.category].sizes[0]}"
        part["survive_days"] = FRAGILE_SURVIVE_DAYS if first else FRAGILE_RECOVER_DAYS + 9
    is_new = member.number == NEWCOMER
    rows.add(
        ApprovedSource,
        part_id=part["id"],
        supplier_id=supplier_id,
        site_id=_made_at(rows, supplier_id, part["id"]),
        role=ROLES[rank],
        is_sole=False,
        target_share=share * SHARE_SCALE // 100,
        qualified_on=date(2026, 6, 18) if is_new else date(rng.randint(2012, 2022), 3 + rank, 15),
        requalification_weeks=weeks,
        price=None,
        currency=COUNTRIES[member.country].currency,
        recover_days=recover,
        valid_from=date(2026, 7, 1) if is_new else date(2022, 1, 1),
        valid_to=None,
    )


def _made_at(rows: Rows, supplier_id: int, part_id: int) -> int:
    """Return where a supplier makes a part: at its sites in turn, where it has several."""
    sites: list[int] = [row["id"] for row in rows.of(Site) if row["supplier_id"] == supplier_id]
    return sites[part_id % len(sites)]


def _prices(
    rows: Rows, part: Row, member: Member, supplier_id: int, rng: Random
) -> dict[int, Decimal]:
    currency = COUNTRIES[member.country].currency
    factor = QUOTED[currency] * rng.uniform(0.94, 1.07)
    rise = 0.0 if member.number == EXACT else YEARLY_RISE * rng.uniform(0.2, 1.8)
    prices: dict[int, Decimal] = {}
    for age, year in enumerate(PRICE_YEARS):
        prices[year] = money(float(part["unit_cost"]) * factor * (1 + rise) ** age)
        rows.add(
            ContractPrice,
            supplier_id=supplier_id,
            part_id=part["id"],
            price=prices[year],
            currency=currency,
            valid_from=date(year, 1, 1),
            valid_to=date(year, 12, 31),
        )
    return prices


def money(amount: float) -> Decimal:
    """Return a price as people quote it: four decimals below one, else two."""
    return Decimal(str(round(amount, 4 if amount < 1 else 2)))
