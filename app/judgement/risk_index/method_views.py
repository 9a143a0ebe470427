"""Index methods: all versions, one version, and the steps from a draft to one in force."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response, make_response, render_template
from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than the stubs

from app.base import clock, db
from app.base.web.access import requires
from app.judgement.risk_index import method_wording, services, values, versions
from app.judgement.risk_index.blueprint import blueprint
from app.judgement.risk_index.explanations import LABELS
from app.judgement.risk_index.queries import method_in_force
from app.judgement.risk_index.versions import Version
from app.judgement.snapshots.method_forms import DraftForm
from app.judgement.snapshots.method_views import MethodPages, Shown
from app.judgement.snapshots.methods import Json, Reading
from app.judgement.snapshots.standings import STANDING_WORDS


@blueprint.get("/")
@requires("suppliers.view")
def index() -> Response:
    """List every version."""
    return _index_page(_draft_form(formdata=None))


@blueprint.post("/")
@requires("methods.edit")
def create() -> Response:
    """Begin a draft."""
    form = _draft_form()

    def begin(session: Session) -> int:
        base = int(form.base.data) if form.base.data else None
        return services.new_draft(session, from_id=base, name=form.name.data or "")

    return PAGES.begun(form, begin, _index_page)


class _Pages(MethodPages[Version]):
    """One version of the index method."""

    saved = "Saved. Nobody is judged by it before it is approved."

    def version(self, session: Session, method_id: int) -> Version:
        """Return a version as it stands today."""
        return versions.version(session, method_id, on=clock.today())

    def typed_of(self, content: Json) -> Mapping[str, str]:
        """Return content as somebody would have typed it."""
        return values.typed_of(content)

    def read(self, typed: Mapping[str, str]) -> Reading:
        """Read a whole method from what was typed."""
        return values.read_method(typed)

    def shown(self, version: Version) -> Shown:
        """Return weights, formula, bands and floors in words."""
        method = version.method
        return {
            "method": method,
            "labels": LABELS,
            "formula": method_wording.AGGREGATIONS[method.rules.aggregation],
            "missing": method_wording.missing(method),
            "bands": method_wording.bands(method),
            "floors": method_wording.floors(method),
            "roll_up": method_wording.ROLL_UPS[method.rules.roll_up],
        }

    def offered(self, version: Version, typed: Mapping[str, str]) -> Shown:
        """Return what can be chosen."""
        return {
            "labels": LABELS,
            "choices": {
                "aggregation": ("How risks become one", method_wording.AGGREGATIONS),
                "missing": ("What is missing", method_wording.MISSING),
                "roll_up": ("A group is led by", method_wording.ROLL_UPS),
            },
            "bands": values.BANDS,
            "floors": [
                (str(each), method_wording.floor_words(each, version.method))
                for each in values.CHOSEN_FLOORS
            ],
        }


PAGES = _Pages(blueprint, services)


def _draft_form(**options: None) -> DraftForm:
    form = DraftForm(**options)
    with db.reading() as session:
        known = versions.versions(session, on=clock.today())
    form.base.choices = [
        SelectChoice("", "the method in force"),
        *(SelectChoice(str(each.id), each.method.label) for each in known),
    ]
    return form


def _index_page(form: DraftForm, status: int = 200) -> Response:
    today = clock.today()
    with db.reading() as session:
        found = versions.versions(session, on=today)
        present = method_in_force(session, on=today)
    page = render_template(
        "index_methods/index.html",
        versions=found,
        present=present,
        form=form,
        standing_words=STANDING_WORDS,
    )
    return make_response(page, status)
