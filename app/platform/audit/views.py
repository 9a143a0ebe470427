"""The audit log, an object's history and earlier states, the security log, and the export."""

from __future__ import annotations

import io
import zipfile
from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta

from flask import Blueprint, Response, make_response, render_template, request, send_file

from app.base import db, formatting
from app.base.errors import NotFound
from app.base.web.access import requires
from app.base.web.exports import Sheet, exported
from app.base.web.lists import BadQuery, Filter, ListShape, ListState, Pages, read_list
from app.platform.audit import exporting, marking, queries, security, wording
from app.platform.audit.canonical import moment
from app.platform.audit.queries import EventRow, Found
from app.platform.audit.security import Kind
from config import ROOT

blueprint = Blueprint("audit", __name__, url_prefix="/audit")

EVERYTHING = 1_000_000
LONGEST_KEY = 64
VERIFIER = ROOT / "scripts" / "verify_audit.py"


def _shape(entities: list[str], actions: list[str]) -> ListShape:
    return ListShape(
        sorts={"number": True},
        default="-number",
        filters=(
            Filter("source", "Through", wording.SOURCES),
            Filter("entity", "About", {each: wording.noun(each) for each in entities}),
            Filter("action", "Act", {each: each for each in actions}),
        ),
    )


@blueprint.get("/")
@requires("audit.view")
def index() -> Response:
    """List the events that fit, as sentences."""
    with db.reading() as session:
        shape = _shape(
            queries.known_values(session, "entity"), queries.known_values(session, "action")
        )
        state = read_list(shape)
        page = queries.events_page(
            session,
            _found(state),
            limit=EVERYTHING if state.export else state.size,
            offset=0 if state.export else state.offset,
            is_falling=state.is_falling,
        )
        labels = queries.labels(session, page.rows)
    if state.export:
        security.note(Kind.EXPORT, what="audit log", count=page.total, query=_query())
        return exported(_sheet(page.rows), state.export)
    security.note(Kind.AUDIT_VIEWED, query=_query(), page=state.page)
    return make_response(
        render_template(
            "audit/index.html",
            state=state,
            pages=Pages(state, page.total),
            rows=[(row, wording.sentence(row, labels)) for row in page.rows],
            in_short=wording.in_short,
            source_words=wording.SOURCES,
            since=request.args.get("since", ""),
            until=request.args.get("until", ""),
        )
    )


@blueprint.get("/<int:seq>")
@requires("audit.view")
def show(seq: int) -> str:
    """Show one event with everything it holds."""
    with db.reading() as session:
        row = queries.event_by_seq(session, seq)
        labels = queries.labels(session, [row])
    security.note(Kind.AUDIT_VIEWED, seq=seq)
    return render_template(
        "audit/event.html",
        row=row,
        sentence=wording.sentence(row, labels),
        thing=wording.thing(row, labels),
        field_words=wording.field_words,
        source_words=wording.SOURCES,
    )


@blueprint.get("/objects/<entity>/<key>")
@requires("audit.view")
def history(entity: str, key: str) -> str:
    """Show an object's history, and what it was on a day."""
    on = _day("on")
    with db.reading() as session:
        rows = queries.history_of(session, entity[:LONGEST_KEY], key[:LONGEST_KEY])
        if not rows:
            raise NotFound("E-AUD-04", "The audit log holds no event of such an object.")
        labels = queries.labels(session, rows)
        was = None
        if on is not None:
            end = datetime.combine(on + timedelta(days=1), time(), UTC)
            was = queries.state_at(session, entity, key, end)
    security.note(Kind.AUDIT_VIEWED, entity=entity, key=key)
    return render_template(
        "audit/history.html",
        entity=entity,
        key=key,
        rows=[(row, wording.sentence(row, labels)) for row in rows],
        thing=wording.thing(rows[0], labels),
        on=on,
        was=None if was is None else _written(was),
        may_travel=marking.mark_of(entity) is not None,
        field_words=wording.field_words,
        source_words=wording.SOURCES,
    )


@blueprint.get("/security")
@requires("audit.security")
def security_log() -> Response:
    """List the security log."""
    kinds = Filter("kind", "Kind", {str(each): _kind_words(each) for each in Kind})
    state = read_list(ListShape(sorts={"number": True}, default="-number", filters=(kinds,)))
    with db.reading() as session:
        page = queries.security_page(
            session,
            kinds=state.values("kind"),
            search=state.search,
            limit=EVERYTHING if state.export else state.size,
            offset=0 if state.export else state.offset,
            is_falling=state.is_falling,
        )
    if state.export:
        security.note(Kind.EXPORT, what="security log", count=page.total)
        heads = [(name, name.replace("_", " ")) for name in ("at", "kind", "who", "ip", "network")]
        cells = [
            (moment(each.at), each.kind, each.who, each.ip, each.network) for each in page.rows
        ]
        return exported(Sheet("security-log", heads, cells), state.export)
    return make_response(
        render_template(
            "audit/security.html",
            state=state,
            pages=Pages(state, page.total),
            rows=page.rows,
            kind_words=kinds.options,
            day_limit=formatting.number(security.FULL_ADDRESS_FOR.days),
        )
    )


@blueprint.get("/export")
@requires("audit.export")
def export() -> Response:
    """Download a range of events with its manifest and the verifier, as one archive."""
    first, last = _seq("first") or 1, _seq("last")
    buffer = io.BytesIO()
    with db.reading() as session, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        exporter = exporting.Exporter(first=first)
        with archive.open(exporting.FILE, "w") as file:
            for event in exporting.lines(session, first=first, last=last):
                file.write(exporter.line(event))
        manifest = exporter.manifest()
        archive.writestr(exporting.MANIFEST, manifest.text())
        archive.write(VERIFIER, VERIFIER.name)
    told = asdict(manifest)
    security.note(
        Kind.AUDIT_EXPORTED,
        first=told["first_seq"],
        last=told["last_seq"],
        count=told["count"],
        sha256=told["file_sha256"],
    )
    buffer.seek(0)
    name = f"audit-{manifest.first_seq}-{manifest.last_seq}.zip"
    return send_file(buffer, mimetype="application/zip", as_attachment=True, download_name=name)


def _found(state: ListState) -> Found:
    return Found(
        since=_day("since"),
        until=_day("until"),
        search=state.search,
        entities=state.values("entity"),
        actions=state.values("action"),
        sources=state.values("source"),
        actor_id=_seq("actor"),
    )


def _day(name: str) -> date | None:
    text = request.args.get(name, "")
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadQuery("E-API-05", f"{name}: give a day as 2026-11-21.") from None


def _seq(name: str) -> int | None:
    text = request.args.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise BadQuery("E-API-05", f"{name}: give a whole number.")
    return int(text)


def _query() -> str:
    return request.query_string.decode("ascii", "replace")


def _kind_words(kind: Kind) -> str:
    return kind.replace(".", ": ").replace("_", " ")


def _written(state: dict[str, queries.Plain]) -> list[tuple[str, str]]:
    """Return a state as (field, value) in words, what is known first."""
    told = [
        (wording.field_words(name), queries.said(value)) for name, value in sorted(state.items())
    ]
    return sorted(told, key=lambda each: not each[1])


def _sheet(rows: list[EventRow]) -> Sheet:
    heads = [
        ("seq", "Number"), ("at", "When"), ("actor", "Who"), ("roles", "Roles"),
        ("source", "Through"), ("action", "Act"), ("entity", "About"), ("entity_id", "Key"),
        ("changes", "Changes"), ("reason", "Reason"), ("import", "Import"), ("run", "Run"),
        ("request", "Request"), ("hash", "Hash"),
    ]  # fmt: skip
    cells = [
        (
            row.seq, moment(row.at), row.actor, row.roles, row.source, row.action, row.entity,
            row.entity_id, "; ".join(f"{each.name}: {each.before} → {each.after}"
            for each in row.differences), row.reason, row.batch_id, row.run_id, row.request_id,
            row.hash,
        )
        for row in rows
    ]  # fmt: skip
    return Sheet("audit-log", heads, cells)
