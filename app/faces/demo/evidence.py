"""Adds what is known beside deliveries: statements, countries, upstream, incidents, causes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from random import Random

from app.calc.periods import month_index
from app.faces.demo.cast import BUYERS, CURRENCY, PLANTS
from app.faces.demo.rows import Rows
from app.faces.demo.scripts import DRIFT, FRAGILE, NEWCOMER, SILENT, YEAR
from app.faces.demo.stage import Actor, Delivery
from app.faces.demo.stories import (
    DRIFT_CAUSES,
    FRAGILE_BALANCES,
    INCIDENTS,
    UPSTREAM,
    Balance,
)
from app.facts.deliveries.models import CausedBy, Disruption, MissAttribution
from app.facts.evidence.indicators import Indicator
from app.facts.evidence.models import CountryIndicator, FinancialStatement, SubTierLink
from app.facts.suppliers.models import FinancialKind

SOURCE = "demo"
EDITION = "2026"
# Invented for the demo, on the publishers' scales: natural and human hazard (0 best … 10),
# political stability (−2.5 … 2.5 best), logistics (1 … 5 best).
COUNTRY_FIGURES: Mapping[str, tuple[float, float, float, float]] = {
    "AUT": (2.0, 0.4, 0.9, 4.1),
    "CHE": (2.2, 0.2, 1.2, 4.2),
    "CHN": (6.9, 4.6, -0.4, 3.7),
    "CZE": (1.7, 0.5, 0.9, 3.6),
    "DEU": (2.0, 0.6, 0.7, 4.2),
    "ESP": (3.3, 1.1, 0.4, 3.9),
    "FRA": (2.8, 1.4, 0.3, 4.0),
    "GBR": (2.1, 1.5, 0.4, 3.9),
    "IND": (7.2, 6.1, -0.7, 3.3),
    "ITA": (4.2, 0.9, 0.4, 3.8),
    "JPN": (7.8, 0.5, 1.0, 4.0),
    "KOR": (4.4, 1.6, 0.6, 3.8),
    "LTU": (1.4, 0.5, 0.7, 3.3),
    "MEX": (6.6, 7.3, -0.8, 3.0),
    "MYS": (4.0, 1.9, 0.2, 3.5),
    "NLD": (1.9, 0.3, 0.8, 4.1),
    "NOR": (1.1, 0.1, 1.1, 3.8),
    "POL": (1.7, 0.9, 0.6, 3.6),
    "PRT": (2.9, 0.4, 0.8, 3.5),
    "ROU": (4.0, 0.8, 0.4, 3.2),
    "SVK": (2.2, 0.5, 0.5, 3.3),
    "SVN": (2.6, 0.2, 0.8, 3.4),
    "SWE": (1.2, 0.4, 1.0, 4.0),
    "TUR": (6.0, 6.4, -1.1, 3.4),
    "TWN": (7.4, 1.2, 0.6, 3.9),
    "USA": (6.1, 2.9, 0.1, 3.9),
    "VNM": (6.2, 2.3, 0.0, 3.3),
}
FIGURES = (Indicator.INFORM_NATURAL, Indicator.INFORM_HUMAN, Indicator.WGI_STABILITY, Indicator.LPI)

YEARS = (2022, 2023, 2024, 2025)
NO_STATEMENTS = 0.2
STOPPED_IN_2024 = 0.08
ASSETS = 100_000_000
# Altman's ratios of an ailing and of a sound company; what lies between is weighed.
AILING = (0.02, 0.10, -0.01, 0.35, 0.90)
SOUND = (0.22, 0.40, 0.13, 1.25, 1.30)
SOUND_HEALTH, AILING_HEALTH = 2.7, 1.1
MARKET_TO_BOOK = 1.6

ATTRIBUTED = 0.4
CAUSES = (CausedBy.SUPPLIER, CausedBy.BUYER, CausedBy.CARRIER, CausedBy.CUSTOMS)
CAUSE_WEIGHTS = (68, 16, 11, 5)
NOTES = {
    CausedBy.SUPPLIER: ("Capacity", "Material shortage", "Machine down", "Planning error"),
    CausedBy.BUYER: ("Order changed late", "Forecast missed the peak"),
    CausedBy.CARRIER: ("Truck late", "Container rolled over"),
    CausedBy.CUSTOMS: ("Papers checked at the border",),
}


def add_countries(rows: Rows) -> None:
    """Add the country table under the source name “demo”."""
    for country, values in COUNTRY_FIGURES.items():
        for indicator, value in zip(FIGURES, values, strict=True):
            rows.add(
                CountryIndicator,
                source=SOURCE,
                edition=EDITION,
                country=country,
                indicator=indicator,
                value=value,
            )


def add_upstream(rows: Rows, suppliers: Mapping[str, int]) -> None:
    """Add who supplies our suppliers."""
    for upstream in UPSTREAM:
        for number in upstream.numbers:
            rows.add(
                SubTierLink,
                supplier_id=suppliers[number],
                upstream_name=upstream.name,
                upstream_site=upstream.site,
                upstream_country=upstream.country,
                material=upstream.material,
                part_id=None,
                source="Supplier's declaration, spring 2026",
            )


def add_statements(rows: Rows, actor: Actor) -> None:
    """Add the annual statements of a supplier that publishes or hands them in."""
    if actor.member.number == FRAGILE:
        for balance in FRAGILE_BALANCES:
            _add_statement(rows, actor, balance, ASSETS)
        return
    if actor.member.number in (NEWCOMER, SILENT) or actor.rng.random() < NO_STATEMENTS:
        return
    health = (actor.habit.health - AILING_HEALTH) / (SOUND_HEALTH - AILING_HEALTH)
    assets = round(actor.rng.lognormvariate(17.6, 0.8), -3)
    years = YEARS[:-2] if actor.rng.random() < STOPPED_IN_2024 else YEARS
    for year in years:
        health += actor.rng.gauss(0, 0.07)
        assets = round(assets * actor.rng.uniform(0.97, 1.08), -3)
        ratios = [
            f"{low + (high - low) * health:.4f}" for low, high in zip(AILING, SOUND, strict=True)
        ]
        _add_statement(rows, actor, Balance(f"{year}-12-31", *ratios), int(assets))


def _add_statement(rows: Rows, actor: Actor, balance: Balance, assets: int) -> None:
    liabilities = round(assets / (1 + Decimal(balance.equity_to_liabilities)))
    equity = assets - liabilities
    is_public = actor.member.kind is FinancialKind.PUBLIC_MANUFACTURER
    rows.add(
        FinancialStatement,
        supplier_id=actor.supplier_id,
        closed_on=date.fromisoformat(balance.closed_on),
        currency=CURRENCY,
        source="Annual report" if is_public else "Statement from the supplier",
        total_assets=Decimal(assets),
        total_liabilities=Decimal(liabilities),
        book_value_equity=Decimal(equity),
        market_value_equity=Decimal(round(equity * MARKET_TO_BOOK)) if is_public else None,
        working_capital=round(assets * Decimal(balance.working_capital)),
        retained_earnings=round(assets * Decimal(balance.retained_earnings)),
        ebit=round(assets * Decimal(balance.ebit)),
        sales=round(assets * Decimal(balance.sales)),
    )


def add_incidents(rows: Rows, actors: Mapping[str, Actor], own_site_ids: Sequence[int]) -> None:
    """Add line stops, premium freight and the like, tied to a missed line where one fits."""
    for count, incident in enumerate(INCIDENTS, start=1):
        occurred_on = date.fromisoformat(incident.on)
        actor = actors[incident.number]
        rows.add(
            Disruption,
            supplier_id=actor.supplier_id,
            reference=f"D-{count:03d}",
            site_id=own_site_ids[incident.plant],
            kind=incident.kind,
            occurred_on=occurred_on,
            month=month_index(occurred_on),
            hours=None if incident.hours is None else Decimal(incident.hours),
            cost=None if incident.cost is None else Decimal(incident.cost),
            currency=None if incident.cost is None else CURRENCY,
            caused_by=incident.caused_by,
            line_id=_line_behind(actor, occurred_on),
            note=f"{incident.note} ({PLANTS[incident.plant].name})",
            lines_hit=1 if incident.kind == "line_stop" else None,
        )


def _line_behind(actor: Actor, day: date) -> int | None:
    missed = [d for d in actor.deliveries if d.fate.miss is not None and d.reference_on <= day]
    return max(missed, key=lambda d: (d.reference_on, d.line["id"])).line["id"] if missed else None


def add_causes(rows: Rows, actor: Actor) -> None:
    """Add why lines of the last year were missed, as our people judged it."""
    missed = [
        delivery
        for delivery in actor.deliveries
        if delivery.fate.miss is not None and f"{delivery.reference_on:%Y-%m}" in YEAR
    ]
    for delivery, cause, note in _causes(actor, missed):
        rows.add(
            MissAttribution,
            line_id=delivery.line["id"],
            cause=cause,
            attributed_by=BUYERS[actor.supplier_id % len(BUYERS)],
            note=note,
        )


def _causes(actor: Actor, missed: list[Delivery]) -> Iterable[tuple[Delivery, str, str]]:
    rng: Random = actor.rng
    stopped = _lines_that_stopped_us(actor)
    if actor.member.number == DRIFT:
        waiting = rng.sample(missed, len(missed))
        # Taken from the end: what stopped us is the supplier's, whose turn comes first.
        waiting.sort(key=lambda delivery: delivery.line["id"] in stopped)
        for told in DRIFT_CAUSES:
            for _ in range(told.lines):
                yield waiting.pop(), told.cause, rng.choice(told.notes)
        return
    for delivery in missed:
        if rng.random() < ATTRIBUTED or delivery.line["id"] in stopped:
            cause = rng.choices(CAUSES, CAUSE_WEIGHTS)[0]
            if delivery.line["id"] in stopped:
                cause = CausedBy.SUPPLIER
            yield delivery, cause, rng.choice(NOTES[cause])


def _lines_that_stopped_us(actor: Actor) -> set[int | None]:
    return {
        _line_behind(actor, date.fromisoformat(incident.on))
        for incident in INCIDENTS
        if incident.number == actor.member.number and incident.caused_by == CausedBy.SUPPLIER
    }
