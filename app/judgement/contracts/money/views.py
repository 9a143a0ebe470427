"""The page about money under a contract: what a period owes, and the lines behind it."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from flask import Response, make_response, render_template, url_for
from flask_wtf import FlaskForm
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than the stubs

from app.base import clock, db
from app.base.web.access import requires
from app.base.web.exports import Cell, Sheet, exported
from app.base.web.lists import BadQuery
from app.judgement.contracts.money import reading, wording
from app.judgement.contracts.money.blueprint import VIEW, blueprint
from app.judgement.contracts.money.forms import (
    DaysOffForm,
    DrawForm,
    ReasonForm,
    SavingForm,
    StepForm,
)
from app.judgement.contracts.money.held_terms import At
from app.judgement.contracts.money.owed import OwedLine
from app.judgement.contracts.wording import line_words, reward_words, target_words
from app.judgement.scorecards.register import BY_ID
from app.judgement.scorecards.wording import value_text

EXPORTS = ("csv", "xlsx", "json")
HEADS = [
    ("order", "Order line"), ("part", "Part"), ("due_on", "Due"), ("delivered_on", "Delivered"),
    ("late_days", "Days late"), ("excused_days", "Not theirs, days"),
    ("chargeable_days", "Days charged"), ("value", "Delayed value"), ("owed", "Owed by itself"),
    ("cut", "Cut by the cap"), ("amount", "Amount"), ("currency", "Currency"),
    ("stands", "Stands"), ("reason", "Why"), ("rule", "Delivery rule"),
]  # fmt: skip


@blueprint.get("/")
@requires(VIEW)
def index(public_id: UUID, contract_id: UUID) -> Response:
    """Show what a period owes under the contract, and everything that leads to it."""
    return index_page(At(public_id, contract_id))


@blueprint.get("/lines.<kind>")
@requires(VIEW)
def lines(public_id: UUID, contract_id: UUID, kind: str) -> Response:
    """Export the late lines of a period, those set apart too."""
    if kind not in EXPORTS:
        raise BadQuery("E-API-06", f"{kind[:20]!r} is not csv, xlsx or json.")
    with db.reading() as session:
        period, found = reading.stated(session, At(public_id, contract_id))
    about = f"Contract {found.book.whose.number}, {period}, as of {found.as_of.isoformat()}"
    cells = (list(_cells(each, found.currency)) for each in found.lines)
    return exported(Sheet(f"late-lines-{period}", HEADS, cells, about), kind)


def index_page(at: At, form: FlaskForm | None = None, status: int = 200) -> Response:
    """Return the page, with a form that was refused in its place."""
    with db.reading() as session:
        shown = reading.money_page(session, at)
    saving = form if isinstance(form, SavingForm) else SavingForm(formdata=None)
    saving.share.choices = share_choices(shown)
    page = render_template(
        "contract_money/index.html",
        at=at,
        page_of=shown,
        found=shown.found,
        whose=shown.book.whose,
        words=wording,
        form=form,
        draw=form if isinstance(form, DrawForm) else DrawForm(formdata=None),
        days_off=form if isinstance(form, DaysOffForm) else DaysOffForm(formdata=None),
        saving=saving,
        because=form if isinstance(form, ReasonForm) else ReasonForm(formdata=None),
        step=form if isinstance(form, StepForm) else StepForm(formdata=None),
        today=clock.today(),
        tabs=[_tab(at, period, shown.period) for period in shown.periods],
        me=_me(),
        line_words=line_words,
        reward_words=reward_words,
        target_words=target_words,
        value_text=value_text,
        measures=BY_ID,
    )
    return make_response(page, status)


def share_choices(shown: reading.MoneyPage) -> list[SelectChoice]:
    """Return the gain-shares that a saving can be entered under."""
    latest = shown.book.latest
    every = () if latest is None else latest.gain_shares
    return [SelectChoice(str(each.public_id), each.label) for each in every]


def _tab(at: At, period: str, shown: str) -> tuple[str, str, bool]:
    there = url_for(
        "contract_money.index", public_id=at.supplier, contract_id=at.contract, period=period
    )
    return period.replace("Q", " Q"), there, period == shown


def _me() -> int | None:
    with db.reading() as session:
        return db.actor_of(session).user_id


def _cells(owed: OwedLine, currency: str | None) -> Iterator[Cell]:
    judged, line = owed.judged, owed.judged.line
    yield from (line.label, line.part_number, line.window_end_on, judged.delivered_on)
    yield from (judged.late_days, judged.excused, judged.chargeable_days)
    yield from (judged.value, owed.owed, owed.cut_by_cap, owed.amount if owed.is_charged else None)
    yield currency
    yield "charged" if judged.apart is None else wording.APART_WORDS[judged.apart]
    yield owed.note or judged.reason
    yield line.rule
