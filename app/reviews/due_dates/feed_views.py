"""The feed of a calendar, and the page on which a person makes and takes back its address."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

from flask import Response, flash, make_response, redirect, render_template, request, url_for

from app.base import acting, clock, db
from app.base.acting import Source
from app.base.errors import AppError
from app.base.web.access import current_actor, public, requires
from app.base.web.errors import STATUS_OF_KIND
from app.platform.accounts import tries, values
from app.platform.accounts.matrix import Extent
from app.platform.accounts.proof import proven
from app.platform.accounts.tries import TooManyTries
from app.reviews.due_dates import ics, queries, services
from app.reviews.due_dates.blueprint import OWN, VIEW, blueprint, door_of, settings
from app.reviews.due_dates.days import Entry, Span
from app.reviews.due_dates.forms import FeedForm
from app.reviews.due_dates.services import Reader
from app.reviews.due_dates.sources import SOURCES

BEHIND, AHEAD = timedelta(days=31), timedelta(days=400)
# A calendar program reads no more with patience; nearest days stand first.
MOST_EVENTS = 2_000
ICS, PLAIN = "text/calendar; charset=utf-8", "text/plain; charset=utf-8"


@blueprint.get("/feeds")
@requires(VIEW)
def feeds() -> Response:
    """List the addresses of one's own calendar and offer to make one."""
    return _page(FeedForm(formdata=None))


@blueprint.post("/feeds")
@requires(OWN)
@proven(back="due_dates.feeds")
def make_feed() -> Response:
    """Make an address and show it, once: on the answer itself, in no session."""
    form = FeedForm()
    if not form.validate():
        return _page(form, status=422)
    try:
        with db.transaction() as session:
            token = services.make(
                session,
                user_id=current_actor().id,
                name=form.name.data or "",
                days=int(form.lasts.data),
                is_mine_only=bool(form.is_mine_only.data),
            )
    except AppError as error:
        form.form_errors.append(error.message)
        return _page(form, status=STATUS_OF_KIND[error.kind])
    address = settings().base_url + url_for("due_dates.feed", token=token)
    return _page(FeedForm(formdata=None), address=address)


@blueprint.post("/feeds/<uuid:public_id>/revoke")
@requires(OWN)
def revoke_feed(public_id: UUID) -> Response:
    """Take an address of one's own back."""
    with db.transaction() as session:
        services.revoke(session, user_id=current_actor().id, public_id=public_id)
    flash("Taken back. Whoever reads it finds nothing any more.")
    return make_response(redirect(url_for("due_dates.feeds"), 303))


@blueprint.get("/feed.ics")
@public
def feed() -> Response:
    """Give a calendar program the dates of the person whose token stands in the address.

    The token stands behind the question mark, which no line of our log holds.
    """
    token, network = request.args.get("token", ""), values.ip_prefix(request.remote_addr)
    with acting.acting_as(acting.system("calendar feed", Source.API)):
        try:
            with db.transaction() as session:
                tries.note_calendar_read(session, token=token, network=network)
                reader = services.redeem(
                    session, token, network=network, buyers_see=Extent(settings().buyers_see)
                )
        except TooManyTries as error:
            answer = _answer(error.message, PLAIN, 429)
            answer.headers["Retry-After"] = str(error.retry_after)
            return answer
    if reader is None:
        return _answer("There is no calendar here, or none any more.", PLAIN, 404)
    return _answer(_calendar(reader), ICS)


def _calendar(reader: Reader) -> bytes:
    today, base = clock.today_in(settings().zone), settings().base_url
    span = Span(today - BEHIND, today + AHEAD, today, settings().zone)
    with acting.acting_as(reader.actor), db.reading() as session:
        found = queries.entries(session, span, SOURCES)
    if reader.is_mine_only:
        found = [each for each in found if each.is_of(reader.user_id, reader.name)]
    if len(found) > MOST_EVENTS:
        found = sorted(found, key=lambda each: abs(each.due.day - today))[:MOST_EVENTS]

    def address(entry: Entry) -> str:
        return base + door_of(entry)

    return ics.calendar(
        found,
        name="Mainstay, mine" if reader.is_mine_only else "Mainstay",
        host=urlsplit(base).hostname or "localhost",
        stamp=clock.now(),
        address=address,
    )


def _answer(body: bytes | str, kind: str, status: int = 200) -> Response:
    answer = make_response(body, status)
    answer.headers["Content-Type"] = kind
    if status == 200:
        answer.headers["Content-Disposition"] = 'inline; filename="mainstay.ics"'
    return answer


def _page(form: FeedForm, *, address: str = "", status: int = 200) -> Response:
    with db.reading() as session:
        found = queries.feeds_of(session, current_actor().id)
    page = render_template(
        "due_dates/feeds.html", form=form, feeds=found, address=address, at=clock.now()
    )
    return make_response(page, status)
