"""Makes the demo company: the same rows for the same seed, whatever the machine.

Every supplier throws its own dice, so that a change to one leaves the others alone. The
rows have no keys of a database yet; `services` gives them some.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from random import Random
from uuid import UUID

from app.faces.demo import fmea
from app.faces.demo.actions import add_actions, add_debit_note, add_judgements
from app.faces.demo.alerting import add_alerting
from app.faces.demo.called_off import add_agreement, add_contacts, add_stock
from app.faces.demo.cast import BUYERS, CAST, COUNTRIES, HABITS, PLANTS, SEED, Habit, Member
from app.faces.demo.commerce import add_acknowledgements, add_invoices
from app.faces.demo.continuity import add_continuity
from app.faces.demo.contracts import add_contracts
from app.faces.demo.evidence import (
    add_causes,
    add_countries,
    add_incidents,
    add_statements,
    add_upstream,
)
from app.faces.demo.incidents import add_incidents as add_rooms
from app.faces.demo.months import plan_months
from app.faces.demo.orders import add_month
from app.faces.demo.parts import Offer, add_parts, add_sources
from app.faces.demo.places import add_places
from app.faces.demo.quality import add_quality
from app.faces.demo.risk import add_risk
from app.faces.demo.risks import add_risks
from app.faces.demo.rows import Rows
from app.faces.demo.scripts import CALLED_OFF, DRIFT, SCRIPTS, TWO_SITES, Script
from app.faces.demo.stage import Actor
from app.faces.demo.standings import add_standings
from app.faces.demo.upstream import add_chains, add_cold_backups
from app.facts.deliveries.models import PurchaseOrder
from app.facts.suppliers.models import SHARE_SCALE, Category, Site, Supplier, SupplierKind

FIRST_ORDER = 4500001
SEGMENTS = {"strong": "strategic", "good": "core", "fair": "core", "weak": "tail"}
# Plants beside the one in the supplier's own city: city, country, share in per cent.
SECOND_SITES = {DRIFT: ("Brașov", "ROU", 30), TWO_SITES: ("Hai Phong", "VNM", 40)}
GROUPS = {"V-10429": "V-10250", "V-10319": "V-10306"}


def build(seed: int = SEED) -> Rows:
    """Return every row of the demo company."""
    rows = Rows()
    rng = Random(f"{seed}:house")  # noqa: S311 — invented data, nothing to guard
    parts = add_parts(rows, rng)
    own_site_ids = _add_plants(rows)
    suppliers = {member.number: _add_supplier(rows, member, seed) for member in CAST}
    for child, parent in GROUPS.items():
        rows.of(Supplier)[suppliers[child] - 1]["parent_supplier_id"] = suppliers[parent]
    offers = add_sources(rows, parts, suppliers, rng)
    actors = {
        member.number: _actor(rows, member, suppliers, offers, own_site_ids, seed)
        for member in CAST
    }
    for actor in actors.values():
        _perform(rows, actor, seed)
    add_agreement(rows, actors[CALLED_OFF])
    add_stock(rows, actors)
    add_contacts(rows, actors)
    add_incidents(rows, actors, own_site_ids)
    numbers = Random(f"{seed}:actions")  # noqa: S311 — as above
    add_actions(rows, actors, numbers)
    add_debit_note(rows, actors, numbers)
    add_judgements(rows, actors, numbers)
    add_standings(rows, suppliers)
    add_risks(rows, suppliers, {member.number: member.name for member in CAST})
    add_alerting(rows)
    add_countries(rows)
    add_upstream(rows, suppliers)
    add_risk(rows, suppliers)
    fmea.add_registers(rows, suppliers)
    add_places(rows, suppliers)
    add_chains(rows, suppliers)
    add_cold_backups(rows, suppliers)
    add_rooms(rows, suppliers)
    add_continuity(rows, suppliers)
    add_contracts(rows, suppliers)
    _number_orders(rows)
    return rows


def _perform(rows: Rows, actor: Actor, seed: int) -> None:
    """Let one supplier play its three years, each act with dice of its own."""
    for plan in plan_months(actor.member, actor.habit, actor.script, actor.rng):
        add_month(rows, actor, plan)
    for act in (add_quality, add_acknowledgements, add_invoices, add_statements, add_causes):
        actor.rng = _dice(seed, actor.member, act.__name__)
        act(rows, actor)


def _add_plants(rows: Rows) -> tuple[int, ...]:
    return tuple(
        rows.add(
            Site,
            supplier_id=None,
            owner_key=0,
            name=plant.name,
            country=plant.country,
            time_zone=plant.time_zone,
            role="assembly",
            volume_share=None,
        )["id"]
        for plant in PLANTS
    )


def _add_supplier(rows: Rows, member: Member, seed: int) -> int:
    rng = _dice(seed, member, "master")
    country = COUNTRIES[member.country]
    category_id = next(row["id"] for row in rows.of(Category) if row["name"] == member.category)
    supplier_id: int = rows.add(
        Supplier,
        public_id=UUID(int=rng.getrandbits(128), version=4),
        number=member.number,
        name=member.name,
        kind=SupplierKind.SUPPLIER,
        effective_supplier_id=None,
        parent_supplier_id=None,
        status=member.status,
        category_id=category_id,
        country=member.country,
        currency=country.currency,
        owner=BUYERS[category_id % len(BUYERS)],
        segment=SEGMENTS[member.habit],
        financial_kind=member.kind,
        is_demo=True,
        version=1,
    )["id"]
    second = SECOND_SITES.get(member.number)
    share = 100 - (second[2] if second else 0)
    for city, code, part in [(member.city, member.country, share), *([second] if second else [])]:
        rows.add(
            Site,
            supplier_id=supplier_id,
            owner_key=supplier_id,
            name=city,
            country=code,
            time_zone=COUNTRIES[code].time_zone,
            role="production",
            volume_share=part * SHARE_SCALE // 100,
        )
    return supplier_id


def _actor(
    rows: Rows,
    member: Member,
    suppliers: Mapping[str, int],
    offers: Mapping[str, list[Offer]],
    own_site_ids: tuple[int, ...],
    seed: int,
) -> Actor:
    rng = _dice(seed, member, "stage")
    country = COUNTRIES[member.country]
    is_collected = member.incoterm[0] in "EFC"
    lead = country.lead_days - (country.transit_days if is_collected else 0)
    script = SCRIPTS.get(member.number, Script())
    habit = _own_habit(HABITS[member.habit], rng)
    return Actor(
        member=member,
        habit=habit if script.ppm is None else replace(habit, ppm=script.ppm),
        script=script,
        rng=rng,
        supplier_id=suppliers[member.number],
        category_id=rows.of(Supplier)[suppliers[member.number] - 1]["category_id"],
        own_site_ids=own_site_ids,
        offers=offers[member.number],
        lead_days=lead * rng.uniform(0.85, 1.25),
    )


def _own_habit(habit: Habit, rng: Random) -> Habit:
    """Let everybody differ a little from the habit of their kind."""
    return replace(
        habit,
        otif=min(0.995, max(0.85, habit.otif + rng.gauss(0, 0.008))),
        late_days=habit.late_days * rng.uniform(0.8, 1.3),
        ppm=habit.ppm * rng.lognormvariate(0, 0.3),
        bad_lots=habit.bad_lots * rng.uniform(0.6, 1.5),
        acknowledge_hours=habit.acknowledge_hours * rng.uniform(0.75, 1.3),
        price_drift=habit.price_drift * rng.uniform(0.3, 1.7),
        health=habit.health + rng.gauss(0, 0.3),
    )


def _number_orders(rows: Rows) -> None:
    """Number orders as they were placed, over all suppliers."""
    placed = sorted(rows.of(PurchaseOrder), key=lambda row: (row["ordered_on"], row["id"]))
    for number, order in enumerate(placed, start=FIRST_ORDER):
        order["number"] = str(number)


def _dice(seed: int, member: Member, purpose: str) -> Random:
    return Random(f"{seed}:{member.number}:{purpose}")  # noqa: S311 — invented data
