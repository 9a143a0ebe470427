"""The pages of calendars: weekend, holidays pasted as a list, and the sites that go by them."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, flash, make_response, redirect, render_template, url_for
from sqlalchemy.orm import Session

from app.base import clock, db
from app.base.errors import AppError
from app.base.web.access import current_actor, requires
from app.base.web.errors import STATUS_OF_KIND
from app.facts.deliveries.rules import rejudging
from app.facts.deliveries.rules.forms import WEEKDAYS, CalendarForm, choices
from app.facts.deliveries.rules.reach import Reach, count_lines
from app.facts.suppliers import calendar_keeping as calendars
from app.facts.suppliers.calendar_keeping import CalendarRow

blueprint = Blueprint("calendars", __name__, url_prefix="/calendars")

VIEW, EDIT = "suppliers.view", "rules.edit"


@blueprint.get("/")
@requires(VIEW)
def index() -> str:
    """List the calendars."""
    with db.reading() as session:
        rows = calendars.calendar_rows(session)
    off = {row.id: [WEEKDAYS[int(digit)] for digit in row.weekend] for row in rows}
    return render_template("rules/calendars.html", calendars=rows, days_off=off)


@blueprint.get("/new")
@requires(EDIT)
def new() -> str:
    """Ask for a calendar."""
    return _page(CalendarForm(formdata=None), None)


@blueprint.post("/new")
@requires(EDIT)
def add() -> Response:
    """Add a calendar, once its consequence is confirmed."""
    return _kept(None)


@blueprint.get("/<uuid:public_id>")
@requires(EDIT)
def show(public_id: UUID) -> str:
    """Show a calendar, to be changed."""
    with db.reading() as session:
        row = calendars.calendar_row(session, public_id)
    form = CalendarForm(formdata=None)
    form.name.data, form.weekend.data = row.name, list(row.weekend)
    form.holidays.data = "\n".join(
        f"{day.isoformat()} {name}".strip() for day, name in row.holidays
    )
    form.sites.data = sorted(row.site_ids)
    return _page(form, row)


@blueprint.post("/<uuid:public_id>")
@requires(EDIT)
def change(public_id: UUID) -> Response:
    """Change a calendar, once its consequence is confirmed."""
    with db.reading() as session:
        row = calendars.calendar_row(session, public_id)
    return _kept(row)


def _kept(row: CalendarRow | None) -> Response:
    form = _filled(CalendarForm())
    if not form.validate():
        return make_response(_page(form, row), 422)
    try:
        with db.transaction() as session:
            touched = _write(session, form, row)
            reach = Reach.of_sites(touched)
            if not form.confirmed.data:
                lines = count_lines(session, reach)
                session.rollback()
                return make_response(_confirmation(form, lines))
            what = f"calendar {form.name.data}, at {clock.now():%Y-%m-%d %H:%M:%S}"
            run_id = rejudging.ask_for(session, reach, what=what, by=current_actor().name)
    except AppError as error:
        form.form_errors.append(error.message)
        return make_response(_page(form, row), STATUS_OF_KIND[error.kind])
    flash("The calendar is kept.")
    back = url_for("calendars.index")
    if run_id is None:
        return make_response(redirect(back, 303))
    return make_response(redirect(url_for("jobs.show", run_id=run_id, back=back), 303))


def _write(session: Session, form: CalendarForm, row: CalendarRow | None) -> set[int]:
    _, touched = calendars.keep(
        session,
        None if row is None else row.public_id,
        name=form.name.data or "",
        weekend="".join(form.weekend.data or ()),
        holidays=calendars.read_holidays(form.holidays.data or ""),
        site_ids=form.sites.data or (),
    )
    return touched


def _filled(form: CalendarForm) -> CalendarForm:
    with db.reading() as session:
        form.sites.choices = choices(dict(calendars.own_sites(session)))
    return form


def _page(form: CalendarForm, row: CalendarRow | None) -> str:
    return render_template("rules/calendar.html", form=_filled(form), calendar=row)


def _confirmation(form: CalendarForm, lines: int) -> str:
    fields = [("name", form.name.data), ("holidays", form.holidays.data or "")]
    fields += [("weekend", digit) for digit in form.weekend.data or ()]
    fields += [("sites", site_id) for site_id in form.sites.data or ()]
    return render_template(
        "rules/confirm.html", title="Keep the calendar", lines=lines, fields=fields,
        name=form.name.data,
    )  # fmt: skip
