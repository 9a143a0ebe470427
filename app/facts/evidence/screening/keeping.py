"""Keeps what a run found: new matches, changed ones, those that came back, those that are gone."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.base import clock
from app.facts.evidence.screening.comparing import Hit, Hits, Work
from app.facts.evidence.screening.models import (
    DecisionState,
    MatchState,
    ScreeningDecision,
    ScreeningList,
    ScreeningMatch,
    ScreeningRun,
    SupplierScreening,
    Verdict,
)

BY_ITSELF = "screening"
ENTRY_CHANGED = "The list says something else of this entry than when it was cleared."
NAME_CHANGED = "The supplier has a name that was not there when this was cleared."


@dataclass(slots=True)
class Changes:
    """How many matches are new, came back although cleared, and are no longer alike."""

    found: int = 0
    returned: int = 0
    gone: int = 0


def keep_matches(session: Session, run: ScreeningRun, work: Work, hits: Hits) -> Changes:
    """Bring the matches of whoever was due up to date, and note each screening."""
    changes = Changes()
    kept = _matches_of(session)
    for supplier_id in work.due:
        own = kept.get(supplier_id, {})
        alike = {(hit.entry.source, hit.entry.entry_key): hit for hit in hits.get(supplier_id, ())}
        for key, hit in alike.items():
            _found(session, run, supplier_id, own.get(key), hit, changes)
        for key, match in own.items():
            if key not in alike:
                _not_found(match, changes)
    # Whoever was merged into another is looked for under the other one's names.
    for supplier_id in kept.keys() - work.known:
        for match in kept[supplier_id].values():
            _not_found(match, changes)
    session.flush()
    _note_screenings(session, run, work, hits)
    return changes


def _matches_of(session: Session) -> dict[int, dict[tuple[str, str], ScreeningMatch]]:
    """Return all matches by supplier and entry: they are few beside suppliers."""
    found: dict[int, dict[tuple[str, str], ScreeningMatch]] = defaultdict(dict)
    for match in session.scalars(select(ScreeningMatch).order_by(ScreeningMatch.id)):
        found[match.supplier_id][match.source, match.entry_key] = match
    return found


def _found(
    session: Session,
    run: ScreeningRun,
    supplier_id: int,
    match: ScreeningMatch | None,
    hit: Hit,
    changes: Changes,
) -> None:
    if match is None:
        match = ScreeningMatch(
            supplier_id=supplier_id,
            source=hit.entry.source,
            entry_key=hit.entry.entry_key,
            state=MatchState.CANDIDATE,
            first_found_at=run.at,
        )
        session.add(match)
        changes.found += 1
    elif match.state == MatchState.GONE:
        is_cleared = match.bound_digest is not None and _why_back(match, hit) is None
        match.state = MatchState.CLEARED if is_cleared else MatchState.CANDIDATE
        match.version += 1
        changes.found += not is_cleared
    elif match.state == MatchState.CLEARED and (why := _why_back(match, hit)) is not None:
        _bring_back(session, match, hit, why)
        changes.returned += 1
    _say(match, run, hit)


def _why_back(match: ScreeningMatch, hit: Hit) -> str | None:
    """Return why a cleared match is to be looked at again, None where nothing changed."""
    if match.bound_digest != hit.entry.digest:
        return ENTRY_CHANGED
    known = set(match.bound_names or ())
    return None if known.issuperset(hit.alike_names) else NAME_CHANGED


def _bring_back(session: Session, match: ScreeningMatch, hit: Hit, why: str) -> None:
    match.state = MatchState.CANDIDATE
    match.version += 1
    match.bound_digest = match.bound_names = None
    match.decided_by = match.decided_at = match.decided_because = None
    edition = session.get_one(ScreeningList, hit.entry.list_id).edition
    session.add(
        ScreeningDecision(
            match_id=match.id,
            verdict=Verdict.RETURNED,
            state=DecisionState.AGREED,
            reason=why,
            score=hit.score,
            own_name=hit.own.text,
            listed_name=hit.listed_name,
            edition=edition,
            from_on=clock.today(),
            decided_by=BY_ITSELF,
            decided_at=clock.now(),
        )
    )


def _say(match: ScreeningMatch, run: ScreeningRun, hit: Hit) -> None:
    seen = (match.entry_digest, match.own_name, match.listed_name)
    if match.id is not None and seen != (hit.entry.digest, hit.own.text, hit.listed_name):
        # Whoever has the page open decided on something else.
        match.version += 1
    match.score, match.reason = hit.score, hit.reason
    match.own_name, match.own_kind = hit.own.text, hit.own.kind
    match.listed_name, match.is_alias = hit.listed_name, hit.is_alias
    match.entry_kind, match.program = hit.entry.kind, hit.entry.program
    match.countries, match.entry_digest = list(hit.entry.countries), hit.entry.digest
    match.list_id, match.run_id, match.is_found = hit.entry.list_id, run.id, True


def _not_found(match: ScreeningMatch, changes: Changes) -> None:
    match.is_found = False
    # What people confirmed is not lifted by a list or a new name: people lift it.
    if match.state in (MatchState.CANDIDATE, MatchState.CLEARED):
        match.state = MatchState.GONE
        match.version += 1
        changes.gone += 1


def _note_screenings(session: Session, run: ScreeningRun, work: Work, hits: Hits) -> None:
    rows = [
        {
            "supplier_id": supplier_id,
            "run_id": run.id,
            "at": run.at,
            "names": [[each.kind, each.text] for each in own.names],
            "names_digest": own.digest,
            "basis_digest": work.basis_digest,
            "matches": len(hits.get(supplier_id, ())),
        }
        for supplier_id, own in work.due.items()
    ]
    session.execute(insert(SupplierScreening), rows)
