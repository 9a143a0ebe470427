"""The pages of versioned methods, whatever they judge: one version, and the steps to force.

What a page of one kind of method says beside that is handed in by its feature.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from datetime import date
from types import ModuleType
from typing import Any, Generic, Protocol, TypeVar, cast

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request
from flask import url_for as address_of
from sqlalchemy.orm import Session

from app.base import clock, db
from app.base.errors import AppError, Conflict, Forbidden, InvalidInput
from app.base.web.access import requires
from app.base.web.errors import STATUS_OF_KIND
from app.judgement.snapshots.method_forms import DiscardForm, DraftForm, ProposalForm
from app.judgement.snapshots.methods import Json, Reading
from app.judgement.snapshots.standings import STANDING_WORDS
from app.platform.audit.services import ReasonNeeded

REFUSALS = (Conflict, Forbidden, InvalidInput)
STEPS = (
    ("", "GET", "show"),
    ("/edit", "GET", "edit"),
    ("/edit", "POST", "save"),
    ("/propose", "POST", "propose"),
    ("/withdraw", "POST", "withdraw"),
    ("/discard", "POST", "discard"),
)
StepForm = ProposalForm | DiscardForm
Step = Callable[[Session, StepForm], None]
Shown = dict[str, Any]  # Any: what a template is given
Typed = Mapping[str, str]


class Version(Protocol):
    """A version as any feature has it."""

    @property
    def content(self) -> Json:
        """What it says."""

    @property
    def revision(self) -> int:
        """How often it was edited."""

    @property
    def is_editable(self) -> bool:
        """Whether it may still be edited."""


V = TypeVar("V", bound=Version)


class MethodPages(ABC, Generic[V]):
    """The pages of one kind of method; `templates` is their folder, the blueprint's name.

    services: the module of its writes. saved: what is said behind a draft that was stored.
    """

    saved: str

    def __init__(self, blueprint: Blueprint, services: ModuleType) -> None:
        self.templates, self.services = blueprint.name, services
        for path, verb, name in STEPS:
            blueprint.add_url_rule(
                f"/<int:method_id>{path}", name, getattr(self, name), methods=[verb]
            )

    @abstractmethod
    def version(self, session: Session, method_id: int) -> V:
        """Return a version; raises NotFound."""

    @abstractmethod
    def typed_of(self, content: Json) -> Typed:
        """Return content as somebody would have typed it."""

    @abstractmethod
    def read(self, typed: Typed) -> Reading:
        """Read a whole method from what was typed."""

    @abstractmethod
    def shown(self, version: V) -> Shown:
        """Return what the page of a version says beside where it stands."""

    @abstractmethod
    def offered(self, version: V, typed: Typed) -> Shown:
        """Return what the form of a draft offers."""

    @requires("suppliers.view")
    def show(self, method_id: int) -> Response:
        """Show one version: what it says, where it stands, and the next step."""
        return self.show_page(method_id)

    @requires("methods.edit")
    def edit(self, method_id: int) -> Response:
        """Show a draft as a form."""
        found = self.found(method_id)
        if not found.is_editable:
            return self._onward(method_id)
        return self._edit_page(found, self.typed_of(found.content), {}, found.revision)

    @requires("methods.edit")
    def save(self, method_id: int) -> Response:
        """Store a draft; what is wrong is said beside its field, and nothing typed is lost."""
        found, typed, revision = self.found(method_id), request.form.to_dict(), seen_revision()
        reading = self.read(typed)
        if reading.content is None:
            return self._edit_page(found, typed, reading.errors, revision, status=422)
        try:
            with db.transaction() as session:
                self.services.save_draft(
                    session, method_id, content=reading.content, seen_revision=revision
                )
        except REFUSALS as error:
            return self._edit_page(found, typed, {}, revision, problem=error)
        flash(self.saved)
        return self._onward(method_id)

    @requires("methods.edit")
    def propose(self, method_id: int) -> Response:
        """Submit a draft for approval."""
        return self.stepped(
            method_id,
            ProposalForm(),
            lambda session, form: self.services.propose(
                session,
                method_id,
                valid_from=cast(date, form.day.data),
                reason=form.reason.data or "",
                seen_revision=seen_revision(),
            ),
            done="Proposed. Another person decides; until then nothing changes.",
        )

    @requires("methods.edit")
    def withdraw(self, method_id: int) -> Response:
        """Take back what one proposed."""
        try:
            with db.transaction() as session:
                self.services.withdraw(session, method_id)
        except REFUSALS as error:
            return self.show_page(method_id, problem=error)
        flash("Withdrawn. Nothing of it was approved.")
        return self._onward(method_id)

    @requires("methods.edit")
    def discard(self, method_id: int) -> Response:
        """Put a draft aside for good."""
        return self.stepped(
            method_id,
            DiscardForm(),
            lambda session, form: self.services.discard(
                session, method_id, reason=form.reason.data or ""
            ),
            done="Discarded. It stays in the list and is never used.",
        )

    def stepped(self, method_id: int, form: StepForm, step: Step, *, done: str) -> Response:
        """Take a step with a version, or show the page again with what is wrong."""
        self.found(method_id)
        if not form.validate():
            return self.show_page(method_id, form=form, status=422)
        try:
            with db.transaction() as session:
                step(session, form)
        except ReasonNeeded as error:
            form.reason.errors = [error.message]
            return self.show_page(method_id, form=form, status=422)
        except REFUSALS as error:
            form.form_errors.append(error.message)
            return self.show_page(method_id, form=form, status=STATUS_OF_KIND[error.kind])
        flash(done)
        return self._onward(method_id)

    def begun(
        self, form: DraftForm, begin: Callable[[Session], int], again: Callable[..., Response]
    ) -> Response:
        """Begin a draft and go to its form, or show the list `again` with what is wrong."""
        if not form.validate():
            return again(form, 422)
        try:
            with db.transaction() as session:
                key = begin(session)
        except REFUSALS as error:
            form.form_errors.append(error.message)
            return again(form, STATUS_OF_KIND[error.kind])
        flash("A draft. Edit it, look at what it would change, then propose it.")
        return self._onward(key, "edit")

    def found(self, method_id: int) -> V:
        """Return a version as it stands now; raises NotFound."""
        with db.reading() as session:
            return self.version(session, method_id)

    def show_page(
        self,
        method_id: int,
        *,
        form: StepForm | None = None,
        problem: AppError | None = None,
        status: int = 200,
    ) -> Response:
        """Return the page of a version, with the form as it was sent and what was refused."""
        found = self.found(method_id)
        proposal = form if isinstance(form, ProposalForm) else ProposalForm(formdata=None)
        discarding = form if isinstance(form, DiscardForm) else DiscardForm(formdata=None)
        if form is None:
            proposal.day.data = clock.today()
        page = render_template(
            f"{self.templates}/show.html",
            version=found,
            standing_words=STANDING_WORDS,
            proposal=proposal,
            discarding=discarding,
            problem=problem and problem.message,
            **self.shown(found),
        )
        return make_response(page, STATUS_OF_KIND[problem.kind] if problem else status)

    def _edit_page(
        self,
        found: V,
        typed: Typed,
        errors: Typed,
        revision: int,
        *,
        problem: AppError | None = None,
        status: int = 200,
    ) -> Response:
        page = render_template(
            f"{self.templates}/edit.html",
            version=found,
            typed=typed,
            errors=errors,
            revision=revision,
            problem=problem and problem.message,
            **self.offered(found, typed),
        )
        return make_response(page, STATUS_OF_KIND[problem.kind] if problem else status)

    def _onward(self, method_id: int, name: str = "show") -> Response:
        address = address_of(f"{self.templates}.{name}", method_id=method_id)
        return make_response(redirect(address, 303))


def seen_revision() -> int:
    """Return which revision of a draft the form was made from, 0 where it does not say."""
    seen = request.form.get("revision", "")
    return int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else 0
