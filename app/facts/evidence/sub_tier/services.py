"""Writes of the graph upstream: links by hand, and what people decide on spellings."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import clock, db, scope
from app.base.errors import Conflict, InvalidInput, NotFound
from app.facts.evidence.models import SubTierLink
from app.facts.evidence.sub_tier.kinds import SpellingKind
from app.facts.evidence.sub_tier.models import UpstreamSpelling
from app.facts.evidence.sub_tier.naming import score_of
from app.facts.evidence.sub_tier.queries import Link, link_of, links
from app.facts.evidence.sub_tier.spellings import Spellings, spellings
from app.platform.audit import services as audit


@dataclass(frozen=True, slots=True)
class Told:
    """A link as somebody tells it; empty names of `via`: it delivers to the supplier itself."""

    upstream_name: str
    upstream_site: str
    material: str
    upstream_country: str | None = None
    part_id: int | None = None
    source: str | None = None
    via_name: str = ""
    via_site: str = ""
    upstream_supplier_id: int | None = None


def told_of(link: SubTierLink) -> Told:
    """Return a stored link as it was told."""
    return Told(*(getattr(link, name) for name in Told.__slots__))


def edition_of(told: Told) -> str:
    """Return a mark of what a link says: another content has another one."""
    content = json.dumps(asdict(told), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:32]


def add_link(session: Session, supplier_id: int, told: Told) -> SubTierLink:
    """Add who supplies a supplier."""
    scope.require_writable(session, "supplier", supplier_id)
    _check(session, supplier_id, told, other_than=None)
    link = SubTierLink(supplier_id=supplier_id, **asdict(told))
    session.add(link)
    session.flush()
    return link


def edit_link(
    session: Session, supplier_id: int, link_id: int, told: Told, *, edition: str, reason: str
) -> SubTierLink:
    """Correct a link, with a reason; `edition` marks what the person saw."""
    link = _link_to_change(session, supplier_id, link_id)
    if edition_of(told_of(link)) != edition:
        raise Conflict("E-UPS-02", "The link was changed while you were editing it.")
    audit.give_reason(session, reason)
    _check(session, supplier_id, told, other_than=link.id)
    for name, value in asdict(told).items():
        setattr(link, name, value)
    session.flush()
    return link


def remove_link(session: Session, supplier_id: int, link_id: int, *, reason: str) -> None:
    """Take a link out that is not or no longer true, with a reason."""
    link = _link_to_change(session, supplier_id, link_id)
    audit.give_reason(session, reason)
    session.delete(link)
    session.flush()


def decide_spelling(
    session: Session,
    kind: SpellingKind,
    *,
    company: str,
    spelling: str,
    means: str,
    is_same: bool,
    reason: str,
) -> UpstreamSpelling:
    """Store that a spelling means what another one means, or that the two are two things."""
    because = audit.give_reason(session, reason)
    known = spellings(session)
    _require_told(links(session, known=known), kind, company, {spelling, means})
    if spelling == means:
        raise InvalidInput("E-UPS-05", "These are one spelling already.")
    _refuse_decided(session, known, kind, company, (spelling, means))
    found = UpstreamSpelling(
        kind=str(kind), company=company, spelling=spelling, means=means, is_same=is_same,
        score=score_of(spelling, means), reason=because, decided_by=db.actor_of(session).name,
        decided_at=clock.now(),
    )  # fmt: skip
    session.add(found)
    session.flush()
    return found


def undo_spelling(session: Session, public_id: UUID, *, reason: str) -> UpstreamSpelling:
    """Take a decision on a spelling back, with a reason; it may be suggested again."""
    found = session.scalar(select(UpstreamSpelling).where(UpstreamSpelling.public_id == public_id))
    if found is None or not _is_told(session, found):
        raise NotFound("E-UPS-06", "There is no such decision.")
    audit.give_reason(session, reason)
    session.delete(found)
    session.flush()
    return found


def decided(session: Session) -> list[UpstreamSpelling]:
    """Return the decisions whose names one's links tell, the newest first."""
    told = _told_names(session)
    s = UpstreamSpelling
    found = session.scalars(select(s).order_by(s.decided_at.desc(), s.id.desc()))
    return [each for each in found if told >= {each.spelling, each.means}]


def _is_told(session: Session, found: UpstreamSpelling) -> bool:
    return _told_names(session) >= {found.spelling, found.means}


def _told_names(session: Session) -> set[str]:
    """Return every writing of a name upstream that stands in links within reach."""
    k = SubTierLink
    columns = (k.upstream_name, k.upstream_site, k.material, k.via_name, k.via_site)
    return {name for row in session.execute(select(*columns)) for name in row}


def _require_told(found: list[Link], kind: SpellingKind, company: str, names: set[str]) -> None:
    if kind is SpellingKind.COMPANY:
        known = {link.company for link in found}
    elif kind is SpellingKind.MATERIAL:
        known = {link.material for link in found}
    else:
        known = {link.plant.name for link in found if link.company == company}
    missing = sorted(names - known)
    if missing:
        raise InvalidInput(
            "E-UPS-03", f"No link tells “{missing[0][:60]}” any more; nothing was stored."
        )


def _refuse_decided(
    session: Session, known: Spellings, kind: SpellingKind, company: str, pair: tuple[str, str]
) -> None:
    if known.are_different(kind, company, *pair):
        raise Conflict(
            "E-UPS-04", "Somebody decided that these are two; take that decision back first."
        )
    s = UpstreamSpelling
    same = select(s.id).where(
        s.kind == kind, s.company == company, s.spelling.in_(pair), s.means.in_(pair)
    )
    if session.scalars(same).first() is not None:
        raise Conflict("E-UPS-04", "It is decided already; reload the page.")


def _link_to_change(session: Session, supplier_id: int, link_id: int) -> SubTierLink:
    scope.require_writable(session, "supplier", supplier_id)
    found = link_of(session, supplier_id, link_id)
    return session.scalars(
        select(SubTierLink)
        .where(SubTierLink.id == found.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _check(session: Session, supplier_id: int, told: Told, *, other_than: int | None) -> None:
    if told.upstream_supplier_id == supplier_id:
        raise InvalidInput("E-UPS-07", "A supplier can’t supply itself; leave its number out.")
    if bool(told.via_name) is not bool(told.via_site):
        raise InvalidInput("E-UPS-08", "Give company and plant that it delivers to, or neither.")
    if told.via_name and (told.via_name, told.via_site) == (
        told.upstream_name,
        told.upstream_site,
    ):
        raise InvalidInput("E-UPS-08", "A plant can’t deliver to itself.")
    k = SubTierLink
    taken = session.scalar(
        select(k.id).where(
            k.supplier_id == supplier_id,
            k.upstream_name == told.upstream_name,
            k.upstream_site == told.upstream_site,
            k.material == told.material,
            k.via_name == told.via_name,
            k.via_site == told.via_site,
        )
    )
    if taken is not None and taken != other_than:
        raise Conflict(
            "E-UPS-09",
            f"“{told.material}” from {told.upstream_site} of {told.upstream_name} is told already.",
        )
