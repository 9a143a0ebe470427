"""What a rule would have raised over the last 12 months, before it is in force."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
from sqlalchemy.orm import Session

from app.base import db
from app.base.acting import Actor, Reach, acting_as, present
from app.calc.alerting import Found, Limits, are_bad, episodes, found_of
from app.calc.periods import last_full_month, month_end, month_index
from app.facts.suppliers import queries as suppliers
from app.judgement.alerts import queries
from app.judgement.alerts.catalogue import Cadence, Subject
from app.judgement.alerts.evaluation import Key, read_period
from app.judgement.alerts.services import MOST_SHOWN, Draft, checked

PREVIEW_MONTHS = 12
# So many suppliers are looked at where each period is worked out anew.
SAMPLE = 500
Course = list[Found]


@dataclass(frozen=True, slots=True)
class Preview:
    """What a rule would have raised: (supplier, raised on, cleared on) of a year, newest first.

    `months` counts raises by month index. `why_not` says why nothing can be told. `sample`:
    how many suppliers were looked at, of how many; None for all.
    """

    raised: tuple[tuple[int, date, date | None], ...] = ()
    months: Mapping[int, int] = field(default_factory=dict)
    suppliers: int = 0
    why_not: str | None = None
    sample: tuple[int, int] | None = None

    @property
    def shown(self) -> tuple[tuple[int, date, date | None], ...]:
        """The newest ones, as many as a page shows."""
        return self.raised[:MOST_SHOWN]

    @property
    def more(self) -> int:
        """How many a page leaves out."""
        return max(0, len(self.raised) - MOST_SHOWN)


def previewed(draft: Draft, as_of: date) -> Preview:
    """Tell what a draft would have raised, of a sample where everybody would take too long.

    Signs and percentiles are worked out anew for each period. Of more than 500 suppliers 500
    are looked at, evenly spread: what each of them raises never depends on the others. They are
    read as by somebody who reaches no others.
    """
    with db.reading() as session:
        subject, ids = checked(draft), _in_scope(session, draft)
        is_quick = subject.cadence is Cadence.DAY or subject.read_many is not None
        if is_quick or len(ids) <= SAMPLE:
            return preview(session, draft, as_of)
    some = frozenset(ids[place * len(ids) // SAMPLE] for place in range(SAMPLE))
    with acting_as(_reaching(present(), some)), db.reading() as session:
        return replace(preview(session, draft, as_of), sample=(len(some), len(ids)))


def preview(session: Session, draft: Draft, as_of: date) -> Preview:
    """Tell what a draft would have raised over the last 12 months; stores nothing.

    Of subjects that are read by the day it looks at the months' last days.
    """
    subject = checked(draft)
    if not subject.can_look_back:
        return Preview(why_not="This is only known live: of days that are past it can’t be told.")
    only = queries.in_scope(session, draft.scope)
    ends = _ends(subject, draft.limits, as_of)
    found = [
        (key[0], ends[episode.raised], _end(episode.cleared, ends))
        for key, course in _courses(session, subject, ends, draft.limits, only)
        for episode in episodes(course, draft.limits)
        if episode.raised >= draft.limits.duration
    ]
    months: dict[int, int] = {}
    for _, day, _ in found:
        months[month_index(day)] = months.get(month_index(day), 0) + 1
    return Preview(
        tuple(sorted(found, key=lambda each: (each[1], each[0]), reverse=True)),
        months,
        len({each[0] for each in found}),
    )


def _in_scope(session: Session, draft: Draft) -> list[int]:
    only = queries.in_scope(session, draft.scope)
    return [key for key in suppliers.rated_supplier_ids(session) if only is None or key in only]


def _reaching(actor: Actor, some: frozenset[int]) -> Actor:
    """Return an actor who reads of some suppliers what the given one reads, and no more."""
    limits = frozenset(
        replace(each, supplier_ids=some if each.supplier_ids is None else some & each.supplier_ids)
        for each in actor.reads.limits
    )
    return replace(actor, reads=Reach(limits))


def _ends(subject: Subject, limits: Limits, as_of: date) -> list[date]:
    """Return the ends of the periods to look at: a year's, and what a first run needs before."""
    last = last_full_month(as_of)
    first = last - PREVIEW_MONTHS - limits.duration + 1
    ends = [month_end(month) for month in range(first, last + 1)]
    if subject.cadence is Cadence.DAY and as_of > ends[-1]:
        ends.append(as_of)
    return ends


def _courses(
    session: Session,
    subject: Subject,
    ends: Sequence[date],
    limits: Limits,
    only: set[int] | None,
) -> Iterator[tuple[Key, Course]]:
    """Yield what each period says, of everything that is bad in one of them at least."""
    if subject.read_many is not None:
        table = subject.read_many(session, ends)
        is_bad = are_bad(table.value, table.n, limits).any(axis=1)
        for row in np.flatnonzero(is_bad).tolist():
            owner = table.supplier_ids[row]
            if only is None or owner in only:
                pairs = zip(table.value[row].tolist(), table.n[row].tolist(), strict=True)
                yield (owner, ""), [found_of(value, n, limits) for value, n in pairs]
        return
    read = [read_period(session, subject, end, only=only).readings for end in ends]
    for key in sorted({key for each in read for key in each}):
        known = [each.get(key) for each in read]
        yield (
            key,
            [
                Found.UNKNOWN if each is None else found_of(each.value, each.n, limits)
                for each in known
            ],
        )


def _end(cleared: int | None, ends: Sequence[date]) -> date | None:
    return None if cleared is None else ends[cleared]
