"""Indexes of groups, and what reaches suppliers from upstream: beside the index, never in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from app.calc.periods import parse_period
from app.calc.risk_bands import RiskBand
from app.calc.risk_rollup import RolledUp, carried_down, rolled_up
from app.facts.deliveries import queries as deliveries
from app.facts.evidence.sub_tier.queries import upstream_suppliers
from app.facts.suppliers import directory
from app.facts.suppliers import queries as suppliers
from app.judgement.risk_index.evaluation import PERIOD_KIND
from app.judgement.risk_index.queries import newest_indexes

NO_BAND = "none"
MONEY_SCALE = 10_000


@dataclass(frozen=True, slots=True)
class Member:
    """A supplier of the portfolio with its published index; spend in its currency."""

    supplier_id: int
    public_id: str
    name: str
    category: str | None
    category_id: int | None
    segment: str | None
    value: float | None
    band: str | None
    currency: str | None
    spend: float


@dataclass(frozen=True, slots=True)
class Group:
    """A group's figures, whose index is the highest, and how many suppliers have which band.

    currency: of its spend; None where there is none or it is mixed, and nothing is weighted.
    """

    name: str
    key: str
    figures: RolledUp
    currency: str | None
    worst: Member | None
    bands: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class RollUp:
    """Everybody as one, by category and by segment."""

    day: date
    everybody: Group
    categories: tuple[Group, ...]
    segments: tuple[Group, ...]
    upstream: tuple[Upstream, ...]


@dataclass(frozen=True, slots=True)
class Upstream:
    """What reaches a supplier from a supplier of its own that is one of ours too."""

    member: Member
    source: Member
    figure: float

    @property
    def is_worse(self) -> bool:
        """Whether it lies above the supplier's own index."""
        return self.member.value is None or self.figure > self.member.value


def roll_up(session: Session, day: date) -> RollUp:
    """Return the published indexes of a day by group, weighted by the spend of 12 months."""
    members = _members(session, day)
    return RollUp(
        day=day,
        everybody=_group("All suppliers", "", members),
        categories=_groups(members, "category", "no category"),
        segments=_groups(members, "segment", "no segment"),
        upstream=upstream(session, members),
    )


def upstream(session: Session, members: Sequence[Member]) -> tuple[Upstream, ...]:
    """Return what reaches whom from suppliers of ours that supply each other, worst first."""
    by_id = {member.supplier_id: member for member in members}
    links = {
        supplier_id: sorted(ups & by_id.keys())
        for supplier_id, ups in upstream_suppliers(session).items()
        if supplier_id in by_id
    }
    own = {member.supplier_id: member.value for member in members}
    found = [
        Upstream(by_id[supplier_id], by_id[source], figure)
        for supplier_id, (figure, source) in carried_down(own, links).items()
    ]
    return tuple(sorted(found, key=lambda each: (-each.figure, each.member.name)))


def _members(session: Session, day: date) -> list[Member]:
    sums = deliveries.delivery_sums(session, parse_period(PERIOD_KIND, as_of=day))
    amounts = (amount / MONEY_SCALE for amount in sums.columns["spend"].tolist())
    spend = dict(zip(sums.supplier_ids.tolist(), amounts, strict=True))
    currencies = directory.currencies_by_supplier(session)
    published = {row.supplier_id: row for row in session.execute(newest_indexes(day))}
    found = []
    for head in session.execute(suppliers.portfolio_heads()):
        own = published.get(head.supplier_id)
        found.append(
            Member(
                supplier_id=head.supplier_id,
                public_id=str(head.public_id),
                name=head.name,
                category=head.category,
                category_id=head.category_id,
                segment=head.segment,
                value=None if own is None else own.value,
                band=None if own is None else own.band,
                currency=currencies.get(head.supplier_id),
                spend=spend.get(head.supplier_id, 0.0),
            )
        )
    return found


def _groups(members: Sequence[Member], field: str, nameless: str) -> tuple[Group, ...]:
    by_name: dict[str | None, list[Member]] = {}
    for member in members:
        by_name.setdefault(getattr(member, field), []).append(member)
    found = [
        _group(name or nameless, "" if name is None else _key(own[0], field), own)
        for name, own in by_name.items()
    ]
    return tuple(sorted(found, key=lambda group: group.name.casefold()))


def _key(member: Member, field: str) -> str:
    return str(member.category_id) if field == "category" else str(member.segment)


def _group(name: str, key: str, members: Sequence[Member]) -> Group:
    rated = [member for member in members if member.value is not None]
    paid_in = {member.currency for member in members if member.spend}
    currency = paid_in.pop() if len(paid_in) == 1 else None
    bands = dict.fromkeys((*map(str, RiskBand), NO_BAND), 0)
    for member in members:
        bands[member.band or NO_BAND] += 1
    return Group(
        name=name,
        key=key,
        # Sums of mixed currencies are never made.
        figures=rolled_up((member.value, member.spend if currency else 0.0) for member in members),
        currency=currency,
        worst=max(rated, key=lambda member: member.value or 0.0, default=None),
        bands=bands,
    )
