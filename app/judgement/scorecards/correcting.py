"""What a corrected card does to the one that was published: enter, restate, or be carried.

Until a period is final its card simply moves on; in its dispute window every difference
restates it; once it is closed only one with consequences does, when a person approved it, and
a smaller one is told on the next card of its kind (domain rules §0.7). Publishes nothing: it
sifts what is published.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.calc.closing import (
    CardFigures,
    ClosingStage,
    CorrectionKind,
    closing_days,
    rule_on_correction,
)
from app.calc.periods import month_end, month_index, quarter_end
from app.judgement.scorecards.evaluation import PeriodKind, Row
from app.judgement.scorecards.models import PriorPeriodLine, ScorecardSnapshot
from app.judgement.snapshots.queries import is_newest
from app.judgement.snapshots.services import FACTS_CHANGED

# What moved the figures of some suppliers, as sentences by supplier.
Because = Callable[[Collection[int]], Mapping[int, str]]

WHY = "restated_because"
# Told of the day on which it was published: what came since is no correction of it.
OF_ITS_DAY = "open_past_due"


@dataclass(frozen=True, slots=True)
class Sifted:
    """What of some cards is published, what is carried, what a person must approve first, and
    how many say nothing new."""

    rows: list[Row] = field(default_factory=list)
    carried: list[Row] = field(default_factory=list)
    proposed: list[Row] = field(default_factory=list)
    unchanged: int = 0


@dataclass(frozen=True, slots=True)
class _Seen:
    id: int
    method_id: int
    score: float | None
    grade: str | None
    otif: float | None
    measures: Mapping[str, Sequence[Any]]  # Any: cells as JSON holds them


def sifted(session: Session, rows: Sequence[Row], *, on: date, because: Because) -> Sifted:
    """Return what to do with the cards of one period on a day.

    `because` tells of some suppliers what moved their figures. A row that goes on says why it
    restates, None where it only moves on.
    """
    if not rows:
        return Sifted()
    stage = stage_of(rows[0]["period_end"], on=on)
    if stage is ClosingStage.RUNNING:
        return Sifted([{**row, WHY: None} for row in rows])
    seen = _differing(session, rows)
    reasons = because(seen.keys()) if seen else {}
    done, unchanged = Sifted(), 0
    for row in rows:
        known = seen.get(row["supplier_id"])
        why = reasons.get(row["supplier_id"], FACTS_CHANGED)
        if known is None or known.method_id != row["method_id"]:
            # Scoring again by another method is nobody's correction: somebody decided it.
            done.rows.append(row)
        elif _says_the_same(known, row):
            unchanged += 1
        elif stage is ClosingStage.PRELIMINARY:
            done.rows.append({**row, WHY: None})
        elif _ruling(stage, known, row) is CorrectionKind.PRIOR_PERIOD_LINE:
            done.carried.append(_carried(known, row, why, on=on))
        elif stage is ClosingStage.CLOSED:
            done.proposed.append(_proposed(known, row, why, on=on))
        else:
            done.rows.append({**row, WHY: why})
    return Sifted(done.rows, done.carried, done.proposed, unchanged)


def carry(
    session: Session, judged: Sequence[Row], lines: Sequence[Row], *, on: date, at: datetime
) -> int:
    """Store corrections for the next card, each once; return how many are new.

    Of the suppliers `judged` for the same period, what was to be told and no longer holds goes.
    """
    if not judged:
        return 0
    p, owners = PriorPeriodLine, [row["supplier_id"] for row in judged]
    stored = session.scalars(
        select(p).where(
            p.supplier_id.in_(owners),
            p.period_kind == judged[0]["period_kind"],
            p.period_end == judged[0]["period_end"],
        )
    ).all()
    wanted = {(line["snapshot_id"], line["input_digest"]) for line in lines}
    for row in stored:
        if (row.snapshot_id, row.input_digest) not in wanted and row.carried_to >= on:
            session.delete(row)
    known = {(row.snapshot_id, row.input_digest) for row in stored}
    new = [
        {**line, "noted_at": at}
        for line in lines
        if (line["snapshot_id"], line["input_digest"]) not in known
    ]
    if new:
        session.execute(insert(p), new)
    return len(new)


def stage_of(period_end: date, *, on: date) -> ClosingStage:
    """Return how firm a card is on a day; one that ends within a month is never closed."""
    stage = closing_days(period_end).stage_on(on)
    ends_with_month = period_end == month_end(month_index(period_end))
    if stage is ClosingStage.RUNNING or ends_with_month:
        return stage
    return ClosingStage.FINAL


def carried_to(kind: str, on: date) -> date:
    """Return the end of the period whose card tells a correction made on a day."""
    return quarter_end(on) if kind == PeriodKind.QUARTER else month_end(month_index(on))


def _differing(session: Session, rows: Sequence[Row]) -> dict[int, _Seen]:
    """Return by supplier the newest card that is seen, where it rests on something else."""
    s = ScorecardSnapshot
    digests = {row["supplier_id"]: row["input_digest"] for row in rows}
    of_period = (
        s.period_kind == rows[0]["period_kind"],
        s.period_end == rows[0]["period_end"],
        s.supplier_id.between(min(digests), max(digests)),
        is_newest(s),
    )
    heads = session.execute(select(s.id, s.supplier_id, s.input_digest).where(*of_period))
    ids = [key for key, owner, digest in heads if digests.get(owner, digest) != digest]
    return _loaded(session, ids)


def _loaded(session: Session, ids: Collection[int]) -> dict[int, _Seen]:
    s = ScorecardSnapshot
    found = session.execute(
        select(s.supplier_id, s.id, s.method_id, s.score, s.grade, s.otif, s.parts).where(
            s.id.in_(ids)
        )
    )
    return {
        owner: _Seen(key, method_id, score, grade, otif, parts["measures"])
        for owner, key, method_id, score, grade, otif, parts in found
    }


def _says_the_same(known: _Seen, row: Row) -> bool:
    """Whether a reader would find the same score and the same measures on both cards."""
    if (known.score, known.grade) != (row["score"], row["grade"]):
        return False
    now = json.loads(row["parts"])["measures"]
    return all(
        now.get(name) == list(cells) for name, cells in known.measures.items() if name != OF_ITS_DAY
    )


def _ruling(stage: ClosingStage, known: _Seen, row: Row) -> CorrectionKind:
    published = CardFigures(known.score, known.grade)
    corrected = CardFigures(row["score"], row["grade"])
    return rule_on_correction(stage, published, corrected=corrected).kind


def _carried(known: _Seen, row: Row, why: str, *, on: date) -> Row:
    return {
        "supplier_id": row["supplier_id"],
        "snapshot_id": known.id,
        "period_kind": row["period_kind"],
        "period_end": row["period_end"],
        "carried_to": carried_to(row["period_kind"], on),
        "score_before": known.score,
        "score_after": row["score"],
        "otif_before": known.otif,
        "otif_after": row["otif"],
        "because": why,
        "input_digest": row["input_digest"],
    }


def _proposed(known: _Seen, row: Row, why: str, *, on: date) -> Row:
    return _carried(known, row, why, on=on) | {
        "grade_before": known.grade,
        "grade_after": row["grade"],
        "card": {**row, WHY: why},
    }
