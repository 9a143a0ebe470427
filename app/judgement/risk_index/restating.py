"""Older days of the index: what facts that changed since make of a published month's end.

Judged with the scorecards of the day, behind the same notes of touched months (ADR 0035, 0042).
Publishes nothing itself: who judged the cards of a day hands their standings in.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.calc.closing import ClosingStage
from app.calc.periods import MONTHS_IN_YEAR, month_index
from app.judgement.risk_index.evaluation import PERIOD_KIND, Row, evaluate
from app.judgement.risk_index.models import IndexMethod, RiskSnapshot
from app.judgement.risk_index.queries import gather, method_from
from app.judgement.scorecards.correcting import WHY, Because, stage_of
from app.judgement.scorecards.evaluation import Standings
from app.judgement.scorecards.restating import OlderPeriod
from app.judgement.snapshots.queries import is_newest
from app.judgement.snapshots.services import FACTS_CHANGED

# So far back indexes of past days are restated: what pages compare and packs print.
MONTHS_BACK = 24
# A change that is found before the figures are final is no correction of them.
MOVING_ON = (ClosingStage.RUNNING, ClosingStage.PRELIMINARY)


def judged_again(
    session: Session, older: OlderPeriod, standings: Mapping[int, Standings], *, on: date
) -> list[Row]:
    """Return the indexes of a published day as the facts have them now, ready to be stored.

    standings: of the suppliers whose cards of an older period were judged again; an index rests
    on those of 12 months. Each is judged by the method it was published with; who has none gets
    none. on: today; a day more than 24 months back is left alone.
    """
    day = older.period.last_day
    if older.kind != PERIOD_KIND or month_index(on) - month_index(day) > MONTHS_BACK:
        return []
    rows: list[Row] = []
    for method_id, own in _by_method(session, day, standings.keys()).items():
        method = method_from(session.get_one(IndexMethod, method_id))
        found = gather(session, day, supplier_ids=own)
        rows += evaluate(found, standings, method).rows
    return rows


def months_of(rows: Sequence[Row]) -> tuple[int, int]:
    """Return the first and the last month that move the indexes of one day."""
    last = month_index(rows[0]["period_end"])
    return last - MONTHS_IN_YEAR + 1, last


def told(rows: Sequence[Row], *, on: date, because: Because) -> list[Row]:
    """Return the rows of one day with why they restate; None where they only move on."""
    if stage_of(rows[0]["period_end"], on=on) in MOVING_ON:
        return [{**row, WHY: None} for row in rows]
    reasons = because([row["supplier_id"] for row in rows])
    return [{**row, WHY: reasons.get(row["supplier_id"], FACTS_CHANGED)} for row in rows]


def _by_method(session: Session, day: date, supplier_ids: Collection[int]) -> dict[int, list[int]]:
    """Return who has a published index of a day, by the method of the newest one."""
    r = RiskSnapshot
    rows = session.execute(
        select(r.method_id, r.supplier_id)
        .where(r.period_kind == PERIOD_KIND, r.period_end == day, is_newest(r))
        .where(r.supplier_id.in_(supplier_ids))
        .order_by(r.supplier_id)
    )
    found: dict[int, list[int]] = {}
    for method_id, owner in rows:
        found.setdefault(method_id, []).append(owner)
    return found
