"""A scorecard as it was published, beside the one that it restates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import render_template
from sqlalchemy.orm import Session

from app.base import clock, db, formatting
from app.base.web.access import requires
from app.calc.closing import ClosingDays, ClosingStage, closing_days
from app.calc.periods import Period, month_index, parse_period, quarter_label
from app.faces.overview.blueprint import blueprint
from app.faces.overview.corrections import period_words
from app.faces.overview.states import Badge, grade_badge
from app.facts.deliveries.lines import breakdowns
from app.facts.deliveries.lines.breakdowns import BatchUse
from app.facts.suppliers import queries as suppliers
from app.judgement.scorecards import wording
from app.judgement.scorecards.closed.queries import approval_of
from app.judgement.scorecards.evaluation import PeriodKind
from app.judgement.scorecards.queries import SnapshotHead
from app.judgement.scorecards.register import BY_ID, Unit
from app.judgement.scorecards.restatements import PublishedCard, Restated, published_card

PLACES = {Unit.COUNT: 0}
STAGES = {
    ClosingStage.RUNNING: Badge("info", "running"),
    ClosingStage.PRELIMINARY: Badge("watch", "preliminary"),
    ClosingStage.FINAL: Badge("info", "final, may be disputed"),
    ClosingStage.CLOSED: Badge("none", "closed"),
}


@dataclass(frozen=True, slots=True)
class RestatedRow:
    """A measure as a row: before, now, and what it moved by."""

    label: str
    before: str
    before_n: str
    now: str
    now_n: str
    difference: str
    is_changed: bool


@blueprint.get("/suppliers/<uuid:public_id>/scorecards/<uuid:snapshot_id>")
@requires("suppliers.view")
def published_scorecard(public_id: UUID, snapshot_id: UUID) -> str:
    """Show a published card; of a restated one what changed, by how much, and what came in."""
    with db.reading() as session:
        found = suppliers.supplier_by_public_id(session, public_id)
        head = suppliers.head_of(session, found.effective_supplier_id or found.id)
        published = published_card(session, head.id, snapshot_id)
        came_in = _came_in(session, head.id, published)
        approval = None if published.before is None else approval_of(session, snapshot_id)
    card = published.card.head
    days = closing_days(card.period_end)
    return render_template(
        "overview/published.html",
        head=head,
        published=published,
        card=card,
        period=period_words(card.period_kind, card.period_end),
        stage=STAGES[days.stage_on(clock.today())],
        closing=_closing_words(days),
        rows=[_row(each) for each in published.measures],
        moved=_moved(published),
        came_in=came_in,
        approval=approval,
        grade_badge=grade_badge,
        range_text=wording.range_text,
    )


def _closing_words(days: ClosingDays) -> str:
    return (
        f"Final on {formatting.day(days.final_on)}, disputed until "
        f"{formatting.day(days.disputed_until)}; a later correction restates it when a person "
        "approves."
    )


def _came_in(session: Session, supplier_id: int, published: PublishedCard) -> list[BatchUse]:
    """The files that were published after the card that is restated and before this one."""
    if published.before is None:
        return []
    since, until = published.before.head.published_at, published.card.head.published_at
    used = breakdowns.batches_of(session, _period(published.card.head), supplier_ids=[supplier_id])
    return [use for use in used.get(supplier_id, []) if _is_between(use.imported_at, since, until)]


def _is_between(moment: datetime | None, since: datetime, until: datetime) -> bool:
    return moment is not None and since < moment <= until


def _period(card: SnapshotHead) -> Period:
    if card.period_kind == PeriodKind.QUARTER:
        return parse_period(quarter_label(month_index(card.period_end)), as_of=card.as_of)
    return parse_period("12m", as_of=card.period_end)


def _moved(published: PublishedCard) -> str:
    """Return by how many points the score moved, or an empty text."""
    before = None if published.before is None else published.before.head.score
    now = published.card.head.score
    if before is None or now is None:
        return ""
    return formatting.signed(now - before, 1)


def _row(each: Restated) -> RestatedRow:
    before = each.before
    return RestatedRow(
        label=BY_ID[each.id].label,
        before="" if before is None else wording.value_text(each.id, before.value),
        before_n="" if before is None else formatting.number(before.n or 0),
        now=wording.value_text(each.id, each.now.value),
        now_n=formatting.number(each.now.n or 0),
        difference=_difference(each),
        is_changed=before is not None and each.is_changed,
    )


def _difference(each: Restated) -> str:
    """Return what the value moved by as it can be seen; else whether its sample changed."""
    if each.before is None or not each.is_changed:
        return ""
    unit, moved = BY_ID[each.id].unit, each.difference
    if moved is not None:
        moved, places = (moved * 100, 1) if unit is Unit.SHARE else (moved, PLACES.get(unit, 1))
        if formatting.half_up(moved, places):
            return formatting.signed(moved, places) + (" points" if unit is Unit.SHARE else "")
    return "sample" if each.before.n != each.now.n else "changed"
