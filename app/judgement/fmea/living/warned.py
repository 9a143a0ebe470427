"""How early alerts told of what happened; who keeps alerts is heard, not known.

Alerts stand above this feature. `app.timetable` composes both: it says whom to ask.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy.orm import Session

from app.calc.fmea_suggestion import warning_days
from app.judgement.fmea.models import Measured

# What happened: whose, of which kind, on which day.
Happening = tuple[int, str, date]
Span = tuple[date, date | None]


@dataclass(frozen=True, slots=True)
class Watch:
    """The alerts that speak of one kind of event.

    since: from which day on they watch; None where nothing does. spans: by supplier, the day
    each told and the day it was over.
    """

    since: date | None = None
    spans: Mapping[int, Sequence[Span]] = field(default_factory=dict)


# Asked with the suppliers and with what is measured.
Source = Callable[[Session, Collection[int], Measured], Watch]


def _nobody(_session: Session, _supplier_ids: Collection[int], _kind: Measured) -> Watch:
    return Watch()


_source: Source = _nobody


def hear(source: Source) -> None:
    """Ask for alerts from here on."""
    global _source  # wired once, when the application is made
    _source = source


def warnings_of(
    session: Session, happened: Iterable[Happening], *, supplier_ids: Collection[int]
) -> dict[int, dict[str, tuple[int, ...]]]:
    """Return by supplier and kind how many days ahead of each event an alert stood, 0 for none.

    What happened before anything watched is left out: nobody could have been warned.
    """
    by_kind: dict[str, list[tuple[int, date]]] = defaultdict(list)
    for owner, kind, day in happened:
        by_kind[kind].append((owner, day))
    found: dict[int, dict[str, tuple[int, ...]]] = defaultdict(dict)
    for kind, events in by_kind.items():
        watch = _source(session, supplier_ids, Measured(kind))
        for owner, day in events:
            if watch.since is not None and day >= watch.since:
                days = warning_days(day, watch.spans.get(owner, ()))
                found[owner][kind] = (*found[owner].get(kind, ()), days)
    return found
