"""Writes of custom measures: add one, let a version follow, retire. A version never changes."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.base import clock, db
from app.base.errors import Conflict, InvalidInput
from app.calc.custom_definition import CheckedMeasure, Definition, checked, faults_of
from app.judgement.scorecards.custom import queries
from app.judgement.scorecards.custom.catalogue import CATALOGUE, values_of
from app.judgement.scorecards.custom.models import CustomMeasure
from app.judgement.scorecards.register import BY_ID, Better
from app.platform.audit import services as audit


@dataclass(frozen=True, slots=True)
class Draft:
    """A custom measure as an administrator wrote it."""

    definition: Definition
    label: str
    short: str
    better: Better
    is_leading: bool


def faults(definition: Definition) -> tuple[str, ...]:
    """Return everything that is wrong with a definition, the values of its filters included."""
    found = [*faults_of(definition, CATALOGUE, taken=BY_ID.keys())]
    for term in (*definition.of, *definition.over):
        allowed = values_of(term.quantity) if term.quantity in CATALOGUE else {}
        for each in term.filters:
            if each.field in allowed and (wrong := sorted(each.values - {*allowed[each.field]})):
                found.append(
                    f"{each.field} of {term.quantity!r} is {', '.join(wrong)}; it can be "
                    f"{', '.join(allowed[each.field])}."
                )
    return tuple(found)


def check(definition: Definition) -> CheckedMeasure:
    """Return a definition as one that can be worked out; raises InvalidInput with all faults."""
    if found := faults(definition):
        raise InvalidInput("E-CUS-02", " ".join(found))
    return checked(definition, CATALOGUE, taken=BY_ID.keys())


def add(session: Session, draft: Draft, *, reason: str) -> CustomMeasure:
    """Add a measure under a new key; it shows on every supplier's page at once."""
    key = draft.definition.id
    if _newest_version(session, key):
        raise Conflict("E-CUS-03", f"“{key}” exists already; change that one, or take another id.")
    return _store(session, draft, version=1, reason=audit.give_reason(session, reason))


def follow(session: Session, public_id: UUID, draft: Draft, *, reason: str) -> CustomMeasure:
    """Let another version take a measure's place; the one before is retired and stays readable."""
    before = queries.version_by_public_id(session, public_id)
    if before.retired_at is not None:
        raise Conflict("E-CUS-04", f"Version {before.version} is retired; change the newest one.")
    if draft.definition.id != before.key:
        raise InvalidInput("E-CUS-05", f"Versions keep their id; it is “{before.key}”.")
    because = audit.give_reason(session, reason)
    version = before.version + 1
    found = _store(session, draft, version=version, reason=because)
    _retire(session, before, f"Version {version} took its place.")
    session.flush()
    return found


def retire(session: Session, public_id: UUID, *, reason: str) -> None:
    """Take a measure off all pages; it stays readable."""
    found = queries.version_by_public_id(session, public_id)
    if found.retired_at is not None:
        raise Conflict("E-CUS-04", f"Version {found.version} is retired already.")
    _retire(session, found, audit.give_reason(session, reason))
    session.flush()


def _store(session: Session, draft: Draft, *, version: int, reason: str) -> CustomMeasure:
    measure = check(draft.definition)
    found = CustomMeasure(
        key=draft.definition.id,
        version=version,
        label=draft.label,
        short=draft.short,
        unit=measure.unit,
        better=draft.better,
        is_leading=draft.is_leading,
        definition=queries.content_of(draft.definition),
        author=db.actor_of(session).name,
        made_at=clock.now(),
        reason=reason,
    )
    session.add(found)
    session.flush()
    return found


def _retire(session: Session, found: CustomMeasure, because: str) -> None:
    found.retired_at, found.retired_by = clock.now(), db.actor_of(session).name
    found.retired_because = because


def _newest_version(session: Session, key: str) -> int:
    rows = select(func.max(CustomMeasure.version)).where(CustomMeasure.key == key)
    return session.scalar(rows) or 0
