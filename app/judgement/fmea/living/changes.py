"""Which rows became high since a day, or were rated anew and are high."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.calc.fmea_matrix import Priority
from app.judgement.fmea.living import wording
from app.judgement.fmea.living.rows import RatingRow, RowHead, rating_from, running_rows
from app.judgement.fmea.models import PRESENT_KINDS, FmeaRating


@dataclass(frozen=True, slots=True)
class Change:
    """A row that is high, its newest rating, and the one it had on the day before the span."""

    row: RowHead
    now: RatingRow
    before: RatingRow | None

    @property
    def words(self) -> str:
        """What changed, in one line."""
        now = wording.scores_words(self.now.severity, self.now.occurrence, self.now.detection)
        if self.before is None:
            return f"new: {now}"
        then = wording.scores_words(
            self.before.severity, self.before.occurrence, self.before.detection
        )
        return f"was {self.before.priority or 'not rated'} ({then}), now H ({now})"


def high_since(session: Session, since: date, until: date) -> list[Change]:
    """Return the rows that are high and were rated after a day, up to another one."""
    rows = [row for row in running_rows(session) if row.priority == Priority.HIGH]
    begin, end = _close_of(since), _close_of(until)
    found: dict[int, list[RatingRow]] = defaultdict(list)
    given = session.scalars(
        select(FmeaRating)
        .where(
            FmeaRating.cause_id.in_([row.cause_id for row in rows]),
            FmeaRating.kind.in_(PRESENT_KINDS),
            FmeaRating.rated_at < end,
        )
        .order_by(FmeaRating.rated_at, FmeaRating.id)
    )
    for rating in given:
        found[rating.cause_id].append(rating_from(rating))
    changes = []
    for row in rows:
        own = found[row.cause_id]
        if own and own[-1].rated_at >= begin:
            before = [each for each in own if each.rated_at < begin]
            changes.append(Change(row, own[-1], before[-1] if before else None))
    return changes


def _close_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), UTC)
