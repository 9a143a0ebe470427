"""Exposure by country: what is spent where, by site and volume, against the country's risk.

Pure: it is handed what was read. Sums of mixed currencies are never made: one page is about
one currency. Unknown stays unknown: spend in a country without a figure has no exposure.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from app.base import formatting
from app.base.charts import EUROPE, WORLD, MapCountry, MapDot, Svg, View, WorldMap
from app.base.charts.world_map import place_of, steps_by_share
from app.base.db import MONEY_SCALE
from app.base.web.rendering import address
from app.facts.evidence.places.queries import BoughtFrom, SupplyingSite
from app.judgement.risk_index.dimensions import CountryProfile

WORST = 100.0
STEP_EDGES = (0.05, 0.15, 0.30)
LEGEND = (
    "nothing bought",
    "under 5 % of the exposure",
    "5 to 15 %",
    "15 to 30 %",
    "30 % or more",
)
UNKNOWN_LEGEND = "bought, risk unknown"
DOT_WORDS = "a site, sized by spend"
NAMED_IN_DESCRIPTION = 3
# So many sites in Europe would hide it on a map of the world.
CROWDED = 8


@dataclass(frozen=True, slots=True)
class SupplyPlace:
    """A place that supplies us: a site, or the head office where no site is known.

    `spend` in the page's currency; None where the supplier's is not known.
    """

    supplier: BoughtFrom
    name: str
    country: str | None
    region: str | None
    share: float | None
    spend: float | None
    is_head_office: bool
    point: tuple[float, float] | None


@dataclass(slots=True)
class CountryRow:
    """What is bought in a country. `country` None is spend whose country is not recorded."""

    country: str | None
    name: str
    risk: float | None
    suppliers: set[int] = field(default_factory=set)
    sites: int = 0
    head_offices: int = 0
    spend: float = 0.0
    share: float | None = None
    exposure_share: float | None = None

    @property
    def exposure(self) -> float | None:
        """Spend times risk, as the spend that is at stake; None where the risk is unknown."""
        return None if self.risk is None else self.spend * self.risk / WORST


@dataclass(frozen=True, slots=True)
class World:
    """Exposure of one currency by country, the largest first."""

    currency: str
    rows: tuple[CountryRow, ...]
    places: tuple[SupplyPlace, ...]
    spend: float
    others: tuple[tuple[str, int], ...]

    @property
    def unknown_spend(self) -> float:
        """Spend whose country or whose country's risk is not known."""
        return sum(row.spend for row in self.rows if row.risk is None)


def world_of(
    suppliers: Sequence[BoughtFrom],
    sites: Iterable[SupplyingSite],
    spends: Mapping[int, int],
    profiles: Mapping[str, CountryProfile],
    *,
    currency: str | None,
) -> World:
    """Return the exposure in a currency; without one, in that of most suppliers with spend.

    spends: by supplier, in 1/10,000 of its currency.
    """
    counted = Counter(each.currency or "" for each in suppliers if spends.get(each.id))
    chosen = currency or (counted.most_common(1)[0][0] if counted else "")
    own: dict[int, list[SupplyingSite]] = defaultdict(list)
    for site in sites:
        own[site.supplier_id].append(site)
    places = [
        place
        for each in suppliers
        if (each.currency or "") == chosen
        for place in places_of(each, own.get(each.id, ()), spends.get(each.id))
    ]
    rows = _rows(places, profiles)
    others = sorted((name, count) for name, count in counted.items() if name != chosen)
    return World(chosen, rows, tuple(places), sum(row.spend for row in rows), tuple(others))


def places_of(
    supplier: BoughtFrom, sites: Sequence[SupplyingSite], spend: int | None
) -> list[SupplyPlace]:
    """Return where a supplier's goods come from, its spend split by the shares of volume.

    Where one share is unknown all sites get the same; without sites the head office stands in.
    """
    amount = None if spend is None else spend / MONEY_SCALE
    if not sites:
        return [
            SupplyPlace(
                supplier, "head office", supplier.country, None, None, amount, True,
                place_of(supplier.country, None, None),
            )
        ]  # fmt: skip
    known = [site.volume_share for site in sites if site.volume_share is not None]
    is_weighted = len(known) == len(sites) and sum(known) > 0
    weights = [float(share) for share in known] if is_weighted else [1.0] * len(sites)
    return [
        SupplyPlace(
            supplier,
            site.name,
            site.country,
            site.region,
            weight / sum(weights) if is_weighted else None,
            None if amount is None else amount * weight / sum(weights),
            False,
            place_of(site.country, site.latitude, site.longitude),
        )
        for site, weight in zip(sites, weights, strict=True)
    ]


def pictures(world: World) -> tuple[Svg, ...]:
    """Return the map of the world and, where many sites lie close together there, of Europe."""
    located = [place.point for place in world.places if place.point is not None and place.spend]
    close = sum(EUROPE.has(*point) for point in located)
    views = (WORLD, EUROPE) if close >= CROWDED else (WORLD,)
    return tuple(_picture(world, view) for view in views)


def _picture(world: World, view: View) -> Svg:
    """Return the map of a world's exposure; every country is a door to its page."""
    known = {row.country: row.exposure or 0.0 for row in world.rows if row.country}
    steps = steps_by_share(known, STEP_EDGES)
    countries = tuple(
        MapCountry(
            row.country,
            None if row.risk is None else steps[row.country],
            _words(row, world.currency),
            address("overview.country", {"code": row.country}),
        )
        for row in world.rows
        if row.country and row.spend > 0
    )
    dots = tuple(
        MapDot(*place.point, place.spend)
        for place in world.places
        if place.point is not None and place.spend
    )
    where = "World" if view is WORLD else "Europe"
    return WorldMap(
        title=f"{where}: exposure by country, spend in {world.currency} times risk",
        description=_message(world),
        countries=countries,
        dots=dots,
        legend=LEGEND,
        unknown=UNKNOWN_LEGEND if any(each.step is None for each in countries) else "",
        dot_words=DOT_WORDS if dots else "",
        view=view,
    ).svg()


@cache
def country_name(code: str) -> str:
    """Return a country's English name; the code itself where nobody knows it."""
    import pycountry

    found = pycountry.countries.get(alpha_3=code)
    if found is None:
        return code
    return str(getattr(found, "common_name", found.name))


def _rows(
    places: Sequence[SupplyPlace], profiles: Mapping[str, CountryProfile]
) -> tuple[CountryRow, ...]:
    rows: dict[str | None, CountryRow] = {}
    for place in places:
        row = rows.setdefault(place.country, _row(place.country, profiles))
        row.suppliers.add(place.supplier.id)
        row.sites += not place.is_head_office
        row.head_offices += place.is_head_office
        row.spend += place.spend or 0.0
    whole = sum(row.spend for row in rows.values())
    exposed = sum(row.exposure or 0.0 for row in rows.values())
    for row in rows.values():
        row.share = row.spend / whole if whole > 0 else None
        if row.exposure is not None and exposed > 0:
            row.exposure_share = row.exposure / exposed
    return tuple(
        sorted(rows.values(), key=lambda row: (-(row.exposure or 0), -row.spend, row.name))
    )


def _row(country: str | None, profiles: Mapping[str, CountryProfile]) -> CountryRow:
    profile = profiles.get(country or "")
    name = "not recorded" if country is None else country_name(country)
    return CountryRow(country, name, None if profile is None else profile.risk.risk)


def _words(row: CountryRow, currency: str) -> str:
    risk = "risk unknown" if row.risk is None else f"risk {formatting.number(row.risk, 0)}"
    spend = f"{formatting.number(row.spend, 0)} {currency}"
    return f"{row.name}: {spend}, {formatting.percent(row.share, 0)} of spend, {risk}"


def _message(world: World) -> str:
    largest = [row for row in world.rows if row.exposure_share][:NAMED_IN_DESCRIPTION]
    if not largest:
        return "No spend in a country whose risk is known."
    told = ", ".join(f"{row.name} {formatting.percent(row.exposure_share, 0)}" for row in largest)
    return f"Largest shares of the exposure: {told}. The table beside it has every country."
