"""Screening in the demo company: a small invented list, one match to decide, one cleared.

Everybody is screened by the product's own rules when the company is loaded. One entry is a
near miss: alike, but not enough to trouble anybody.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app.facts.evidence.screening import lists, running
from app.facts.evidence.screening.comparing import compare, gather
from app.facts.evidence.screening.models import (
    DecisionState,
    EntryKind,
    Layout,
    ListState,
    MatchState,
    ScreeningDecision,
    ScreeningList,
    ScreeningMatch,
    Verdict,
)
from app.facts.evidence.screening.reading import ListedParty, ListFile

SOURCE, EDITION = "demo-watch", date(2026, 10, 30)
BY = "M. Weber"
SCREENED_AT = datetime(2026, 11, 1, 6, 40, tzinfo=UTC)
CLEARED_AT = datetime(2026, 11, 3, 9, 20, tzinfo=UTC)
# What it is, name, aliases, countries, programme; all invented.
ENTRIES = (
    (EntryKind.ENTITY, "KESTREL CASTING FZE", ("KESTREL FOUNDRY",), ("ARE",), "PROLIFERATION"),
    (EntryKind.ENTITY, "NORDLYS ELECTRONIK OOO", (), ("BLR",), "DUAL USE"),
    # The near miss: Pennine Seals Ltd.
    (EntryKind.ENTITY, "PENNINE SEAL TRADING LLC", (), ("CYP",), "SHELL COMPANIES"),
    (EntryKind.ENTITY, "VOSTRAVIA ARMATURA OOO", ("VOSTRAVIA VALVES",), ("BLR",), "DUAL USE"),
    (EntryKind.INDIVIDUAL, "KARVENOV, Rustam Ilych", ("R. KARVEN",), ("BLR",), "DUAL USE"),
    (EntryKind.INDIVIDUAL, "ABU SALMARA, Idris", (), (), "PROLIFERATION"),
    (EntryKind.VESSEL, "BLACK HERON", (), ("PAN",), "SHELL COMPANIES"),
    (EntryKind.AIRCRAFT, "XZ-40117", (), (), "DUAL USE"),
)
CLEARED = "NORDLYS ELECTRONIK OOO"
CLEARED_BECAUSE = (
    "Register number and owners compared: our supplier is a foundation’s firm in Trondheim since "
    "1974, the listed one a trader in Minsk."
)


def add_screening(session: Session, batch_id: int) -> None:
    """Put the list in force, screen everybody, let one match be cleared as it would be."""
    parties = tuple(
        ListedParty(f"D-{number:03}", kind, name, aliases, countries, programme, None)
        for number, (kind, name, aliases, countries, programme) in enumerate(ENTRIES, 1)
    )
    digest = hashlib.sha256("".join(each.digest for each in parties).encode()).hexdigest()
    file = ListFile(digest, parties)
    # Not as objects: one event of the log tells of the whole company.
    session.execute(
        insert(ScreeningList).values(
            public_id=_key(SOURCE),
            source=SOURCE,
            layout=Layout.GENERIC,
            edition=EDITION,
            file_name="demo-watch.csv",
            file_sha256=digest,
            state=ListState.IN_FORCE,
            entries=len(parties),
            counts=file.counts,
            changes={"unread": []},
            loaded_by=BY,
            loaded_at=SCREENED_AT,
            put_in_force_by=BY,
            put_in_force_at=SCREENED_AT,
            batch_id=batch_id,
        )
    )
    of_batch = select(ScreeningList.id).where(ScreeningList.batch_id == batch_id)
    lists.insert_entries(session, session.scalars(of_batch).one(), file)
    if (work := gather(session)) is not None:
        running.keep(
            session, work, compare(work), because=running.LIST, by=BY,
            at=SCREENED_AT, batch_id=batch_id,
        )  # fmt: skip
    of_the_list = select(ScreeningMatch).where(ScreeningMatch.source == SOURCE)
    for match in session.scalars(of_the_list).all():
        _name(session, match)
        if match.listed_name == CLEARED:
            _clear(session, match)


def _name(session: Session, match: ScreeningMatch) -> None:
    """Give a match the same key with every load."""
    session.execute(
        update(ScreeningMatch)
        .where(ScreeningMatch.id == match.id)
        .values(public_id=_key(match.entry_key))
    )


def _clear(session: Session, match: ScreeningMatch) -> None:
    session.execute(
        update(ScreeningMatch)
        .where(ScreeningMatch.id == match.id)
        .values(
            state=MatchState.CLEARED,
            bound_digest=match.entry_digest,
            bound_names=[match.own_name],
            decided_by=BY,
            decided_at=CLEARED_AT,
            decided_because=CLEARED_BECAUSE,
            version=match.version + 1,
        )
    )
    session.execute(
        insert(ScreeningDecision).values(
            match_id=match.id,
            verdict=Verdict.CLEAR,
            state=DecisionState.AGREED,
            reason=CLEARED_BECAUSE,
            score=match.score,
            own_name=match.own_name,
            listed_name=match.listed_name,
            edition=EDITION,
            from_on=CLEARED_AT.date(),
            decided_by=BY,
            decided_at=CLEARED_AT,
        )
    )


def _key(words: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"mainstay:demo:screening:{words}")
