"""How the spend with a supplier lies over countries, ports and plants upstream."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from enum import StrEnum
from fractions import Fraction

from sqlalchemy.orm import Session

from app.facts.evidence.concentration.spending import Spend, Vendor, Window, spend_by_port
from app.facts.evidence.sub_tier.queries import by_supplier, links
from app.facts.suppliers import queries as suppliers
from app.facts.suppliers.queries import SitePlace

MILLION = 1_000_000
Shares = Mapping[str, Fraction]


class By(StrEnum):
    """What spend is spread over, beside suppliers of a category or an item."""

    COUNTRY = "country"
    PORT = "port"
    NODE = "node"


def shares_by(
    session: Session,
    by: By,
    vendors: Mapping[int, Vendor],
    spent: Mapping[int, Spend],
    window: Window,
) -> dict[int, Shares]:
    """Return how each supplier's spend lies in the buckets; what is left out is unknown."""
    if by is By.COUNTRY:
        return _by_country(session, vendors)
    if by is By.PORT:
        return _by_port(session, spent, window)
    return _by_node(session)


def country_shares(places: Iterable[SitePlace], head_office: str | None) -> Shares:
    """Return how a supplier's volume lies over countries.

    By the shares of its sites where all of them have one; all of it in the country that its
    sites agree on; else in the country of its head office where no site is known. Sites in
    several countries without shares leave it unknown.
    """
    known = list(places)
    if known and all(place.volume_share is not None for place in known):
        return _by_volume(known)
    countries = {place.country for place in known} if known else {head_office}
    only = next(iter(countries))
    return {only: Fraction(1)} if len(countries) == 1 and only else {}


def _by_volume(places: Iterable[SitePlace]) -> Shares:
    volume: dict[str, int] = defaultdict(int)
    whole = 0
    for place in places:
        whole += place.volume_share or 0
        if place.country:
            volume[place.country] += place.volume_share or 0
    # Shares that add up to more than all of it are taken as weights.
    whole = max(whole, MILLION)
    return {country: Fraction(own, whole) for country, own in volume.items() if own}


def _by_country(session: Session, vendors: Mapping[int, Vendor]) -> dict[int, Shares]:
    places: dict[int, list[SitePlace]] = defaultdict(list)
    for owner, place in suppliers.sites(session):
        places[owner].append(place)
    return {
        key: country_shares(places.get(key, ()), vendor.country) for key, vendor in vendors.items()
    }


def _by_port(session: Session, spent: Mapping[int, Spend], window: Window) -> dict[int, Shares]:
    found: dict[int, Shares] = {}
    for supplier_id, ports in spend_by_port(session, window).items():
        whole = max(spent[supplier_id].amount if supplier_id in spent else 0, sum(ports.values()))
        found[supplier_id] = {
            port: Fraction(amount, whole) for port, amount in ports.items() if amount > 0
        }
    return found


def _by_node(session: Session) -> dict[int, Shares]:
    """Return equal shares of the plants that deliver to each supplier itself."""
    found: dict[int, Shares] = {}
    for supplier_id, own in by_supplier(links(session)).items():
        plants = sorted({link.plant for link in own if link.via is None})
        found[supplier_id] = {
            f"{plant.company}\x1f{plant.name}": Fraction(1, len(plants)) for plant in plants
        }
    return found
