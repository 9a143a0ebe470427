"""Scoring methods: all versions, one version, and the steps from a draft to one in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import cast

from flask import Response, make_response, render_template
from sqlalchemy.orm import Session
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than the stubs

from app.base import clock, db
from app.base.web.access import requires
from app.facts.suppliers import queries as suppliers
from app.judgement.scorecards import method_wording, services, values, versions
from app.judgement.scorecards.blueprint import blueprint
from app.judgement.scorecards.manual import queries as manual
from app.judgement.scorecards.methods import CHOSEN_CAPS, DEFAULT_STANDINGS
from app.judgement.scorecards.queries import method_in_force
from app.judgement.scorecards.register import ENTRIES, Group, MeasureEntry
from app.judgement.scorecards.versions import Version
from app.judgement.snapshots import method_forms
from app.judgement.snapshots.method_forms import ProposalForm
from app.judgement.snapshots.method_views import MethodPages, Shown
from app.judgement.snapshots.methods import Json, Reading
from app.judgement.snapshots.standings import STANDING_WORDS, Standing

EVERYBODY = ""


class DraftForm(method_forms.DraftForm):
    """Whom a new draft is for as well."""

    segment = SelectField("For whom")


@blueprint.get("/")
@requires("suppliers.view")
def index() -> Response:
    """List every version of every method."""
    return _index_page(_draft_form(formdata=None))


@blueprint.post("/")
@requires("methods.edit")
def create() -> Response:
    """Begin a draft."""
    form = _draft_form()
    return PAGES.begun(
        form,
        lambda session: services.new_draft(
            session,
            from_id=int(form.base.data) if form.base.data else None,
            segment=form.segment.data or None,
            name=form.name.data,
        ),
        _index_page,
    )


class _Pages(MethodPages[Version]):
    """One version of a scoring method."""

    saved = "Saved. Nothing is scored by it before it is approved."

    def version(self, session: Session, method_id: int) -> Version:
        """Return a version as it stands today."""
        return versions.version(session, method_id, on=clock.today())

    def typed_of(self, content: Json) -> Mapping[str, str]:
        """Return content as somebody would have typed it."""
        return values.typed_of(content)

    def read(self, typed: Mapping[str, str]) -> Reading:
        """Read a whole method from what was typed."""
        return values.read_method(typed, manual=_manual_entries(typed))

    def shown(self, version: Version) -> Shown:
        """Return formulas, grades and caps in words."""
        method = version.method
        return {
            "method": method,
            "formulas": method_wording.formulas(method),
            "grades": method_wording.bands(method),
            "caps": method_wording.caps(method),
            "standings": method_wording.standings(method),
            "whom": method_wording.whom(method.segment),
            "can_end": version.standing in (Standing.ACTIVE, Standing.COMING)
            and method.segment is not None
            and version.holds_to is None
            and not version.awaits,
        }

    def offered(self, version: Version, typed: Mapping[str, str]) -> Shown:
        """Return the measures, scored or not, and what can be chosen."""
        every = (*ENTRIES, *_manual_entries(typed))
        return {
            "groups": _groups(every, typed),
            "unscored": [entry for entry in every if not _is_scored(entry, typed)],
            "unit_words": values.unit_words,
            "has_minimum": values.has_minimum,
            "bands": [str(grade) for grade in values.EDGED],
            "grades": [str(grade) for grade in DEFAULT_STANDINGS],
            "standing_words": method_wording.STANDING_WORDS,
            "caps": [(str(cap), method_wording.cap_words(cap)) for cap in CHOSEN_CAPS],
        }


PAGES = _Pages(blueprint, services)


@blueprint.post("/<int:method_id>/end")
@requires("methods.edit")
def end(method_id: int) -> Response:
    """Submit that a segment's method ends."""
    return PAGES.stepped(
        method_id,
        ProposalForm(),
        lambda session, form: services.propose_end(
            session, method_id, valid_to=cast(date, form.day.data), reason=form.reason.data or ""
        ),
        done="Proposed. Another person decides; until then it stays in force.",
    )


def _draft_form(**options: None) -> DraftForm:
    form = DraftForm(**options)
    with db.reading() as session:
        segments = sorted(set(suppliers.segments(session).values()))
        known = versions.versions(session, on=clock.today())
    form.segment.choices = [
        SelectChoice(EVERYBODY, "everybody without a method of their own"),
        *(SelectChoice(segment, f"segment “{segment}”") for segment in segments),
    ]
    form.base.choices = [
        SelectChoice(EVERYBODY, "the method in force"),
        *(SelectChoice(str(each.id), each.method.label) for each in known),
    ]
    return form


def _index_page(form: DraftForm, status: int = 200) -> Response:
    today = clock.today()
    with db.reading() as session:
        found = versions.versions(session, on=today)
        present = method_in_force(session, on=today)
    page = render_template(
        "methods/index.html",
        versions=found,
        present=present,
        form=form,
        whom=method_wording.whom,
        standing_words=STANDING_WORDS,
    )
    return make_response(page, status)


def _manual_entries(typed: Mapping[str, str]) -> tuple[MeasureEntry, ...]:
    """Return what is judged by hand; what is retired only where it has a weight already."""
    with db.reading() as session:
        return tuple(
            entry
            for entry, is_retired in manual.entries(session)
            if not is_retired or _is_scored(entry, typed)
        )


def _groups(
    every: Sequence[MeasureEntry], typed: Mapping[str, str]
) -> list[tuple[str, list[MeasureEntry]]]:
    """Return the measures that are scored, by category."""
    scored = [entry for entry in every if _is_scored(entry, typed)]
    groups = ((group, [each for each in scored if each.group is group]) for group in Group)
    return [(str(group), entries) for group, entries in groups if entries]


def _is_scored(entry: MeasureEntry, typed: Mapping[str, str]) -> bool:
    return typed.get(f"weight-{entry.id}", "").strip() not in ("", "0")
